package sites

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// call handles a macro call. Those of the textual scope are done at once, for
// they may define macros for what follows; the others wait for the module
// tree.
func (w *walker) call(n *node, at where) *textual {
	if !w.s.matters(n) || w.c.comp == nil && !n.item {
		return at.text
	}
	name := n.path[len(n.path)-1]
	if own := w.localInner(n, at); own != nil {
		return w.expand(n, at, own)
	}
	if len(n.path) == 1 {
		met, behind := false, at.text
		for t := at.text; t != nil; t = t.up {
			if t.rules.name != name {
				continue
			}
			met, behind = true, w.expand(n, at.with(t.maybe), t.rules)
			if t.maybe == nil {
				break
			}
			at = at.with(t.maybe.denied()) // then an earlier one counts
		}
		if met {
			return behind
		}
	}
	switch {
	case name == "include" && (len(n.path) == 1 || stdCrates[firstName(n.path)]):
		return w.include(n, at)
	case name == "cfg_if":
		w.imports(n.kids, at, func(i imported) {
			if at.lex == nil {
				at.m.imports = append(at.m.imports, i)
			}
		})
		return w.walk(n.kids, at)
	}
	w.pending = append(w.pending, pendingCall{n, at})
	return at.text
}

// localInner returns the macro that a call means which the body of a macro
// exported with local_inner_macros makes: one that its own crate exports.
func (w *walker) localInner(n *node, at where) *rules {
	if len(n.path) != 1 || at.code.stream == nil {
		return nil
	}
	s := at.code.stream
	mark := s.raw[s.index[n.start]].Mark
	if mark == nil || w.s.localInner[mark.Macro] == nil {
		return nil
	}
	if exported := w.s.localInner[mark.Macro].root.exported[n.path[0]]; exported != nil {
		return exported.rules
	}
	return nil
}

// with adds a doubt that stems from a name.
func (at where) with(d *doubt) where {
	if d != nil && at.doubt != d {
		at.doubt = &doubt{up: at.doubt, kind: d.kind, at: d.at, why: d.why, pred: d.pred}
	}
	return at
}

// resolve handles a call whose name the textual scope does not know; false
// when nothing else knows it either.
func (w *walker) resolve(n *node, at where) bool {
	t := w.s.macro(at.m, at.lex, n.path)
	if late := w.lateRules(n, at); !t.found() && late != nil {
		t.rules, t.maybe = late.rules, late.maybe
	}
	if t.several && w.s.hot[n.path[len(n.path)-1]]&makesQuery != 0 {
		why := fmt.Sprintf("cfg decides where the path of `%s!` leads, of which one way is followed", strings.Join(n.path, "::"))
		w.s.blindAt(w.c, at, Blind{Kind: Name, Place: at.code.place(n), Why: why})
	}
	for next := &t; next != nil; next = next.next {
		w.reach(n, at.with(next.maybe), *next)
		if next.maybe != nil {
			at = at.with(next.maybe.denied()) // then the next one counts
		}
	}
	return t.found()
}

// reach handles a call whose name leads to t.
func (w *walker) reach(n *node, at where, t target) {
	if t.rival != nil {
		why := fmt.Sprintf("`%s!` may be a macro of %s %s, of which is not known whether it has one of this name", n.path[len(n.path)-1], t.rival.Crate, t.rival.Version)
		at = at.with(&doubt{kind: Name, at: at.code.place(n), why: why})
	}
	switch {
	case t.query != "":
		w.query(n, at, t.query)
	case t.migrate:
		w.migrate(n, at)
	case t.rules != nil:
		w.defineLate(n, at, w.expand(n, at, t.rules))
	case t.std == "include":
		w.defineLate(n, at, w.include(n, at))
	case t.std != "":
		w.standard(n, at, t.std)
	case t.foreign != nil:
		w.outside(n, at, t)
	}
}

// defineLate notes the definitions that a call whose name had to wait leaves in
// the textual scope.
func (w *walker) defineLate(n *node, at where, text *textual) {
	for ; text != at.text; text = text.up {
		w.late = append(w.late, lateRules{text, at.m, at.callPlace(n)})
	}
}

// lateRules is a macro_rules! definition out of a call whose own name had to
// wait: too late for the textual scope of what follows it.
type lateRules struct {
	*textual
	m    *module
	call diag.Place
}

// lateRules returns the definition of that kind that a call without another
// meaning means: the nearest before it.
func (w *walker) lateRules(n *node, at where) *textual {
	if len(w.late) == 0 || len(n.path) > 1 {
		return nil
	}
	var found *lateRules
	place := at.callPlace(n)
	for i := range w.late {
		late := &w.late[i]
		switch {
		case late.rules.name != n.path[0] || !at.m.within(late.m):
		case late.call.File == place.File && late.call.Start >= place.Start:
		case found == nil || found.call.File != place.File || late.call.File == place.File && late.call.Start > found.call.Start:
			found = late
		}
	}
	if found == nil {
		return nil
	}
	return found.textual
}

