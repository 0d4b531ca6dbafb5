package workspace

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// graph is Cargo.lock with the local packages in it. It is made once a
// workspace; its nodes read their manifests when they are asked for them.
type graph struct {
	sources *sources
	nodes   []*node
	byName  map[string][]*node
	byDir   map[string]*node // of local packages

	manifests func(*LockedPackage) (string, bool) // see Workspace.Manifests; may be nil

	mu    sync.Mutex
	stubs map[string]*node // dependencies that Cargo.lock does not hold
}

// node is one package of the graph.
type node struct {
	name, version, source string
	local                 *Package
	locked                *LockedPackage // in Cargo.lock; nil when it is not there
	deps                  []*node
	graph                 *graph

	factsOnce, fullOnce, declaredOnce, edgesOnce sync.Once
	// Read these through facts, full, declared and edges.
	theFacts    facts
	thePkg      *Package
	theDeclared *Package
	theEdges    []edge

	mu       sync.Mutex
	theGiven *Package // see given
}

// facts are what a dependant needs to know of a package's library.
type facts struct {
	dir       string // "" when the sources are not on this machine
	crate     string // the library's name in code
	procMacro bool
	linkable  bool
}

// edge is a declared dependency and the package that it resolves to.
type edge struct {
	dep *Dependency
	to  *node
}

func newGraph(w *Workspace) *graph {
	g := &graph{
		sources: newSources(&w.Config), manifests: w.Manifests,
		byName: map[string][]*node{},
		byDir:  map[string]*node{},
		stubs:  map[string]*node{},
	}
	locals := slices.Concat(w.Members, w.Outside)
	taken := map[*Package]bool{}
	if w.Lock != nil {
		index := map[string][]*node{}
		for i := range w.Lock.Packages {
			p := &w.Lock.Packages[i]
			n := g.add(&node{name: p.Name, version: p.Version, source: p.Source, locked: p})
			index[p.Name] = append(index[p.Name], n)
			if p.Source != "" {
				continue
			}
			for _, local := range locals {
				// A version that was raised since the file was written is
				// still the same package: names are unique in a workspace.
				if local.Name == p.Name && !taken[local] && (local.Member || local.Version == p.Version) {
					g.bind(n, local)
					taken[local] = true
					break
				}
			}
		}
		for i := range w.Lock.Packages {
			g.connect(g.nodes[i], w.Lock.Packages[i].Dependencies, index)
		}
	}
	for _, local := range locals {
		if !taken[local] {
			g.bind(g.add(&node{name: local.Name, version: local.Version}), local)
		}
	}
	return g
}

func (g *graph) add(n *node) *node {
	n.graph = g
	g.nodes = append(g.nodes, n)
	g.byName[n.name] = append(g.byName[n.name], n)
	return n
}

func (g *graph) bind(n *node, p *Package) {
	n.local = p
	g.byDir[p.Dir] = n
}

// connect resolves the texts "name", "name version", "name version (source)".
func (g *graph) connect(n *node, deps []string, index map[string][]*node) {
	n.deps = make([]*node, 0, len(deps))
	for _, text := range deps {
		name, rest, _ := strings.Cut(text, " ")
		version, source, _ := strings.Cut(rest, " ")
		source = strings.Trim(source, "()")
		for _, to := range index[name] {
			if (version == "" || to.version == version) && (source == "" || sameSource(to.source, source)) {
				n.deps = append(n.deps, to)
				break
			}
		}
	}
}

// sameSource compares a package's source with the one in a dependant's list,
// which has no commit.
func sameSource(full, listed string) bool {
	full, _, _ = strings.Cut(full, "#")
	listed, _, _ = strings.Cut(listed, "#")
	return full == listed
}

// facts returns what dependants need to know; it is cheap.
func (n *node) facts() facts {
	n.factsOnce.Do(func() { n.theFacts = n.readFacts() })
	f := n.theFacts
	if f.dir == "" {
		if p := n.given(); p != nil {
			f.take(p)
		}
	}
	return f
}

// full returns the package with its manifest, nil when that is not on this
// machine.
func (n *node) full() *Package {
	n.fullOnce.Do(func() { n.thePkg = n.readFull() })
	return n.thePkg
}

// declared returns the package with its dependencies and features, of which
// those of sqlx's packages are recorded; nil when they are not known.
func (n *node) declared() *Package {
	if n.full() == nil && recordedManifest(n.name, n.version, n.source) == nil {
		return n.given()
	}
	n.declaredOnce.Do(func() {
		if n.theDeclared = recordedManifest(n.name, n.version, n.source); n.theDeclared == nil {
			n.theDeclared = n.full()
		}
	})
	return n.theDeclared
}

