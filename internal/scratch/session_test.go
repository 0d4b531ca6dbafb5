package scratch

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/migrate"
)

func TestMigrationErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		sql  string
		want string // after the folder
	}{
		{"syntax", "CREATE TABLE a (id INT);\n\nCREATE TABL b ();\n",
			`1_a.sql:3:8: syntax error at or near "TABL" (42601)`},
		{"characters, not bytes", "SELECT 'äöü', nope;",
			`1_a.sql:1:15: column "nope" does not exist (42703)`},
		{"a statement without a position", "CREATE TABLE a ();\n-- a comment; with a semicolon\n  CREATE TABLE\n a ();",
			`1_a.sql:3:3: relation "a" already exists (42P07)`},
		{"after a function's body", "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;\nDROP TABLE nope;",
			`1_a.sql:2:1: table "nope" does not exist (42P01)`},
		{"detail", "CREATE TABLE a (id INT UNIQUE);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (1);",
			"1_a.sql:3:1: duplicate key value violates unique constraint \"a_id_key\" (23505)\n  detail: Key (id)=(1) already exists."},
		{"hint", "CREATE TABLE a (id INT);\nSELECT iid FROM a;",
			"1_a.sql:2:8: column \"iid\" does not exist (42703)\n  hint: Perhaps you meant to reference the column \"a.id\"."},
		{"inside a function", "DO $$ BEGIN\n  PERFORM nope();\nEND $$",
			"1_a.sql:1:1: function nope() does not exist\n  PL/pgSQL function inline_code_block line 2 at PERFORM (42883)\n" +
				"  hint: No function matches the given name and argument types. You might need to add explicit type casts."},
		{"copy", "CREATE TABLE a (id INT);\nCOPY a FROM STDIN;",
			"1_a.sql:2:1: COPY from STDIN or to STDOUT does not work in sqlx's migrations"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spec(t, map[string]string{"1_a.sql": c.sql})
			_, err := OpenPostgres(t.Context(), s)
			var failed *diag.Diagnostic
			if !errors.As(err, &failed) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(c.want, strings.TrimPrefix(err.Error(), s.Migrations+string(filepath.Separator))); diff != "" {
				t.Errorf("- want, + got:\n%s", diff)
			}
		})
	}
}

func TestSetup(t *testing.T) {
	s := spec(t, map[string]string{"1_a.sql": "CREATE TABLE a (id INT); SET search_path = nowhere;\n" +
		"CREATE SCHEMA nowhere; CREATE TABLE _sqlx_migrations (LIKE public._sqlx_migrations INCLUDING DEFAULTS);"})
	dir := writeFiles(t, map[string]string{"good.sql": "INSERT INTO a VALUES (7); INSERT INTO a VALUES (8);", "bad.sql": "SELECT 1;\nSELECT a;", "open.sql": "BEGIN"})
	s.Setup = []string{filepath.Join(dir, "good.sql")}
	db := open(t, s)
	if got := query(t, db.URL, "SELECT id FROM a ORDER BY id"); !cmp.Equal(got, []string{"7", "8"}) {
		t.Errorf("got %q", got)
	}
	s.Setup = append(s.Setup, filepath.Join(dir, "bad.sql"))
	if _, err := OpenPostgres(t.Context(), s); err == nil || !strings.Contains(err.Error(), `bad.sql:2:8: column "a" does not exist`) {
		t.Errorf("got %v", err)
	}
	s.Setup[1] = filepath.Join(dir, "open.sql")
	if _, err := OpenPostgres(t.Context(), s); !errors.Is(err, migrate.ErrOpenTransaction) {
		t.Errorf("got %v", err)
	}
	s.Setup[1] = filepath.Join(dir, "none.sql")
	if _, err := OpenPostgres(t.Context(), s); err == nil || !strings.Contains(err.Error(), "none.sql") {
		t.Errorf("got %v", err)
	}
}

// TestMissingExtension compares with a real server's error, then with the
// forms of other versions.
func TestMissingExtension(t *testing.T) {
	s := spec(t, map[string]string{"1_a.sql": "CREATE EXTENSION no_such_extension;"})
	_, err := OpenPostgres(t.Context(), s)
	if err == nil || !strings.Contains(err.Error(), `hint: install extension "no_such_extension" for PostgreSQL `) {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct{ code, message, want string }{
		{"0A000", `extension "vector" is not available`, "postgresql-15-pgvector"},
		{"58P01", `could not open extension control file "/usr/share/postgresql/13/extension/postgis.control": No such file or directory`, "postgresql-15-postgis-3"},
		{"0A000", `cannot alter type of a column used by a view or rule`, ""},
		{"42601", `extension "vector" is not available`, ""},
	} {
		got := extensionHint(&pgconn.PgError{Code: c.code, Message: c.message}, 15)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.message, got)
		}
	}
}
