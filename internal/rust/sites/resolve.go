package sites

import (
	"path/filepath"
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// resolver follows one name. It remembers where it was, for imports lead in
// circles.
type resolver struct {
	s       *scanner
	seen    map[seenName]bool
	several bool // see target
}

type seenName struct {
	m    *module
	name string
}

// macro resolves a macro's path as seen from a block and its module. The
// textual scope has been asked before.
func (s *scanner) macro(m *module, lex *lexical, path []string) target {
	r := resolver{s: s, seen: make(map[seenName]bool)}
	if len(path) > 1 {
		found := r.pathMacro(m, lex, path)
		found.several = r.several
		return found
	}
	var found target
	name := path[0]
	for ; lex != nil; lex = lex.up {
		t := r.importsMacro(m, m, lex, lex.imports, name)
		if found = found.or(t); t.settled() {
			return found
		}
	}
	t := r.moduleMacro(m, m, name)
	if found = found.or(t); t.settled() {
		return found
	}
	return found.or(r.preludeMacro(m.crate, name))
}

// preludeMacro resolves a name by the crate's `#[macro_use] extern crate`. Of
// two crates that export it the later one counts (rustc_resolve,
// build_reduced_graph.rs, add_macro_use_binding).
func (r *resolver) preludeMacro(c *crate, name string) target {
	var found target
	for _, p := range slices.Backward(c.prelude) {
		if p.names != nil && !slices.Contains(p.names, name) {
			continue
		}
		t := r.offered(p.extern, name)
		t = t.under(p.maybe)
		if found = found.or(t); t.settled() {
			break
		}
	}
	return found
}

// offered resolves a name that a crate may export or not. Where that cannot be
// told, the target is one that is not settled.
func (r *resolver) offered(ext *workspace.Extern, name string) target {
	if isSqlx(ext) {
		if queryKinds[name] || name == "migrate" {
			return r.externMacro(ext, name)
		}
		return target{}
	}
	if dep := r.s.dependency(ext); dep != nil {
		return r.moduleMacro(dep.root, dep.root, name)
	}
	if r.s.mayExport(ext, name) {
		return target{foreign: ext, open: true}
	}
	return target{}
}

// pathMacro resolves a path of several segments.
func (r *resolver) pathMacro(m *module, lex *lexical, path []string) target {
	last := path[len(path)-1]
	place := r.prefix(m, lex, path[:len(path)-1])
	if place.module != nil {
		return r.moduleMacro(m, place.module, last)
	}
	return r.spotMacro(place, last)
}

// spot is a module, or an extern crate that is not looked into.
type spot struct {
	module *module
	extern *workspace.Extern
	inner  bool // below the extern's root
	std    bool // the standard library
}

// spotMacro resolves a macro of a crate that is not looked into.
func (r *resolver) spotMacro(at spot, name string) target {
	switch {
	case at.extern != nil:
		return r.externMacro(at.extern, name)
	case at.std:
		return target{std: name}
	}
	return target{}
}

// prefix resolves the path of a module.
func (r *resolver) prefix(m *module, lex *lexical, path []string) spot {
	if len(path) == 0 {
		return spot{module: m}
	}
	var at spot
	switch first := path[0]; first {
	case "::":
		if len(path) == 1 {
			return spot{module: m.crate.root}
		}
		path = path[1:]
		if at = r.extern(m.crate, path[0]); at == (spot{}) && m.crate.edition == "2015" {
			at = r.child(m, m.crate.root, path[0])
		}
	case "crate":
		at = spot{module: m.crate.root}
	case "self":
		at = spot{module: m}
	case "super":
		if m.parent == nil {
			return spot{}
		}
		at = spot{module: m.parent}
	default:
		if from := r.s.crateOf(first); from != nil {
			at = spot{module: from.root}
		} else {
			at = r.first(m, lex, first)
		}
	}
	for _, segment := range path[1:] {
		switch {
		case at.module == nil && at.extern == nil:
			return at // of the standard library all paths lead to its macros
		case at.extern != nil:
			if at = r.inExtern(at, segment); at == (spot{}) {
				return at
			}
		case segment == "super":
			at = spot{module: at.module.parent}
		case segment == "self":
		default:
			at = r.child(m, at.module, segment)
		}
	}
	return at
}

// first resolves a path's first segment that is a plain name.
func (r *resolver) first(m *module, lex *lexical, name string) spot {
	for ; lex != nil; lex = lex.up {
		if child := lex.modules[name]; child != nil {
			return spot{module: child}
		}
		if at := r.importsModule(m, m, lex, lex.imports, name); at != (spot{}) {
			return at
		}
	}
	if at := r.child(m, m, name); at != (spot{}) {
		return at
	}
	if at := r.extern(m.crate, name); at != (spot{}) {
		return at
	}
	if m.crate.edition == "2015" && m.parent != nil {
		return r.child(m, m.crate.root, name)
	}
	return spot{}
}

// extern resolves a crate's name.
func (r *resolver) extern(c *crate, name string) spot {
	ext := c.externs[name]
	if ext == nil {
		return spot{std: stdCrates[name]}
	}
	if isSqlx(ext) {
		return spot{extern: ext}
	}
	if dep := r.s.dependency(ext); dep != nil {
		return spot{module: dep.root}
	}
	return spot{extern: ext}
}

// inExtern resolves a module of a crate that is not looked into.
func (r *resolver) inExtern(at spot, name string) spot {
	if isSqlx(at.extern) && name != "sqlx_macros" {
		return spot{}
	}
	return spot{extern: at.extern, inner: true}
}

// child resolves a module's member that is a module.
func (r *resolver) child(from, m *module, name string) spot {
	if child := m.children[name]; child != nil && from.sees(m, child.vis) {
		return spot{module: child}
	}
	key := seenName{m, "mod " + name}
	if r.seen[key] {
		return spot{}
	}
	r.seen[key] = true
	at := r.importsModule(from, m, nil, m.imports, name)
	if at == (spot{}) && m.twin != nil {
		return r.child(from, m.twin, name)
	}
	return at
}

func (r *resolver) importsModule(from, m *module, lex *lexical, imports []imported, name string) spot {
	var found spot
	for _, i := range imports {
		if i.glob || i.alias != name || !from.sees(m, i.vis) {
			continue
		}
		switch at := r.importPath(m, lex, i, i.path); {
		case at == (spot{}) || at == found:
		case found != (spot{}):
			r.several = true
		case i.maybe == nil:
			return at
		default:
			found = at
		}
	}
	if found != (spot{}) {
		return found
	}
	for _, i := range imports {
		if !i.glob || !from.sees(m, i.vis) {
			continue
		}
		at := r.importPath(m, lex, i, i.path)
		if at.module != nil && at.module != m {
			if inner := r.child(m, at.module, name); inner != (spot{}) {
				return inner
			}
		}
	}
	return spot{}
}

// importPath resolves an import's path, which in a module must not lead
// through the import itself.
func (r *resolver) importPath(m *module, lex *lexical, i imported, path []string) spot {
	if len(path) == 0 {
		return spot{module: m}
	}
	if lex != nil {
		lex = &lexical{up: lex.up, modules: lex.modules}
	}
	if m.crate.edition == "2015" && r.s.crateOf(path[0]) == nil && path[0] != "::" && path[0] != "self" && path[0] != "super" && path[0] != "crate" {
		if at := r.prefix(m.crate.root, nil, path); at != (spot{}) {
			return at
		}
	}
	if !i.glob && len(path) == 1 && path[0] == i.alias {
		// `use sqlx;`: the crate, or a module by another import.
		if at := r.extern(m.crate, path[0]); at != (spot{}) {
			return at
		}
	}
	return r.prefix(m, lex, path)
}

// moduleMacro resolves a macro that is a member of a module.
func (r *resolver) moduleMacro(from, m *module, name string) target {
	key := seenName{m, name}
	if m == nil || r.seen[key] {
		return target{}
	}
	r.seen[key] = true
	var found target
	for e := m.exported[name]; e != nil && !found.settled(); e = e.up {
		found = found.or(target{rules: e.rules, maybe: e.maybe})
	}
	if !found.settled() {
		found = found.or(r.importsMacro(from, m, nil, m.imports, name))
	}
	if m.twin == nil {
		return found
	}
	found = found.under(m.maybe)
	return found.or(r.moduleMacro(from, m.twin, name))
}

func (r *resolver) importsMacro(from, m *module, lex *lexical, imports []imported, name string) target {
	var best target
	for _, glob := range []bool{false, true} {
		for _, i := range imports {
			if i.glob != glob || !glob && (i.alias != name || len(i.path) == 0) || !from.sees(m, i.vis) {
				continue
			}
			t := r.importedMacro(m, lex, i, name)
			t = t.under(i.maybe)
			if best = best.or(t); t.settled() {
				return best
			}
		}
	}
	return best
}

// importedMacro resolves the macro that an import gives a name to.
func (r *resolver) importedMacro(m *module, lex *lexical, i imported, name string) target {
	if !i.glob {
		return r.importMacro(m, lex, i, i.path)
	}
	switch at := r.importPath(m, lex, i, i.path); {
	case at.module != nil && at.module != m:
		return r.moduleMacro(m, at.module, name)
	case at.extern != nil:
		return r.offered(at.extern, name)
	}
	return target{}
}

// importMacro resolves the macro that an import names.
func (r *resolver) importMacro(m *module, lex *lexical, i imported, path []string) target {
	last := path[len(path)-1]
	if len(path) > 1 {
		at := r.importPath(m, lex, i, path[:len(path)-1])
		if at.module != nil {
			return r.moduleMacro(m, at.module, last)
		}
		return r.spotMacro(at, last)
	}
	// `pub(crate) use name;` re-exports a macro of the textual scope, which
	// is one of this module or of those around it.
	for up := m; up != nil; up = up.parent {
		if rules := up.local[last]; rules != nil {
			return target{rules: rules}
		}
	}
	if i.alias != last {
		return r.moduleMacro(m, m, last)
	}
	return target{}
}

// externMacro resolves a macro of a crate that is not looked into.
func (r *resolver) externMacro(ext *workspace.Extern, name string) target {
	switch {
	case name == "expand_query" && (isSqlx(ext) || ext.Crate == "sqlx-macros"):
		return target{} // what the query macros come to, whose arguments are not followed
	case !isSqlx(ext):
		if dep := r.s.dependency(ext); dep != nil {
			return r.moduleMacro(dep.root, dep.root, name)
		}
		return target{foreign: ext}
	case queryKinds[name]:
		return target{query: name}
	case name == "migrate":
		return target{migrate: true}
	}
	return target{known: true}
}

// isSqlx reports whether the crate is sqlx itself, whose macros are known.
func isSqlx(ext *workspace.Extern) bool { return ext.Crate == "sqlx" }

// dirOf returns the package's folder as a place.
func dirOf(pkg *workspace.Package) diag.Place { return diag.Place{File: filepath.Clean(pkg.Dir)} }
