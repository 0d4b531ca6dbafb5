package postgres_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/macros"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/postgres"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

var _ = flag.Bool("update", false, "write what the macros and the server answer into the record")

// query is a case of testdata/queries.sql. Its flags, behind a bar, are of the
// form `uncertain version: reason`: there the macro's outcome depends on other
// queries, and the native engine must leave it to cargo.
type query struct {
	name, text string
	flags      string
}

func (q query) has(flag, version string) bool { return strings.Contains(q.flags, flag+" "+version) }

func readQueries(t testing.TB) []query {
	t.Helper()
	data, err := os.ReadFile("testdata/queries.sql")
	if err != nil {
		t.Fatal(err)
	}
	var queries []query
	for _, part := range strings.Split("\n"+string(data), "\n# ")[1:] {
		head, text, _ := strings.Cut(part, "\n")
		name, flags, _ := strings.Cut(head, " | ")
		queries = append(queries, query{name, strings.TrimSuffix(text, "\n"), flags})
	}
	return queries
}

// madeQueries are cases that would be too long to write down.
func madeQueries() []query {
	var columns, joins strings.Builder
	for i := range 1600 {
		fmt.Fprintf(&columns, ", %d AS c%d", i, i)
	}
	made := []query{
		{"1600 columns", "SELECT " + columns.String()[2:], ""},
		{"more columns than there can be", "SELECT " + columns.String()[2:] + columns.String(), ""},
		{"a long text", "SELECT 1 AS one /* " + strings.Repeat("long ", 1<<17) + "*/", ""},
	}
	for i := 1; i <= 70; i++ {
		fmt.Fprintf(&joins, " LEFT JOIN orders o%d ON o%d.parent_id = o%d.id", i, i, i-1)
		if i == 10 || i >= 58 && i <= 66 || i == 70 {
			made = append(made, query{fmt.Sprintf("%d left joins", i), fmt.Sprintf("SELECT o0.id, o1.note, o%d.total FROM orders o0%s", i, joins.String()), ""})
		}
	}
	return made
}

