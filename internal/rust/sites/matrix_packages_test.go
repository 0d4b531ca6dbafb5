package sites

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// packages is a workspace in which queries pass from one package to the other:
// by exported macros, re-exports, renamed dependencies, features; in all
// editions, and with targets that the manifests declare. A `{…}` becomes a
// literal with a query of its own, which the text in the braces names.
const packages = `
-- Cargo.toml --
[workspace]
resolver = "2"
members = ["helper", "user", "renamed", "old", "targets", "newest"]
[workspace.dependencies]
sqlx = { version = "=0.8.6", default-features = false, features = ["sqlite", "macros", "runtime-tokio"] }
db = { package = "sqlx", version = "=0.8.6", default-features = false, features = ["sqlite", "macros", "runtime-tokio"] }
-- helper/Cargo.toml --
[package]
name = "helper"
version = "0.1.0"
edition = "2018"
[features]
extra = []
[dependencies]
sqlx.workspace = true
-- helper/src/lib.rs --
pub use sqlx;
pub use sqlx as db;
pub use sqlx::query as exported_query;
pub mod prelude { pub use sqlx::{query_scalar, query as ask_me}; pub use crate::ask_db; }
#[macro_export] macro_rules! ask { ($q:literal) => { $crate::sqlx::query!($q) }; }
#[macro_export] macro_rules! ask_here { ($q:literal) => { sqlx::query!($q) }; }
#[macro_export] macro_rules! ask_db { ($q:literal) => { $crate::db::query_scalar!($q) }; }
#[macro_export] macro_rules! ask_hidden { ($q:literal) => { $crate::__hidden!(@go $q) }; }
#[doc(hidden)] #[macro_export] macro_rules! __hidden { (@go $q:literal) => { $crate::exported_query!($q) }; }
#[macro_export] macro_rules! make { ($n:ident, $q:literal) => { fn $n() { drop($crate::sqlx::query!($q)) } }; }
#[macro_export] macro_rules! make_macro { ($n:ident, $q:literal) => { macro_rules! $n { () => { sqlx::query!($q) }; } }; }
#[macro_export(local_inner_macros)] macro_rules! inner_macros { ($q:literal) => { ask_here!($q) }; }
#[macro_export] macro_rules! by_feature { () => { $crate::feature_query!() }; }
#[cfg(feature = "extra")] #[macro_export] macro_rules! feature_query { () => { sqlx::query!({helper with extra}) }; }
#[cfg(not(feature = "extra"))] #[macro_export] macro_rules! feature_query { () => { sqlx::query!({helper without extra}) }; }
macro_rules! private { ($q:literal) => { sqlx::query!($q) }; }
fn own() { drop(private!({helper's own})); drop(crate::ask!({helper's by path})); drop(by_feature!()); }
#[cfg(feature = "extra")] fn extra() { drop(sqlx::query!({helper's extra})); }
-- user/Cargo.toml --
[package]
name = "user"
version = "0.1.0"
edition = "2021"
[dependencies]
sqlx.workspace = true
helper = { path = "../helper", features = ["extra"] }
-- user/src/lib.rs --
#[macro_use] extern crate helper;
fn a() { drop(ask!({macro_use})); drop(helper::ask_here!({by path})); drop(::helper::ask_db!({by global path})); drop(ask_hidden!({hidden})); }
fn b() { drop(helper::sqlx::query!({re-exported crate})); drop(helper::exported_query!({re-exported macro})); }
fn c() { use helper::db; drop(db::query!({alias re-exported})); }
mod d { use helper::prelude::*; fn f() { drop(query_scalar!({glob of a prelude})); drop(ask_me!({alias in a prelude})); drop(ask_db!({macro in a prelude})); } }
make!(e, {makes a function});
helper::make!(f, {makes a function by path});
fn g() { drop(inner_macros!({local_inner_macros})); drop(by_feature!()); }
mod h { make_macro!(of_macro, {makes a macro}); fn f() { drop(of_macro!()); } }
mod i { macro_rules! ask { ($q:literal) => { $q }; } fn f() { drop(ask!({shadowed})); drop(helper::ask!({not shadowed})); } }
mod j { mod helper { macro_rules! ask { ($q:literal) => { $q }; } pub(crate) use ask; } fn f() { drop(helper::ask!({a module of the crate's name})); drop(::helper::ask!({the crate itself})); } }
-- user/tests/it.rs --
#[test] fn a() { drop(helper::ask!({in a test})); }
-- renamed/Cargo.toml --
[package]
name = "renamed"
version = "0.1.0"
edition = "2021"
[dependencies]
db.workspace = true
-- renamed/src/lib.rs --
extern crate db as sqlx;
mod a { use db as sqlx; fn f() { drop(db::query!({renamed})); drop(sqlx::query!({renamed, by alias})); } }
mod b { use sqlx::query as q; fn f() { use db as sqlx; drop(q!({renamed, imported})); } }
-- old/Cargo.toml --
[package]
name = "old"
version = "0.1.0"
edition = "2015"
[dependencies]
sqlx.workspace = true
-- old/src/lib.rs --
#[macro_use] extern crate sqlx;
fn a() { drop(query!({2015, macro_use})); drop(sqlx::query!({2015, path})); drop(::sqlx::query!({2015, global path})); }
mod m { use sqlx; use sqlx::query_scalar as s; fn a() { drop(s!({2015, import from the root})); drop(query!({2015, macro_use below})); drop(::sqlx::query!({2015, global path below})); } mod deep { use m::s; use sqlx; fn a() { drop(s!({2015, by a module})); } } }
-- targets/Cargo.toml --
[package]
name = "targets"
version = "0.1.0"
edition = "2021"
autobins = false
autotests = false
[lib]
name = "other_name"
path = "code/lib.rs"
test = false
[[bin]]
name = "b"
path = "code/b.rs"
test = false
[[bin]]
name = "gated"
path = "code/gated.rs"
required-features = ["gate"]
[[example]]
name = "tested"
test = true
[[test]]
name = "t"
path = "code/t.rs"
[[test]]
name = "no_test"
path = "code/no_test.rs"
test = false
[[bench]]
name = "speed"
harness = false
test = true
[features]
gate = []
[dependencies]
sqlx.workspace = true
-- targets/code/lib.rs --
fn a() { drop(sqlx::query!({lib})); }
#[cfg(test)] fn b() { drop(sqlx::query!({lib in test mode})); }
-- targets/code/b.rs --
fn main() { drop(sqlx::query!({bin})); }
#[cfg(test)] fn b() { drop(sqlx::query!({bin in test mode})); }
-- targets/code/gated.rs --
fn main() { drop(sqlx::query!({gated bin})); }
#[test] fn b() { drop(sqlx::query!({gated bin's test})); }
-- targets/code/t.rs --
#[test] fn b() { drop(sqlx::query!({test})); }
-- targets/code/no_test.rs --
fn a() { drop(sqlx::query!({test without test})); }
#[test] fn b() { drop(sqlx::query!({test without test, its test})); }
-- targets/src/main.rs --
fn main() { drop(sqlx::query!({not a target})); }
-- targets/tests/unlisted.rs --
#[test] fn b() { drop(sqlx::query!({unlisted test})); }
-- targets/examples/tested.rs --
fn main() { drop(sqlx::query!({example})); }
#[test] fn b() { drop(sqlx::query!({example's test})); }
-- targets/benches/speed.rs --
fn main() { drop(sqlx::query!({bench})); }
#[cfg(test)] fn b() { drop(sqlx::query!({bench in test mode})); }
-- newest/Cargo.toml --
[package]
name = "newest"
version = "0.1.0"
edition = "2024"
[dependencies]
sqlx.workspace = true
-- newest/src/lib.rs --
macro_rules! m { ($e:expr_2021) => { 1 }; (const $b:block) => { $b }; }
fn a() { m!(const { drop(sqlx::query!({2024, const block})) }); }
fn b(x: Option<u8>) { #[cfg(all())] if let Some(1) = x && let Some(2) = x && true { drop(sqlx::query!({2024, let chain})) } }
fn c(x: Option<u8>) { #[cfg(any())] if let Some(1) = x && let Some(2) = x { drop(sqlx::query!({2024, let chain, off})) } drop(sqlx::query!({2024, behind it})) }
unsafe extern "C" { #[cfg(any())] safe fn d(); }
fn e() -> impl Sized + use<> { #[cfg(any())] use std as sqlx; sqlx::query!({2024, use of a bound}) }
#[unsafe(no_mangle)] extern "C" fn f() { let g = async |_: u8| { drop(sqlx::query!({2024, async closure})) }; drop(g); }
`

