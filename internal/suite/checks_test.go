package suite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// manifest is of a package whose features of sqlx are given.
func manifest(features string) string {
	return `[package]
name = "oracle"
version = "0.0.0"
edition = "2021"
[[bin]]
name = "calls"
path = "calls.rs"
[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = [` + features + `] }
[features]
postgres = []
sqlite = []
`
}

// TestFeatureOff wants a type refused whose feature of sqlx is off, and taken
// where it is on, whether or not anything of sqlx is on the machine.
func TestFeatureOff(t *testing.T) {
	address := sqlxdata.Description{Columns: []sqlxdata.Column{{Name: "address", Type: sqlxdata.TypeName("Inet")}}}
	const off = "column #1, \"address\", has the type INET, for which sqlx has a Rust type only with its feature `ipnetwork` or `ipnet`"
	empty, full := t.TempDir(), need.Kept(t, "cargo-home")
	for _, version := range oracle.Versions {
		for _, home := range []string{empty, full} {
			t.Run(fmt.Sprintf("sqlx %s, sources %v", version, home == full), func(t *testing.T) {
				t.Setenv("CARGO_HOME", home)
				if home == full {
					oracle.Fetch(t, version)
				}
				for features, want := range map[string]string{"": off, "chrono": off, "ipnetwork": "", "ipnet": ""} {
					crate := oracle.Crate{Sqlx: version, Features: strings.Fields(features), Calls: []string{`sqlx::query!("SELECT address FROM hosts")`}}
					_, u, found := scanned(t, crate)
					checks, err := u.checks(t.Context(), database.Postgres)
					if err != nil {
						t.Fatal(err)
					}
					for _, sites := range found.queries {
						failures, doubts := checks.site(sites[0], address)
						got := ""
						for _, f := range failures {
							got += f.Message
						}
						if got != want || len(doubts) > 0 {
							t.Errorf("features %q: refused %q, doubts %q, want %q", features, got, doubts, want)
						}
					}
				}
			})
		}
	}
}

// TestVersions wants only those versions of sqlx followed that were looked at.
func TestVersions(t *testing.T) {
	for version, want := range map[string]mode{
		"0.8.0": "0.8", "0.8.6": "0.8", "0.9.0": "0.9",
		"0.7.4": "", "0.8.7": "", "0.9.0-alpha.1": "", "0.9.1": "", "0.10.0": "", "": "",
	} {
		if got, ok := modeOf(version); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", version, got, ok)
		}
	}
}

// TestPackageRefused is of what makes the macros refuse all calls of a package:
// it is said once.
func TestPackageRefused(t *testing.T) {
	for _, test := range []struct {
		name, sqlx string
		kind       database.Kind
		files      map[string]string
		want       string // "" for nothing
	}{
		{"no driver", "0.9.0", database.Postgres, map[string]string{"Cargo.toml": manifest(`"macros", "sqlite"`)}, "know nothing of PostgreSQL without the feature `postgres`"},
		{"another driver", "0.9.0", database.SQLite, map[string]string{"Cargo.toml": manifest(`"macros", "postgres"`)}, "know nothing of SQLite without the feature `sqlite`"},
		{"the driver", "0.9.0", database.SQLite, map[string]string{"Cargo.toml": manifest(`"macros", "sqlite"`)}, ""},
		{"the driver, unbundled", "0.9.0", database.SQLite, map[string]string{"Cargo.toml": manifest(`"macros", "sqlite-unbundled"`)}, ""},
		{"sqlx.toml", "0.9.0", database.SQLite, map[string]string{"sqlx.toml": ""}, "beside a sqlx.toml without the feature `sqlx-toml`"},
		{"sqlx.toml and its feature", "0.9.0", database.SQLite, map[string]string{"sqlx.toml": "", "Cargo.toml": manifest(`"macros", "sqlite", "sqlx-toml"`)}, ""},
		{"sqlx.toml of old", "0.8.6", database.SQLite, map[string]string{"sqlx.toml": ""}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			crate := oracle.Crate{Sqlx: test.sqlx, Features: []string{}, Files: test.files, Calls: []string{
				`sqlx::query!("SELECT 1 AS a")`, `sqlx::query!("SELECT 2 AS a")`,
			}}
			_, u, found := scanned(t, crate)
			sqlx, err := u.sqlx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(sqlx.Unknown) > 0 {
				t.Fatal("not known without", sqlx.Unknown)
			}
			checks, err := u.checks(t.Context(), test.kind)
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, sites := range found.queries {
				failures, _ := checks.site(sites[0], sqlxdata.Description{})
				for _, failure := range failures {
					said = append(said, failure.Message)
					if failure.File != "Cargo.toml" {
						t.Errorf("placed in %q", failure.File)
					}
				}
			}
			got := strings.Join(said, "\n")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) || len(said) > 1 {
				t.Errorf("got %q, want %q", said, test.want)
			}
		})
	}
}

