package workspace

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

// Plan returns what `cargo check` with these arguments, run in dir, compiles.
// An error means that cargo would fail too, or that only cargo can tell.
func (w *Workspace) Plan(args Args, dir string, platform cfg.Platform) (*Plan, error) {
	current, err := w.current(args, dir)
	if err != nil {
		return nil, err
	}
	config, err := w.Config.with(args.Config, dir)
	if err != nil {
		return nil, err
	}
	for _, target := range slices.Concat(args.Target, config.Target) {
		if target != platform.Triple && target != "host-tuple" {
			return nil, fmt.Errorf("compiling for %s: only %s is understood", target, platform.Triple)
		}
	}
	if platform, err = withRustFlags(platform, config.RustFlags(platform)); err != nil {
		return nil, err
	}
	selected, err := w.selectPackages(args, current)
	if err != nil {
		return nil, err
	}
	requests, err := w.requests(args, current, selected)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		Workspace: w,
		Selected:  selected,
		platform:  platform,
		requests:  requests,
		devUnits:  args.devUnits(),
	}
	return p, p.compile(args, config)
}

// Everything returns a plan of all that some arguments, some features and some
// platform may make of the packages: each target of a member, and the library
// of a package that is none, with all dependencies and with nothing decided
// about cfg. Cargo never compiles that; it is for finding out what is in the
// sources at all.
func (w *Workspace) Everything(packages []*Package) *Plan {
	p := &Plan{Workspace: w, Selected: packages, platform: cfg.Platform{Cfg: cfg.Undecided()}, devUnits: true}
	for _, pkg := range packages {
		p.requests = append(p.requests, request{n: w.packages().byDir[pkg.Dir], all: true, defaults: true})
	}
	walk := p.walk()
	for _, pkg := range packages {
		for _, t := range pkg.Targets {
			if t.Kind != BuildScript && (pkg.Member || t.Kind == Lib) {
				walk.visit(unit{w.packages().byDir[pkg.Dir], t, pkg.Member, t.ProcMacro})
			}
		}
	}
	p.collect(walk)
	// Neither another platform nor a manifest that is not here takes anything away.
	clear(walk.r.unclear)
	clear(walk.r.missing)
	p.note(walk)
	for _, c := range slices.Concat(p.Compilations, p.Others) {
		c.Cfg = p.platform.Cfg
	}
	return p
}

// packages returns the graph of the workspace's packages and of all that they
// depend on.
func (w *Workspace) packages() *graph {
	w.graphOnce.Do(func() { w.graph = newGraph(w) })
	return w.graph
}

// current returns the package in which cargo is run, nil at the root of a
// virtual workspace.
func (w *Workspace) current(args Args, dir string) (*Package, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the package: %w", err)
	}
	path := findUp(dir, "Cargo.toml")
	if args.ManifestPath != "" {
		path = join(dir, args.ManifestPath)
	}
	for _, p := range w.Members {
		if p.ManifestPath == path {
			return p, nil
		}
	}
	if path == w.ManifestPath {
		return nil, nil
	}
	return nil, fmt.Errorf("%s is no member of the workspace %s", or(&path, dir), w.ManifestPath)
}

// selectPackages applies --workspace, --package and --exclude
// (cargo, ops/cargo_compile/packages.rs).
func (w *Workspace) selectPackages(args Args, current *Package) ([]*Package, error) {
	var selected []*Package
	switch {
	case args.Workspace:
		if _, err := w.match("package", args.Packages); err != nil {
			return nil, err
		}
		excluded := map[*Package]bool{}
		for _, spec := range args.Exclude {
			found, _ := w.match("excluded package", []string{spec}) // cargo warns of an absent one
			maps.Copy(excluded, found)
		}
		for _, p := range w.Members {
			if !excluded[p] {
				selected = append(selected, p)
			}
		}
	case len(args.Packages) > 0:
		named, err := w.match("package", args.Packages)
		if err != nil {
			return nil, err
		}
		for _, p := range w.Members {
			if named[p] {
				selected = append(selected, p)
			}
		}
	case current != nil && current != w.RootPackage:
		selected = []*Package{current}
	default:
		selected = w.DefaultMembers
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("no packages to compile in %s", w.ManifestPath)
	}
	return selected, nil
}

