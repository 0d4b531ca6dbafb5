package suite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/macros"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// checks are what the macros check of a unit's calls.
type checks struct {
	run     *run
	kind    *database.Macros
	of      map[*workspace.Package][]*macros.Checker // one for each way in which the macros are compiled
	refused map[*workspace.Package]*refusal          // of every call; nil where that is said
}

// checks returns what the macros check of queries on a kind of database, as they
// are compiled for the unit's packages.
func (v *variant) checks(ctx context.Context, kind database.Kind) (*checks, error) {
	plan, err := v.plan(ctx)
	if err != nil {
		return nil, err
	}
	driver := v.run.driver(kind)
	if driver == nil {
		return nil, fmt.Errorf("what the macros make of %s is not known", kind.DBName())
	}
	c := &checks{run: v.run, kind: driver.Macros(), of: map[*workspace.Package][]*macros.Checker{}, refused: map[*workspace.Package]*refusal{}}
	made := map[*workspace.Package][]string{}
	for _, compilation := range plan.Compilations {
		s, p := plan.Sqlx(compilation), compilation.Package
		if s == nil {
			continue
		}
		if why := c.refusal(p, s, kind); why != nil {
			c.refused[p] = why
		}
		build := c.build(p, s)
		if key := fmt.Sprint(build.Unknown, build.Features); !slices.Contains(made[p], key) {
			made[p] = append(made[p], key)
			c.of[p] = append(c.of[p], macros.New(build))
		}
	}
	return c, nil
}

// build is how the macros are compiled for a package.
func (c *checks) build(p *workspace.Package, s *workspace.Sqlx) macros.Build {
	m, _ := modeOf(s.Version)
	build := macros.Build{Kind: c.kind, Version: string(m), Features: s.MacroFeatures, Unknown: s.Unknown}
	if p.SqlxTOML != nil && m != "0.8" {
		t := p.SqlxTOML.Macros
		build.Config = macros.Config{DateTime: t.DateTime, Numeric: t.Numeric, TypeOverrides: t.TypeOverrides, TableOverrides: t.TableOverrides}
	}
	return build
}

// refusal is why the macros refuse every call of a package.
type refusal struct {
	*diag.Diagnostic
	unproven bool // what is not known of sqlx's features may take the reason away
}

// refusal returns why the macros refuse every call of a package: they have no
// driver for the database, or there is a sqlx.toml that they were not made to
// read (sqlx-core 0.9.0, config/mod.rs).
func (c *checks) refusal(p *workspace.Package, s *workspace.Sqlx, kind database.Kind) *refusal {
	enable := func(feature, message string) *refusal {
		f := &diag.Diagnostic{
			Code:    diag.Macro,
			Message: fmt.Sprintf(message, feature),
			Hint:    fmt.Sprintf("enable sqlx's feature `%s` in Cargo.toml", feature),
			Place:   diag.Place{File: c.run.relative(p.ManifestPath)},
		}
		if len(s.Unknown) > 0 {
			f.Message += "; whether it is enabled is not known without the manifest of " + strings.Join(s.Unknown, ", ")
		}
		return &refusal{f, len(s.Unknown) > 0}
	}
	m, _ := modeOf(s.Version)
	switch {
	case !s.Macros:
		return enable("macros", "sqlx has no query macros without its feature `%s`")
	case !kind.In(s.MacroFeatures):
		return enable(kind.Features()[0], "sqlx's macros know nothing of "+kind.DBName()+" without the feature `%s`")
	case p.SqlxTOML != nil && !s.SqlxTOML && m != "0.8":
		return enable("sqlx-toml", "sqlx's macros refuse to work beside a sqlx.toml without the feature `%s`")
	}
	return nil
}

// site returns what the macros refuse of a site whose query is described so,
// and what they may refuse. What they refuse of all of a package's calls is
// said once.
func (c *checks) site(site *sites.Site, d sqlxdata.Description) (failures []*diag.Diagnostic, doubts []string) {
	call := macros.Call{Unchecked: site.Kind.Unchecked()}
	switch {
	case site.Kind.Scalar():
		call.Record = macros.Scalar
	case site.Kind.As():
		call.Record = macros.Given
	}
	for _, arg := range site.Args {
		call.Overridden = append(call.Overridden, arg.Override != sites.NoOverride)
	}
	add := func(f *diag.Diagnostic, unproven bool) {
		if unproven {
			doubts = append(doubts, fmt.Sprintf("%s: %s", f.Place, f.Message))
		} else {
			failures = append(failures, f)
		}
	}
	said := map[macros.Problem]bool{}
	asked := map[*workspace.Package]bool{}
	for _, compilation := range site.In {
		p := compilation.Package
		if asked[p] {
			continue
		}
		asked[p] = true
		if len(c.of[p]) == 0 {
			doubts = append(doubts, fmt.Sprintf("%s: `%s!` expands to paths of a crate `sqlx`, of which %s depends on none", c.run.place(site.Place), site.Macro, p.Name))
		}
		if why, refused := c.refused[p]; refused {
			if why != nil {
				add(why.Diagnostic, why.unproven)
			}
			c.refused[p] = nil
			continue
		}
		for _, checker := range c.of[p] {
			for _, problem := range checker.Check(call, d) {
				if !said[problem] {
					said[problem] = true
					add(c.failure(site, problem, d), problem.Unproven)
				}
			}
		}
	}
	return failures, doubts
}

func (c *checks) failure(site *sites.Site, p macros.Problem, d sqlxdata.Description) *diag.Diagnostic {
	f := &diag.Diagnostic{Code: diag.Macro, Message: p.Message, Hint: p.Hint, Query: site.SQL}
	c.run.showIn(f, site, c.place(site, p, d))
	return f
}

// place finds what a problem is about: the argument, the column or the
// placeholder in the query's text; else the whole text.
func (c *checks) place(site *sites.Site, p macros.Problem, d sqlxdata.Description) diag.Place {
	if p.Argument >= 0 && p.Argument < len(site.Args) {
		return site.Args[p.Argument].Place
	}
	start, end, ok := 0, 0, false
	switch {
	case p.Column >= 0:
		var names []string
		for _, column := range d.Columns {
			names = append(names, column.Name)
		}
		start, end, ok = macros.Column(c.kind.Lexis, site.SQL, names, p.Column)
	case p.Parameter >= 0:
		start, end, ok = macros.Parameter(c.kind.Lexis, site.SQL, p.Parameter)
	}
	if !ok {
		return whole(site)
	}
	return within(site, start, end)
}
