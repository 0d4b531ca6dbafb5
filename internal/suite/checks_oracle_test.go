package suite

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/postgres"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// TestChecksOracle wants the calls refused that sqlx's macros refuse, or rustc
// because of what they make, and no others.
func TestChecksOracle(t *testing.T) {
	for _, version := range oracle.Versions {
		server := oracle.Recorded(t, "checks-server-"+version) // whatever the features
		for name, features := range map[string][]string{"few features": {}, "many features": oracle.AllFeatures, "some features": {"chrono", "rust_decimal", "ipnet"}} {
			record := func(t *testing.T, kind string) *oracle.Answers {
				return oracle.Recorded(t, "checks-"+kind+"-"+version+"-"+strings.ReplaceAll(name, " ", "-"))
			}
			t.Run("Postgres, sqlx "+version+", "+name, func(t *testing.T) {
				record := record(t, "postgres")
				crate := oracle.Crate{Sqlx: version, DatabaseURL: "postgres:", Schema: postgresChecks, Features: features, Items: checkedItems, Calls: postgresCalls()}
				if need.Live() {
					db := checkedPostgres(t)
					crate.DatabaseURL, crate.Server = db.URL, db.Server
					compareChecks(t, record, crate, database.Postgres, describePostgres(t, version, server.Listen(t, "checks", db.URL)))
				}
				compareChecks(t, record, crate, database.Postgres, describePostgres(t, version, server.Replay(t, "checks")))
			})
			t.Run("SQLite, sqlx "+version+", "+name, func(t *testing.T) {
				record := record(t, "sqlite")
				crate := oracle.Crate{
					Sqlx: version, DatabaseURL: "sqlite:", Schema: strings.Join(sqliteChecks, ";"), Features: features,
					Items: checkedItems, Calls: sqliteCalls,
				}
				if need.Live() {
					crate.DatabaseURL += filepath.ToSlash(checkedSQLite(t))
				}
				compareChecks(t, record, crate, database.SQLite, func(texts []string) []database.Result {
					described, _ := oracle.NewDescriber(t, version).Recorded(record, "describe", sqliteChecks, texts)
					var results []database.Result
					for i, d := range described {
						if d.Error != "" {
							results = append(results, database.Result{Err: &database.Error{Message: d.Error, Offset: -1}})
							continue
						}
						results = append(results, database.Result{Description: description(t, texts[i], d.Describe)})
					}
					return results
				})
			})
		}
	}
}

// describePostgres describes by this program, as a version of sqlx does.
func describePostgres(t *testing.T, version, url string) func(texts []string) []database.Result {
	return func(texts []string) []database.Result {
		m, _ := modeOf(version)
		describer, err := postgres.Open(t.Context(), url, postgres.Options{Mode: postgres.Mode(m)})
		if err != nil {
			t.Fatal(err)
		}
		defer describer.Close()
		results, err := describer.Describe(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		return results
	}
}

// description reads what sqlx's describe says.
func description(t *testing.T, query string, describe []byte) sqlxdata.Description {
	t.Helper()
	file, err := sqlxdata.Decode(fmt.Appendf(nil, `{"db_name":"SQLite","query":%s,"describe":%s,"hash":"%s"}`, sqlxdata.String(query), describe, sqlxdata.Hash(query)))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return file.Describe
}

func checkedPostgres(t *testing.T) *scratch.Database {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "1_schema.sql"), []byte(postgresChecks), 0o666); err != nil {
		t.Fatal(err)
	}
	db, err := scratch.OpenPostgres(t.Context(), scratch.Spec{
		Name: "checks", Migrations: dir, Kept: kepttest.Shared(t),
	})
	var none *scratch.NoServerError
	var root *scratch.RootError
	if errors.As(err, &none) || errors.As(err, &root) {
		need.Missing(t, "postgres", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func checkedSQLite(t *testing.T) string {
	t.Helper()
	engine, err := bundled.Start(t.Context(), bundled.Options{Version: bundled.Newest, Kept: kepttest.Shared(t), Progress: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	file := filepath.Join(t.TempDir(), "checks.db")
	conn, err := engine.OpenFile(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range sqliteChecks {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func compareChecks(t *testing.T, record *oracle.Answers, crate oracle.Crate, kind database.Kind, ask func(texts []string) []database.Result) {
	t.Helper()
	want := refusedByRust(t, record, crate)
	got := refusedNatively(t, crate, kind, ask)
	for i, call := range crate.Calls {
		switch {
		case want[i] != "" && got[i] == "":
			t.Errorf("%s\nis not refused, but Rust says: %s", call, want[i])
		case want[i] == "" && got[i] != "":
			t.Errorf("%s\nis refused, but not by Rust: %s", call, got[i])
		case want[i] != "":
			t.Logf("%s\nRust: %s\nhere: %s", call, want[i], got[i])
		}
	}
	t.Logf("%d of %d calls are refused", len(want), len(crate.Calls))
	if len(want) < 20 || len(crate.Calls)-len(want) < 20 {
		t.Error("too few are refused, or too many")
	}
}

// ownErrors are errors of rustc that are due to what the macros make of a
// description: a type that is not there (E0412, E0433), a placeholder in a
// struct (E0121), two fields of one name (E0062, E0124).
var ownErrors = []string{"E0062", "E0121", "E0124", "E0412", "E0425", "E0433"}

// refusedByRust takes out calls that are refused until rustc has no more to say
// of the rest: it stops at the stage that finds errors.
func refusedByRust(t *testing.T, record *oracle.Answers, crate oracle.Crate) map[int]string {
	t.Helper()
	refused := map[int]string{}
	left := make([]int, len(crate.Calls))
	for i := range left {
		left[i] = i
	}
	for round := 1; ; round++ {
		some := crate
		some.Calls = nil
		for _, i := range left {
			some.Calls = append(some.Calls, crate.Calls[i])
		}
		recording := record.Refusals(t, fmt.Sprintf("calls, round %d", round), some)
		var rest []int
		for at, i := range left {
			why := recording.Refused[at]
			for _, code := range recording.Codes[at] {
				if why == "" && slices.Contains(ownErrors, code) {
					why = code
				}
			}
			if why == "" {
				rest = append(rest, i)
			} else {
				refused[i] = why
			}
		}
		if len(rest) == len(left) {
			return refused
		}
		left = rest
	}
}

func refusedNatively(t *testing.T, crate oracle.Crate, kind database.Kind, ask func(texts []string) []database.Result) map[int]string {
	t.Helper()
	lines, u, found := scanned(t, crate)
	checks, err := u.checks(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	hashes := slices.Sorted(maps.Keys(found.queries))
	var texts []string
	for _, hash := range hashes {
		texts = append(texts, found.queries[hash][0].SQL)
	}
	refused := map[int]string{}
	seen := map[int]bool{}
	for i, answer := range ask(texts) {
		for _, site := range found.queries[hashes[i]] {
			at, ok := slices.BinarySearch(lines, site.Place.Line)
			if !ok {
				at--
			}
			seen[at] = true
			failures, _ := checks.site(site, answer.Description)
			if answer.Err != nil {
				failures = u.run.failures(found.queries[hashes[i]][:1], texts[i], answer.Err)
			}
			var said []string
			for _, f := range failures {
				said = append(said, f.Message)
			}
			refused[at] = strings.Join(said, "; ")
		}
	}
	for i, call := range crate.Calls {
		if !seen[i] {
			t.Errorf("%s\nis not seen", call)
		}
	}
	return refused
}