// callPlace is where a call stands in the sources, or the outermost one that
// it comes from.
func (at where) callPlace(n *node) diag.Place {
	if at.outer != nil {
		return at.outer.place
	}
	return at.code.place(n)
}

// unresolved handles a call of a macro that leads to nothing known: one of the
// standard library's, or of a crate's that everyone uses, by a way that is not
// followed.
func (w *walker) unresolved(n *node, at where) {
	name := n.path[len(n.path)-1]
	if w.s.hot[name]&makesQuery != 0 {
		w.nameless(n, at) // and its arguments may hold others
	}
	switch {
	case w.common(n, at):
	case len(n.path) == 1:
		w.standard(n, at, name)
	default:
		w.inside(n, at)
	}
}

// outside handles a call of a macro of a crate that could not be looked into.
func (w *walker) outside(n *node, at where, t target) {
	name := n.path[len(n.path)-1]
	harmless := (!t.open || w.s.readable(t.foreign)) && w.s.lookedThrough(t.foreign)
	switch {
	case t.foreign.Package == nil && w.common(n, at):
	case !harmless && w.s.hot[name]&makesQuery != 0:
		w.nameless(n, at)
	case n.heat != 0 && w.handsOn(t):
		at.given = true
		w.walk(n.kids, at)
	default:
		w.inside(n, at)
	}
}

// nameless notes a call that may come to a query by its name, which leads to
// nothing known.
func (w *walker) nameless(n *node, at where) {
	why := fmt.Sprintf("`%s!` leads to nothing known", strings.Join(n.path, "::"))
	w.s.blindAt(w.c, at, Blind{Kind: Name, Place: at.code.place(n), Why: why})
}

// common handles a call of a macro of a crate that everyone uses, going by its
// name alone; false for another.
func (w *walker) common(n *node, at where) bool {
	switch name := n.path[len(n.path)-1]; {
	case quoteMacros[name]:
	case name == "paste":
		w.paste(n, at)
	case passMacros[name]:
		w.walk(n.kids, at)
	default:
		return false
	}
	return true
}

// standard handles a call of a macro of the standard library.
func (w *walker) standard(n *node, at where, name string) {
	switch {
	case neverMacros[name]:
	case passMacros[name]:
		w.walk(n.kids, at)
	default:
		w.inside(n, at)
	}
}

// inside walks the arguments of a call of which is not known what becomes of
// them: queries, and modules, whose files may hold some.
func (w *walker) inside(n *node, at where) {
	if n.heat == 0 {
		return
	}
	why := fmt.Sprintf("inside `%s!`, which may change or leave it out", strings.Join(n.path, "::"))
	at.doubt = &doubt{up: at.doubt, kind: Invocation, at: at.code.place(n), why: why}
	at.given = true
	w.walk(n.kids, at)
}

// expand expands a call of a macro_rules! macro and walks what comes out.
func (w *walker) expand(n *node, at where, r *rules) *textual {
	if w.s.heatOf(r.node)|n.heat == 0 {
		return at.text
	}
	place := at.code.place(n)
	outer := outerCall{place: place, macro: n.path[len(n.path)-1], expander: &expand.Expander{MaxDepth: w.limit}}
	if at.outer != nil {
		outer = *at.outer
		outer.depth++
	}
	out, err := expandCall(r, at.code.tokens(n.open, n.stop), &outer)
	if r.localInner {
		w.s.localInner[r.ready] = r.crate
	}
	if err != nil {
		var failed *expand.Error
		limit := errors.As(err, &failed) && failed.Kind == expand.Limit
		spot := Blind{Kind: NoMatch, Place: outer.place, Why: fmt.Sprintf("`%s!`: %v", r.name, err)}
		switch {
		case !r.crate.pkg.Local:
			spot.Kind = Outside
			if !w.s.holdsQuery(n) { // else one is the caller's own
				spot.Crate, spot.Foreign = r.crate.pkg.Name, true
			}
		case limit:
			spot.Kind = Limit
		}
		if limit || (w.s.heatOf(r.node)|n.heat)&makesQuery != 0 {
			w.s.blindAt(w.c, at, spot)
		}
		return at.text
	}
	return w.expansion(n, at, out, &outer)
}

// paste expands a call of paste!, whose `[<…>]` may make names of macros.
func (w *walker) paste(n *node, at where) {
	outer := outerCall{place: at.code.place(n), macro: n.path[len(n.path)-1], expander: &expand.Expander{MaxDepth: w.limit}}
	if at.outer != nil {
		outer = *at.outer
	}
	args := at.code.tokens(n.open, n.stop)
	tokens, err := expand.PasteCall(args.within(1, args.len()-1))
	if err != nil {
		if n.heat&makesQuery != 0 {
			w.s.blindAt(w.c, at, Blind{Kind: NoMatch, Place: outer.place, Why: fmt.Sprintf("`paste!`: %v", err)})
		}
		return
	}
	w.expansion(n, at, expansion(tokens), &outer)
}

