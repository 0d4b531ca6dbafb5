package sites

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// procMacros looks into the procedural macros that a package may call: those of
// the crates that it sees, and of those that these hand on to it. What a macro
// writes it writes out of its own text, or out of that of a crate that it is
// built with.
func (s *scanner) procMacros(c *crate) {
	for _, ext := range s.visible(c.pkg) {
		switch {
		case ext.ProcMacro:
			for _, b := range s.mayWrite(ext) {
				if b.File == "" {
					b.Place = dirOf(c.pkg)
				}
				s.blind(c, b)
			}
		case !s.readable(ext) && s.mayBeMacros(ext):
			s.blind(c, Blind{Kind: NoSource, Place: dirOf(c.pkg), Crate: ext.Crate, Foreign: true, Why: fmt.Sprintf("%s %s may have procedural macros that write queries: %v", ext.Crate, ext.Version, s.unreadable(ext))})
		}
	}
}

// visible returns the crates whose macros a package can name, sqlx and those of
// the project aside unless they are procedural macros; ordered.
func (s *scanner) visible(pkg *workspace.Package) []*workspace.Extern {
	seen := make(map[string]*workspace.Extern)
	var visit func(externs iter.Seq[*workspace.Extern])
	ofPackage := func(pkg *workspace.Package) {
		for _, comp := range slices.Concat(s.plan.Compilations, s.plan.Others) {
			if comp.Package == pkg {
				visit(maps.Values(comp.Externs))
			}
		}
	}
	visit = func(externs iter.Seq[*workspace.Extern]) {
		for ext := range externs {
			if isSqlxs(ext.Crate) || seen[id(ext)] != nil {
				continue
			}
			seen[id(ext)] = ext
			switch {
			case ext.Package != nil && !ext.ProcMacro:
				ofPackage(ext.Package)
			case s.unknown(ext):
				visit(slices.Values(s.handedOn(ext)))
			}
		}
	}
	ofPackage(pkg)
	var list []*workspace.Extern
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		if ext := seen[key]; ext.Package == nil || ext.ProcMacro {
			list = append(list, ext)
		}
	}
	return list
}

// isSqlxs tells of a crate whether it is one of sqlx's own, whose macros are
// known.
func isSqlxs(name string) bool {
	switch name {
	case "sqlx", "sqlx-core", "sqlx-macros", "sqlx-macros-core", "sqlx-mysql", "sqlx-postgres", "sqlx-sqlite":
		return true
	}
	return false
}

// mayWrite tells why a crate's procedural macros may write queries.
func (s *scanner) mayWrite(ext *workspace.Extern) []Blind {
	if known, ok := s.writers[id(ext)]; ok {
		return known
	}
	var list []Blind
	for _, part := range s.builtWith(ext) {
		name := fmt.Sprintf("procedural macros of %s %s", ext.Crate, ext.Version)
		if id(part) != id(ext) {
			name = fmt.Sprintf("%s %s, which %s use,", part.Crate, part.Version, name)
		}
		b, ok := s.suspect(part, name)
		if !ok && part.Package != nil {
			b, ok = s.namesOwn(part, name)
		}
		if ok {
			b.Crate, b.Foreign = ext.Crate, ext.Source != ""
			list = append(list, b)
		}
	}
	s.writers[id(ext)] = list
	return list
}

// handsOn tells of a macro whether it is a procedural macro of a crate whose
// macros write no queries. Such a one is taken to hand on what it stands on or
// is given, as all do that are made to be put around other people's code.
func (w *walker) handsOn(t target) bool {
	if t.foreign == nil {
		return false
	}
	known, ok := w.s.handing[id(t.foreign)]
	if !ok {
		known = w.s.writesNone(t.foreign)
		w.s.handing[id(t.foreign)] = known
	}
	return known
}