// TestSqlxTOML wants the columns refused that the macros of sqlx 0.9.0 refused
// with chrono, but without time, for
// CREATE TABLE t (id INTEGER NOT NULL, day DATE, at DATETIME, hour TIME, amount NUMERIC).
func TestSqlxTOML(t *testing.T) {
	columns := []struct{ name, kind string }{{"id", "Integer"}, {"day", "Date"}, {"at", "Datetime"}, {"hour", "Time"}, {"amount", "Null"}}
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "hour amount"},
		{"a crate that is off", "[macros.preferred-crates]\ndate-time = 'time'", "day at hour amount"},
		{"a crate that is on", "[macros.preferred-crates]\ndate-time = 'chrono'", "hour amount"},
		{"a crate for numbers that is off", "[macros.preferred-crates]\nnumeric = 'bigdecimal'", "hour amount"},
		{"types", "[macros.type-overrides]\nDATE = 'crate::Mine'\nTIME = 'String'\nNUMERIC = 'String'", "amount"},
		{"types of no account", "[macros.type-overrides]\ndate = 'String'\nNUMERIC = 'not a type'", "hour amount"},
		{"a table", "[macros.table-overrides.t]\namount = 'String'", "hour"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, u, found := scanned(t, oracle.Crate{Sqlx: "0.9.0", Features: []string{}, Calls: []string{`sqlx::query!("SELECT 1 AS a")`}, Files: map[string]string{
				"sqlx.toml": test.text, "Cargo.toml": manifest(`"macros", "sqlite", "sqlx-toml", "chrono"`),
			}})
			sqlx, err := u.sqlx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(sqlx.Unknown) > 0 {
				t.Fatal("not known without", sqlx.Unknown)
			}
			checks, err := u.checks(t.Context(), database.SQLite)
			if err != nil {
				t.Fatal(err)
			}
			var refused []string
			for _, column := range columns {
				d := sqlxdata.Description{Columns: []sqlxdata.Column{{
					Name: column.name, Type: sqlxdata.TypeName(column.kind),
					Origin: &sqlxdata.Origin{Kind: sqlxdata.OriginTable, Table: "t", Name: column.name},
				}}}
				for _, sites := range found.queries {
					if failures, _ := checks.site(sites[0], d); len(failures) > 0 {
						refused = append(refused, column.name)
					}
				}
			}
			if got := strings.Join(refused, " "); got != test.want {
				t.Errorf("refused are %s, want %s", got, test.want)
			}
		})
	}
}

// TestSqlxTOMLOracle wants every call refused beside a sqlx.toml that the macros
// were not made to read, from sqlx 0.9 on.
func TestSqlxTOMLOracle(t *testing.T) {
	for version, want := range map[string]int{"0.8.6": 0, "0.9.0": 2} {
		recording := oracle.Recorded(t, "sqlx-toml-"+version).Expand(t, "sqlx.toml", oracle.Crate{
			Sqlx: version, DatabaseURL: "sqlite:" + filepath.ToSlash(filepath.Join(t.TempDir(), "empty.db")) + "?mode=rwc",
			Calls: []string{`sqlx::query!("SELECT 1 AS a")`, `sqlx::query!("SELECT 2 AS a")`},
			Files: map[string]string{"sqlx.toml": ""},
		})
		if len(recording.Refused) != want {
			t.Errorf("sqlx %s refuses %v, not %d calls", version, recording.Refused, want)
		}
	}
}
