package sites

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// walker follows one crate's code as rustc does: modules, configuration,
// scopes, macro calls.
type walker struct {
	s       *scanner
	c       *crate
	pending []pendingCall // calls whose names the module tree must resolve
	late    []lateRules
	limit   int // #![recursion_limit]; 0: rustc's own
}

// pendingCall is a macro call and where it stands.
type pendingCall struct {
	n  *node
	at where
}

// where is the place of the walk: what decides what a name or path means.
type where struct {
	m     *module
	lex   *lexical
	text  *textual
	dir   folder
	doubt *doubt
	code  *code
	outer *outerCall // nil outside of expansions
	deep  int        // of modules
	given bool       // as arguments to a macro that is not followed
}

// code is what nodes are of: a source, or an expansion.
type code struct {
	src    *source
	stream *stream // nil for a source
}

// outerCall is the macro call in the sources that an expansion comes from.
type outerCall struct {
	place    diag.Place
	macro    string
	depth    int
	expander *expand.Expander // of all that the call leads to, for its count of steps
}

// tokens returns the node's tokens from its opening bracket, or from its start
// where it has none.
func (c *code) tokens(start, stop int32) stream {
	if c.stream != nil {
		return c.stream.sub(int(start), int(stop))
	}
	tokens, err := lex.Lex(c.src.origin.Text[start:stop], nil)
	if err != nil { // the whole lexes, so do its bracketed parts
		return stream{file: c.src}
	}
	for i := range tokens {
		tokens[i].Start += uint32(start)
		tokens[i].End += uint32(start)
	}
	return stream{tokens: tokens, file: c.src}
}

// place returns the node's span.
func (c *code) place(n *node) diag.Place { return c.span(n.start, n.stop) }

func (c *code) span(start, stop int32) diag.Place {
	if c.stream != nil {
		return c.stream.place(int(start), int(stop))
	}
	return placeIn(&c.src.origin, int(start), int(stop))
}

// crate walks the crate from its root file.
func (w *walker) crate(path string) {
	src := w.s.files.get(path)
	w.c.root = newModule(w.c, nil, nil, "crate", nil)
	w.c.root.exported = make(map[string]*textual)
	at := where{m: w.c.root, dir: rootFolder(path)}
	if src.absent {
		w.s.problem(problemAt(diag.Place{File: path}, "the target's source file is missing"))
		return
	}
	w.file(src, at)
	if w.c.comp == nil {
		return // only its names matter
	}
	w.resolvePending()
}

// resolvePending handles the calls whose names are not of the textual scope.
// What one of them comes to may hold the import that another one waits for.
func (w *walker) resolvePending() {
	for len(w.pending) > 0 {
		calls := w.pending
		w.pending = nil
		var left []pendingCall
		for _, call := range calls {
			if w.s.ctx.Err() != nil {
				return
			}
			if !w.resolve(call.n, call.at) {
				left = append(left, call)
			}
		}
		if len(left) < len(calls) || len(w.pending) > 0 {
			w.pending = append(left, w.pending...)
			continue
		}
		for _, call := range left {
			w.unresolved(call.n, call.at)
		}
	}
}

// file walks the file of a crate or module.
func (w *walker) file(src *source, at where) *textual {
	return w.source(src, cmp.Or(src.problem, src.noItems), at)
}

// source walks a source file unless there is a problem with it.
func (w *walker) source(src *source, problem *diag.Diagnostic, at where) *textual {
	if problem != nil {
		if w.c.comp == nil || at.cfgDoubt() != nil || at.given {
			// Perhaps it is never compiled.
			maybe := *problem
			maybe.Code = diag.Unproven
			problem = &maybe
		}
		w.s.problem(problem)
		w.s.blind(w.c, Blind{Kind: Unread, Place: problem.Place, Why: problem.Message})
		return at.text
	}
	if !w.s.heated[src] {
		w.s.heated[src] = true
		w.s.heatLate(src.outline.kids)
	}
	at.code, at.outer = &code{src: src}, nil
	return w.guarded(src.outline.inner, src.outline.kids, at, true)
}

// guarded walks what attributes apply to.
func (w *walker) guarded(attrs []attr, kids []*node, at where, scope bool) *textual {
	d, ok := w.attributes(attrs, at)
	if !ok {
		return at.text
	}
	at.doubt = d
	if scope {
		w.imports(kids, at, func(i imported) { at.m.imports = append(at.m.imports, i) })
	}
	return w.walk(kids, at)
}