// match returns the members that package specs and patterns name; each must
// name one.
func (w *Workspace) match(what string, specs []string) (map[*Package]bool, error) {
	found := map[*Package]bool{}
	for _, spec := range specs {
		if strings.ContainsAny(spec, "/#") {
			return nil, fmt.Errorf("%s spec %q is not understood", what, spec)
		}
		name, version, _ := strings.Cut(strings.Replace(spec, ":", "@", 1), "@")
		any := false
		for _, p := range w.Members {
			if p.Name == name && (version == "" || p.Version == version || strings.HasPrefix(p.Version, version+".")) ||
				isPattern(spec) && matches(spec, p.Name) {
				found[p], any = true, true
			}
		}
		if !any {
			return nil, fmt.Errorf("%s %q is not in the workspace %s", what, spec, w.ManifestPath)
		}
	}
	return found, nil
}

// requests returns which members get which features from the command line
// (cargo, core/workspace.rs, members_with_features).
func (w *Workspace) requests(args Args, current *Package, selected []*Package) ([]request, error) {
	if current == nil || w.Resolver >= 2 {
		return w.requestsOfSelected(args, selected)
	}
	return w.requestsOfCurrent(args, current, selected)
}

// requestsOfSelected gives each selected member the features that it has.
func (w *Workspace) requestsOfSelected(args Args, selected []*Package) ([]request, error) {
	var requests []request
	found := map[string]bool{}
	for _, p := range selected {
		q := request{n: w.packages().byDir[p.Dir], all: args.AllFeatures, defaults: !args.NoDefaultFeatures}
		for _, f := range args.Features {
			name, feature, inDependency := strings.Cut(f, "/")
			name = strings.TrimSuffix(name, "?")
			switch {
			case !inDependency && p.hasFeature(f), inDependency && p.dependsOn(name):
				q.features = append(q.features, f)
			case inDependency && name == p.Name && p.hasFeature(feature):
				q.features = append(q.features, feature)
			default:
				continue
			}
			found[f] = true
		}
		requests = append(requests, q)
	}
	for _, f := range args.Features {
		if !found[f] {
			return nil, fmt.Errorf("no selected package has the feature %s", f)
		}
	}
	return requests, nil
}

// requestsOfCurrent is resolver 1 outside a virtual workspace: the features go
// to the package in which cargo is run, selected or not.
func (w *Workspace) requestsOfCurrent(args Args, current *Package, selected []*Package) ([]request, error) {
	own := request{n: w.packages().byDir[current.Dir], all: args.AllFeatures, defaults: !args.NoDefaultFeatures}
	others := map[string][]string{}
	for _, f := range args.Features {
		name, feature, inDependency := strings.Cut(f, "/")
		isOther := slices.ContainsFunc(selected, func(p *Package) bool { return p != current && p.Name == name })
		switch {
		case inDependency && isOther:
			others[name] = append(others[name], feature)
		case !inDependency && !current.hasFeature(f), inDependency && !current.dependsOn(strings.TrimSuffix(name, "?")):
			return nil, fmt.Errorf("package %s has no feature %s", current.Name, f)
		default:
			own.features = append(own.features, f)
		}
	}
	requests := []request{own}
	for _, p := range selected {
		if p != current {
			requests = append(requests, request{
				n: w.packages().byDir[p.Dir], features: others[p.Name], all: args.AllFeatures, defaults: true,
			})
		}
	}
	return requests, nil
}

func (p *Package) hasFeature(name string) bool {
	_, ok := p.Features[name]
	return ok || slices.ContainsFunc(p.Dependencies, func(d *Dependency) bool { return d.Optional && d.Name == name })
}

