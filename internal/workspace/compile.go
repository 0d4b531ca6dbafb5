package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// root is a target that the arguments ask for (cargo, ops/cargo_compile/
// unit_generator.rs, Proposal).
type root struct {
	p      *Package
	t      *Target
	test   bool
	strict bool // missing required features are an error, not a reason to skip
}

// compile fills the plan's compilations.
func (p *Plan) compile(args Args, config *Config) error {
	roots, err := p.roots(args)
	if err != nil {
		return err
	}
	w := p.walk()
	for _, root := range roots {
		n := p.Workspace.packages().byDir[root.p.Dir]
		if missing := p.missingFeatures(w.r, n, root.t); len(missing) > 0 {
			if root.strict {
				return fmt.Errorf("%s %s of package %s requires the features %s",
					root.t.Kind, root.t.Name, root.p.Name, strings.Join(missing, ", "))
			}
			continue
		}
		w.visit(unit{n, root.t, root.test, root.t.ProcMacro})
	}
	p.collect(w)
	p.note(w)
	return p.configure(args, config)
}

// roots returns the targets that the arguments ask for.
func (p *Plan) roots(args Args) ([]root, error) {
	if !args.named() {
		return p.filter(args.testProfile(), false, func(t *Target) bool { return t.Kind == Lib || t.Kind == Bin }), nil
	}
	var roots []root
	if args.Lib || args.AllTargets {
		libs := p.filter(args.testProfile(), false, func(t *Target) bool { return t.Kind == Lib })
		if len(libs) == 0 && !args.AllTargets {
			return nil, fmt.Errorf("no library in the selected packages")
		}
		roots = append(roots, libs...)
	}
	for _, group := range []struct {
		kind  Kind
		all   bool
		which func(*Target) bool // of all
		names []string
		test  bool
	}{
		{Bin, args.Bins, nil, args.Bin, args.testProfile()},
		{Example, args.Examples, nil, args.Example, args.testProfile()},
		{Test, args.Tests, func(t *Target) bool { return t.Test }, args.Test, true},
		{Bench, args.Benches, func(t *Target) bool { return t.Bench }, args.Bench, true},
	} {
		ofKind := func(t *Target) bool { return t.Kind == group.kind }
		if group.all || args.AllTargets {
			which := group.which
			if which == nil {
				which = ofKind
			}
			roots = append(roots, p.filter(group.test, false, which)...)
			continue // cargo drops names beside the plural
		}
		for _, name := range group.names {
			found := p.filter(group.test, true, func(t *Target) bool {
				return ofKind(t) && (t.Name == name || isPattern(name) && matches(name, t.Name))
			})
			if len(found) == 0 {
				return nil, fmt.Errorf("no %s %s in the selected packages", group.kind, name)
			}
			roots = append(roots, found...)
		}
	}
	return roots, nil
}

// filter returns the targets of the selected packages that f accepts.
func (p *Plan) filter(test, strict bool, f func(*Target) bool) []root {
	var roots []root
	for _, pkg := range p.Selected {
		for _, t := range pkg.Targets {
			if t.Kind != BuildScript && f(t) {
				roots = append(roots, root{pkg, t, test, strict})
			}
		}
	}
	return roots
}

// missingFeatures returns the required features of a target that are not
// enabled; "dep/feature" is a feature of a dependency.
func (p *Plan) missingFeatures(r *resolution, n *node, t *Target) []string {
	var missing []string
	for _, f := range t.RequiredFeatures {
		dep, feature, ofDependency := strings.Cut(f, "/")
		enabled := !ofDependency && r.features[r.of(n, false)][f]
		if edges, _ := n.edges(); ofDependency {
			for _, e := range edges {
				if e.dep.Name == dep {
					of := p.resolveFor(e.to)
					enabled = enabled || of.features[key{e.to, false}][feature] || of.features[key{e.to, true}][feature]
				}
			}
		}
		if !enabled {
			missing = append(missing, f)
		}
	}
	return missing
}

// unit is one invocation of rustc.
type unit struct {
	n    *node
	t    *Target
	test bool
	host bool // with the features of build scripts and procedural macros
}

// walk finds the units below some roots (cargo, core/compiler/
// unit_dependencies.rs). It enters local packages, and others only where
// they can lead to local ones.
type walk struct {
	plan  *Plan
	r     *resolution
	seen  map[unit]*Compilation
	stale map[*node]string // active dependencies that Cargo.lock does not hold → a dependant
}

