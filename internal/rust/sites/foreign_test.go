package sites

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"

	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

func foreignProject(t *testing.T) string {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "foreign.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return unpack(t, archive)
}

// TestForeignKept finds by what is kept of published crates what their sources
// tell, and reads them again where a folder of vendored ones holds another
// version.
func TestForeignKept(t *testing.T) {
	dir, opts := foreignProject(t), Options{Kept: newStore(t)}
	want := render(dir, scanDir(t, dir, nil, Options{}))
	for range 2 {
		if got := render(dir, scanDir(t, dir, nil, opts)); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
	const lock = "name = \"private\"\nversion = \"1.0.0\""
	for path, change := range map[string][2]string{
		"Cargo.lock":                {lock, strings.Replace(lock, "1.0.0", "1.0.1", 1)},
		"vendor/private/Cargo.toml": {`version = "1.0.0"`, `version = "1.0.1"`},
		"vendor/private/src/lib.rs": {"macro_rules! own", "#[macro_export]\nmacro_rules! own"},
	} {
		path = filepath.Join(dir, filepath.FromSlash(path))
		data, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(data), change[0]) {
			t.Fatal(path, err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), change[0], change[1], 1)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got := render(dir, scanDir(t, dir, nil, opts)); !strings.Contains(got, "out of own!") {
		t.Errorf("the new version's macro is not seen:\n%s", got)
	}
}

func TestExports(t *testing.T) {
	for _, c := range []struct {
		name, source, want string
	}{
		{"nothing", `fn f() {}`, "[]"},
		{"private macro", `macro_rules! m { () => { sqlx::query!("") } }`, "[]"},
		{"query", `#[macro_export] macro_rules! m { () => { $crate::x::query_as!(T, "") } }`, "leads []"},
		{"sqlx", `#[macro_export] macro_rules! m { ($q:ident) => { use sqlx::$q; } }`, "leads [sqlx]"},
		{"include", `#[macro_export] macro_rules! m { () => { include!(concat!(env!("OUT_DIR"), "/a.rs")); } }`, "leads []"},
		{"include_str", `#[macro_export] macro_rules! m { () => { include_str!("a") } }`, "[]"},
		{"an argument is called", `#[macro_export] macro_rules! m { ($n:ident) => { $n!() } }`, "leads []"},
		{"arguments are called", `#[macro_export] macro_rules! m { ($($p:ident)::+) => { $($p)::+!() } }`, "leads []"},
		{"an argument's macro is called", `#[macro_export] macro_rules! m { ($n:ident) => { $n::fetch!() } }`, "leads []"},
		{"not equal", `#[macro_export] macro_rules! m { ($n:ident) => { $n != 1 } }`, "[]"},
		{"attribute in cfg_attr", `#[cfg_attr(all(), macro_export)] macro_rules! m { () => { query!("") } }`, "leads []"},
		{"made by a macro", `macro_rules! make { () => { #[macro_export] macro_rules! m { () => { query!("") } } } }`, "leads []"},
		{"caller's crate", `#[macro_export] macro_rules! m { () => { return ::other::x!() } }`, "[other]"},
		{"caller's crate, imported", `#[macro_export] macro_rules! m { () => { use other::x; x!() } }`, "[other]"},
		{"own module", `#[macro_export] macro_rules! m { () => { $crate::other::x!() } }`, "[]"},
		{"handed on", `pub use a::b; pub use c::*; pub extern crate d; use e::f; pub(crate) use g::h; pub use ::i;`, "[a c d i]"},
		{"handed on in a module", `#[doc(hidden)] pub mod __private { pub use a; }`, "[a]"},
		{"handed on by another name", `use a as b; extern crate c as d; pub use b::x; pub use d::*;`, "[a b c d]"},
		{"broken", `"`, "failed []"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newExportsReader()
			r.source(c.source)
			externs := map[string]*workspace.Extern{}
			for _, name := range strings.Fields("a b c d e f g h i other") {
				externs[name] = &workspace.Extern{Name: name}
			}
			e := r.exports(externs)
			got := fmt.Sprint(e.crates)
			if e.leading {
				got = "leads " + got
			}
			if r.failed {
				got = "failed " + got
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			var back exports
			if !back.decode(string(e.encode())) || !cmp.Equal(back, e, cmp.AllowUnexported(exports{}), cmpopts.EquateEmpty()) {
				t.Errorf("read back: %+v", back)
			}
		})
	}
}

// TestExportedMacros wants the macros that code gets of a crate which it takes
// over whole.
func TestExportedMacros(t *testing.T) {
	for _, c := range []struct {
		name, source, want string
	}{
		{"nothing", `fn query() {} use x::query_as;`, "[] of []"},
		{"private", `macro_rules! query { () => {} }`, "[] of []"},
		{"exported", `#[macro_export] macro_rules! query { () => {} } mod m { #[macro_export] macro_rules! deep { () => {} } }`, "[deep query] of []"},
		{"cfg", `#[cfg(feature = "x")] #[macro_export] macro_rules! query { () => {} }`, "[query] of []"},
		{"cfg of a module", `#[cfg(feature = "x")] mod m { #[macro_export] macro_rules! query { () => {} } }`, "[query] of []"},
		{"procedural", `#[proc_macro] #[doc = "fn x"] pub fn query(input: TokenStream) -> TokenStream { input }`, "[query] of []"},
		{"derive and attribute", `#[proc_macro_derive(X)] pub fn x(i: T) -> T { i } #[proc_macro_attribute] pub fn y(a: T, i: T) -> T { i }`, "[] of []"},
		{"made by a macro", `macro_rules! make { () => { #[macro_export] macro_rules! query { () => {} } } }`, "[query] of []"},
		{"made by a macro, of any name", `macro_rules! make { ($n:ident) => { #[macro_export] macro_rules! $n { () => {} } } }`, "[$] of []"},
		{"procedural, made by a macro", `macro_rules! make { ($n:ident) => { #[proc_macro] pub fn $n(i: T) -> T { i } } }`, "[$] of []"},
		{"handed on", `pub use a::query; pub use b::x as query_as; pub use c::*;`, "[query query_as] of [c]"},
		{"handed on by another name", `use a as other_name; pub use other_name::*;`, "[] of [a]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newExportsReader()
			r.source(c.source)
			externs := map[string]*workspace.Extern{}
			for _, name := range strings.Fields("a b c") {
				externs[name] = &workspace.Extern{Name: name}
			}
			e := r.exports(externs)
			if got := fmt.Sprintf("%v of %v", e.macros, e.globs); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func FuzzExports(f *testing.F) {
	for _, e := range []exports{{}, {leading: true}, {crates: []string{"a", "bc"}}, {macros: []string{"m"}, globs: []string{"c"}}} {
		f.Add(string(e.encode()))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var e, again exports
		if e.decode(text) && (!again.decode(string(e.encode())) || !cmp.Equal(again, e, cmp.AllowUnexported(exports{}))) {
			t.Errorf("%q: %+v, then %+v", text, e, again)
		}
	})
}
