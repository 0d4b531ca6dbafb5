package sites

import (
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// foreign is what is known of crates from outside the project: whether their
// macros may come to a query in the code that calls them, though the crate
// itself has nothing to do with sqlx. It serves all rounds of a scan.
type foreign struct {
	named    map[string][]*workspace.Extern // the crates that the project sees, by their names
	exported map[string]exports             // by the crate's id
	leading  map[string]bool                // by the crate's id: to be looked into
	absent   []*workspace.Extern            // handed on, and not on this machine
	folders  map[string]string              // of the crates that are looked into, with their names
	readings map[string]*trust.Reading      // of crates that only their folder shows, by that
	unpacked map[string]*workspace.Package  // of those that had to be unpacked for that; nil where it failed
}

func newForeign() *foreign {
	return &foreign{
		named: make(map[string][]*workspace.Extern), exported: make(map[string]exports),
		leading: make(map[string]bool), folders: make(map[string]string), unpacked: make(map[string]*workspace.Package), readings: make(map[string]*trust.Reading),
	}
}

// owner returns the crate from outside the project that a file is of.
func (f *foreign) owner(file string) (crate string, ok bool) {
	for dir, crate := range f.folders {
		if strings.HasPrefix(file, dir+string(filepath.Separator)) {
			return crate, true
		}
	}
	return "", false
}

// lookInto decides which crates from outside the project are looked into. They
// are read in waves: those that the project sees, those that these hand on, and
// so forth.
func (s *scanner) lookInto() {
	externs := s.externs()
	for _, ext := range externs {
		s.foreign.named[ext.Name] = append(s.foreign.named[ext.Name], ext)
	}
	seen := make(map[string]bool)
	for wave := externs; len(wave) > 0; {
		unread := slices.DeleteFunc(slices.Clone(wave), func(ext *workspace.Extern) bool {
			known := seen[id(ext)]
			seen[id(ext)] = true
			return known || isSqlx(ext) || ext.Package != nil
		})
		s.readAll(unread)
		wave = nil
		for _, ext := range unread {
			if s.unknown(ext) {
				wave = append(wave, s.handedOn(ext)...)
			}
		}
	}
	for _, ext := range externs {
		s.leads(ext)
	}
}

// readAll reads crates at once: what their own text says, and what they export.
func (s *scanner) readAll(externs []*workspace.Extern) {
	s.library.Read(s.ctx, lockedOf(externs))
	found := make([]exports, len(externs))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, ext := range externs {
		group.Go(func() error {
			if s.unknown(ext) {
				found[i] = s.loadExports(ext)
			}
			return nil
		})
	}
	_ = group.Wait() // none fails
	for i, ext := range externs {
		if s.unknown(ext) {
			s.foreign.exported[id(ext)] = found[i]
		}
	}
}

// id tells crates apart.
func id(ext *workspace.Extern) string {
	return ext.Crate + " " + ext.Version + " " + ext.Source + " " + ext.Dir
}

// unknown tells of a crate whether only its sources tell what its macros come
// to.
func (s *scanner) unknown(ext *workspace.Extern) bool {
	return !isSqlx(ext) && ext.Package == nil && !ext.ProcMacro && s.readable(ext)
}

// externs returns all crates that the project's own sources see.
func (s *scanner) externs() []*workspace.Extern {
	var list []*workspace.Extern
	for _, comps := range [][]*workspace.Compilation{s.plan.Compilations, s.plan.Others} {
		for _, comp := range comps {
			list = slices.AppendSeq(list, maps.Values(comp.Externs))
		}
	}
	return list
}

// leads reports whether a crate has macros that may come to a query, or hands
// on those of another such crate.
func (s *scanner) leads(ext *workspace.Extern) bool {
	if !s.unknown(ext) {
		return isSqlx(ext) || ext.Package != nil
	}
	if known, ok := s.foreign.leading[id(ext)]; ok {
		return known
	}
	s.foreign.leading[id(ext)] = false // while it is looked at
	leads := s.exportsOf(ext).leading
	for _, other := range s.handedOn(ext) {
		switch {
		case other.Package == nil && !isSqlx(other) && !s.readable(other):
			s.foreign.absent = append(s.foreign.absent, other)
		case s.leads(other):
			leads = true // and on, for the others are to be known too
		}
	}
	s.foreign.leading[id(ext)] = leads
	return leads
}

// handedOn returns the crates that a crate from outside the project hands on,
// or whose macros its own call: a macro may name a crate of its caller.
func (s *scanner) handedOn(ext *workspace.Extern) []*workspace.Extern {
	names := s.exportsOf(ext).crates
	if len(names) == 0 {
		return nil // without a look at its manifest
	}
	externs := s.plan.Externs(ext)
	var list []*workspace.Extern
	for _, name := range names {
		if own := externs[name]; own != nil {
			list = append(list, own)
		} else {
			list = append(list, s.foreign.named[name]...)
		}
	}
	return list
}

// lookedThrough tells of a crate that is not looked into whether that is since
// none of its macros comes to a query.
func (s *scanner) lookedThrough(ext *workspace.Extern) bool {
	_, looked := s.foreign.leading[id(ext)]
	return looked
}
