package sites

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// blindPackages looks, for each package of the unit, for what no reading of
// its own sources shows: procedural macros and build scripts that may write
// queries, and dependencies that cannot be looked into.
func (s *scanner) blindPackages() {
	seen := make(map[*workspace.Package]*crate)
	for _, comp := range s.plan.Compilations {
		c := seen[comp.Package]
		if c == nil {
			c = &crate{comp: comp, pkg: comp.Package}
			seen[comp.Package] = c
			s.procMacros(c)
			s.buildScript(c)
		}
	}
	s.externsWithout(seen)
	for _, p := range s.plan.Problems {
		for _, c := range seen {
			s.blind(c, Blind{Kind: Unplanned, Place: p.Place, Why: p.Message})
		}
	}
}

// procMacros looks into the procedural macros of a package's graph.
func (s *scanner) procMacros(c *crate) {
	macros, absent := s.plan.ProcMacros(c.pkg)
	for _, ext := range absent {
		if s.mayBeMacros(ext) {
			s.blind(c, Blind{Kind: NoSource, Place: dirOf(c.pkg), Crate: ext.Crate, Foreign: true, Why: fmt.Sprintf("%s %s, whose sources are not on this machine, may have procedural macros that write queries", ext.Crate, ext.Version)})
		}
	}
	for _, ext := range macros {
		for _, b := range s.mayWrite(ext) {
			if b.File == "" {
				b.Place = dirOf(c.pkg)
			}
			s.blind(c, b)
		}
	}
}

// mayWrite tells why a crate's procedural macros may write queries.
func (s *scanner) mayWrite(ext *workspace.Extern) []Blind {
	if harmless(ext) {
		return nil
	}
	key := ext.Crate + " " + ext.Version + " " + ext.Source
	if known, ok := s.writers[key]; ok {
		return known
	}
	var list []Blind
	add := func(kind BlindKind, at diag.Place, why string) {
		list = append(list, Blind{Kind: kind, Place: at, Why: why, Crate: ext.Crate, Foreign: ext.Source != ""})
	}
	if at, what, ok := s.mention(ext.Dir, published(ext)); ok {
		add(ProcMacro, at, fmt.Sprintf("procedural macros of %s %s name %s and may write queries", ext.Crate, ext.Version, what))
	} else {
		for _, helper := range s.helpers(ext) {
			if helper.dir == "" {
				add(NoSource, diag.Place{}, fmt.Sprintf("%s, which procedural macros of %s %s use, is not on this machine and may write queries", helper.name, ext.Crate, ext.Version))
				continue
			}
			if at, what, ok := s.mention(helper.dir, helper.published); ok {
				add(ProcMacro, at, fmt.Sprintf("%s, which procedural macros of %s %s use, names %s and may write queries", helper.name, ext.Crate, ext.Version, what))
			}
		}
	}
	s.writers[key] = list
	return list
}

// harmless tells of a published crate that it is known to write no queries.
func harmless(ext *workspace.Extern) bool {
	known := harmlessMacros[ext.Crate] || harmlessHelpers[ext.Crate] || harmlessRules[ext.Crate]
	return strings.HasPrefix(ext.Source, "registry+") && known ||
		ext.Crate == "sqlx-macros" || ext.Crate == "sqlx-macros-core"
}

// mayBeMacros tells of a crate without sources whether it may have procedural
// macros: whether it handles tokens or says so in its name.
func (s *scanner) mayBeMacros(ext *workspace.Extern) bool {
	if harmless(ext) {
		return false
	}
	p := s.graph.find(ext.Crate, ext.Version)
	return p == nil || s.tokens(p) || strings.Contains(ext.Crate, "macro") || strings.Contains(ext.Crate, "derive")
}

// helper is a crate that a procedural-macro crate may leave its work to.
type helper struct {
	name      string
	dir       string // "": not on this machine
	published string // see published
}

// published is the version of a crate from outside the project, whose sources
// stay what they are; "" for one of the project's own.
func published(ext *workspace.Extern) string {
	if ext.Source == "" {
		return ""
	}
	return ext.Version + " " + ext.Source
}

// helpers returns the dependencies of a procedural-macro crate that handle
// tokens themselves.
func (s *scanner) helpers(ext *workspace.Extern) []helper {
	var list []helper
	seen := make(map[string]bool)
	for _, e := range s.plan.Below(ext) {
		p := s.graph.find(e.Crate, e.Version)
		if e.Dir == ext.Dir || harmlessHelpers[e.Crate] && e.Source != "" || p == nil || !s.tokens(p) {
			continue
		}
		seen[e.Dir] = true
		list = append(list, helper{name: e.Crate, dir: e.Dir, published: published(e)})
	}
	if pkg := s.plan.Package(ext); pkg != nil {
		for _, d := range pkg.Dependencies {
			if d.Path != "" && d.Kind == workspace.Normal && !seen[d.Path] {
				list = append(list, helper{name: d.Package, dir: d.Path})
			}
		}
	}
	return list
}

// tokens reports whether a crate depends on what makes tokens.
func (s *scanner) tokens(p *workspace.LockedPackage) bool {
	for _, dep := range s.graph.dependencies(p) {
		switch dep.Name {
		case "proc-macro2", "quote", "syn":
			return true
		}
	}
	return false
}

