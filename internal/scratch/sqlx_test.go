package scratch

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
)

// migrationCases are folders of migrations for Postgres. What `sqlx migrate
// run` makes of each, we make too.
var migrationCases = []struct {
	name  string
	files map[string]string
	fails bool
	// differs: a failure of ours where sqlx carries on.
	differs string
}{
	{name: "simple", files: map[string]string{
		"20240101_first.sql":      "CREATE TABLE a (id BIGINT PRIMARY KEY);",
		"9_before_the_others.sql": "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE z (m mood);",
	}},
	{name: "reversible", files: map[string]string{
		"1_a.up.sql":   "CREATE TABLE a (id INT);",
		"1_a.down.sql": "DROP TABLE a;",
		"2_b.up.sql":   "ALTER TABLE a ADD b TEXT;\r\n",
	}},
	{name: "what is passed over", files: map[string]string{
		"README.md": "no", "init.sql": "no", "x_y.txt": "no", "1_a.sql": "CREATE TABLE a ();",
	}},
	{name: "odd names", files: map[string]string{
		`1_it's_a_"name".sql`: "SELECT 1", `2_back\slash.sql`: "SELECT 1", "3__.sql": "SELECT 1", "4_.sql": "SELECT 1",
		"-5_negative.sql": "SELECT 1", "+6_plus.sql": "SELECT 1", "0007_zeros.sql": "SELECT 1", "8_twice.sql.sql": "SELECT 1",
		"9_über.sql": "SELECT 1", "10_a.up.sql.up.sql": "SELECT 1",
	}},
	{name: "no transaction", files: map[string]string{
		"1_a.sql": "CREATE TABLE a (id INT);",
		"2_i.sql": "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON a (id);",
	}},
	{name: "concurrently in a transaction", fails: true, files: map[string]string{
		"1_a.sql": "CREATE TABLE a (id INT);",
		"2_i.sql": "CREATE INDEX CONCURRENTLY i ON a (id);",
	}},
	{name: "own transaction", files: map[string]string{
		"1_a.sql": "COMMIT; BEGIN; CREATE TABLE a (id INT);",
		"2_b.sql": "CREATE TABLE b (id INT); COMMIT;",
		"3_c.sql": "ROLLBACK; CREATE TABLE c (id INT);",
	}},
	{name: "empty files", files: map[string]string{"1_a.sql": "", "2_b.sql": "-- nothing\n", "3_c.sql": ";;"}},
	{name: "escapes off", files: map[string]string{
		`1_a\b.sql`: "SET standard_conforming_strings = off;", `2_c\d.sql`: "SELECT 1",
	}},
	{name: "search path", fails: true, files: map[string]string{
		"1_a.sql": "SELECT pg_catalog.set_config('search_path', '', false);",
	}},
	{name: "dates", files: map[string]string{
		"1_a.sql": "CREATE TABLE a (d DATE DEFAULT '02/03/2004'::date, t TIMESTAMPTZ DEFAULT '2004-05-06 12:00'::timestamptz, f FLOAT8 DEFAULT 0.1::float8);",
	}},
	{name: "functions", files: map[string]string{
		"1_f.sql": "CREATE FUNCTION f() RETURNS INT LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n" +
			"CREATE FUNCTION g() RETURNS INT LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\nCREATE TABLE t (id INT);",
	}},
	{name: "no version", fails: true, files: map[string]string{"init_db.sql": "SELECT 1"}},
	{name: "version too large", fails: true, files: map[string]string{"9223372036854775808_a.sql": "SELECT 1"}},
	{name: "duplicate", fails: true, files: map[string]string{"1_a.sql": "SELECT 1", "1_b.sql": "SELECT 1"}},
	{name: "syntax", fails: true, files: map[string]string{"1_a.sql": "CREATE TABLE (;"}},
	{name: "not UTF-8", fails: true, files: map[string]string{"1_a.sql": "SELECT '\xff'"}},
	{name: "deferred constraint", fails: true, files: map[string]string{
		"1_a.sql": "CREATE TABLE a (id INT PRIMARY KEY, b INT REFERENCES a DEFERRABLE INITIALLY DEFERRED); INSERT INTO a VALUES (1, 2);",
	}},
	{name: "copy out", fails: true, files: map[string]string{
		"1_a.sql": "CREATE TABLE a (id INT); INSERT INTO a VALUES (1); SELECT 1; COPY a TO STDOUT; CREATE TABLE b (id INT);",
	}},
	{name: "copy", fails: true, files: map[string]string{
		"1_a.sql": "CREATE TABLE a (id INT); COPY a FROM STDIN;",
	}},
	{name: "left open", fails: true, differs: "sqlx-cli loses what follows BEGIN",
		files: map[string]string{"1_a.sql": "-- no-transaction\nBEGIN; CREATE TABLE a (id INT);"}},
}

