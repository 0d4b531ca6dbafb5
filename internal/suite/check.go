package suite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// PrepareCheck tells how the `.sqlx` of every unit differs from what Prepare
// would make. It writes nothing to the source tree.
func PrepareCheck(ctx context.Context, request Request) (*report.Result, error) {
	start := time.Now()
	result := &report.Result{Command: "prepareCheck", Version: Version}
	r, err := open(ctx, request)
	if err != nil {
		return finish(request, result, err, start)
	}
	defer r.close()
	r.note(result)
	if err := r.noteUncovered(ctx, result); err != nil {
		return finish(request, result, err, start)
	}
	work := r.check
	if request.Options.Offline {
		work = r.checkOffline
	}
	err = r.each(ctx, result, func(ctx context.Context, u *unit, out *report.Unit) error {
		err := work(ctx, u, out)
		if err == nil && request.Options.Compile {
			err = r.compile(ctx, u, out)
		}
		return err
	})
	return finish(request, result, err, start)
}

func (r *run) check(ctx context.Context, u *unit, out *report.Unit) error {
	if u.unchanged(out) {
		return nil
	}
	made, err := r.make(ctx, u, out)
	if err != nil {
		return err
	}
	have, want, err := u.wanted(ctx, made.set, out)
	if err != nil {
		return err
	}
	out.Queries = len(made.set)
	out.Differences = append(sqlxdata.Compare(have, want), damaged(hashesOf(keptOf(out)), have)...)
	r.locate(ctx, u, out)
	if err := r.otherServer(ctx, u, out); err != nil {
		return err
	}
	if err := r.verdict(u, out); err != nil {
		return err
	}
	if len(out.Differences) == 0 {
		return made.settle(ctx, want, false, out)
	}
	return nil
}

// otherServer says what a query file does not: which server it was made with.
// Another major version may plan, and so tell of nullability, differently.
func (r *run) otherServer(ctx context.Context, u *unit, out *report.Unit) error {
	planned := func(d sqlxdata.Difference) bool { return d.Nullability }
	if r.Options.Live || !slices.ContainsFunc(out.Differences, planned) {
		return nil
	}
	for _, v := range u.variants {
		db, err := v.db(ctx)
		if err != nil {
			return err
		}
		if key := db.server.Pin; key != "" {
			out.Notes = append(out.Notes, fmt.Sprintf("described by %s; another major version may plan joins differently, and so tell of nullability: `%s` in %s pins one", db.words(), key, config.FileName))
		}
	}
	return nil
}

// verdict tells whether the differences make the unit stale.
func (r *run) verdict(u *unit, out *report.Unit) error {
	for _, d := range out.Differences {
		switch {
		case d.Kind == sqlxdata.Reformatted:
		case d.Kind == sqlxdata.Unused && r.Options.AllowUnused:
		default:
			return &StaleError{Units: []string{u.path}}
		}
	}
	return nil
}

// locate adds the places of the queries that differ, as far as the sources
// show them.
func (r *run) locate(ctx context.Context, u *unit, out *report.Unit) {
	if len(out.Differences) == 0 {
		return
	}
	scan, err := u.scan(ctx)
	if err != nil {
		return
	}
	differs := map[string]bool{}
	for _, d := range out.Differences {
		differs[d.Hash] = d.Kind != sqlxdata.Missing
	}
	for _, site := range scan.sites(r, func(hash string) bool { return differs[hash] }) {
		if _, ok := differs[site.Hash]; ok {
			out.Sites = append(out.Sites, site)
		}
	}
}

// checkOffline checks what the sources and the files alone tell: queries
// without a file, files without a query, corrupt files, and calls that the
// macros refuse by what the files say.
func (r *run) checkOffline(ctx context.Context, u *unit, out *report.Unit) error {
	out.Engine, out.Reason = "none", "-offline"
	scan, err := u.scan(ctx)
	if err != nil {
		return err
	}
	if out.Failures = r.refusedSources(scan); len(out.Failures) > 0 {
		return failed(out.Failures)
	}
	have, want, err := u.wanted(ctx, scan.undescribed(), out)
	if err != nil {
		return err
	}
	out.Queries = len(scan.queries)
	spots := u.hiding(scan)
	out.Differences = offlineDifferences(have, want)
	out.NotChecked = append(out.NotChecked, "whether the descriptions are those of the database")
	out.Blind = r.blind(spots)
	for _, p := range scan.problems {
		out.NotChecked = append(out.NotChecked, r.problem(p))
	}
	r.locate(ctx, u, out)
	if len(spots) > 0 || len(scan.problems) > 0 {
		out.NotChecked = append(out.NotChecked, "calls by the macros' own rules: not all that is compiled is seen")
		return r.verdict(u, out)
	}
	for _, v := range u.variants {
		if err := v.refused(ctx, have, out); err != nil {
			return err
		}
	}
	tidyFailures(out)
	if len(out.Failures) > 0 {
		return failed(out.Failures)
	}
	return r.verdict(u, out)
}

// refused notes what the macros refuse of the calls whose query files are
// there, as far as these macros are known.
func (v *variant) refused(ctx context.Context, have sqlxdata.Set, out *report.Unit) error {
	sqlx, err := v.sqlx(ctx)
	if err != nil {
		return err
	}
	scan, err := v.scan(ctx)
	if err != nil {
		return err
	}
	unknown := false
	byKind := map[database.Kind]*checks{}
	for hash, places := range scan.queries {
		file, err := sqlxdata.DecodeNamed(hash, have[hash])
		if err != nil {
			continue // missing or corrupt, and listed as that
		}
		kind := database.KindNamed(file.DBName)
		if sqlx == nil || !v.run.knowsMacros(kind, sqlx.Version) {
			unknown = true
			continue
		}
		if byKind[kind] == nil {
			if byKind[kind], err = v.checks(ctx, kind); err != nil {
				return err
			}
		}
		for _, site := range places {
			refused, unproven := byKind[kind].site(site, file.Describe)
			out.Failures = append(out.Failures, refused...)
			out.NotChecked = append(out.NotChecked, unproven...)
		}
	}
	if unknown {
		out.NotChecked = append(out.NotChecked, "calls by the macros' own rules, which are known of sqlx 0.8 and 0.9 for Postgres and SQLite")
	}
	return nil
}

// offlineDifferences compares by hash alone.
func offlineDifferences(have, want sqlxdata.Set) []sqlxdata.Difference {
	there := sqlxdata.Set{}
	for hash, data := range want {
		if there[hash] = data; have[hash] != nil {
			there[hash] = have[hash]
		}
	}
	return append(sqlxdata.Compare(have, there), damaged(want.Hashes(), have)...)
}

// damaged finds the files that are wanted as they are and that are none.
func damaged(wanted []string, have sqlxdata.Set) (differences []sqlxdata.Difference) {
	for _, hash := range wanted {
		if data := have[hash]; data != nil {
			if _, err := sqlxdata.DecodeNamed(hash, data); err != nil {
				differences = append(differences, sqlxdata.Difference{Kind: sqlxdata.Corrupt, Hash: hash, Details: []string{err.Error()}})
			}
		}
	}
	return differences
}