// openScratch makes a database of the schema.
func openScratch(t testing.TB, schema string) *scratch.Database {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "1_schema.sql"), []byte(schema), 0o666); err != nil {
		t.Fatal(err)
	}
	db, err := scratch.OpenPostgres(t.Context(), scratch.Spec{
		Name: "test", Migrations: dir, Kept: kepttest.Shared(t),
	})
	var none *scratch.NoServerError
	var root *scratch.RootError
	var migration *diag.Diagnostic
	switch {
	case errors.As(err, &none), errors.As(err, &root):
		need.Missing(t, "postgres", err.Error())
	case errors.As(err, &migration):
		t.Fatalf("the schema: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// native describes queries by this package.
func native(t testing.TB, url string, options postgres.Options, queries []query) []database.Result {
	t.Helper()
	describer, err := postgres.Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	defer describer.Close()
	texts := make([]string, len(queries))
	for i, q := range queries {
		texts[i] = q.text
	}
	results, err := describer.Describe(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// call writes a macro call that only the server and the number of arguments
// can refuse: names and types of columns are no concern of this package.
func call(text string, arguments int) string {
	literal := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`).Replace(text)
	return `sqlx::query_as_unchecked!(Row, "` + literal + `"` + strings.Repeat(", 1", arguments) + ")"
}

func modeOf(sqlx string) postgres.Mode { return postgres.Mode(sqlx[:strings.LastIndex(sqlx, ".")]) }

// servers runs a test against what a server was recorded to say, and live,
// first, against the real one. There url is that of a database of the schema, and
// is empty where there is none.
func servers(t *testing.T, schema string, test func(t *testing.T, s server)) {
	if need.Live() {
		db := openScratch(t, schema)
		t.Run("live", func(t *testing.T) { test(t, server{db: db}) })
	}
	t.Run("recorded", func(t *testing.T) { test(t, server{}) })
}

// server is the real server with a database, or a recorded one without.
type server struct{ db *scratch.Database }

// url returns where the one client of a test asks. Parameters go to the end.
func (s server) url(t testing.TB, record *oracle.Answers, about, parameters string) string {
	if s.db == nil {
		return record.Replay(t, about) + parameters
	}
	return record.Listen(t, about, s.db.URL) + parameters
}

// crate returns that of calls on the database.
func (s server) crate(sqlx, schema, parameters string, calls []string) oracle.Crate {
	crate := oracle.Crate{Sqlx: sqlx, DatabaseURL: "postgres:", Schema: schema + parameters, Items: "struct Row {}", Calls: calls}
	if s.db != nil {
		crate.DatabaseURL, crate.Server = s.db.URL+parameters, s.db.Server
	}
	return crate
}

// compare compares this package's descriptions, and refusals, with the macros'.
func compare(t *testing.T, sqlx string, s server, record *oracle.Answers, about, parameters string, queries []query) {
	t.Helper()
	results := native(t, s.url(t, record, "server, "+about, parameters), postgres.Options{Mode: modeOf(sqlx)}, queries)
	recording := record.Expand(t, "macros, "+about, s.crate(sqlx, readSchema(t), parameters, calls(results, queries)))
	compareResults(t, sqlx, results, recording, queries)
}

// calls writes a call for each query.
func calls(results []database.Result, queries []query) (calls []string) {
	for i, q := range queries {
		arguments := 0
		if results[i].Err == nil {
			arguments = len(results[i].Description.Parameters.Types)
		}
		calls = append(calls, call(q.text, arguments))
	}
	return calls
}

func compareResults(t *testing.T, sqlx string, results []database.Result, recording oracle.Recording, queries []query) {
	t.Helper()
	checker := macros.New(macros.Build{Kind: postgres.New(database.Settings{}).Macros(), Version: string(modeOf(sqlx)), Features: oracle.AllFeatures})
	for i, q := range queries {
		t.Run(q.name, func(t *testing.T) {
			want, refused := recording.Files[sqlxdata.Hash(q.text)], recording.Refused[i]
			failure := results[i].Err
			if failure == nil {
				call := macros.Call{Record: macros.Given, Unchecked: true, Overridden: make([]bool, len(results[i].Description.Parameters.Types))}
				for _, problem := range checker.Check(call, results[i].Description) {
					failure = &database.Error{Message: problem.Message}
				}
			}
			switch {
			case q.has("uncertain", sqlx):
				if failure == nil || !failure.Unproven {
					t.Errorf("taken for proven (cargo: %s%s)", want, refused)
				}
			case want == nil && failure == nil:
				t.Errorf("the macro refuses it: %s", refused)
			case want == nil && strings.Contains(refused, "parameters, got"):
				t.Errorf("refused with %q; the macro only with %q", failure, refused)
			case want == nil && !strings.Contains(refused, failure.Message):
				t.Logf("refused with %q;\nthe macro: %q", failure, refused)
			case want == nil:
			case failure != nil:
				t.Errorf("refused with %q; the macro makes\n%s", failure, want)
			default:
				file := sqlxdata.File{DBName: "PostgreSQL", Query: q.text, Hash: sqlxdata.Hash(q.text), Describe: results[i].Description}
				if got := file.Encode(); !bytes.Equal(got, want) {
					t.Errorf("native:\n%s\ncargo:\n%s", got, want)
				}
			}
		})
	}
}

func readSchema(t testing.TB) string {
	t.Helper()
	schema, err := os.ReadFile("testdata/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(schema)
}

// TestCargo compares every query of the table with what the real macros record.
func TestCargo(t *testing.T) {
	records := map[string]*oracle.Answers{}
	for _, sqlx := range oracle.Versions {
		records[sqlx] = oracle.Recorded(t, "macros-"+sqlx)
	}
	servers(t, readSchema(t), func(t *testing.T, s server) {
		for _, sqlx := range oracle.Versions {
			t.Run(sqlx, func(t *testing.T) { compare(t, sqlx, s, records[sqlx], "the table", "", readQueries(t)) })
		}
	})
}

// TestCargoLong compares what is too long to be recorded.
func TestCargoLong(t *testing.T) {
	need.LiveOracle(t, "compares queries of very many columns and joins with the macros")
	db := openScratch(t, readSchema(t))
	for _, sqlx := range oracle.Versions {
		t.Run(sqlx, func(t *testing.T) {
			results := native(t, db.URL, postgres.Options{Mode: modeOf(sqlx)}, madeQueries())
			recording := server{db}.crate(sqlx, readSchema(t), "", calls(results, madeQueries())).ExpandLive(t)
			compareResults(t, sqlx, results, recording, madeQueries())
		})
	}
}

// TestCargoSearchPath compares the names of types and tables under a search
// path that the URL sets.
func TestCargoSearchPath(t *testing.T) {
	queries := []query{
		{"all kinds", `SELECT level, mood, quoted, zip, day_span, level_list, path FROM public.kinds`, ""},
		{"a table in the search path", `SELECT * FROM things`, ""},
		{"a table outside it", `SELECT id, feels FROM public.customers`, ""},
		{"a quoted one in it", `SELECT "quo""te" AS q FROM "Odd Table"`, ""},
		{"an extension's type outside it", `SELECT email, attributes FROM public.customers`, ""},
		{"a type outside it, unqualified", `SELECT 'ok'::mood AS m`, ""},
		{"a table outside it, unqualified", `SELECT id FROM customers`, ""},
	}
	record := oracle.Recorded(t, "search-path")
	servers(t, readSchema(t), func(t *testing.T, s server) {
		for _, sqlx := range oracle.Versions {
			for name, option := range map[string]string{
				"options":       "options=-c%20search_path%3Dother,%22Odd%5C%20Schema%22",
				"options[name]": "options[search_path]=other",
				"with a space":  "options[search_path]=other,%22Odd%20Schema%22",
				"no option":     "search_path=other",
			} {
				if name == "with a space" && modeOf(sqlx) == postgres.Mode08 {
					continue // sqlx 0.8 splits it, and the server refuses the session
				}
				about := sqlx + " " + name
				t.Run(about, func(t *testing.T) { compare(t, sqlx, s, record, about, "&"+option, queries) })
			}
		}
	})
}

// TestCargoForgets shows what `uncertain` is about: where sqlx 0.9 resolves two
// types at once, it writes one as a bare OID.
func TestCargoForgets(t *testing.T) {
	record := oracle.Recorded(t, "forgets")
	var s server
	if need.Live() {
		s.db = openScratch(t, readSchema(t))
	}
	const text = "SELECT ROW(NULL, NULL)::two_moods AS a, ROW(NULL, NULL)::also_two_moods AS b"
	recording := record.Expand(t, "two types", s.crate("0.9.0", readSchema(t), "", []string{call(text, 0)}))
	if file := string(recording.Files[sqlxdata.Hash(text)]); !strings.Contains(file, "DeclareWithOid") {
		t.Errorf("cargo records\n%s", file)
	}
}

// TestCargoFlips shows why texts that stand in the sources often are planned
// often: the last time, sqlx 0.8 may get another plan.
func TestCargoFlips(t *testing.T) {
	record := oracle.Recorded(t, "flips")
	servers(t, readSchema(t), func(t *testing.T, s server) {
		for _, test := range []struct {
			name, text string
			flips      bool
		}{
			{"flips", "SELECT c.name, CASE WHEN $1 THEN 'x' ELSE o.note END AS note FROM customers c LEFT JOIN orders o ON o.id = c.id WHERE c.id = 5", true},
			{"stays", "SELECT c.name, o.note FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.note LIKE $1", false},
		} {
			t.Run(test.name, func(t *testing.T) {
				expand := func(times int) string {
					crate := s.crate("0.8.6", readSchema(t), "", slices.Repeat([]string{call(test.text, 1)}, times))
					return string(record.Expand(t, fmt.Sprintf("%s, %d times", test.name, times), crate).Files[sqlxdata.Hash(test.text)])
				}
				once, less, often := expand(1), expand(postgres.FlipsAt-1), expand(postgres.FlipsAt)
				if less != once || (often != once) != test.flips {
					t.Errorf("cargo records once\n%s\n%d times\n%s\n%d times\n%s", once, postgres.FlipsAt-1, less, postgres.FlipsAt, often)
				}
				queries := []query{{"", test.text, ""}}
				url := s.url(t, record, test.name+", often", "")
				result := native(t, url, postgres.Options{Mode: postgres.Mode08, Often: map[string]bool{test.text: true}}, queries)[0]
				if unproven := result.Err != nil && result.Err.Unproven; unproven != test.flips {
					t.Errorf("the native engine says %v", result.Err)
				}
				url = s.url(t, record, test.name+", once", "")
				if result := native(t, url, postgres.Options{Mode: postgres.Mode08}, queries)[0]; result.Err != nil {
					t.Error(result.Err)
				}
			})
		}
	})
}
