package sqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/macros"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/sqlite"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// versions are the SQLite that the oracle's Cargo.lock bundles for a version of
// sqlx.
var versions = map[string]string{"0.8.6": "3.46.0", "0.9.0": "3.51.3"}

// native is this package's side of a comparison.
type native struct {
	t      testing.TB
	sqlx   string
	dir    string
	engine *bundled.Engine
}

func newNative(t testing.TB, sqlx string) *native {
	n := &native{t: t, sqlx: sqlx, dir: t.TempDir()}
	t.Cleanup(func() {
		if n.engine != nil {
			n.engine.Close()
		}
	})
	return n
}

// running is a helper, a new one where the last is gone.
func (n *native) running(ctx context.Context) (*bundled.Engine, error) {
	if n.engine != nil && !n.engine.Gone() {
		return n.engine, nil
	}
	var err error
	n.engine, err = bundled.Start(context.WithoutCancel(ctx), bundled.Options{
		Version: versions[n.sqlx], Kept: kepttest.Shared(n.t), Progress: func(m string) { n.t.Log(m) },
	})
	return n.engine, err
}

// create makes a database's file of a schema. What SQLite refuses of it is "" in
// refused where it refuses nothing.
func (n *native) create(name string, schema []string) (path string, refused []string) {
	n.t.Helper()
	ctx := n.t.Context()
	path = filepath.ToSlash(filepath.Join(n.dir, name))
	engine, err := n.running(ctx)
	if err != nil {
		n.t.Fatal(err)
	}
	db, err := engine.OpenFile(ctx, path)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, statement := range append([]string{"PRAGMA synchronous = OFF"}, schema...) {
		refusal := ""
		if err := db.Exec(ctx, statement); err != nil {
			refusal = err.Error()
		}
		refused = append(refused, refusal)
	}
	if err := db.Close(); err != nil {
		n.t.Fatal(err)
	}
	return path, refused[1:]
}

func (n *native) describe(path string, queries []string) []database.Result {
	n.t.Helper()
	describer, err := sqlite.Open(n.t.Context(), sqlite.Options{
		Engine: n.running, Path: path, Mode: bytecode.Mode(n.sqlx[:3]),
	})
	if err != nil {
		n.t.Fatal(err)
	}
	defer describer.Close()
	results, err := describer.Describe(n.t.Context(), queries)
	if err != nil {
		n.t.Fatal(err)
	}
	return results
}

func encode(query string, d sqlxdata.Description) []byte {
	return (&sqlxdata.File{DBName: "SQLite", Query: query, Describe: d, Hash: sqlxdata.Hash(query)}).Encode()
}

// description is the value of "describe" in what encode writes, without white
// space.
func description(t testing.TB, d sqlxdata.Description) string {
	t.Helper()
	var file struct{ Describe json.RawMessage }
	if err := json.Unmarshal(encode("", d), &file); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, file.Describe); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// query is a case of testdata/queries.sql. Its head is `# name`, then, behind
// bars,
//
//	a number          of arguments
//	unproven: reason  the native engine leaves it to cargo
//	compiler: reason  the macro writes a file, but rustc refuses what it made
type query struct {
	name, text         string
	arguments          int
	unproven, compiler bool
}

