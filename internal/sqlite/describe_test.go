package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlite"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// engines hands out helpers of one version, a new one when the last is gone.
type engines struct {
	t       testing.TB
	version string
	last    *bundled.Engine
	started int
}

func (e *engines) engine(ctx context.Context) (*bundled.Engine, error) {
	if e.last != nil && !e.last.Gone() {
		return e.last, nil
	}
	engine, err := bundled.Start(e.t.Context(), bundled.Options{Version: e.version, Kept: kepttest.Shared(e.t)})
	if err != nil {
		return nil, err
	}
	e.t.Cleanup(func() { engine.Close() })
	e.last = engine
	e.started++
	return engine, nil
}

// modes are the versions of SQLite with the sqlx that bundles them.
var modes = map[string]bytecode.Mode{"3.46.0": bytecode.Mode08, "3.51.3": bytecode.Mode09}

// makeDatabase makes a database of a schema in a file.
func makeDatabase(t testing.TB, e *engines, schema string) string {
	t.Helper()
	engine, err := e.engine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), ":memory:", false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := db.Save(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, e *engines, path string) *sqlite.Session {
	t.Helper()
	d, err := sqlite.Open(t.Context(), sqlite.Options{
		Engine: e.engine, Path: path, Mode: modes[e.version], StepLimit: 300 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

const badSchema = `
CREATE TABLE filled (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO filled (name) VALUES ('a');
CREATE TABLE empty (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, loose);
CREATE INDEX empty_name ON empty (name);
CREATE INDEX empty_loose ON empty (loose);`

// Each text has an outcome: what it is refused with and where, whether cargo is
// to be asked, or how it is described.
func TestOutcomes(t *testing.T) {
	helpers := map[string]*engines{}
	for version := range modes {
		helpers[version] = &engines{t: t, version: version}
	}
	for _, test := range []struct {
		name, query string
		at          string // the text behind the error's place; "" for none
		refused     string // a pattern of the message
		unproven    string // likewise
		columns     string // else what is described: "name Type null"
	}{
		{name: "never ends", query: "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n", unproven: "takes too long"},
		{name: "explodes", query: "WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT count(*) FROM n", unproven: "takes too long"},
		{name: "eats memory", query: "SELECT length(hex(zeroblob(900000000)))", unproven: "first row, which fails"},
		{name: "the next is not harmed", query: "SELECT id FROM filled", columns: "id Integer false"},
		{name: "writes", query: "INSERT INTO filled (name) VALUES ('b')"},
		{name: "writes and returns", query: "DELETE FROM filled RETURNING id + 1 AS x", columns: "x Integer false"},
		{name: "writes before it reads", query: "DELETE FROM filled; SELECT count(*) AS n FROM filled", columns: "n Integer false"},
		{name: "creates", query: "CREATE TABLE fresh (id)"},
		{name: "creates and reads", query: "CREATE TABLE fresh (id); SELECT id FROM fresh", refused: "no such table: fresh", at: "fresh (id)"},
		{name: "attaches", query: "ATTACH 'other.db' AS other"},
		{name: "attaches and reads", query: "ATTACH 'other.db' AS other; SELECT 1 FROM other.t", refused: "no such table: other.t", at: "other.t"},
		{name: "reads a pragma", query: "PRAGMA user_version", columns: "user_version Integer null"},
		{name: "sets a pragma", query: "PRAGMA busy_timeout = 5", unproven: "PRAGMA that sets"},
		{name: "sets a pragma of the file", query: "PRAGMA journal_mode = WAL", columns: "journal_mode Null null"},
		{name: "sets a pragma when prepared", query: "PRAGMA query_only = ON"},
		{name: "a pragma's table", query: "SELECT name FROM pragma_table_info('filled')", refused: "no such table column: pragma_table_info.name", at: "name FROM"},
		{name: "a data-dependent type", query: "SELECT coalesce((SELECT name FROM filled), 1) AS x", unproven: "depends on the rows of the table filled"},
		{name: "counts rows", query: "SELECT count(*) AS n, max(id) AS m FROM filled", columns: "n Integer false, m Integer true"},
		{name: "a text of nothing", query: " -- nothing"},
		{name: "an empty text", query: ""},
		{name: "NUL", query: "SELECT\x001", refused: "NUL", at: "\x001"},
		{name: "syntax", query: "SELECT FROM filled", refused: "syntax error", at: "FROM filled"},
		{name: "syntax behind white space", query: "\n \u00a0 SELECT id,, FROM filled", refused: "syntax error", at: ", FROM"},
		{name: "a column", query: "SELECT filled.missing FROM filled", refused: "no such column", at: "filled.missing"},
		{name: "a column of an alias", query: "SELECT f.id, f.missing FROM filled f", refused: "no such column", at: "f.missing"},
		{name: "a column of the second statement", query: "SELECT 1; SELECT missing FROM filled", refused: "no such column", at: "missing FROM"},
		{name: "a function of the helper alone", query: "SELECT sqrt(2)", refused: "no such function: sqrt", at: "sqrt(2)"},
		{name: "a function of sqlx's SQLite alone", query: "SELECT fts3_tokenizer('x')", unproven: "fts3_tokenizer is in sqlx's SQLite"},
		{name: "GLOB over an index", query: "SELECT id FROM empty WHERE loose GLOB 'abc*'", unproven: "LIKE or GLOB"},
		{name: "LIKE over an index", query: "SELECT id FROM empty WHERE name LIKE 'abc%'", unproven: "LIKE or GLOB"},
		{name: "LIKE beside an index", query: "SELECT name FROM empty WHERE loose = 'x' AND name LIKE '%abc'", columns: "name Text false"},
		{name: "arguments", query: "SELECT ?1 AS a, ?3 AS b, :c AS c", columns: "a Null true, b Null true, c Null true"},
		{name: "LIMIT", query: "SELECT name || '' AS n FROM empty LIMIT ?", columns: "n Text false"},
	} {
		for version, e := range helpers {
			t.Run(test.name+" "+version, func(t *testing.T) {
				path := makeDatabase(t, e, badSchema)
				before, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				results, err := open(t, e, path).Describe(t.Context(), []string{test.query, "SELECT 1 AS one"})
				if err != nil {
					t.Fatal(err)
				}
				outcome(t, test.query, results[0], test.refused, test.unproven, test.at, test.columns)
				if got := columns(results[1].Description); got != "one Integer false" {
					t.Errorf("the query beside it: %s, %v", got, results[1].Err)
				}
				if after, err := os.ReadFile(path); err != nil || !cmp.Equal(before, after) {
					t.Errorf("the database was written to, or is gone: %v", err)
				}
			})
		}
	}
}

func outcome(t *testing.T, query string, r database.Result, refused, unproven, at, want string) {
	t.Helper()
	pattern := refused + unproven
	if r.Err == nil || pattern == "" {
		if got := columns(r.Description); r.Err != nil || pattern != "" || got != want {
			t.Errorf("got %q, %v", got, r.Err)
		}
		return
	}
	if !regexp.MustCompile(pattern).MatchString(r.Err.Message) || r.Err.Unproven != (unproven != "") {
		t.Errorf("got %+v", r.Err)
	}
	if at == "" && r.Err.Offset != -1 || at != "" && (r.Err.Offset < 0 || !strings.HasPrefix(query[r.Err.Offset:], at)) {
		t.Errorf("placed at %d", r.Err.Offset)
	}
}

// columns is what a description tells of columns, for people.
func columns(d sqlxdata.Description) string {
	var list []string
	for i, c := range d.Columns {
		nullable := "null"
		if n := d.Nullable[i]; n != nil {
			nullable = map[bool]string{true: "true", false: "false"}[*n]
		}
		list = append(list, c.Name+" "+strings.Trim(string(c.Type), `"`)+" "+nullable)
	}
	return strings.Join(list, ", ")
}

// A helper that dies with a query is started again for the others.
func TestCrash(t *testing.T) {
	e := &engines{t: t, version: "3.46.0"}
	d := open(t, e, makeDatabase(t, e, badSchema))
	if err := e.last.Close(); err != nil {
		t.Fatal(err)
	}
	results, err := d.Describe(t.Context(), []string{"SELECT id FROM filled", "SELECT name FROM filled"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"id Integer false", "name Text false"} {
		if got := columns(results[i].Description); got != want {
			t.Errorf("got %q, %v", got, results[i].Err)
		}
	}
	if e.started != 2 {
		t.Errorf("%d helpers were started", e.started)
	}
}

func TestBadDatabase(t *testing.T) {
	e := &engines{t: t, version: "3.51.3"}
	good := makeDatabase(t, e, badSchema)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	corrupt := append([]byte(nil), data...)
	for i := 100; i < 4096; i++ {
		corrupt[i] = 0xff
	}
	for _, test := range []struct{ name, path, want string }{
		{"missing", filepath.Join(dir, "missing.db"), "unable to open database file"},
		{"not SQLite", write("text.db", []byte(strings.Repeat("no database at all\n", 100))), "file is not a database"},
		{"corrupt", write("corrupt.db", corrupt), "malformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := sqlite.Open(t.Context(), sqlite.Options{Engine: e.engine, Path: test.path, ReadOnly: true, Mode: bytecode.Mode09})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("locked", func(t *testing.T) {
		holder, err := e.last.Open(t.Context(), good, false)
		if err != nil {
			t.Fatal(err)
		}
		defer holder.Close()
		if err := holder.Exec(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
			t.Fatal(err)
		}
		_, err = sqlite.Open(t.Context(), sqlite.Options{Engine: e.engine, Path: good, ReadOnly: true, Mode: bytecode.Mode09})
		if err == nil || !strings.Contains(err.Error(), "database is locked") {
			t.Errorf("got %v", err)
		}
	})
}

// A table as wide as SQLite allows is described; a wider one cannot be made.
func TestWideTable(t *testing.T) {
	e := &engines{t: t, version: "3.46.0"}
	table := func(n int) string {
		text := "CREATE TABLE wide (c0 INTEGER NOT NULL"
		for i := range n - 1 {
			text += fmt.Sprintf(", c%d", i+1)
		}
		return text + ")"
	}
	d := open(t, e, makeDatabase(t, e, table(2000)))
	results, err := d.Describe(t.Context(), []string{"SELECT * FROM wide AS a LEFT JOIN wide AS b ON a.c1 = b.c1 WHERE a.c2 = 1 LIMIT 1", "SELECT * FROM wide"})
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Err == nil || !strings.Contains(results[0].Err.Message, "too many columns in result set") {
		t.Errorf("got %v", results[0].Err)
	}
	if n := len(results[1].Description.Columns); n != 2000 {
		t.Errorf("%d columns, %v", n, results[1].Err)
	}
	memory, err := e.last.Open(t.Context(), ":memory:", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := memory.Exec(t.Context(), table(10_000)); err == nil || !strings.Contains(err.Error(), "too many columns") {
		t.Errorf("got %v", err)
	}
}

// recordings are what the table of crates does not say of those for SQLite.
var recordings = map[string]struct {
	sqlite string // in their lock files
	mode   bytecode.Mode
	differ int // files that do not come out
	reason string
}{
	"bmm": {sqlite: "3.46.0", mode: bytecode.Mode08},
	"apalis-sqlite": {sqlite: "3.51.3", mode: bytecode.Mode09, differ: 1,
		reason: "recorded where the table Jobs had rows: types that depend on them are Null without"},
	"cratery":                {sqlite: "3.46.0", mode: bytecode.Mode08},
	"nym-credential-storage": {sqlite: "3.46.0", mode: bytecode.Mode08}, // the files are of 0.8, the lock file of 0.9
}

// TestCorpus compares with the query files that authors of published crates
// recorded.
func TestCorpus(t *testing.T) {
	for _, c := range need.Corpus() {
		if c.Kind != "sqlite" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			recorded, known := recordings[c.Name]
			if !known {
				t.Fatal("its recording is not known")
			}
			e := &engines{t: t, version: recorded.sqlite}
			dir := need.Published(t, c)
			engine, err := e.engine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			spec := scratch.Spec{Name: "test", SQLite: engine, Kept: kepttest.New(t)}
			if schema := filepath.Join(dir, c.Migrations); strings.HasSuffix(schema, ".sql") {
				spec.Setup = []string{schema}
			} else {
				spec.Migrations, spec.NoTransactionEverywhere = schema, strings.HasPrefix(c.Sqlx, "0.9")
			}
			db, err := scratch.OpenSQLite(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			d, err := sqlite.Open(t.Context(), sqlite.Options{Engine: e.engine, Path: db.Path, Mode: recorded.mode})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			compareRecorded(t, d, dir, c.Files, recorded.differ)
		})
	}
}

func compareRecorded(t *testing.T, d *sqlite.Session, dir string, files, differ int) {
	set, err := sqlxdata.ReadSet(filepath.Join(dir, ".sqlx"))
	if err != nil {
		t.Fatal(err)
	}
	if len(set) != files {
		t.Errorf("%d files, want %d", len(set), files)
	}
	var queries []string
	for _, hash := range set.Hashes() {
		file, err := sqlxdata.Decode(set[hash])
		if err != nil {
			t.Fatal(err)
		}
		queries = append(queries, file.Query)
	}
	results, err := d.Describe(t.Context(), queries)
	if err != nil {
		t.Fatal(err)
	}
	var diffs []string
	for i, hash := range set.Hashes() {
		if results[i].Err != nil {
			t.Errorf("%s: %v", queries[i], results[i].Err)
			continue
		}
		file := sqlxdata.File{DBName: "SQLite", Query: queries[i], Hash: hash, Describe: results[i].Description}
		if diff := cmp.Diff(strings.TrimSpace(string(set[hash])), strings.TrimSpace(string(file.Encode()))); diff != "" {
			diffs = append(diffs, diff)
		}
	}
	if len(diffs) != differ {
		t.Errorf("%d files differ, want %d (-recorded +ours)\n%s", len(diffs), differ, strings.Join(diffs, "\n"))
	}
}
