package suite

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/go-multierror"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// nativeEngine makes query files without compiling: it finds the queries in
// the sources and asks the database about each.
type nativeEngine struct{ *run }

// Make implements Engine. Its error is a *doubtError where only cargo can
// tell.
func (r nativeEngine) Make(ctx context.Context, v *variant, out *report.Unit) (*made, error) {
	if _, err := v.plan(ctx); err != nil {
		return nil, &doubtError{[]string{err.Error()}}
	}
	var found *scan
	err := timed(out, "find the queries", func() (err error) {
		found, err = v.scan(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if refused := r.refusedSources(found); len(refused) > 0 {
		out.Failures = append(out.Failures, refused...)
		return nil, failed(refused)
	}
	texts, reason, err := v.proven(ctx, found)
	if err != nil {
		return nil, err
	}
	if out.Reason == "" {
		out.Reason = reason
	}
	out.Queries += len(texts)
	db, err := v.db(ctx)
	if err != nil {
		return nil, err
	}
	out.Database = v.unit.databases()
	known, times := db.descriptions(), found.times()
	described, err := r.describe(ctx, v, db, known, texts, times, out)
	if err != nil {
		return nil, err
	}
	out.Database = v.unit.databases()
	set, err := r.build(ctx, v, db, known, texts, times, found, described, out)
	if err != nil {
		return nil, err
	}
	return &made{variant: v, set: set, database: db}, nil
}

// Settle implements Engine: the next run can see whether anything changed.
func (r nativeEngine) Settle(ctx context.Context, all *union, want sqlxdata.Set, _ bool, out *report.Unit) error {
	if r.Options.Live {
		return nil
	}
	return all.unit.remember(ctx, want, all.databases(), out)
}

// proven returns the texts of all queries of the unit by hash and why the
// native engine knows them all, or a *doubtError.
func (v *variant) proven(ctx context.Context, found *scan) (texts map[string]string, reason string, err error) {
	var doubts []string
	sqlx, err := v.sqlx(ctx)
	if err != nil {
		return nil, "", err
	}
	if sqlx == nil {
		return nil, "", v.noSqlx()
	}
	versions, err := v.sqlxVersions(ctx)
	if err != nil {
		return nil, "", err
	}
	choice, notChosen := v.choose(ctx)
	_, ok := modeOf(sqlx.Version)
	if driver := v.run.driver(choice.kind); driver != nil {
		_, ok = follows(driver, sqlx.Version)
	} else if notChosen == nil {
		doubts = append(doubts, "no native engine for "+choice.kind.DBName())
	}
	switch {
	case len(versions) > 1:
		doubts = append(doubts, fmt.Sprintf("sqlx is there in several versions (%s); `[[unit.variant]]`s in %s, as with `-p` for the packages of one, prepare them one by one", strings.Join(versions, ", "), config.FileName))
	case !ok:
		doubts = append(doubts, fmt.Sprintf("sqlx %s is not one that is known (%s are)", orUnknown(sqlx.Version), strings.Join(followed(), ", ")))
	}
	if notChosen == nil {
		more, err := v.serverDoubts(ctx, choice)
		if err != nil {
			return nil, "", err
		}
		doubts = append(doubts, more...)
	}
	for _, file := range v.ownCargoConfig() {
		doubts = append(doubts, v.run.relative(file)+": cargo heeds it in the unit's folder, but what it does to the queries is not followed")
	}
	for _, p := range found.problems {
		doubts = append(doubts, v.run.problem(p))
	}
	texts = map[string]string{}
	for hash, places := range found.queries {
		texts[hash] = places[0].SQL
	}
	reason = "every query is seen in the sources"
	spots, compared := v.hiding(found), v.recall(found)
	switch {
	case compared != nil && len(compared.Differs) > 0:
		doubts = append(doubts, fmt.Sprintf("`mage verify` found %d queries that the engines describe differently", len(compared.Differs)))
	case len(spots) > 0 && compared != nil:
		reason = compared.apply(texts)
	default:
		for _, b := range spots {
			doubts = append(doubts, fmt.Sprintf("%s: %s", v.run.place(b.Place), b.Why))
		}
	}
	unread := slices.ContainsFunc(spots, func(b sites.Blind) bool { return b.Kind == sites.NoSource })
	if unread || len(sqlx.Unknown) > 0 || len(sqlx.SQLiteSysUnknown) > 0 {
		if why := v.run.missingCrates(ctx, v.workspace); why != "" && len(doubts) > 0 {
			doubts = append([]string{why}, doubts...)
		}
	}
	if len(doubts) > 0 {
		return nil, "", &doubtError{doubts}
	}
	return texts, reason, nil
}

// serverDoubts are why the macros may be answered otherwise than this program.
func (v *variant) serverDoubts(ctx context.Context, c choice) ([]string, error) {
	driver := v.run.driver(c.kind)
	if driver == nil {
		return nil, nil
	}
	source, err := v.source(ctx, c)
	if err != nil {
		return nil, err
	}
	return driver.Server(source.Client).Doubts, nil
}

// hiding returns the blind spots that count for the unit: those but for the
// macros that `generated-queries` vouches for.
func (u *unit) hiding(found *scan) []sites.Blind {
	var spots []sites.Blind
	for _, b := range found.blind {
		if b.Crate == "" || u.config.GeneratedQueries.By(b.Crate, b.Foreign) {
			spots = append(spots, b)
		}
	}
	return spots
}

// describe returns what the database answers, by hash. What a former run learned
// from the same schema is not asked again.
func (r nativeEngine) describe(ctx context.Context, v *variant, db *unitDatabase, known *kept.Pack, texts map[string]string, times map[string]int, out *report.Unit) (map[string]database.Result, error) {
	results := map[string]database.Result{}
	var ask []database.Query
	for hash, text := range texts {
		if file := recall(known, hash, times[hash]); file != nil {
			results[hash] = database.Result{Description: file.Describe}
		} else {
			ask = append(ask, database.Query{Text: text, Times: times[hash]})
		}
	}
	slices.SortFunc(ask, func(a, b database.Query) int { return strings.Compare(a.Text, b.Text) })
	out.Described += len(ask)
	if len(ask) == 0 {
		return results, nil
	}
	err := timed(out, report.DatabaseStep, func() error { return db.open(ctx) })
	if err != nil {
		return nil, err
	}
	err = timed(out, "describe the queries", func() error {
		answers, err := db.describe(ctx, v.path, ask)
		if err != nil {
			return err
		}
		for i, answer := range answers {
			results[sqlxdata.Hash(ask[i].Text)] = answer
		}
		return nil
	})
	return results, err
}

// times returns how often one compilation expands a query at most, by hash.
func (s *scan) times() map[string]int {
	most := map[string]int{}
	for hash, places := range s.queries {
		times := map[*workspace.Compilation]int{}
		for _, site := range places {
			for _, c := range site.In {
				times[c]++
				most[hash] = max(most[hash], times[c])
			}
		}
	}
	return most
}

// build makes the query files, or reports every query that the macros would
// refuse.
func (r nativeEngine) build(ctx context.Context, v *variant, db *unitDatabase, known *kept.Pack, texts map[string]string, times map[string]int, found *scan, described map[string]database.Result, out *report.Unit) (sqlxdata.Set, error) {
	set := sqlxdata.Set{}
	files := map[string]*sqlxdata.File{}
	var doubts []string
	var failures []*diag.Diagnostic
	checks, err := v.checks(ctx, db.kind)
	if err != nil {
		return nil, err
	}
	for _, hash := range slices.Sorted(maps.Keys(texts)) {
		text, answer := texts[hash], described[hash]
		if answer.Err != nil {
			if answer.Err.Unproven {
				doubts = append(doubts, r.placed(found.queries[hash], answer.Err))
				continue
			}
			failures = append(failures, r.failures(found.queries[hash], text, answer.Err)...)
			continue
		}
		file := &sqlxdata.File{DBName: db.kind.DBName(), Query: text, Hash: hash, Describe: answer.Description}
		files[hash] = file
		set.Add(file)
		for _, site := range found.queries[hash] {
			refused, unproven := checks.site(site, answer.Description)
			failures = append(failures, refused...)
			doubts = append(doubts, unproven...)
		}
	}
	remember(known, files, times)
	if len(failures) > 0 {
		slices.SortStableFunc(failures, diag.Compare)
		out.Failures = append(out.Failures, failures...)
		return nil, failed(failures)
	}
	if len(doubts) > 0 {
		return nil, &doubtError{doubts}
	}
	return set, nil
}

// placed is an error's text behind the place of the query that it is about.
func (r *run) placed(places []*sites.Site, err error) string {
	if len(places) == 0 {
		return err.Error()
	}
	return fmt.Sprintf("%s: %v", r.place(places[0].Place), err)
}

// failed is the error of a unit whose failures are in its result.
func failed(failures []*diag.Diagnostic) error {
	var all *multierror.Error
	for _, f := range failures {
		all = multierror.Append(all, fmt.Errorf("%s: %s", f.Place, f.Message))
	}
	return all.ErrorOrNil()
}

// mode is the minor version of sqlx whose behaviour is followed.
type mode string

// modeOf returns the mode for a version of sqlx and whether there is one. A
// version that was not looked at has none, for what it changed is not known.
func modeOf(version string) (mode, bool) {
	if !slices.Contains(followed(), version) {
		return "", false
	}
	return mode(version[:strings.LastIndexByte(version, '.')]), true
}

// followed are the versions of sqlx whose behaviour is followed.
func followed() []string {
	return slices.DeleteFunc(workspace.SqlxVersions(), func(version string) bool {
		return strings.HasPrefix(version, "0.7.") // its query files and descriptions are others
	})
}

func orUnknown(version string) string {
	if version == "" {
		return "of unknown version"
	}
	return version
}

func (r *run) problem(p *diag.Diagnostic) string {
	return fmt.Sprintf("%s: %s", r.place(p.Place), p.Message)
}
