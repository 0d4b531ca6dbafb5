package sites

import (
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// crate is one compilation, or a dependency whose names matter.
type crate struct {
	id      string                 // what $crate stands for in its macros
	comp    *workspace.Compilation // nil for a dependency
	pkg     *workspace.Package
	edition string
	cfg     cfg.Set
	test    bool
	externs map[string]*workspace.Extern
	root    *module
	prelude []macroUse
	values  map[string]cfg.Value
}

// macroUse is a `#[macro_use] extern crate`.
type macroUse struct {
	extern *workspace.Extern
	names  []string // of `#[macro_use(…)]`; nil: all that the crate exports
	maybe  *doubt
}

// module is a module with the names that lead to macros.
type module struct {
	crate    *crate
	parent   *module
	name     string
	vis      visibility
	children map[string]*module
	imports  []imported
	exported map[string]*textual // of a crate's root: #[macro_export], the last of each name first
	local    map[string]*rules   // textual definitions right in it, the last of each name
	maybe    *doubt              // whether it is compiled
	twin     *module             // another of its name and place, under a predicate that excludes its own
	first    *module             // of which it is a twin; nil for the first itself
}

// newModule makes a module. Those of one name exist under predicates that
// exclude each other; where these are not known, each is the twin of the last.
func newModule(c *crate, parent *module, lex *lexical, name string, maybe *doubt) *module {
	m := &module{crate: c, parent: parent, name: name, maybe: maybe, children: make(map[string]*module)}
	if lex != nil {
		addModule(lex.modules, m)
		return m
	}
	for ; parent != nil; parent = parent.first {
		addModule(parent.children, m)
	}
	return m
}

// addModule adds a module to the list, as a twin of the one that has its name.
func addModule(list map[string]*module, m *module) {
	last := list[m.name]
	switch {
	case last == nil:
		list[m.name] = m
		return
	case last == m || m.first != nil:
		return
	}
	m.first = last
	for last.twin != nil {
		last = last.twin
	}
	last.twin = m
}

// sees reports whether code in m sees a member of the module owner.
func (m *module) sees(owner *module, vis visibility) bool {
	switch {
	case vis == public:
		return true
	case m.crate != owner.crate:
		return false
	case vis == inCrate:
		return true
	}
	return m.within(owner)
}

// within reports whether m is the module outer, or below it.
func (m *module) within(outer *module) bool {
	for ; m != nil; m = m.parent {
		if m == outer {
			return true
		}
	}
	return false
}

// imported is an import with what its being there hangs on.
type imported struct {
	use
	vis   visibility
	maybe *doubt
}

// lexical is a block with imports or modules of its own.
type lexical struct {
	up      *lexical
	imports []imported
	modules map[string]*module
}

func newLexical(up *lexical, imports []imported) *lexical {
	return &lexical{up: up, imports: imports, modules: make(map[string]*module)}
}

// textual is a macro_rules! definition in scope, and those before it.
type textual struct {
	up    *textual
	rules *rules
	maybe *doubt
}

// doubt is why a node may not be compiled, or not as it stands.
type doubt struct {
	up   *doubt
	kind BlindKind
	at   diag.Place
	why  string
	pred string // of kind Cfg: what of cfg it hangs on
}

// cfgDoubt is the doubt about code under a predicate that may be true or not.
func cfgDoubt(up *doubt, at diag.Place, pred string) *doubt {
	return &doubt{up: up, kind: Cfg, at: at, pred: pred, why: "a build script or compiler flag may set cfg(" + pred + ")"}
}

// denied is the doubt about code that counts where d's does not.
func (d *doubt) denied() *doubt { return cfgDoubt(nil, d.at, "not("+d.pred+")") }

// target is what a macro's name leads to.
type target struct {
	query   string // one of sqlx's query macros
	migrate bool
	rules   *rules
	known   bool              // a macro of sqlx without interest
	std     string            // a macro of the standard library
	foreign *workspace.Extern // a crate that could not be looked into
	open    bool              // the foreign crate may not have it
	rival   *workspace.Extern // a crate that may have it instead
	maybe   *doubt            // on the way
	next    *target           // what counts where maybe does not
	several bool              // cfg decides where the path leads, of which one way is followed
}

func (t target) found() bool {
	return t.query != "" || t.migrate || t.rules != nil || t.known || t.std != "" || t.foreign != nil
}

// settled reports whether no other crate can have the name too.
func (t target) settled() bool {
	return t.found() && !t.open && t.maybe == nil || t.next != nil && t.next.settled()
}

// or returns what a name leads to: t where that is settled, else t or what is
// looked at after it, u, rather the one that comes to a query.
func (t target) or(u target) target {
	switch {
	case !t.found():
		return u
	case !u.found() || t.settled():
		return t
	case t.open:
		u.rival = t.foreign
		return u
	case u.open:
		return t
	}
	return t.then(u)
}

// then returns t with u behind all that counts before it.
func (t target) then(u target) target {
	if t.next != nil {
		u = t.next.then(u)
	}
	t.next = &u
	return t
}

// under returns t where it hangs on d as well.
func (t target) under(d *doubt) target {
	if t.maybe == nil {
		t.maybe = d
	}
	if t.next != nil {
		next := t.next.under(d)
		t.next = &next
	}
	return t
}