// TestMatrixPackages compares the scan with the query files that sqlx's macros
// write in real runs of cargo check over a workspace.
func TestMatrixPackages(t *testing.T) {
	c := newChecked(t, "packages")
	m := &matrix{sql: make(map[string]string)}
	m.unpack(t, c.dir)
	c.putLock(t)
	for _, args := range []string{
		"-p user", "-p user --all-targets", "-p helper", "-p helper --features extra", "--workspace", "--workspace --all-targets",
		"-p targets", "-p targets --tests", "-p targets --all-targets", "-p targets --all-features --all-targets",
		"-p targets --bins --features gate", "-p targets --lib --example tested", "-p targets --benches", "-p targets --examples",
		"-p renamed", "-p old", "-p newest", "-p targets --bin b --test t", "-p targets --profile test",
		"--workspace --exclude helper --exclude user",
	} {
		t.Run(args, func(t *testing.T) {
			fields := strings.Fields(args)
			result := c.compare(t, m, fields, packagesOf(t, c.dir, fields)...)
			for _, b := range result.Blind {
				t.Errorf("blind: %s", b)
			}
		})
	}
}

// packagesOf returns the names of the packages that the arguments select.
func packagesOf(t *testing.T, dir string, args []string) []string {
	t.Helper()
	var names []string
	for _, comp := range planOf(t, dir, args).Compilations {
		if !slices.Contains(names, comp.Package.Name) {
			names = append(names, comp.Package.Name)
		}
	}
	return names
}

// unpack writes the workspace, with a query for each text in braces that
// stands where a literal does.
func (m *matrix) unpack(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, file := range txtar.Parse([]byte(packages)).Files {
		text := string(file.Data)
		for strings.HasSuffix(file.Name, ".rs") {
			before, rest, ok := cutBrace(text)
			if !ok {
				break
			}
			name, after, _ := strings.Cut(rest, "}")
			text = before + m.q("%s: %s", file.Name, name) + after
		}
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// cutBrace cuts text around the first `{` that is the beginning of an argument.
func cutBrace(text string) (before, after string, ok bool) {
	at := -1
	for _, lead := range []string{"!({", ", {"} {
		if i := strings.Index(text, lead); i >= 0 && (at < 0 || i+len(lead)-1 < at) {
			at = i + len(lead) - 1
		}
	}
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+1:], true
}