func readQueries(t testing.TB) []query {
	t.Helper()
	var queries []query
	for _, part := range strings.Split("\n"+readFile(t, "testdata/queries.sql"), "\n# ")[1:] {
		head, text, _ := strings.Cut(part, "\n")
		fields := strings.Split(head, " | ")
		q := query{name: fields[0], text: strings.TrimSuffix(text, "\n")}
		for _, field := range fields[1:] {
			switch mark, _, _ := strings.Cut(field, ": "); mark {
			case "unproven":
				q.unproven = true
			case "compiler":
				q.compiler = true
			default:
				q.arguments = int(field[0] - '0')
			}
		}
		queries = append(queries, q)
	}
	return queries
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// call is a macro call with no demands on the types of columns, so that a file
// is written also where sqlx knows no type.
func (q query) call() string {
	return `sqlx::query_as_unchecked!(Row, r####"` + q.text + `"####` + strings.Repeat(", 0i64", q.arguments) + ")"
}

// refusal is why the call is refused natively, nil where it is not.
func (q query) refusal(checker *macros.Checker, result database.Result) error {
	if result.Err != nil {
		return result.Err
	}
	call := macros.Call{Record: macros.Given, Unchecked: true, Overridden: make([]bool, q.arguments)}
	for _, problem := range checker.Check(call, result.Description) {
		return &database.Error{Message: problem.Message}
	}
	return nil
}

// TestMacros compares each query of the table with what the macros record or
// refuse, and with what sqlx's describe says, which the macros may refuse yet.
func TestMacros(t *testing.T) {
	for _, version := range oracle.Versions {
		t.Run(version, func(t *testing.T) { compareMacros(t, version) })
	}
}

func compareMacros(t *testing.T, version string) {
	schema, queries := readFile(t, "testdata/schema.sql"), readQueries(t)
	var texts []string
	for _, q := range queries {
		texts = append(texts, q.text)
	}
	record := oracle.Recorded(t, "macros-"+version)
	described, refused := oracle.NewDescriber(t, version).Recorded(record, "describe", []string{schema}, texts)
	n := newNative(t, version)
	path, refusedHere := n.create("macros.db", []string{schema})
	if refused[0]+refusedHere[0] != "" {
		t.Fatalf("the schema is refused: %s%s", refused[0], refusedHere[0])
	}
	results := n.describe(path, texts)

	crate := oracle.Crate{Sqlx: version, DatabaseURL: "sqlite:" + path, Schema: schema, Items: "struct Row {}"}
	of := map[int]int{} // the call of a query
	for i, q := range queries {
		if !described[i].Crashed {
			of[i] = len(crate.Calls)
			crate.Calls = append(crate.Calls, q.call())
		}
	}
	recording := record.Expand(t, "macros", crate)
	checker := macros.New(macros.Build{Kind: sqlite.New(database.Settings{}).Macros(), Version: version[:3], Features: oracle.AllFeatures})
	counts := map[string]int{}
	for i, q := range queries {
		t.Run(q.name, func(t *testing.T) {
			result := results[i]
			unproven := result.Err != nil && result.Err.Unproven
			if unproven != q.unproven && !described[i].Crashed {
				t.Errorf("unproven is %v: %v", unproven, result.Err)
			}
			if unproven {
				counts["unproven"]++
				return
			}
			compareDescribed(t, described[i], result)
			call, expanded := of[i]
			if !expanded {
				counts["ends the compiler"]++
				return
			}
			refusal := q.refusal(checker, result)
			want, written := recording.Files[sqlxdata.Hash(q.text)]
			switch {
			case written && q.compiler:
				if refusal == nil {
					t.Error("described; rustc refuses the expansion")
				}
				counts["refused"]++
			case written && refusal != nil:
				t.Errorf("refused: %v\nthe macro writes %s", refusal, want)
			case written:
				counts["written"]++
				if diff := cmp.Diff(string(want), string(encode(q.text, result.Description))); diff != "" {
					t.Errorf("the file differs (-macro +native):\n%s", diff)
				}
			case recording.Refused[call] == "":
				t.Errorf("the macro neither writes nor refuses")
			case refusal == nil:
				t.Errorf("described; the macro refuses: %s", recording.Refused[call])
			default:
				counts["refused"]++
			}
		})
	}
	t.Logf("%d queries: %v", len(queries), counts)
}

// compareDescribed compares with sqlx's describe alone.
func compareDescribed(t testing.TB, want oracle.Described, got database.Result) {
	t.Helper()
	switch {
	case want.Describe == nil && got.Err == nil:
		t.Errorf("described; sqlx refuses: %s", want.Error)
	case want.Describe == nil:
	case got.Err != nil:
		t.Errorf("refused: %v; sqlx describes %s", got.Err, want.Describe)
	default:
		if diff := cmp.Diff(string(want.Describe), description(t, got.Description)); diff != "" {
			t.Errorf("the description differs (-sqlx +native):\n%s", diff)
		}
	}
}
