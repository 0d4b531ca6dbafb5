package sites

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// dependency returns an extern crate with its names, nil when it is not
// looked into: sqlx and procedural macros are known otherwise, and there is no
// need to where no macro comes to a query, and no way where there are no
// sources.
func (s *scanner) dependency(ext *workspace.Extern) *crate {
	pkg := s.packageOf(ext)
	if pkg == nil || pkg.Lib() == nil || pkg.Lib().ProcMacro {
		return nil
	}
	key := pkg.Lib().Path
	if dep, ok := s.deps[key]; ok {
		return dep
	}
	dep := s.dependencyCrate(ext, pkg)
	s.deps[key] = dep // before its walk, which may come back here
	w := &walker{s: s, c: dep}
	w.crate(key)
	return dep
}

// packageOf returns the package of an extern crate whose macros may matter.
func (s *scanner) packageOf(ext *workspace.Extern) *workspace.Package {
	switch {
	case isSqlx(ext) || ext.ProcMacro:
		return nil
	case ext.Package != nil:
		return ext.Package
	case s.graph.reaches(ext.Crate, ext.Version) || s.foreign.leading[id(ext)]:
		if ext.Dir != "" {
			s.foreign.folders[ext.Dir] = ext.Crate
			return s.plan.Package(ext)
		}
		return s.unpacked(ext)
	}
	return nil
}

// unpacked returns the package of a crate that is looked into and is nowhere on
// this machine but in an archive: macros are expanded out of files.
func (s *scanner) unpacked(ext *workspace.Extern) *workspace.Package {
	if pkg, known := s.foreign.unpacked[id(ext)]; known {
		return pkg
	}
	var pkg *workspace.Package
	if dir, err := s.library.Folder(s.ctx, ext.Locked); err == nil {
		s.foreign.folders[dir] = ext.Crate
		pkg = s.plan.PackageIn(ext, dir)
	}
	s.foreign.unpacked[id(ext)] = pkg
	return pkg
}

// dependencyCrate makes the crate of a dependency as the plan compiles it.
func (s *scanner) dependencyCrate(ext *workspace.Extern, pkg *workspace.Package) *crate {
	lib := pkg.Lib()
	c := &crate{
		id: strconv.Itoa(len(s.crates)), pkg: pkg, edition: lib.Edition,
		values: make(map[string]cfg.Value),
	}
	s.crates[c.id] = c
	for _, list := range [][]*workspace.Compilation{s.plan.Compilations, s.plan.Others} {
		for _, comp := range list {
			if comp.Target.Path == lib.Path && !comp.Test {
				c.cfg, c.externs = comp.Cfg, comp.Externs
				return c
			}
		}
	}
	c.cfg = s.platform()
	features, known := s.plan.Features(ext)
	for _, feature := range features {
		c.cfg = c.cfg.With(cfg.KeyValue("feature", feature))
	}
	if !known {
		c.cfg = c.cfg.WithUnknown("feature")
	}
	if pkg.BuildScript() != nil {
		c.cfg = c.cfg.Opened()
	}
	c.externs = s.plan.Externs(ext)
	return c
}

// platform returns what all compilations have in common of cfg.
func (s *scanner) platform() cfg.Set {
	if len(s.plan.Compilations) == 0 {
		return cfg.Set{}
	}
	return s.plan.Compilations[0].Cfg.Without("feature").Without("test")
}

// dependencyRoots returns the root files of the dependencies that are looked
// into, so that they are read along with everything else: those of the project
// itself, or those from outside it.
func (s *scanner) dependencyRoots(local bool) []string {
	var roots []string
	seen := make(map[string]bool)
	var visit func(externs iter.Seq[*workspace.Extern])
	visit = func(externs iter.Seq[*workspace.Extern]) {
		for ext := range externs {
			if local && ext.Package == nil {
				continue
			}
			pkg := s.packageOf(ext)
			if pkg == nil || pkg.Lib() == nil || pkg.Lib().ProcMacro || seen[pkg.Lib().Path] {
				continue
			}
			seen[pkg.Lib().Path] = true
			if (ext.Package != nil) == local {
				roots = append(roots, pkg.Lib().Path)
			}
			if ext.Package == nil {
				visit(slices.Values(s.handedOn(ext)))
			}
			for _, comp := range s.plan.Others {
				if comp.Package == pkg {
					visit(maps.Values(comp.Externs))
				}
			}
		}
	}
	for _, comp := range s.plan.Compilations {
		visit(maps.Values(comp.Externs))
	}
	return roots
}

// graph is Cargo.lock as far as it tells what depends on sqlx, and what
// procedural macros delegate to.
type graph struct {
	packages map[string][]*workspace.LockedPackage // by name
	known    map[*workspace.LockedPackage]bool     // whether it reaches sqlx
}

func newGraph(lock *workspace.Lock) *graph {
	if lock == nil {
		return nil
	}
	g := &graph{packages: make(map[string][]*workspace.LockedPackage), known: make(map[*workspace.LockedPackage]bool)}
	for i := range lock.Packages {
		p := &lock.Packages[i]
		g.packages[p.Name] = append(g.packages[p.Name], p)
	}
	return g
}

// reaches reports whether a locked package depends on sqlx, by whatever way.
// Without a lock file each may.
func (g *graph) reaches(name, version string) bool {
	if g == nil {
		return true
	}
	for _, p := range g.packages[name] {
		if (version == "" || p.Version == version) && g.reachesFrom(p) {
			return true
		}
	}
	return false
}

func (g *graph) reachesFrom(p *workspace.LockedPackage) bool {
	if known, ok := g.known[p]; ok {
		return known
	}
	g.known[p] = false // while it is looked at, for the graph may have circles
	for _, dep := range g.dependencies(p) {
		if dep.Name == "sqlx" || g.reachesFrom(dep) {
			g.known[p] = true
			break
		}
	}
	return g.known[p]
}

// dependencies returns the locked packages that p names: "name", "name
// version" or "name version (source)".
func (g *graph) dependencies(p *workspace.LockedPackage) []*workspace.LockedPackage {
	var deps []*workspace.LockedPackage
	for _, line := range p.Dependencies {
		name, rest, _ := strings.Cut(line, " ")
		version, _, _ := strings.Cut(rest, " ")
		for _, q := range g.packages[name] {
			if version == "" || q.Version == version {
				deps = append(deps, q)
			}
		}
	}
	return deps
}

// find returns a locked package.
func (g *graph) find(name, version string) *workspace.LockedPackage {
	if g == nil {
		return nil
	}
	for _, p := range g.packages[name] {
		if p.Version == version {
			return p
		}
	}
	return nil
}