func (p *Package) dependsOn(name string) bool {
	return slices.ContainsFunc(p.Dependencies, func(d *Dependency) bool { return d.Name == name })
}

// resolve returns the resolution that is exact for the targets.
func (p *Plan) resolve(targets []*node) *resolution {
	return resolve(p.Workspace.Resolver, p.devUnits, p.platform, p.requests, p.Workspace.packages().above(targets))
}

// resolveFor returns the resolution that is exact for one package.
func (p *Plan) resolveFor(n *node) *resolution {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.resolved {
		if r.concerns(n) { // then it also has all that is above n
			return r
		}
	}
	r := p.resolve([]*node{n})
	p.resolved = append(p.resolved, r)
	return r
}

// Package returns an extern's package, read from its sources on this machine
// if need be; nil when they are not there.
func (p *Plan) Package(e *Extern) *Package { return e.key.n.full() }

// Features returns the features of an extern that the plan enables, ordered.
// known is false when a manifest that has a say in them is not on this
// machine; the features are then those that the others ask for.
func (p *Plan) Features(e *Extern) (features []string, known bool) {
	features, unknown := p.features(e.key)
	return features, len(unknown) == 0
}

// features returns the features of a package in one of its roles, and the
// packages that may enable more of them, the package itself among them, since
// their manifests are not known; "name version", ordered.
func (p *Plan) features(k key) (features, unknown []string) {
	r := p.resolveFor(k.n)
	above := p.Workspace.packages().above([]*node{k.n})
	for n := range r.missing {
		if above[n] {
			unknown = append(unknown, n.name+" "+n.version)
		}
	}
	slices.Sort(unknown)
	return sortedKeys(r.features[r.of(k.n, k.host)]), unknown
}

// Externs returns the crates that an extern's own library sees by name, with
// those of disabled dependencies; none where its manifest is not on this
// machine.
func (p *Plan) Externs(e *Extern) map[string]*Extern {
	externs := make(map[string]*Extern)
	edges, _ := e.key.n.edges()
	for _, edge := range edges {
		if edge.dep.Kind == Normal {
			ext := newExtern(key{edge.to, e.key.host}, edge.dep)
			externs[ext.Name] = ext
		}
	}
	return externs
}

// Below returns an extern and the packages that it reaches by Cargo.lock, but
// for those that enter refuses, and what only they reach; ordered by name and
// version. Dir is "" where the sources are not on this machine.
func (p *Plan) Below(e *Extern, enter func(*Extern) bool) []*Extern {
	seen := map[*node]bool{e.key.n: true}
	list := []*Extern{newExtern(key{e.key.n, true}, nil)}
	for i := 0; i < len(list); i++ {
		for _, to := range list[i].key.n.near() {
			ext := newExtern(key{to, true}, nil)
			if !seen[to] && enter(ext) {
				seen[to] = true
				list = append(list, ext)
			}
		}
	}
	slices.SortFunc(list, compareExterns)
	return list
}

// PackageIn returns an extern's package as it lies in a folder, nil where that
// holds none.
func (p *Plan) PackageIn(e *Extern, dir string) *Package {
	if pkg := loadPackage(dir); pkg != nil && pkg.Name == e.Crate {
		return pkg
	}
	return nil
}

func compareExterns(a, b *Extern) int {
	return cmp.Or(strings.Compare(a.Crate, b.Crate), strings.Compare(a.Version, b.Version))
}

func newExtern(k key, d *Dependency) *Extern {
	f := k.n.facts()
	e := &Extern{
		Name: f.crate, Crate: k.n.name, Version: k.n.version, Source: k.n.source,
		Dir: f.dir, ProcMacro: f.procMacro, Dependency: d, Package: k.n.local, Locked: k.n.locked, key: k,
	}
	if d != nil && d.Renamed() {
		e.Name = crateName(d.Name)
	}
	return e
}