// writesNone tells of a crate whether it has procedural macros, its own or
// those of crates that it hands on, none of which can write a query.
func (s *scanner) writesNone(ext *workspace.Extern) bool {
	macros := false
	seen := make(map[string]bool)
	for list := []*workspace.Extern{ext}; len(list) > 0; {
		ext := list[0]
		list = list[1:]
		switch {
		case seen[id(ext)]:
		case ext.ProcMacro:
			macros = true
			if len(s.mayWrite(ext)) > 0 {
				return false
			}
		case s.unknown(ext):
			list = append(list, s.handedOn(ext)...)
		default:
			return false
		}
		seen[id(ext)] = true
	}
	return macros
}

// suspect tells of a crate's whole text why it may write queries.
func (s *scanner) suspect(ext *workspace.Extern, name string) (Blind, bool) {
	reading, err := s.reading(ext)
	switch {
	case err != nil:
		return Blind{Kind: NoSource, Why: fmt.Sprintf("%s may write queries: %v", name, err)}, true
	case reading.Whole == nil:
		return Blind{}, false
	}
	b := Blind{Kind: ProcMacro, Why: fmt.Sprintf("%s may write queries: %s (%s)", name, reading.Whole.Text, reading.Whole.Sign)}
	if ext.Dir != "" {
		b.Place = diag.Place{File: filepath.Join(ext.Dir, filepath.FromSlash(reading.Whole.File)), Line: reading.Whole.Line, Column: reading.Whole.Column}
	} else {
		b.Why += fmt.Sprintf(", at %s:%d", reading.Whole.File, reading.Whole.Line)
	}
	return b, true
}

// namesOwn tells of a crate of the project where it names one of the project's
// own macros that come to a query: what it writes may call that.
func (s *scanner) namesOwn(ext *workspace.Extern, name string) (Blind, bool) {
	known := firstHeat()
	leads := func(macro string) bool { return s.hot[macro]&makesQuery != 0 && known[macro] == 0 }
	for file, err := range s.sources(ext) {
		if err != nil {
			break // the reading has said so
		}
		tokens, err := lex.Lex(file.Text, nil)
		if err != nil {
			continue
		}
		for i, t := range tokens {
			macro := lex.Name(t.Text(file.Text))
			switch {
			case t.Kind.IsName() && leads(macro) && i+1 < len(tokens) && tokens[i+1].Kind == '!':
			case t.Kind.IsString() && slices.ContainsFunc(calledIn(macro), leads):
			default:
				continue
			}
			path := filepath.Join(ext.Dir, filepath.FromSlash(file.Name))
			why := fmt.Sprintf("%s may write queries: they name `%s`, and the project has a macro of this name that comes to one", name, macro)
			return Blind{Kind: ProcMacro, Place: diag.Span(path, file.Text, int(t.Start), int(t.End)), Why: why}, true
		}
	}
	return Blind{}, false
}

