package sites

import (
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// foreign is what is known of crates from outside the project: whether their
// macros may come to a query in the code that calls them, though the crate
// itself has nothing to do with sqlx. It serves all rounds of a scan.
type foreign struct {
	named    map[string][]*workspace.Extern // the crates that the project sees, by their names
	exported map[string]exports             // by the crate's folder
	leading  map[string]bool                // by the crate's folder: to be looked into
	absent   []*workspace.Extern            // handed on, and not on this machine
	folders  map[string]string              // of the crates that are looked into, with their names
}

func newForeign() *foreign {
	return &foreign{
		named: make(map[string][]*workspace.Extern), exported: make(map[string]exports),
		leading: make(map[string]bool), folders: make(map[string]string),
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

// lookInto decides which crates from outside the project are looked into.
func (s *scanner) lookInto() {
	externs := s.externs()
	var unread []*workspace.Extern
	seen := make(map[string]bool)
	for _, ext := range externs {
		s.foreign.named[ext.Name] = append(s.foreign.named[ext.Name], ext)
		if s.unknown(ext) && !seen[ext.Dir] {
			seen[ext.Dir] = true
			unread = append(unread, ext)
		}
	}
	found := make([]exports, len(unread))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, ext := range unread {
		group.Go(func() error {
			found[i] = s.loadExports(ext)
			return nil
		})
	}
	_ = group.Wait() // none fails
	for i, ext := range unread {
		s.foreign.exported[ext.Dir] = found[i]
	}
	for _, ext := range externs {
		s.leads(ext)
	}
}

// unknown tells of a crate whether only its sources tell what its macros come
// to.
func (s *scanner) unknown(ext *workspace.Extern) bool {
	return !isSqlx(ext) && ext.Package == nil && !ext.ProcMacro && ext.Dir != "" && !harmless(ext)
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
	if known, ok := s.foreign.leading[ext.Dir]; ok {
		return known
	}
	s.foreign.leading[ext.Dir] = false // while it is looked at
	leads := s.exportsOf(ext).leading
	for _, other := range s.handedOn(ext) {
		switch {
		case other.Dir == "" && other.Package == nil && !isSqlx(other):
			s.foreign.absent = append(s.foreign.absent, other)
		case s.leads(other):
			leads = true // and on, for the others are to be known too
		}
	}
	s.foreign.leading[ext.Dir] = leads
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
	_, looked := s.foreign.leading[ext.Dir]
	return looked || harmless(ext)
}
