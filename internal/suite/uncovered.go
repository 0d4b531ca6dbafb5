package suite

import (
	"context"
	"fmt"
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// noteUncovered says which members of the root's workspaces hold queries that
// no unit takes in: where some folders have a `.sqlx`, a package without one is
// no unit by itself. Nothing is said where the request names its units.
func (r *run) noteUncovered(ctx context.Context, result *report.Result) error {
	if len(r.Options.Units) > 0 || r.Kind != "" {
		return nil
	}
	var notes []string
	for _, ws := range r.workspaces {
		packages := slices.DeleteFunc(slices.Clone(ws.Members), func(p *workspace.Package) bool {
			return r.taken(p) || r.selects(ctx, p)
		})
		if len(packages) == 0 {
			continue
		}
		found, err := sites.Scan(ctx, ws.Everything(packages), sites.Options{Kept: r.kept})
		if err != nil {
			return fmt.Errorf("find queries of no unit: %w", err)
		}
		for _, p := range packages {
			if note := r.uncoveredNote(p, found); note != "" {
				notes = append(notes, note)
			}
		}
	}
	slices.Sort(notes)
	result.Notes = append(result.Notes, notes...)
	return nil
}

// taken reports whether a package is one of a unit without arguments of its
// own, or is skipped.
func (r *run) taken(p *workspace.Package) bool {
	return r.skips(p) || slices.ContainsFunc(r.all, func(u *unit) bool {
		if u.pkg != nil {
			return same(u.pkg)(p)
		}
		return u.config.CargoArgs == nil && len(u.config.Variants) == 0 && slices.ContainsFunc(u.workspace.Members, same(p))
	})
}

// selects reports whether the arguments of a unit select a package. Where a
// unit has no plan, its own failure says so.
func (r *run) selects(ctx context.Context, p *workspace.Package) bool {
	for _, u := range r.all {
		for _, v := range u.variants {
			plan, err := v.plan(ctx)
			if err != nil || slices.ContainsFunc(plan.Selected, same(p)) {
				return true
			}
		}
	}
	return false
}

// same tells whether a package is p: a workspace may have been read twice.
func same(p *workspace.Package) func(*workspace.Package) bool {
	return func(other *workspace.Package) bool { return other.Dir == p.Dir }
}

// skips reports whether the configuration says of a package that it is no unit.
func (r *run) skips(p *workspace.Package) bool {
	return slices.ContainsFunc(r.file.Units, func(c config.Unit) bool {
		return c.Skip && r.relative(p.Dir) == c.Path
	})
}

// uncoveredNote is what is said of a package of no unit, "" where it holds no
// query.
func (r *run) uncoveredNote(p *workspace.Package, found *sites.Result) string {
	count := 0
	var first *sites.Site
	for i := range found.Sites {
		site := &found.Sites[i]
		if site.In[0].Package != p {
			continue
		}
		if count++; first == nil {
			first = site
		}
	}
	if count == 0 {
		return ""
	}
	path := r.relative(p.Dir)
	return fmt.Sprintf("%s: no unit takes in its queries (%d, the first at %s); `mage prepare -unit=%s` makes a `.sqlx` for them, `skip = true` in its [[unit]] of %s says that they need none",
		path, count, r.place(first.Place), path, config.FileName)
}
