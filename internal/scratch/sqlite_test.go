package scratch_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
)

// engine starts the SQLite of sqlx 0.8.
func engine(t *testing.T) *bundled.Engine {
	t.Helper()
	e, err := bundled.Start(t.Context(), bundled.Options{Version: "3.46.0", Kept: kepttest.Shared(t), Progress: func(m string) { t.Log(m) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func sqliteSpec(t *testing.T, e *bundled.Engine, files map[string]string) scratch.Spec {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return scratch.Spec{Name: "db", Migrations: dir, SQLite: e, Kept: kepttest.New(t)}
}

// rows returns the first column of the rows of a file's database.
func rows(t *testing.T, e *bundled.Engine, path, sql string) (column []string) {
	t.Helper()
	db, err := e.Open(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := db.Rows(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		column = append(column, row[0])
	}
	return column
}

func TestOpenSQLite(t *testing.T) {
	e := engine(t)
	s := sqliteSpec(t, e, map[string]string{
		"1_a.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a (id));",
		"2_b.sql": "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);",
	})
	setup := filepath.Join(t.TempDir(), "setup.sql")
	if err := os.WriteFile(setup, []byte("INSERT INTO a VALUES (7)"), 0o666); err != nil {
		t.Fatal(err)
	}
	s.Setup = []string{setup}
	for _, cached := range []bool{false, true} {
		db, err := scratch.OpenSQLite(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if db.Cached != cached || db.URL != database.SQLiteURL(db.Path) || !filepath.IsAbs(db.Path) {
			t.Errorf("got %+v", db)
		}
		if got := rows(t, e, db.Path, "SELECT id FROM a ORDER BY id"); !cmp.Equal(got, []string{"1", "7"}) {
			t.Errorf("got %q", got)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(db.Path); !os.IsNotExist(err) {
			t.Errorf("the file is left: %v", err)
		}
	}
}

func TestSQLiteErrors(t *testing.T) {
	e := engine(t)
	for _, c := range []struct{ name, sql, want string }{
		{"syntax", "CREATE TABLE a (id INT);\nCREATE TABL b (id INT);", `1_a.sql:2:8: near "TABL": syntax error (1)`},
		{"a step", "CREATE TABLE a (id INT UNIQUE);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (1);",
			"1_a.sql:3:1: UNIQUE constraint failed: a.id (2067)"},
		{"foreign keys are on", "CREATE TABLE a (id INTEGER PRIMARY KEY, b INT REFERENCES a (id));\nINSERT INTO a VALUES (1, 2);",
			"1_a.sql:2:1: FOREIGN KEY constraint failed (787)"},
		{"it commits by itself", "COMMIT;", "1_a.sql: commit: cannot commit - no transaction is active (1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sqliteSpec(t, e, map[string]string{"1_a.sql": c.sql})
			_, err := scratch.OpenSQLite(t.Context(), s)
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.TrimPrefix(err.Error(), s.Migrations+string(filepath.Separator)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

var _ = flag.Bool("update", false, "write what sqlx-cli makes into the record")

// migrated is what `sqlx migrate run` made: the schema, and the rows of sqlx's
// own table.
type migrated struct {
	Failed bool     `json:"failed"`
	Schema []string `json:"schema"`
	Rows   []string `json:"rows"`
}

func migratedSQLite(t *testing.T, e *bundled.Engine, path string) migrated {
	t.Helper()
	return migrated{
		Schema: rows(t, e, path, "SELECT concat_ws(char(9), type, name, tbl_name, sql) FROM sqlite_schema"),
		Rows: rows(t, e, path, `SELECT concat_ws(char(9), version, description, success, hex(checksum), execution_time > 0,
			installed_on BETWEEN datetime('now', '-1 hour') AND datetime('now')) FROM _sqlx_migrations ORDER BY rowid`),
	}
}

// TestSQLiteMigrationsAsSqlx compares with what sqlx-cli 0.8.6 makes.
func TestSQLiteMigrationsAsSqlx(t *testing.T) {
	record := oracle.Recorded(t, "migrate-sqlite")
	e := engine(t)
	for _, c := range []struct {
		name  string
		files map[string]string
		fails bool
	}{
		{name: "simple", files: map[string]string{
			"20240101_a_table.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY);",
			"9_before_it.up.sql":   "CREATE TABLE b (id TEXT);\r\n", "9_before_it.down.sql": "DROP TABLE b;",
		}},
		{name: "no transaction is none of SQLite's", fails: true, files: map[string]string{
			"1_a.sql": "-- no-transaction\nBEGIN; CREATE TABLE a (id INT); COMMIT;"}},
		{name: "own transaction", files: map[string]string{
			"1_a.sql": "COMMIT; PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE a (id INT);", "2_b.sql": "PRAGMA optimize;"}},
		{name: "ends its transaction", fails: true, files: map[string]string{"1_a.sql": "CREATE TABLE a (id INT); COMMIT;"}},
		{name: "odd names", files: map[string]string{`1_it's.sql`: "SELECT 1", `2_b\c.sql`: "", "3_ü_.sql": ";"}},
		{name: "syntax", fails: true, files: map[string]string{"1_a.sql": "CREATE TABLE ("}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sqliteSpec(t, e, c.files)
			ours, ourErr := scratch.OpenSQLite(t.Context(), s)
			if ourErr == nil {
				defer ours.Close()
			}
			theirs := oracle.Ask(t, record, c.name, []any{"sqlx-cli 0.8.6", c.files}, func() migrated {
				sqlx := filepath.Join(filepath.Dir(need.SqlxCLI(t, "0.8.6")), "sqlx")
				path := filepath.Join(t.TempDir(), "theirs.db")
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if out, err := exec.CommandContext(ctx, sqlx, "migrate", "run", "--source", s.Migrations,
					"--database-url", database.SQLiteURL(path)+"?mode=rwc").CombinedOutput(); err != nil {
					t.Logf("sqlx: %v: %s", err, out)
					return migrated{Failed: true}
				}
				return migratedSQLite(t, e, path)
			})
			if (ourErr != nil) != c.fails || theirs.Failed != c.fails {
				t.Fatalf("ours: %v; sqlx fails: %v", ourErr, theirs.Failed)
			}
			if c.fails {
				return
			}
			if diff := cmp.Diff(theirs, migratedSQLite(t, e, ours.Path)); diff != "" {
				t.Errorf("- sqlx, + ours:\n%s", diff)
			}
		})
	}
}
