package suite

import (
	"fmt"
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