// walk returns one that has found nothing yet, with the features of all local
// packages.
func (p *Plan) walk() *walk {
	var locals []*node
	for _, n := range p.Workspace.packages().nodes {
		if n.local != nil {
			locals = append(locals, n)
		}
	}
	r := p.resolve(locals)
	p.resolved = append(p.resolved, r)
	return &walk{plan: p, r: r, seen: map[unit]*Compilation{}, stale: map[*node]string{}}
}

func (w *walk) visit(u unit) {
	u.host = u.host && w.r.decoupleHost
	if w.seen[u] != nil {
		return
	}
	k := w.r.of(u.n, u.host)
	c := &Compilation{
		Package: u.n.local, Target: u.t, Test: u.test, Host: u.host,
		Features: sortedKeys(w.r.features[k]), Externs: map[string]*Extern{},
	}
	w.seen[u] = c
	edges, _ := u.n.edges()
	for _, e := range edges {
		if !w.active(u, e) {
			continue
		}
		f := e.to.facts()
		host := u.host || u.t.Kind == BuildScript || f.procMacro
		if f.linkable {
			ext := newExtern(w.r.of(e.to, host), e.dep)
			c.Externs[ext.Name] = ext
		}
		if e.to.version == "" {
			w.stale[e.to] = u.n.name
		}
		if w.r.within[e.to] {
			if p := e.to.full(); p != nil && p.Lib() != nil {
				w.visit(unit{e.to, p.Lib(), false, host})
			}
		}
	}
	if u.t.Kind == BuildScript {
		return
	}
	p := u.n.full()
	if script := p.BuildScript(); script != nil {
		w.visit(unit{u.n, script, false, u.host})
	}
	if lib := p.Lib(); lib != nil && lib.Linkable && u.t.Kind != Lib {
		host := u.host || lib.ProcMacro
		ext := newExtern(w.r.of(u.n, host), nil)
		c.Externs[ext.Name] = ext
		w.visit(unit{u.n, lib, false, host})
	}
}

// active reports whether a unit is built with a dependency.
func (w *walk) active(u unit, e edge) bool {
	d := e.dep
	switch {
	case (u.t.Kind == BuildScript) != (d.Kind == Build):
		return false
	case d.Kind == Dev && u.t.Kind != Test && u.t.Kind != Example && !u.test:
		return false
	case d.Optional && !w.r.activated[w.r.of(u.n, u.host)][d.Name]:
		return false
	}
	return w.r.active(d.Target)
}

// collect orders the compilations. Of two that differ only in their role the
// one for the host goes.
func (p *Plan) collect(w *walk) {
	selected := map[*Package]bool{}
	for _, pkg := range p.Selected {
		selected[pkg] = true
	}
	for u, c := range w.seen {
		if u.n.local == nil {
			continue
		}
		if u.host {
			u.host = false
			if twin := w.seen[u]; twin != nil && slices.Equal(twin.Features, c.Features) {
				continue
			}
		}
		if selected[c.Package] {
			p.Compilations = append(p.Compilations, c)
		} else {
			p.Others = append(p.Others, c)
		}
	}
	for _, list := range [][]*Compilation{p.Compilations, p.Others} {
		slices.SortFunc(list, func(a, b *Compilation) int {
			return cmp.Or(
				strings.Compare(a.Package.Dir, b.Package.Dir),
				cmp.Compare(a.Target.Kind, b.Target.Kind),
				strings.Compare(a.Target.Name, b.Target.Name),
				compareBool(a.Test, b.Test),
				compareBool(a.Host, b.Host),
			)
		})
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// note adds what keeps the plan from being certain.
func (p *Plan) note(w *walk) {
	ws := p.Workspace
	add := func(file, format string, args ...any) {
		p.Problems = append(p.Problems, problemIn(file, fmt.Sprintf(format, args...)))
	}
	for _, target := range sortedKeys(w.r.unclear) {
		add(ws.ManifestPath, "dependencies for %s: cannot tell whether that is this platform", target)
	}
	for n := range w.r.missing {
		add(ws.ManifestPath, "the sources of %s %s are not on this machine; it may enable features of local packages", n.name, n.version)
	}
	if ws.Lock != nil {
		for n, by := range w.stale {
			add(ws.Lock.Path, "holds no %s, which %s depends on", n.name, by)
		}
	}
	slices.SortFunc(p.Problems, func(a, b *diag.Diagnostic) int { return strings.Compare(a.Message, b.Message) })
}