// imports collects the `use` and `extern crate` among the nodes of a scope,
// for they count from its beginning.
func (w *walker) imports(kids []*node, at where, add func(imported)) {
	for _, n := range kids {
		switch n.kind {
		case guardNode:
			if d, ok := w.attributes(n.attrs, at); ok {
				inner := at
				inner.doubt = d
				w.imports(n.kids, inner, add)
			}
		case useNode:
			for _, u := range n.uses {
				add(imported{use: u, vis: n.vis, maybe: at.cfgDoubt()})
			}
		case crateNode:
			u := use{path: []string{"::", n.name}, alias: n.alias}
			if n.name == "self" {
				u.path = []string{"crate"}
			}
			add(imported{use: u, vis: n.vis, maybe: at.cfgDoubt()})
		}
	}
}

// cfgDoubt returns the doubt whether the code is compiled at all.
func (at where) cfgDoubt() *doubt {
	for d := at.doubt; d != nil; d = d.up {
		if d.kind == Cfg {
			return d
		}
	}
	return nil
}

// walk walks the nodes of a scope and returns the textual scope behind them.
func (w *walker) walk(kids []*node, at where) *textual {
	for _, n := range kids {
		if w.s.ctx.Err() != nil {
			return at.text
		}
		switch n.kind {
		case scopeNode:
			inner := at
			var list []imported
			w.imports(n.kids, at, func(i imported) { list = append(list, i) })
			if list != nil || holdModule(n.kids) {
				inner.lex = newLexical(at.lex, list)
			}
			w.walk(n.kids, inner)
		case guardNode:
			at.text = w.guarded(n.attrs, n.kids, at, false)
		case modNode:
			at.text = w.module(n, at)
		case crateNode:
			w.externCrate(n, at)
		case rulesNode:
			at.text = w.define(n, at)
		case callNode:
			at.text = w.call(n, at)
		}
	}
	return at.text
}

// holdModule reports whether a module is among the nodes of a scope.
func holdModule(kids []*node) bool {
	return slices.ContainsFunc(kids, func(n *node) bool {
		return n.kind == modNode || n.kind == guardNode && holdModule(n.kids)
	})
}

// attributes evaluates the attributes of a node: whether it is compiled, and
// with which doubts.
func (w *walker) attributes(attrs []attr, at where) (*doubt, bool) {
	d := at.doubt
	for i := range attrs {
		a := &attrs[i]
		if w.s.mark(a.kids)&makesQuery != 0 {
			d = &doubt{up: d, kind: Attribute, at: at.code.span(a.start, a.stop), why: "a query may stand in the arguments of #[" + a.path + "]"}
		}
		switch {
		case a.path == "cfg":
			switch w.cfg(a.pred) {
			case cfg.False:
				return nil, false
			case cfg.Unknown:
				d = cfgDoubt(d, at.code.span(a.start, a.stop), a.pred)
			}
		case a.path == "cfg_attr":
			value := w.cfg(a.pred)
			if value == cfg.False {
				continue
			}
			inner, ok := w.attributes(a.inner, where{doubt: d, code: at.code, m: at.m, lex: at.lex})
			switch {
			case value == cfg.Unknown && (!ok || inner != d):
				d = cfgDoubt(d, at.code.span(a.start, a.stop), a.pred)
			case !ok:
				return nil, false
			default:
				d = inner
			}
		case testAttribute(a.path):
			switch {
			case w.cfg("test") == cfg.Unknown:
				d = cfgDoubt(d, at.code.span(a.start, a.stop), "test")
			case !w.c.test:
				return nil, false
			}
		case strings.HasSuffix(a.path, "test") && (w.c.test || w.cfg("test") == cfg.Unknown):
		case a.path == "recursion_limit":
			w.limit, _ = strconv.Atoi(a.value)
		case a.path == "path" || a.path == "macro_use" || a.path == "macro_export" || passAttribute(a.path):
		case w.handsOn(w.s.macro(at.m, at.lex, strings.Split(a.path, "::"))):
		default:
			d = &doubt{up: d, kind: Attribute, at: at.code.span(a.start, a.stop), why: "inside #[" + a.path + "], which may leave it out"}
		}
	}
	return d, true
}

// cfg evaluates a predicate.
func (w *walker) cfg(pred string) cfg.Value {
	if v, ok := w.c.values[pred]; ok {
		return v
	}
	v := cfg.Unknown
	if p, err := cfg.Parse(pred); err == nil {
		v = p.Eval(w.c.cfg)
	}
	w.c.values[pred] = v
	return v
}

// has reports whether the attributes hold the one of that name.
func (w *walker) has(attrs []attr, path string) bool {
	_, ok := w.find(attrs, path)
	return ok
}

// find returns the value of the attribute of that name.
func (w *walker) find(attrs []attr, path string) (string, bool) {
	for _, a := range attrs {
		if a.path == path {
			return a.value, true
		}
		if a.path == "cfg_attr" && w.cfg(a.pred) != cfg.False {
			if value, ok := w.find(a.inner, path); ok {
				return value, true
			}
		}
	}
	return "", false
}

