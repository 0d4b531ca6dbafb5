package workspace

import "slices"

// Asked returns the published packages whose manifests have a say in every plan
// and are not unpacked on this machine: those that local packages depend on
// directly, and those through which features reach sqlx or its SQLite.
func (w *Workspace) Asked() []*LockedPackage {
	asked := map[*node]bool{}
	var deep []*node
	for _, n := range w.packages().nodes {
		if n.local != nil {
			for _, to := range n.near() {
				asked[to] = true
			}
		}
		if slices.Contains([]string{"sqlx", "sqlx-macros-core", "libsqlite3-sys"}, n.name) {
			deep = append(deep, n)
		}
	}
	for n := range w.packages().above(deep) {
		asked[n] = true
	}
	var list []*LockedPackage
	for _, n := range w.packages().nodes {
		if asked[n] && n.locked != nil && n.local == nil && n.facts().dir == "" && recordedManifest(n.name, n.version, n.source) == nil {
			list = append(list, n.locked)
		}
	}
	return list
}

// given returns the package by the manifest that [Workspace.Manifests] gives of
// it, nil where it gives none, as yet.
func (n *node) given() *Package {
	if n.locked == nil || n.local != nil || n.graph.manifests == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.theGiven == nil {
		if text, ok := n.graph.manifests(n.locked); ok {
			n.theGiven = packageOf(text)
		}
	}
	return n.theGiven
}

// packageOf reads a manifest as it was published, which takes over nothing from
// a workspace. Of its targets it has the library, without a path.
func packageOf(text string) *Package {
	m, err := parseManifest("Cargo.toml", "", text)
	if err != nil || m.Package == nil {
		return nil
	}
	whole := true
	b := packageBuilder{m: m, problem: func(string, ...any) { whole = false }}
	p := &Package{Name: m.Package.Name, Version: m.Package.Version.text}
	b.dependencies(p)
	b.features(p)
	if !whole {
		return nil
	}
	lib := &Target{Kind: Lib, Name: p.Name, CrateName: crateName(p.Name), Linkable: true}
	if m.Lib != nil {
		if m.Lib.Name != "" {
			lib.Name, lib.CrateName = m.Lib.Name, crateName(m.Lib.Name)
		}
		lib.ProcMacro, lib.Linkable = m.Lib.kind()
	}
	p.Targets = []*Target{lib}
	return p
}
