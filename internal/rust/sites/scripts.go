package sites

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// buildScript looks into a package's build script: one that writes code with
// queries gets past the sources.
func (s *scanner) buildScript(c *crate) {
	script := c.pkg.BuildScript()
	if script == nil {
		return
	}
	data, err := s.files.other(script.Path)
	if err != nil || !strings.Contains(string(data), "OUT_DIR") {
		return // where it cannot be read, cargo will say so
	}
	if found := readText(filepath.Base(script.Path), string(data)); found != nil {
		s.blind(c, Blind{Kind: BuildScript, Place: diag.Place{File: script.Path, Line: found.Line, Column: found.Column},
			Why: "the build script may write code that holds queries: " + found.Text + " (" + found.Sign + ")"})
	}
}

// readText judges one file by itself.
func readText(name, text string) *trust.Finding {
	reading, err := trust.Read(func(yield func(crates.File, error) bool) {
		yield(crates.File{Name: strings.TrimSuffix(name, ".rs") + ".rs", Text: text}, nil)
	})
	if err != nil {
		return &trust.Finding{Sign: "what cannot be read", File: name, Line: 1, Column: 1}
	}
	return reading.Whole
}

// writesNoQuery tells of a package's build script whether the code that it
// writes holds no query: neither it nor anything that it is built with can write
// one.
func (s *scanner) writesNoQuery(pkg *workspace.Package) bool {
	if known, ok := s.scripts[pkg]; ok {
		return known
	}
	clean := s.scriptIsClean(pkg)
	s.scripts[pkg] = clean
	return clean
}

func (s *scanner) scriptIsClean(pkg *workspace.Package) bool {
	script := pkg.BuildScript()
	if script == nil {
		return false
	}
	own, err := trust.Read(s.besideLibrary(pkg))
	if err != nil || own.Whole != nil {
		return false
	}
	var parts []*workspace.Extern
	for _, comp := range slices.Concat(s.plan.Compilations, s.plan.Others) {
		if comp.Package != pkg || comp.Target.Kind != workspace.BuildScript {
			continue
		}
		for _, ext := range slices.Collect(maps.Values(comp.Externs)) {
			if isSqlxs(ext.Crate) {
				return false // it can ask sqlx itself to write
			}
			parts = append(parts, s.builtWith(ext)...)
		}
	}
	return !slices.ContainsFunc(parts, func(ext *workspace.Extern) bool {
		_, suspect := s.suspect(ext, "")
		return suspect
	})
}

// besideLibrary yields the Rust files of a package that are not below src: its
// build script with its modules.
func (s *scanner) besideLibrary(pkg *workspace.Package) func(yield func(crates.File, error) bool) {
	return func(yield func(crates.File, error) bool) {
		err := filepath.WalkDir(pkg.Dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, pkg.Dir+string(filepath.Separator)))
			switch {
			case path == pkg.Dir:
				return nil
			case entry.IsDir():
				if name == "src" || name == "target" || name == "node_modules" || trust.Beside(name+"/") || s.isPackage(path) {
					return fs.SkipDir
				}
				return nil
			case !strings.HasSuffix(name, ".rs"):
				return nil
			}
			data, err := s.files.other(path)
			if err != nil {
				return err
			}
			if len(data) > lex.MaxSize || !yield(crates.File{Name: name, Text: string(data)}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(crates.File{}, err)
		}
	}
}

// isPackage tells of a folder whether it is another package's.
func (s *scanner) isPackage(dir string) bool {
	_, err := s.files.other(filepath.Join(dir, "Cargo.toml"))
	return err == nil
}