func (n *node) readFacts() facts {
	p := n.local
	if p == nil {
		if n.version == "" {
			return facts{crate: crateName(n.name), linkable: true}
		}
		dir := n.graph.sources.dir(n.name, n.version, n.source)
		f := facts{dir: dir, crate: crateName(n.name), linkable: true}
		if dir == "" {
			if p := recordedManifest(n.name, n.version, n.source); p != nil {
				f.procMacro = p.Lib().ProcMacro
			}
			return f
		}
		if head, ok := scanPublished(filepath.Join(dir, "Cargo.toml")); ok {
			f.procMacro = head.procMacro
			if head.libName != "" {
				f.crate = head.libName
			}
			return f
		}
		if p = loadPackage(dir); p == nil {
			return f
		}
	}
	f := facts{dir: p.Dir, crate: crateName(p.Name)}
	f.take(p)
	return f
}

// take takes over what a package says of its library.
func (f *facts) take(p *Package) {
	if lib := p.Lib(); lib != nil {
		f.crate, f.procMacro, f.linkable = lib.CrateName, lib.ProcMacro, lib.Linkable
	}
}

func (n *node) readFull() *Package {
	if n.local != nil {
		return n.local
	}
	dir := n.facts().dir
	if dir == "" {
		return nil
	}
	return loadPackage(dir)
}

// loadPackage reads a package outside the workspace, nil when that fails.
func loadPackage(dir string) *Package {
	l := &loader{ws: &Workspace{}, manifests: map[string]*manifestResult{}, packages: map[string]*Package{}}
	m, err := l.manifest(filepath.Join(dir, "Cargo.toml"))
	if err != nil || m.Package == nil {
		return nil
	}
	var ws inherit
	if root, err := l.findRoot(m); err == nil && root != nil {
		ws = inherit{root.Workspace, root.dir}
	}
	return newPackage(m, ws, func(*diag.Diagnostic) {})
}

// edges returns the declared dependencies that are in the graph; known is
// false when the manifest is not on this machine.
func (n *node) edges() (edges []edge, known bool) {
	if n.declared() == nil {
		return nil, false
	}
	n.edgesOnce.Do(func() { n.theEdges = n.findEdges() })
	return n.theEdges, true
}

func (n *node) findEdges() []edge {
	var edges []edge
	for _, d := range n.declared().Dependencies {
		if d.Kind == Dev && (n.local == nil || !n.local.Member) {
			continue
		}
		if to := n.target(d); to != nil {
			edges = append(edges, edge{d, to})
		}
	}
	return edges
}

// target returns the package that a dependency resolves to. For a local
// package there is always one, if need be of unknown version; for others nil
// means that Cargo.lock has no use for it.
func (n *node) target(d *Dependency) *node {
	g := n.graph
	if n.local != nil && d.Path != "" {
		if to := g.byDir[d.Path]; to != nil {
			return to
		}
	}
	candidates := n.deps
	if n.locked == nil {
		candidates = g.byName[d.Package]
	}
	var best *node
	for _, to := range candidates {
		if to.name != d.Package || best != nil && best.score(d) >= to.score(d) {
			continue
		}
		best = to
	}
	if best == nil && n.local != nil {
		return g.stub(d.Package)
	}
	return best
}

// score says how well a package fits a dependency, where several versions of
// it are among a package's dependencies.
func (n *node) score(d *Dependency) int {
	score := 0
	if matchesReq(d.Req, n.version) {
		score += 2
	}
	if strings.HasPrefix(n.source, "git+") == (d.Git != "") {
		score++
	}
	return score
}

func (g *graph) stub(name string) *node {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.stubs[name]
	if n == nil {
		n = &node{name: name, graph: g}
		g.stubs[name] = n
	}
	return n
}

// below returns the packages that n reaches by Cargo.lock, itself included.
func (n *node) below() []*node {
	seen := map[*node]bool{n: true}
	list := []*node{n}
	for i := 0; i < len(list); i++ {
		for _, to := range list[i].near() {
			if !seen[to] {
				seen[to] = true
				list = append(list, to)
			}
		}
	}
	return list
}

// near returns the packages that n depends on, for local ones also those that
// Cargo.lock does not know of.
func (n *node) near() []*node {
	if n.local == nil {
		return n.deps
	}
	list := slices.Clone(n.deps)
	edges, _ := n.edges()
	for _, e := range edges {
		if !slices.Contains(list, e.to) {
			list = append(list, e.to)
		}
	}
	return list
}

// above returns the packages from which any of the targets can be reached,
// the targets included.
func (g *graph) above(targets []*node) map[*node]bool {
	from := map[*node][]*node{}
	for _, n := range g.nodes {
		for _, to := range n.near() {
			from[to] = append(from[to], n)
		}
	}
	set := map[*node]bool{}
	for len(targets) > 0 {
		n := targets[len(targets)-1]
		targets = targets[:len(targets)-1]
		if !set[n] {
			set[n] = true
			targets = append(targets, from[n]...)
		}
	}
	return set
}