// expansion walks what a call comes to, in the place of the call.
func (w *walker) expansion(n *node, at where, out stream, outer *outerCall) *textual {
	inner := at
	inner.outer = outer
	inner.code = &code{src: at.code.src, stream: &out}
	o := parseStream(out)
	w.s.heatLate(o.kids)
	add := func(i imported) { at.m.imports = append(at.m.imports, i) }
	if !n.item || at.lex != nil {
		var list []imported
		add = func(i imported) { list = append(list, i) }
		w.imports(o.kids, inner, add)
		inner.lex = newLexical(at.lex, list)
	} else {
		w.imports(o.kids, inner, add)
	}
	text := w.walk(o.kids, inner)
	if n.item {
		return text
	}
	return at.text
}

// include walks the file that include! names, at once, for macros in it count
// for what follows.
func (w *walker) include(n *node, at where) *textual {
	args := at.code.tokens(n.open, n.stop)
	path, ok := w.literal(args, 1, args.len()-1)
	if !ok {
		if w.generated(args) || w.ofBuildScript(args) && w.s.writesNoQuery(w.c.pkg) {
			return at.text
		}
		spot := Blind{Kind: Include, Place: at.callPlace(n), Why: "include! of a computed path: " + args.written(1, args.len()-1)}
		if crate, ok := w.s.foreign.owner(at.code.place(n).File); ok {
			spot.Kind, spot.Crate, spot.Foreign = Outside, crate, true
		}
		w.s.blindAt(w.c, at, spot)
		return at.text
	}
	// Relative to the file of the outermost call, wherever macros wrote the path
	// (rustc_expand, base.rs, resolve_path).
	path = join(filepath.Dir(at.callPlace(n).File), path)
	src := w.s.files.get(path)
	if src.absent {
		w.s.blindAt(w.c, at, Blind{Kind: Include, Place: at.callPlace(n), Why: "include! of a file that is not there: " + path})
		return at.text
	}
	if at.deep++; at.deep > maxModules {
		w.s.problem(problemAt(at.code.place(n), "files include each other too deeply"))
		return at.text
	}
	at.dir = rootFolder(path)
	if text := w.source(src, src.problem, at); n.item {
		return text
	}
	return at.text
}

// outDir stands for the folder of a build script's output in a literal.
const outDir = "\x00OUT_DIR"

// generated tells of the arguments of include! whether they name a build
// script's output that is there and holds no query.
func (w *walker) generated(args stream) bool {
	path, _ := w.literal(args, 1, args.len()-1)
	path, found := strings.CutPrefix(path, outDir)
	if !found || path == "" {
		return false
	}
	found = false
	build := w.s.plan.Workspace.Config.BuildDir
	for _, pattern := range []string{"*/build/%s-*/out", "*/*/build/%s-*/out", "*/build/%s/*/out", "*/*/build/%s/*/out"} {
		dirs, err := filepath.Glob(filepath.Join(build, fmt.Sprintf(pattern, w.c.pkg.Name)))
		if err != nil {
			return false
		}
		for _, dir := range dirs {
			if !ofPackage(dir, w.c.pkg.Name) {
				continue
			}
			file := filepath.Join(dir, path)
			data, err := w.s.files.other(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return false
			}
			if readText(path, string(data)) != nil {
				return false
			}
			found = true
		}
	}
	return found
}

// ofBuildScript tells of the arguments of include! whether they name a build
// script's output.
func (w *walker) ofBuildScript(args stream) bool {
	path, _ := w.literal(args, 1, args.len()-1)
	return strings.HasPrefix(path, outDir)
}

// ofPackage tells of a folder out of `build/name-*/out` whether it is that of
// the package, and not of one whose name begins so.
func ofPackage(out, name string) bool {
	folder := filepath.Base(filepath.Dir(out))
	hash := strings.TrimPrefix(folder, name+"-")
	return hash == folder || !strings.ContainsAny(hash, "-_")
}

// literal evaluates a string literal, or concat! of such and of
// env!("CARGO_MANIFEST_DIR"). Where env!("OUT_DIR") is in it, which only a build
// knows, the text holds outDir and the result is false.
func (w *walker) literal(s stream, i, end int) (string, bool) {
	if s.is(end-1, end, ',') {
		end--
	}
	if end-i == 1 && s.kind(i).IsString() {
		v, err := lex.Unquote(s.text(i))
		return v.Text, err == nil
	}
	bang := s.callBang(i, end)
	if bang < 0 || s.match(bang+1) != end-1 {
		return "", false
	}
	switch s.name(bang - 1) {
	case "env":
		v, ok := w.literal(s, bang+2, end-1)
		if v == "OUT_DIR" {
			return outDir, false
		}
		return w.c.pkg.Dir, ok && v == "CARGO_MANIFEST_DIR"
	case "concat":
		text, known := "", true
		var grammar syntax.Parser
		for j := bang + 2; j < end-1; {
			comma, _, ok := s.argument(&grammar, j, end-1)
			if !ok {
				return "", false
			}
			v, ok := w.literal(s, j, comma)
			if !ok && v != outDir {
				return "", false
			}
			known = known && ok
			text += v
			j = comma + 1
		}
		return text, known
	}
	return "", false
}
