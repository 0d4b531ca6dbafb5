package suite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// TestChoose finds the kind and the migrations of a unit's database where the
// configuration, sqlx's drivers and the query files say different things.
func TestChoose(t *testing.T) {
	const both = `
-- one/Cargo.toml --
[package]
name = "one"
version = "0.1.0"
edition = "2021"
[features]
default = []
pg = ["sqlx/postgres"]
[dependencies]
sqlx = { version = "0.8", features = ["postgres", "sqlite", "macros"] }
-- one/migrations/1_a.sql --
`
	const sqlite = `
-- one/Cargo.toml --
[package]
name = "one"
version = "0.1.0"
edition = "2021"
[dependencies]
sqlx = { version = "0.8", features = ["sqlite", "macros"] }
`
	for _, test := range []struct {
		name, more string
		postgres   bool // one of the files is for Postgres
		sqlite     bool // the others are there, for SQLite
		want, err  string
	}{
		{name: "the only driver", more: sqlite + "-- one/migrations/1_a.sql --\n", sqlite: true, want: "sqlite of one/migrations"},
		{name: "the only driver, whatever the files", more: sqlite + "-- one/migrations/1_a.sql --\n", sqlite: true, postgres: true, want: "sqlite of one/migrations"},
		{name: "files of one kind", more: both, sqlite: true, want: "sqlite of one/migrations"},
		{name: "files of the other kind", more: both, postgres: true, want: "postgres of one/migrations"},
		{name: "no files", more: both, err: "unit one: sqlx's drivers (postgres, sqlite) do not tell which kind of database its queries are for; say it"},
		{name: "no files, but .env", more: both + "-- one/.env --\nA=1\nexport DATABASE_URL='postgres://bob:secret@host/app'\n",
			err: "its queries are for (DATABASE_URL in one/.env, which sqlx itself would follow and this program does not, is for postgres); say it"},
		{name: "files of both kinds", more: both, postgres: true, sqlite: true,
			err: `unit one: its ` + "`.sqlx`" + ` holds query files of several kinds (1 for PostgreSQL, 3 for SQLite), and sqlx has drivers for all of them; delete the files of a kind that is gone, or say in sqlxmage.toml which are made how:

[[database]]
name = "postgres"
kind = "postgres"
migrations = "path/to/migrations"

[[database]]
name = "sqlite"
kind = "sqlite"
migrations = "path/to/migrations"

[[unit]]
path = "one"

[[unit.variant]]
cargo-args = ["--features", "pg"]
database = "postgres"

[[unit.variant]]
cargo-args = []  # with which the queries are for SQLite
database = "sqlite"
`},
		{name: "files of both kinds, one configured", postgres: true, sqlite: true,
			more: both + "-- sqlxmage.toml --\n[[database]]\nname = \"app\"\nkind = \"sqlite\"\nmigrations = \"one/migrations\"\n[[unit]]\npath = \"one\"\ndatabase = \"app\"\n",
			err:  "[[database]]\nname = \"postgres\"\nkind = \"postgres\"\nmigrations = \"path/to/migrations\"\n\n[[unit]]\npath = \"one\"\n\n[[unit.variant]]\ncargo-args = [\"--features\", \"pg\"]\ndatabase = \"postgres\"\n\n[[unit.variant]]\ncargo-args = []  # with which the queries are for SQLite\ndatabase = \"app\"\n"},
		{name: "files of both kinds, as variants", postgres: true, sqlite: true,
			more: both + "-- sqlxmage.toml --\n[[database]]\nname = \"p\"\nkind = \"postgres\"\nmigrations = \"p\"\n[[database]]\nname = \"s\"\nkind = \"sqlite\"\nmigrations = \"s\"\n" +
				"[[unit]]\npath = \"one\"\n[[unit.variant]]\ncargo-args = [\"--features\", \"pg\"]\ndatabase = \"p\"\n[[unit.variant]]\ndatabase = \"s\"\n",
			want: "postgres of p, sqlite of s"},
		{name: "no migrations", more: sqlite, err: "no migrations found"},
		{name: "the only database without a unit that names it", more: sqlite + "-- sqlxmage.toml --\n[[database]]\nname = \"app\"\nkind = \"sqlite\"\nmigrations = \"db/sql\"\n", want: "sqlite of db/sql"},
		{name: "the only database, of another kind", more: sqlite + "-- sqlxmage.toml --\n[[database]]\nname = \"app\"\nkind = \"postgres\"\nmigrations = \"db/sql\"\n", err: "no migrations found"},
		{name: "the only database beside migrations of the unit's own", want: "sqlite of one/migrations",
			more: sqlite + "-- one/migrations/1_a.sql --\n-- sqlxmage.toml --\n[[database]]\nname = \"app\"\nkind = \"sqlite\"\nmigrations = \"db/sql\"\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := unpackFiles(t, sample+test.more)
			data := filepath.Join(dir, "one", ".sqlx")
			if !test.sqlite {
				if err := os.RemoveAll(data); err != nil {
					t.Fatal(err)
				}
				if err := os.Mkdir(data, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			if test.postgres {
				f := sqlxdata.File{DBName: "PostgreSQL", Query: "SELECT 'p'", Describe: sqlxdata.Description{Parameters: &sqlxdata.Parameters{}}, Hash: sqlxdata.Hash("SELECT 'p'")}
				if err := os.WriteFile(filepath.Join(data, sqlxdata.FileName(f.Hash)), f.Encode(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			r, err := open(t.Context(), Request{Dir: dir, Options: config.Options{Units: []string{"one"}}, Listener: silent{}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range r.units[0].variants {
				c, failed := v.choose(t.Context())
				err = errors.Join(err, failed)
				got = append(got, string(c.kind)+" of "+r.relative(c.migrations))
			}
			if test.err != "" {
				var usage *config.Error
				if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v\nwant %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}
