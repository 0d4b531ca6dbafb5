package suite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// variant is one way in which a unit is compiled: arguments of cargo, and what
// follows from them, which is a plan, a scan and a database. A unit has one,
// unless the configuration gives it several; then its queries are those of all.
type variant struct {
	*unit
	arguments []string
	database  string // its name in the configuration; "" where the unit's counts

	theDB   lazy[*unitDatabase]
	plans   lazy[*workspace.Plan]
	results lazy[*sites.Result]
	scans   lazy[*scan]
}

// vary makes the variants of a unit whose arguments are known.
func (u *unit) vary() {
	for i, arguments := range u.arguments {
		v := &variant{unit: u, arguments: arguments, database: u.config.Database}
		if i < len(u.config.Variants) && u.config.Variants[i].Database != "" {
			v.database = u.config.Variants[i].Database
		}
		u.variants = append(u.variants, v)
	}
}

// name tells a variant from the unit's others, for people.
func (v *variant) name() string {
	if len(v.arguments) == 0 {
		return "the variant without arguments"
	}
	return "the variant `" + strings.Join(v.arguments, " ") + "`"
}

// db returns the variant's database.
func (v *variant) db(ctx context.Context) (*unitDatabase, error) {
	return v.theDB.get(func() (*unitDatabase, error) { return v.run.databases.of(ctx, v) })
}

// databases says for people which databases the unit is known to have.
func (u *unit) databases() string {
	var words []string
	for _, v := range u.variants {
		if db := v.theDB.value; db != nil && !slices.Contains(words, db.words()) {
			words = append(words, db.words())
		}
	}
	return strings.Join(words, " and ")
}

// kinds are those of the variants' databases.
func (u *unit) kinds(ctx context.Context) ([]database.Kind, error) {
	var kinds []database.Kind
	for _, v := range u.variants {
		c, err := v.choose(ctx)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, c.kind)
	}
	return kinds, nil
}

// plan returns what cargo would compile.
func (v *variant) plan(ctx context.Context) (*workspace.Plan, error) {
	return v.plans.get(func() (*workspace.Plan, error) {
		host, err := v.run.platform(ctx, v.dir)
		if err != nil {
			return nil, fmt.Errorf("ask rustc about this platform: %w", err)
		}
		args, err := workspace.ParseArgs(v.arguments)
		if err != nil {
			return nil, fmt.Errorf("cargo's arguments of unit %s: %w", v.path, err)
		}
		v.run.library(ctx, v.workspace) // which knows manifests that the plan asks for
		plan, err := v.workspace.Plan(args, v.dir, host)
		if err != nil {
			return nil, fmt.Errorf("plan unit %s: %w", v.path, err)
		}
		return plan, nil
	})
}

// packages are those whose queries belong into the unit's `.sqlx`.
func (v *variant) packages(ctx context.Context) ([]*workspace.Package, error) {
	if v.pkg != nil {
		return []*workspace.Package{v.pkg}, nil
	}
	plan, err := v.plan(ctx)
	if err != nil {
		return nil, err
	}
	return plan.Selected, nil
}

// sqlx returns what the packages have of sqlx: versions and drivers; nil when
// none depends on it.
func (v *variant) sqlx(ctx context.Context) (*workspace.Sqlx, error) {
	plan, err := v.plan(ctx)
	if err != nil {
		return nil, err
	}
	var merged *workspace.Sqlx
	for _, c := range plan.Compilations {
		merged = merged.Merge(plan.Sqlx(c)) // two versions in one variant: not proven
	}
	return merged, nil
}

// sqlxVersions are those of which the packages have sqlx, ordered.
func (v *variant) sqlxVersions(ctx context.Context) ([]string, error) {
	plan, err := v.plan(ctx)
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, c := range plan.Compilations {
		if s := plan.Sqlx(c); s != nil && s.Version != "" && !slices.Contains(versions, s.Version) {
			versions = append(versions, s.Version)
		}
	}
	slices.Sort(versions)
	return versions, nil
}

// result is what the variant's sources tell.
func (v *variant) result(ctx context.Context) (*sites.Result, error) {
	return v.results.get(func() (*sites.Result, error) {
		plan, err := v.plan(ctx)
		if err != nil {
			return nil, err
		}
		result, err := sites.Scan(ctx, plan, sites.Options{Kept: v.run.kept, Library: v.run.library(ctx, v.workspace)})
		if err != nil {
			return nil, fmt.Errorf("find the queries of %s: %w", v.path, err)
		}
		return result, nil
	})
}

// scan reads the variant's sources.
func (v *variant) scan(ctx context.Context) (*scan, error) {
	return v.scans.get(func() (*scan, error) { return scanOf(ctx, v) })
}

// forget makes the next scan read the sources anew.
func (v *variant) forget() {
	v.results, v.scans, v.unit.scans = lazy[*sites.Result]{}, lazy[*scan]{}, lazy[*scan]{}
}

// scan reads the sources of all variants.
func (u *unit) scan(ctx context.Context) (*scan, error) {
	return u.scans.get(func() (*scan, error) { return scanOf(ctx, u.variants...) })
}

func scanOf(ctx context.Context, variants ...*variant) (*scan, error) {
	all := newScan()
	for _, v := range variants {
		result, err := v.result(ctx)
		if err != nil {
			return nil, err
		}
		all.add(v.workspace, result)
	}
	return all, nil
}

func argumentsOf(variants []*variant) (lists [][]string) {
	for _, v := range variants {
		lists = append(lists, v.arguments)
	}
	return lists
}

// packagesOf are those of all variants.
func packagesOf(ctx context.Context, variants ...*variant) ([]*workspace.Package, error) {
	var packages []*workspace.Package
	seen := map[*workspace.Package]bool{}
	for _, v := range variants {
		more, err := v.packages(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			if !seen[p] {
				seen[p] = true
				packages = append(packages, p)
			}
		}
	}
	return packages, nil
}
