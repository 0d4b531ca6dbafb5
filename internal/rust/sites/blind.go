package sites

import (
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// blindPackages looks, for each package of the unit, for what no reading of
// its own sources shows: procedural macros and build scripts that may write
// queries, and dependencies that cannot be looked into.
func (s *scanner) blindPackages() {
	seen := make(map[*workspace.Package]*crate)
	for _, comp := range s.plan.Compilations {
		c := seen[comp.Package]
		if c == nil {
			c = &crate{comp: comp, pkg: comp.Package}
			seen[comp.Package] = c
			s.procMacros(c)
			s.buildScript(c)
		}
	}
	s.externsWithout(seen)
	for _, p := range s.plan.Problems {
		for _, c := range seen {
			s.blind(c, Blind{Kind: Unplanned, Place: p.Place, Why: p.Message})
		}
	}
}