// migratedRows is what `sqlx migrate run` left in its own table.
type migratedRows struct {
	Failed bool     `json:"failed"`
	Rows   []string `json:"rows"`
}

// TestMigrationsAsSqlx compares with what sqlx-cli 0.8.6 makes: the rows of its
// own table, and live the whole schema.
func TestMigrationsAsSqlx(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the names of some files are not possible")
	}
	needPostgres(t)
	record := oracle.Recorded(t, "migrate-postgres")
	for _, c := range migrationCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := spec(t, c.files)
			ours, ourErr := OpenPostgres(t.Context(), s)
			if ourErr == nil {
				defer ours.Close()
			}
			if (ourErr != nil) != c.fails {
				t.Fatalf("ours: %v", ourErr)
			}
			theirs := oracle.Ask(t, record, c.name, []any{"sqlx-cli 0.8.6", c.files}, func() migratedRows {
				return migrateBySqlx(t, s, ours)
			})
			if (theirs.Failed != c.fails) != (c.differs != "") {
				t.Fatalf("sqlx fails: %v", theirs.Failed)
			}
			if c.fails {
				t.Logf("ours: %v", ourErr)
				return
			}
			if diff := cmp.Diff(theirs.Rows, sqlxRows(t, ours.URL)); diff != "" {
				t.Errorf("_sqlx_migrations (- sqlx, + ours):\n%s", diff)
			}
		})
	}
}

func sqlxRows(t *testing.T, url string) []string {
	t.Helper()
	return query(t, url, `SELECT concat_ws(E'\t', version, description, success, encode(checksum, 'hex'), execution_time > 0,
		installed_on BETWEEN now() - interval '1 hour' AND now()) FROM _sqlx_migrations ORDER BY ctid`)
}

// migrateBySqlx runs sqlx-cli on a database of its own, and compares its schema
// with ours where there is one.
func migrateBySqlx(t *testing.T, s Spec, ours *Database) migratedRows {
	t.Helper()
	sqlx := filepath.Join(filepath.Dir(need.SqlxCLI(t, "0.8.6")), "sqlx")
	dump := dumpProgram(t)
	dir := s.Migrations
	s.Migrations = ""
	theirs := open(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, sqlx, "migrate", "run", "--source", dir, "--database-url", theirs.URL).CombinedOutput(); err != nil {
		t.Logf("sqlx: %v: %s", err, out)
		return migratedRows{Failed: true}
	}
	if ours != nil {
		if diff := cmp.Diff(dump(t, theirs.URL), dump(t, ours.URL)); diff != "" {
			t.Errorf("schema (- sqlx, + ours):\n%s", diff)
		}
	}
	return migratedRows{Rows: sqlxRows(t, theirs.URL)}
}

// dumpProgram returns what dumps a schema as SQL.
func dumpProgram(t *testing.T) func(t *testing.T, url string) string {
	needPostgres(t)
	programs, err := findPrograms(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	path := programs.path("pg_dump")
	if _, err := os.Stat(path); err != nil {
		need.Missing(t, "pg_dump", err.Error())
	}
	random := regexp.MustCompile(`(?m)^\\(un)?restrict .*$`)
	return func(t *testing.T, url string) string {
		out, err := exec.CommandContext(t.Context(), path, "--schema-only", url).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(random.ReplaceAllString(string(out), ""))
	}
}
