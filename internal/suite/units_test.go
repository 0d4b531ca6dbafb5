package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/config"
)

// facade is a package that knows another one by the name of sqlx, as which that
// hands sqlx on.
const facade = `
-- Cargo.toml --
[workspace]
members = ["app", "mydb"]
resolver = "2"
[workspace.dependencies]
sqlx = { package = "mydb", path = "mydb" }
-- Cargo.lock --
version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["mydb"]
[[package]]
name = "mydb"
version = "0.1.0"
dependencies = ["sqlx"]
[[package]]
name = "sqlx"
version = "0.8.6"
source = "registry+https://github.com/rust-lang/crates.io-index"
-- app/Cargo.toml --
[package]
name = "app"
version = "0.1.0"
edition = "2021"
[dependencies]
DEPENDENCY
-- app/src/lib.rs --
CODE
-- mydb/Cargo.toml --
[package]
name = "mydb"
version = "0.1.0"
edition = "2021"
[dependencies]
sqlx = { version = "=0.8.6", default-features = false, features = ["sqlite", "macros"] }
-- mydb/src/lib.rs --
pub use ::sqlx::*;
pub fn hello() {}
#[macro_export] macro_rules! by_id { ($t:literal) => { $crate::query!("select id from " + $t) } }
`

// TestFacade finds the unit and the queries of a package whose sqlx is another
// crate's. What is found agrees with what cargo wrote.
func TestFacade(t *testing.T) {
	for _, test := range []struct{ name, dependency, code, want string }{
		{"renamed", `sqlx = { package = "mydb", path = "../mydb" }`,
			`pub fn a() { let _ = sqlx::query!("select id from t"); sqlx::hello(); }
			pub fn b() { use sqlx::query_scalar; let _ = query_scalar!("select id as b from t"); }`,
			"app: select id as b from t, select id from t"},
		{"of the workspace", `sqlx.workspace = true`, `fn main() { let _ = sqlx::query!("select id from t"); }`, "app: select id from t"},
		{"a macro of the facade", `sqlx.workspace = true`, `pub fn a() { let _ = sqlx::by_id!("t"); }`, "app: select id from t"},
		{"by the facade's own name, which is no sqlx", `mydb = { path = "../mydb" }`, `pub fn a() {}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := unpackFiles(t, strings.NewReplacer("DEPENDENCY", test.dependency, "CODE", test.code).Replace(facade))
			result, err := ask(t, dir, config.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, u := range result.Units {
				if len(u.Sites) == 0 && u.Path == "mydb" {
					continue
				}
				var queries []string
				for _, s := range u.Sites {
					queries = append(queries, s.Query)
				}
				slices.Sort(queries)
				got += fmt.Sprintf("%s: %s", u.Path, strings.Join(queries, ", "))
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestOuterUnit wants in a workspace's outer `.sqlx` the queries that `cargo sqlx
// prepare --workspace` writes there: also those of members with one of their own.
func TestOuterUnit(t *testing.T) {
	const virtual, rootPackage = "[workspace]\nmembers = [MEMBERS]\nresolver = \"2\"\n", "[package]\nname = \"top\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"
	for _, test := range []struct{ name, root, members, files, want string }{
		{"one of two members has its own", virtual, "a b", "-- .sqlx/SELECT 1 --\n-- a/.sqlx/SELECT 1 --\n", ".: a b; a: a"},
		{"each member has its own", virtual, "a b", "-- .sqlx/SELECT 1 --\n-- a/.sqlx/SELECT 1 --\n-- b/.sqlx/SELECT 1 --\n", ".: a b; a: a; b: b"},
		{"the only member has its own", virtual, "a", "-- .sqlx/SELECT 1 --\n-- a/.sqlx/SELECT 1 --\n", ".: a; a: a"},
		{"of another kind", virtual, "a b", "-- .sqlx/SELECT 1 --\n-- a/.sqlx/SELECT 'POSTGRES' --\n", ".: b; a: a"},
		{"a root package without sqlx", rootPackage + virtual, "a b", "-- src/lib.rs --\n-- .sqlx/SELECT 1 --\n-- a/.sqlx/SELECT 1 --\n", ".: a b; a: a"},
		{"a root package beside its members", rootPackage + "[dependencies]\nsqlx = { version = \"=0.8.6\", features = [\"sqlite\"] }\n" + virtual, "a b",
			"-- src/lib.rs --\nfn f() { sqlx::query!(\"SELECT 'top'\"); }\n-- .sqlx/SELECT 1 --\n-- a/.sqlx/SELECT 1 --\n", ".: top; a: a"},
		{"a root package for all", rootPackage + "[dependencies]\nsqlx = { version = \"=0.8.6\", features = [\"sqlite\"] }\n" + virtual, "a b",
			"-- src/lib.rs --\nfn f() { sqlx::query!(\"SELECT 'top'\"); }\n-- .sqlx/SELECT 1 --\n", ".: a b top"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var list []string
			archive := test.files
			lock := "-- Cargo.lock --\nversion = 4\n"
			for _, name := range append(strings.Fields(test.members), "top") {
				lock += fmt.Sprintf("[[package]]\nname = %q\nversion = \"0.1.0\"\ndependencies = [\"sqlx\"]\n", name)
			}
			for _, name := range strings.Fields(test.members) {
				list = append(list, fmt.Sprintf("%q", name))
				archive += fmt.Sprintf("-- %[1]s/Cargo.toml --\n[package]\nname = %[1]q\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n"+
					"sqlx = { version = \"=0.8.6\", features = [\"sqlite\"] }\n-- %[1]s/src/lib.rs --\nfn f() { sqlx::query!(\"SELECT '%[1]s'\"); }\n", name)
			}
			archive += "-- Cargo.toml --\n" + strings.Replace(test.root, "MEMBERS", strings.Join(list, ", "), 1) + lock +
				"[[package]]\nname = \"sqlx\"\nversion = \"0.8.6\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
			dir := unpackFiles(t, archive)
			ofPostgres(t, dir)
			result, err := ask(t, dir, config.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range result.Units {
				var queries []string
				for _, s := range u.Sites {
					queries = append(queries, strings.Trim(strings.TrimPrefix(s.Query, "SELECT "), "'"))
				}
				slices.Sort(queries)
				got = append(got, u.Path+": "+strings.Join(queries, " "))
			}
			if text := strings.Join(got, "; "); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}

// ofPostgres makes the member's query file that says so one for Postgres.
func ofPostgres(t *testing.T, dir string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "a", ".sqlx", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "POSTGRES") {
			rewrite(t, path, `"db_name": "SQLite"`, `"db_name": "PostgreSQL"`)
		}
	}
}

// TestUncovered wants a word about the queries of a package that is no unit.
func TestUncovered(t *testing.T) {
	const note = "b: no unit takes in its queries (1, the first at b/src/lib.rs:1:10)"
	for _, test := range []struct{ name, files, want string }{
		{"beside a package with a .sqlx", "-- a/.sqlx/SELECT 1 --\n", note},
		{"of a test alone", "-- a/.sqlx/SELECT 1 --\n-- b/src/lib.rs --\n-- b/tests/t.rs --\nfn f() { sqlx::query!(\"SELECT 'b'\"); }\n",
			"b: no unit takes in its queries (1, the first at b/tests/t.rs:1:10)"},
		{"without queries", "-- a/.sqlx/SELECT 1 --\n-- b/src/lib.rs --\n", ""},
		{"whose folder is skipped", "-- a/.sqlx/SELECT 1 --\n-- sqlxmage.toml --\n[[unit]]\npath = \"b\"\nskip = true\n", ""},
		{"taken in by the outer .sqlx", "-- .sqlx/SELECT 1 --\n-- a/.sqlx/SELECT 1 --\n", ""},
		{"taken in by arguments", "-- a/.sqlx/SELECT 1 --\n-- sqlxmage.toml --\n[[unit]]\npath = \"a\"\ncargo-args = [\"-p\", \"a\", \"-p\", \"b\"]\n", ""},
		{"taken in by a configured root", "-- sqlxmage.toml --\n[[unit]]\npath = \".\"\n", ""},
		{"taken in by a configured root's arguments", "-- sqlxmage.toml --\n[[unit]]\npath = \".\"\ncargo-args = [\"--workspace\"]\n", ""},
		{"that knows another crate as sqlx", "-- a/.sqlx/SELECT 1 --\n-- a/src/lib.rs --\npub use sqlx::*;\n-- b/Cargo.toml --\n[package]\nname = \"b\"\nversion = \"0.1.0\"\nedition = \"2021\"\n" +
			"[dependencies]\na = { path = \"../a\" }\n-- b/src/lib.rs --\n#[macro_use] extern crate a as sqlx; fn f() { query!(\"SELECT 'b'\"); }\n", "b: no unit takes in its queries (1, the first at b/src/lib.rs:1:47)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			archive := "-- Cargo.toml --\n[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"2\"\n-- Cargo.lock --\nversion = 4\n" +
				"[[package]]\nname = \"sqlx\"\nversion = \"0.8.6\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
			for _, name := range []string{"a", "b"} {
				archive += fmt.Sprintf("[[package]]\nname = %q\nversion = \"0.1.0\"\ndependencies = [\"sqlx\"]\n", name)
			}
			for _, name := range []string{"a", "b"} {
				archive += fmt.Sprintf("-- %[1]s/Cargo.toml --\n[package]\nname = %[1]q\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n"+
					"sqlx = { version = \"=0.8.6\", features = [\"sqlite\"] }\n-- %[1]s/src/lib.rs --\nfn f() { sqlx::query!(\"SELECT '%[1]s'\"); }\n", name)
			}
			dir := unpackFiles(t, archive+test.files)
			ofPostgres(t, dir)
			result, err := ask(t, dir, config.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, n := range result.Notes {
				before, _, _ := strings.Cut(n, ";")
				got += before
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