// mention looks below dir for Rust code that names sqlx or a query macro; see
// published for the version.
func (s *scanner) mention(dir, version string) (diag.Place, string, bool) {
	if known, ok := s.mentions[dir]; ok {
		return known.at, known.what, known.ok
	}
	var found mentioned
	sum := keyOf("mention", dir, version)
	if text, ok := s.files.pack.Get(sum); ok && version != "" && found.decode(text) {
		s.mentions[dir] = found
		return found.at, found.what, found.ok
	}
	err := s.eachSource(dir, version != "", func(path, text string) bool {
		found.at, found.what, found.ok = mentionIn(path, text)
		return !found.ok
	})
	if err != nil {
		s.mentions[dir] = mentioned{at: diag.Place{File: dir}, what: "nothing readable", ok: true}
		return diag.Place{File: dir}, "nothing readable", true
	}
	if version != "" {
		s.files.pack.Put(sum, found.encode())
	}
	s.mentions[dir] = found
	return found.at, found.what, found.ok
}

// keyOf is the key of what is kept of a published crate. The version counts, for
// a folder of vendored sources may hold another one later.
func keyOf(what, dir, version string) [32]byte {
	return sha256.Sum256([]byte(what + "\n" + dir + "\n" + version))
}

// eachSource hands the Rust files below a crate's folder to visit, while that
// returns true. Of a crate from outside the project they do not change, so that
// the result does not depend on them.
func (s *scanner) eachSource(dir string, outside bool, visit func(path, text string) bool) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && filepath.Dir(path) == dir && besideSources(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".rs"):
			return nil
		}
		read := readFile
		if !outside {
			read = func(path string, _ int64) ([]byte, error) { return s.files.other(path) }
		}
		data, err := read(path, lex.MaxSize)
		if err != nil {
			return err
		}
		if !visit(path, string(data)) {
			return fs.SkipAll
		}
		return nil
	})
}

// besideSources tells of a folder of a crate that its library has nothing of.
func besideSources(name string) bool {
	switch name {
	case "tests", "benches", "examples", "target":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// mentioned is the answer for one crate.
type mentioned struct {
	at   diag.Place
	what string
	ok   bool
}

func (m *mentioned) encode() []byte {
	var e encoder
	e.number(bit(m.ok))
	e.text(m.what)
	e.text(m.at.File)
	for _, n := range []int{m.at.Start, m.at.End, m.at.Line, m.at.Column} {
		e.number(n)
	}
	return e.out
}

func (m *mentioned) decode(text string) bool {
	d := decoder{in: text}
	m.ok = d.number() == 1
	m.what = d.text()
	m.at = diag.Place{File: d.text(), Start: d.number(), End: d.number(), Line: d.number(), Column: d.number()}
	return !d.bad
}

// mentionIn looks for sqlx or a query macro in one source, comments left out.
func mentionIn(path, text string) (diag.Place, string, bool) {
	if !strings.Contains(text, "sqlx") && !strings.Contains(text, "query") {
		return diag.Place{}, "", false
	}
	tokens, err := lex.Lex(text, nil)
	if err != nil {
		return diag.Place{File: path}, "nothing that lexes", true
	}
	for i, t := range tokens {
		what := ""
		switch {
		case t.Kind.IsName():
			name := lex.Name(t.Text(text))
			bang := i+1 < len(tokens) && tokens[i+1].Kind == '!'
			if strings.HasPrefix(name, "sqlx") || queryKinds[name] && bang {
				what = name
			}
		case t.Kind.IsString():
			what = mentionString(t.Text(text))
		}
		if what != "" {
			return diag.Span(path, text, int(t.Start), int(t.End)), "`" + what + "`", true
		}
	}
	return diag.Place{}, "", false
}

// mentionString looks for sqlx or a query macro in a string, which may become
// code.
func mentionString(text string) string {
	if strings.Contains(text, "sqlx") {
		return "sqlx"
	}
	for kind := range queryKinds {
		if strings.Contains(text, kind+"!") || kind != "query" && strings.Contains(text, kind) {
			return kind
		}
	}
	return ""
}

// buildScript looks into a package's build script: one that writes code with
// queries gets past the sources.
func (s *scanner) buildScript(c *crate) {
	script := c.pkg.BuildScript()
	if script == nil {
		return
	}
	data, err := s.files.other(script.Path)
	if err != nil {
		return // cargo will say so
	}
	text := string(data)
	if !strings.Contains(text, "OUT_DIR") {
		return
	}
	if at, what, ok := mentionIn(script.Path, text); ok && what != "`sqlx`" {
		s.blind(c, Blind{Kind: BuildScript, Place: at, Why: "the build script names " + what + " and may write code that holds queries"})
	}
}

// externsWithout notes, for the packages of the unit, the crates from outside
// the project that may have macros which come to queries, and that are not on
// this machine.
func (s *scanner) externsWithout(packages map[*workspace.Package]*crate) {
	note := func(at diag.Place, ext *workspace.Extern, why string) {
		for pkg, c := range packages {
			place := at
			if place == (diag.Place{}) {
				place = dirOf(pkg)
			}
			s.blind(c, Blind{Kind: NoSource, Place: place, Crate: ext.Crate, Foreign: true, Why: fmt.Sprintf("macros of %s %s, "+why, ext.Crate, ext.Version)})
		}
	}
	for _, ext := range s.foreign.absent {
		if !harmless(ext) {
			note(diag.Place{}, ext, "which another crate hands on and whose sources are not on this machine, may come to queries")
		}
	}
	var called map[string]diag.Place
	for _, ext := range s.externs() {
		switch {
		case isSqlx(ext) || ext.ProcMacro || ext.Package != nil || ext.Dir != "":
		case s.graph.reaches(ext.Crate, ext.Version):
			note(diag.Place{}, ext, "which depends on sqlx and whose sources are not on this machine, may hold queries")
		case !harmless(ext):
			if called == nil {
				called = s.callable()
			}
			if at, ok := called[ext.Name]; ok {
				note(at, ext, "whose sources are not on this machine, may come to queries")
			}
		}
	}
}
