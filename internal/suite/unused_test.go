package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
)

// outside is a workspace with a unit at its root and one in a member, whose
// `.sqlx` hold the file of SELECT 1, which every library of it has, and that of
// 'lost'.
const outside = `
-- Cargo.toml --
[workspace]
members = ["app", "other", "alone"]
exclude = ["shared"]
resolver = "2"
-- Cargo.lock --
version = 4
[[package]]
name = "alone"
version = "0.1.0"
dependencies = ["shared", "sqlx"]
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["sqlx"]
[[package]]
name = "other"
version = "0.1.0"
dependencies = ["sqlx"]
[[package]]
name = "shared"
version = "0.1.0"
dependencies = ["sqlx"]
[[package]]
name = "sqlx"
version = "0.8.6"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["sqlx-macros"]
[[package]]
name = "sqlx-macros"
version = "0.8.6"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["sqlx-macros-core"]
[[package]]
name = "sqlx-macros-core"
version = "0.8.6"
source = "registry+https://github.com/rust-lang/crates.io-index"
-- app/Cargo.toml --
[package]
name = "app"
version = "0.1.0"
edition = "2021"
[features]
default = ["on"]
on = []
off = []
extra = []
[dependencies]
sqlx = { version = "0.8", features = ["sqlite", "macros"] }
-- app/src/lib.rs --
fn a() { sqlx::query!("SELECT 1"); }
-- other/Cargo.toml --
[package]
name = "other"
version = "0.1.0"
edition = "2021"
[features]
more = []
[dependencies]
sqlx = { version = "0.8", features = ["sqlite", "macros"] }
-- other/src/lib.rs --
-- shared/Cargo.toml --
[package]
name = "shared"
version = "0.1.0"
edition = "2021"
[dependencies]
sqlx = { version = "0.8", features = ["sqlite", "macros"] }
-- shared/src/lib.rs --
-- alone/Cargo.toml --
[package]
name = "alone"
version = "0.1.0"
edition = "2021"
[dependencies]
shared = { path = "../shared" }
sqlx = { version = "0.8", features = ["sqlite", "macros"] }
-- alone/src/lib.rs --
fn a() { sqlx::query!("SELECT 1"); }
-- .sqlx/SELECT 1 --
-- .sqlx/SELECT 'lost' --
-- alone/.sqlx/SELECT 1 --
-- alone/.sqlx/SELECT 'lost' --
-- sqlxmage.toml --
[[unit]]
path = "."
cargo-args = ["-p", "app"]
[[unit]]
path = "alone"
`