// calledIn returns the names in a text behind which a `!` stands.
func calledIn(text string) []string {
	var names []string
	before := strings.Split(text, "!")
	for _, part := range before[:len(before)-1] {
		start := strings.LastIndexFunc(part, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		names = append(names, part[start+1:])
	}
	return names
}

// builtWith returns a crate and all that it is built with, but for sqlx and what
// that is built with. They are read at once.
func (s *scanner) builtWith(ext *workspace.Extern) []*workspace.Extern {
	list := s.plan.Below(ext, func(e *workspace.Extern) bool { return !isSqlxs(e.Crate) })
	s.library.Read(s.ctx, lockedOf(list))
	return list
}

// lockedOf returns the published ones of crates as Cargo.lock has them.
func lockedOf(externs []*workspace.Extern) []*workspace.LockedPackage {
	var list []*workspace.LockedPackage
	for _, ext := range externs {
		if ext.Locked != nil && ext.Locked.Source != "" && !isSqlxs(ext.Crate) {
			list = append(list, ext.Locked)
		}
	}
	return list
}

// readable tells of a crate whether its sources can be read.
func (s *scanner) readable(ext *workspace.Extern) bool {
	if ext.Dir != "" {
		return true
	}
	_, err := s.library.Reading(ext.Locked)
	return err == nil
}

// unreadable says why a crate's sources cannot be read.
func (s *scanner) unreadable(ext *workspace.Extern) error {
	_, err := s.library.Reading(ext.Locked)
	return err
}

// reading returns what a crate's text says: as the library knows it, else by the
// folder that it lies in.
func (s *scanner) reading(ext *workspace.Extern) (*trust.Reading, error) {
	reading, err := s.library.Reading(ext.Locked)
	if err == nil || ext.Dir == "" {
		return reading, err
	}
	if known := s.foreign.readings[ext.Dir]; known != nil {
		return known, nil
	}
	own, err := trust.Read(s.sources(ext))
	if err != nil {
		return nil, err
	}
	s.foreign.readings[ext.Dir] = &own
	return &own, nil
}

// sources yields the Rust files of a crate, with names relative to its folder.
// Of a crate from outside the project they do not change, so that the result
// does not depend on them.
func (s *scanner) sources(ext *workspace.Extern) iter.Seq2[crates.File, error] {
	if ext.Dir == "" {
		files, err := s.library.Files(s.ctx, ext.Locked)
		if err != nil {
			return func(yield func(crates.File, error) bool) { yield(crates.File{}, err) }
		}
		return files
	}
	return func(yield func(crates.File, error) bool) {
		err := filepath.WalkDir(ext.Dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(ext.Dir, path)
			switch name = filepath.ToSlash(name); {
			case err != nil || name == ".":
				return err
			case entry.IsDir() && (name == "target" || trust.Beside(name+"/")):
				return fs.SkipDir
			case entry.IsDir() || !strings.HasSuffix(path, ".rs"):
				return nil
			}
			read := readFile
			if ext.Package != nil {
				read = func(path string, _ int64) ([]byte, error) { return s.files.other(path) }
			}
			data, err := read(path, lex.MaxSize)
			if err != nil {
				return err
			}
			if !yield(crates.File{Name: name, Text: string(data)}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(crates.File{}, err)
		}
	}
}

// mayBeMacros tells of a crate without sources whether it may have procedural
// macros: whether it handles tokens or says so in its name.
func (s *scanner) mayBeMacros(ext *workspace.Extern) bool {
	p := s.graph.find(ext.Crate, ext.Version)
	return p == nil || s.tokens(p) || strings.Contains(ext.Crate, "macro") || strings.Contains(ext.Crate, "derive")
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

// published is the version of a crate from outside the project, whose sources
// stay what they are; "" for one of the project's own.
func published(ext *workspace.Extern) string {
	if ext.Source == "" {
		return ""
	}
	return ext.Version + " " + ext.Source
}

// keyOf is the key of what is kept of a published crate. The version counts, for
// a folder of vendored sources may hold another one later.
func keyOf(what, id, version string) [32]byte {
	return sha256.Sum256([]byte(what + "\n" + id + "\n" + version))
}

// externsWithout notes, for the packages of the unit, the crates from outside
// the project whose sources cannot be read, and of whose macros the project may
// call one.
func (s *scanner) externsWithout(packages map[*workspace.Package]*crate) {
	note := func(at diag.Place, ext *workspace.Extern) {
		for pkg, c := range packages {
			place := at
			if place == (diag.Place{}) {
				place = dirOf(pkg)
			}
			s.blind(c, Blind{Kind: NoSource, Place: place, Crate: ext.Crate, Foreign: true, Why: fmt.Sprintf("macros of %s %s may come to queries: %v", ext.Crate, ext.Version, s.unreadable(ext))})
		}
	}
	for _, ext := range s.foreign.absent {
		note(diag.Place{}, ext)
	}
	var called map[string]diag.Place
	for _, ext := range s.externs() {
		switch {
		case isSqlx(ext) || ext.ProcMacro || ext.Package != nil || s.readable(ext):
		case s.graph.reaches(ext.Crate, ext.Version):
			note(diag.Place{}, ext)
		default:
			if called == nil {
				called = s.callable()
			}
			if at, ok := called[ext.Name]; ok {
				note(at, ext)
			}
		}
	}
}