// module walks `mod name;` or `mod name { … }`.
func (w *walker) module(n *node, at where) *textual {
	if at.deep++; at.deep > maxModules {
		w.s.problem(problemAt(at.code.place(n), "modules nest too deeply"))
		return at.text
	}
	text := at.text
	for _, path := range w.modulePaths(n.attrs) {
		inner := at
		for _, pred := range path.preds {
			inner.doubt = cfgDoubt(inner.doubt, at.code.place(n), pred)
		}
		text = w.moduleAt(n, inner, path.value)
	}
	return text
}

// modulePath is a value that #[path] may have, "" for none, and the predicates
// on which it hangs that are neither true nor false.
type modulePath struct {
	value string
	preds []string
}

// modulePaths returns the values that #[path] may have; one, unless cfg_attr
// depends on what is not known.
func (w *walker) modulePaths(attrs []attr) []modulePath {
	var paths []modulePath
	var not []string // the predicates under which an earlier one counts
	var find func(attrs []attr, preds []string) (certain bool)
	find = func(attrs []attr, preds []string) bool {
		for _, a := range attrs {
			switch {
			case a.path == "path":
				paths = append(paths, modulePath{a.value, slices.Concat(preds, not)})
				return true
			case a.path != "cfg_attr":
			case w.cfg(a.pred) == cfg.True:
				if find(a.inner, preds) {
					return true
				}
			case w.cfg(a.pred) == cfg.Unknown:
				if find(a.inner, append(slices.Clip(preds), a.pred)) {
					not = append(not, "not("+a.pred+")")
				}
			}
		}
		return false
	}
	if !find(attrs, nil) {
		paths = append(paths, modulePath{"", not})
	}
	return paths
}

// moduleAt walks a module whose #[path] is that, "" for none.
func (w *walker) moduleAt(n *node, at where, path string) *textual {
	inner := at
	inner.m = newModule(w.c, at.m, at.lex, n.name, at.cfgDoubt())
	inner.m.vis = n.vis
	inner.lex = nil
	var text *textual
	if n.body {
		inner.dir = at.dir.inline(n.name, path)
		w.imports(n.kids, inner, func(i imported) { inner.m.imports = append(inner.m.imports, i) })
		text = w.walk(n.kids, inner)
	} else {
		files := at.dir.outside(n.name, path)
		found := files[0]
		src := w.s.files.get(found.path)
		if src.absent && files[1].path != "" {
			found = files[1]
			src = w.s.files.get(found.path)
		}
		switch {
		case src.absent && at.given:
			return at.text // the arguments are no items, or rustc refuses them
		case src.absent:
			w.s.problem(problemAt(at.code.place(n), fmt.Sprintf("file not found for module `%s`", n.name)))
			w.s.blindAt(w.c, at, Blind{Kind: Module, Place: at.code.place(n), Why: fmt.Sprintf("no file for module `%s`", n.name)})
			return at.text
		}
		inner.dir = found.folder
		text = w.file(src, inner)
	}
	if w.has(n.attrs, "macro_use") {
		return text
	}
	return at.text
}

// externCrate handles what `extern crate` does beyond an import: one at the
// crate's root names the crate everywhere.
func (w *walker) externCrate(n *node, at where) {
	ext := w.c.externs[n.name]
	if ext == nil || at.m.parent != nil {
		return
	}
	if names, ok := w.find(n.attrs, "macro_use"); ok {
		use := macroUse{extern: ext, maybe: at.cfgDoubt()}
		if names != "" {
			use.names = strings.FieldsFunc(names, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
		}
		w.c.prelude = append(w.c.prelude, use)
	}
	if n.alias != n.name && n.alias != "_" {
		w.c.externs = maps.Clone(w.c.externs)
		w.c.externs[n.alias] = ext
	}
}

// define takes a macro_rules! definition into scope.
func (w *walker) define(n *node, at where) *textual {
	r := &rules{name: n.name, node: n, code: at.code, crate: w.c}
	if at.m.local == nil {
		at.m.local = make(map[string]*rules)
	}
	at.m.local[n.name] = r
	if value, ok := w.find(n.attrs, "macro_export"); ok {
		r.localInner = value == "local_inner_macros"
		exported := w.c.root.exported
		exported[n.name] = &textual{up: exported[n.name], rules: r, maybe: at.cfgDoubt()}
	}
	return &textual{up: at.text, rules: r, maybe: at.cfgDoubt()}
}

func problemAt(p diag.Place, message string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: diag.Macro, Message: message, Place: p}
}
