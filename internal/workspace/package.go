package workspace

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// inherit is what a package may take over from its workspace's root.
type inherit struct {
	table *workspaceTable
	dir   string // its paths are relative to
}

// newPackage makes a package of a manifest. What is wrong is told to problem;
// the package holds what is left.
func newPackage(m *manifest, ws inherit, problem func(*diag.Diagnostic)) *Package {
	b := packageBuilder{m: m, ws: ws, problem: func(format string, args ...any) {
		problem(problemIn(m.path, fmt.Sprintf(format, args...)))
	}}
	p := &Package{
		Name:         m.Package.Name,
		Version:      b.inherited("version", m.Package.Version, func(t *workspaceTable) string { return t.Package.Version }, "0.0.0"),
		Dir:          m.dir,
		ManifestPath: m.path,
		Edition:      b.inherited("edition", m.Package.Edition, func(t *workspaceTable) string { return t.Package.Edition }, "2015"),
		Links:        m.Package.Links,
	}
	b.dependencies(p)
	b.features(p)
	p.Targets = b.targets(p)
	return p
}

type packageBuilder struct {
	m       *manifest
	ws      inherit
	problem func(format string, args ...any)
}

func (b *packageBuilder) inherited(key string, v inheritable, get func(*workspaceTable) string, def string) string {
	text := v.text
	if v.workspace && b.ws.table != nil {
		text = get(b.ws.table)
	}
	if v.workspace && text == "" {
		b.problem("%s.workspace = true, but the workspace has no package.%s", key, key)
	}
	if text == "" {
		return def
	}
	return text
}

func (b *packageBuilder) dependencies(p *Package) {
	add := func(target string, tables dependencyTables) {
		tables.each(func(kind DependencyKind, table map[string]dependencyTable) {
			for _, name := range slices.Sorted(maps.Keys(table)) {
				if d := b.dependency(name, kind, target, table[name]); d != nil {
					p.Dependencies = append(p.Dependencies, d)
				}
			}
		})
	}
	add("", b.m.dependencyTables)
	for _, target := range slices.Sorted(maps.Keys(b.m.Target)) {
		add(target, b.m.Target[target])
	}
}

// dependency applies what a dependency inherits (cargo, TomlInheritedDependency
// ::inherit_with): features add up, `optional` is the member's, default
// features are off only when the workspace turns them off and the member does
// not turn them on.
func (b *packageBuilder) dependency(name string, kind DependencyKind, target string, t dependencyTable) *Dependency {
	dir := b.m.dir
	if t.Workspace {
		own := t
		var ok bool
		if b.ws.table != nil {
			t, ok = b.ws.table.Dependencies[name]
		}
		if !ok {
			b.problem("dependency %s: workspace = true, but the workspace has no such dependency", name)
			return nil
		}
		dir = b.ws.dir
		t.Optional = own.Optional
		t.Features = slices.Concat(t.Features, own.Features)
		if own.DefaultFeatures != nil && *own.DefaultFeatures {
			t.DefaultFeatures = own.DefaultFeatures
		}
	}
	d := &Dependency{
		Name:            name,
		Package:         t.Package,
		Kind:            kind,
		Target:          target,
		Req:             t.Version,
		Git:             t.Git,
		Optional:        t.Optional,
		DefaultFeatures: t.DefaultFeatures == nil || *t.DefaultFeatures,
		Features:        t.Features,
	}
	if d.Package == "" {
		d.Package = name
	}
	if t.Path != "" {
		d.Path = join(dir, t.Path)
	}
	if t.Artifact != nil {
		b.problem("dependency %s: artifact dependencies are not understood", name)
	}
	return d
}

// features adds to [features] what an optional dependency implies: a feature
// of its name, unless some feature names it as `dep:name`.
func (b *packageBuilder) features(p *Package) {
	p.Features = make(map[string][]string, len(b.m.Features))
	maps.Copy(p.Features, b.m.Features)
	named := map[string]bool{}
	for _, values := range b.m.Features {
		for _, v := range values {
			if dep, ok := strings.CutPrefix(v, "dep:"); ok {
				named[dep] = true
			}
		}
	}
	for _, d := range p.Dependencies {
		if _, taken := p.Features[d.Name]; d.Optional && !named[d.Name] && !taken {
			p.Features[d.Name] = []string{"dep:" + d.Name}
		}
	}
}

// join is filepath.Join for a path from a manifest, which may be absolute and
// is written with slashes.
func join(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}