// TestUnused says of a file whose query the unit's arguments do not take in
// what prepare does with it, and why.
func TestUnused(t *testing.T) {
	const lost = "fn b() { sqlx::query!(\"SELECT 'lost'\"); }\n"
	lib := func(text string) string {
		return "-- app/src/lib.rs --\nfn a() { sqlx::query!(\"SELECT 1\"); }\n" + text
	}
	for _, test := range []struct {
		name, unit, more string
		want             string // "" where it is removed
	}{
		{name: "nowhere"},
		{name: "in a string that no query macro has", more: lib(`const A: &str = "SELECT 'lost'";`)},
		{name: "in a comment", more: lib("// " + lost)},
		{name: "where nothing ever compiles it", more: lib("#[cfg(any())] " + lost)},
		{name: "test target", more: "-- app/tests/api.rs --\n\n" + lost, want: "app/tests/api.rs:2, with --all-targets"},
		{name: "example", more: "-- app/examples/e/main.rs --\n" + lost, want: "app/examples/e/main.rs:1, with --all-targets"},
		{name: "module of a test target", more: "-- app/tests/api.rs --\nmod m;\n-- app/tests/m/mod.rs --\n" + lost, want: "app/tests/m/mod.rs:1, with --all-targets"},
		{name: "cfg(test)", more: lib("#[cfg(test)] mod t { " + lost + "}"), want: "app/src/lib.rs:2, with --all-targets"},
		{name: "test function", more: lib("#[test] " + lost), want: "app/src/lib.rs:2, with --all-targets"},
		{name: "feature", more: lib("#[cfg(feature = \"extra\")] " + lost), want: "app/src/lib.rs:2, with --features extra"},
		{name: "two features", more: lib("#[cfg(all(feature = \"off\", feature = \"extra\"))] " + lost), want: "app/src/lib.rs:2, with --features extra,off"},
		{name: "without a default feature", more: lib("#[cfg(not(feature = \"on\"))] " + lost), want: "app/src/lib.rs:2, with --no-default-features"},
		{name: "test and feature", more: "-- app/tests/api.rs --\n#![cfg(feature = \"extra\")]\n" + lost, want: "app/tests/api.rs:2, with --all-targets --features extra"},
		{name: "windows", more: lib("#[cfg(windows)] " + lost), want: "app/src/lib.rs:2, on windows"},
		{name: "macOS", more: lib("#[cfg(target_os = \"macos\")] " + lost), want: "app/src/lib.rs:2, on macos"},
		{name: "test on windows", more: lib("#[cfg(windows)] #[test] " + lost), want: "app/src/lib.rs:2, with --all-targets, on windows"},
		{name: "cfg of a flag", more: lib("#[cfg(special)] " + lost), want: "app/src/lib.rs:2, where cfg(special) holds"},
		{name: "module by cfg_attr", more: lib("#[cfg_attr(windows, path = \"w.rs\")] #[cfg_attr(target_os = \"macos\", path = \"m.rs\")] mod sys;\n-- app/src/sys.rs --\n-- app/src/w.rs --\n-- app/src/m.rs --\n" + lost),
			want: "app/src/m.rs:1, on macos"},
		{name: "macro by cfg", more: lib("#[cfg(feature = \"extra\")] macro_rules! q { () => { sqlx::query!(\"SELECT 'lost'\") } }\n" +
			"#[cfg(not(feature = \"extra\"))] macro_rules! q { () => { sqlx::query!(\"SELECT 1\") } }\nfn b() { q!(); }"),
			want: "app/src/lib.rs:4, with --features extra"},
		{name: "import by cfg", more: lib("#[cfg(not(feature = \"extra\"))] use std::println as q;\n#[cfg(feature = \"extra\")] use sqlx::query as q;\nfn b() { q!(\"SELECT 'lost'\"); }"),
			want: "app/src/lib.rs:4, with --features extra"},
		{name: "package", more: "-- other/src/lib.rs --\n" + lost, want: "other/src/lib.rs:1, with --workspace"},
		{name: "test of a package", more: "-- other/tests/t.rs --\n" + lost, want: "other/tests/t.rs:1, with --workspace --all-targets"},
		{name: "feature of a package", more: "-- other/src/lib.rs --\n#[cfg(feature = \"more\")]\n" + lost, want: "other/src/lib.rs:2, with --workspace --features more"},
		{name: "package outside the workspace", more: "-- shared/src/lib.rs --\n" + lost, want: "shared/src/lib.rs:1, in package shared, which the unit's arguments leave out"},
		{name: "package that the unit is compiled with", unit: "alone", more: "-- shared/src/lib.rs --\n" + lost, want: "shared/src/lib.rs:1, in package shared, which the unit's arguments leave out"},
		{name: "package with which the unit has nothing in common", unit: "alone", more: "-- other/src/lib.rs --\n" + lost},
		{name: "where it may be unseen", more: "-- app/tests/api.rs --\nfn b() { unknown! { sqlx::query!(\"SELECT 2\") } }\n",
			want: "its query may stand where it is not seen: app/tests/api.rs:1:10: inside `unknown!`, which may change or leave it out"},
		{name: "package that cannot be read", more: "-- other/src/lib.rs --\n" + lost + "-- other/Cargo.toml --\n[package\n",
			want: "its query may stand where it is not seen: other/Cargo.toml:1:9: expected '.' or ']' to end table name, but got '\\n' instead"},
		{name: "source that does not lex", more: "-- app/tests/api.rs --\n\"\n",
			want: "its query may stand where it is not seen: app/tests/api.rs:1:1: unterminated string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			unit := test.unit
			if unit == "" {
				unit = "."
			}
			dir := unpackFiles(t, outside+test.more)
			result, err := PrepareCheck(context.Background(), Request{Dir: dir, Options: config.Options{Offline: true, Units: []string{unit}}, Listener: silent{}})
			var stale *StaleError
			if removed := test.want == ""; errors.As(err, &stale) != removed || err != nil && !removed {
				t.Errorf("error %v", err)
			}
			got := ""
			for _, f := range result.Units[0].Unused {
				if f.Query != "SELECT 'lost'" {
					t.Errorf("unused: %q", f.Query)
				}
				if f.Action == report.Kept {
					got = f.Reason
				}
				if f.Place != nil {
					got = fmt.Sprintf("%s:%d, %s", f.File, f.Line, f.Reason)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// TestNothingLeft: that all files go is right only where no query is left.
func TestNothingLeft(t *testing.T) {
	for _, test := range []struct {
		name, more string

		err string
	}{
		{name: "another query, in a test", more: "-- app/src/lib.rs --\n-- app/tests/api.rs --\nfn b() { sqlx::query!(\"SELECT 2\"); }\n",
			err: "unit .: all 2 query files would go, though the sources hold queries: app/tests/api.rs:1, with --all-targets;"},
		{name: "no query at all", more: "-- app/src/lib.rs --\n-- alone/src/lib.rs --\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			more := test.more
			if !strings.Contains(more, "alone/src") {
				more += "-- alone/src/lib.rs --\n"
			}
			dir := unpackFiles(t, outside+more)
			result, err := PrepareCheck(context.Background(), Request{Dir: dir, Options: config.Options{Offline: true, Units: []string{"."}}, Listener: silent{}})
			var usage *config.Error
			if errors.As(err, &usage) != (test.err != "") || !strings.Contains(fmt.Sprint(err), test.err) {
				t.Errorf("error %v", err)
			}
			removed := slices.ContainsFunc(result.Units[0].Unused, func(f report.Unused) bool { return f.Action == report.Removed })
			if removed != (test.err == "") {
				t.Errorf("unused: %+v", result.Units[0].Unused)
			}
		})
	}
}

// TestSharedData: two units whose `.sqlx` is one folder do not take each other's
// files away.
func TestSharedData(t *testing.T) {
	dir := unpackFiles(t, outside+"-- other/src/lib.rs --\nfn b() { sqlx::query!(\"SELECT 'lost'\"); }\n"+
		"-- sqlxmage.toml --\n[[unit]]\npath = \"alone\"\n[[unit]]\npath = \"other\"\n")
	if err := os.Symlink(filepath.Join(dir, "alone", ".sqlx"), filepath.Join(dir, "other", ".sqlx")); err != nil {
		t.Skip(err)
	}
	result, err := PrepareCheck(context.Background(), Request{Dir: dir, Options: config.Options{Offline: true, Units: []string{"alone"}}, Listener: silent{}})
	if err != nil {
		t.Error(err)
	}
	if files := result.Units[0].Unused; len(files) != 1 || files[0].Action != report.Kept || files[0].Place.File != "other/src/lib.rs" {
		t.Errorf("unused: %+v", files)
	}
}
