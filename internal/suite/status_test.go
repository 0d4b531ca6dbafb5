package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// sample is a root of two units. A file `.sqlx/SQL` is the query file of that
// text.
const sample = `
-- sqlxmage.toml --
-- one/Cargo.toml --
[package]
name = "one"
version = "0.1.0"
edition = "2021"
[features]
postgres = []
sqlite = []
[dependencies]
sqlx = { version = "0.8", features = ["sqlite", "macros"] }
-- one/Cargo.lock --
version = 4
[[package]]
name = "one"
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
-- one/src/lib.rs --
macro_rules! find { ($t:literal) => { sqlx::query_scalar!("SELECT id FROM " + $t) }; }
fn a() {
    sqlx::query!("SELECT 1");
    sqlx::query!(
        "SELECT 2",
    );
    find!("users");
    sqlx::query_file!("sql/long.sql");
    sqlx::query!("SELECT 1");
}
#[cfg(test)]
mod tests { fn t() { sqlx::query!("SELECT 'test'"); } }
#[cfg(all(feature = "postgres", not(feature = "sqlite")))]
fn p() { sqlx::query!("SELECT 'postgres'"); }
#[cfg(all(feature = "sqlite", not(feature = "postgres")))]
fn s() { sqlx::query!("SELECT 'sqlite'"); }
-- one/sql/long.sql --
SELECT 3,
       4
-- one/.sqlx/SELECT 1 --
-- one/.sqlx/SELECT id FROM users --
-- one/.sqlx/SELECT 'old' --
-- two/Cargo.toml --
[package]
name = "two"
version = "0.1.0"
edition = "2021"
[dependencies]
sqlx = { version = "0.8", features = ["sqlite", "macros"] }
-- two/Cargo.lock --
version = 4
[[package]]
name = "two"
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
-- two/src/lib.rs --
fn a() { sqlx::query!("SELECT 1"); unknown! { sqlx::query!("SELECT 5"); } }
-- two/.sqlx/SELECT 1 --
-- two/.sqlx/SELECT 'seen by cargo alone' --
`

// unpackSample writes the sample, with files of its own added, and makes the
// machine one without programs: neither compiler nor database.
func unpackSample(t *testing.T, more string) string {
	t.Helper()
	return unpackFiles(t, sample+more)
}

// unpackFiles writes the files of an archive, of which the later ones replace
// the earlier; see unpackSample.
func unpackFiles(t *testing.T, archive string) string {
	t.Helper()
	t.Setenv("PATH", "")
	t.Setenv("RUSTC", "")
	t.Setenv("CARGO_TARGET_DIR", "")
	t.Setenv("DATABASE_URL", "")
	t.Setenv("CARGO_HOME", t.TempDir())
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		folder, text := filepath.Split(path)
		if filepath.Base(folder) == ".sqlx" {
			hash := sqlxdata.Hash(text)
			f := sqlxdata.File{DBName: "SQLite", Query: text, Describe: sqlxdata.Description{Parameters: &sqlxdata.Parameters{}}, Hash: hash}
			path, file.Data = filepath.Join(folder, sqlxdata.FileName(hash)), f.Encode()
		}
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func ask(t *testing.T, dir string, options config.Options) (*report.Result, error) {
	t.Helper()
	return Status(context.Background(), Request{Dir: dir, Options: options, Listener: silent{}})
}

// silent is a listener that hears nothing.
type silent struct{ bytes.Buffer }

func (silent) Progress(string)             {}
func (silent) Say(string)                  {}
func (silent) Write(b []byte) (int, error) { return len(b), nil }

// lines writes a unit's findings, one a line.
func lines(u report.Unit) string {
	var b strings.Builder
	for _, s := range u.Sites {
		fmt.Fprintf(&b, "%s %s %q in %s: %s\n", s.Place, s.Kind, s.Query, s.Target, s.State)
	}
	var differences []string
	for _, d := range u.Differences {
		differences = append(differences, fmt.Sprintf("%s %q\n", d.Kind, d.Query))
	}
	slices.Sort(differences)
	b.WriteString(strings.Join(differences, ""))
	for _, f := range u.Unused {
		if f.Action == report.Removed {
			continue // among the differences
		}
		at := ""
		if f.Place != nil {
			at = fmt.Sprintf("%s:%d, ", f.File, f.Line)
		}
		fmt.Fprintf(&b, "%s %q: %s%s\n", f.Action, f.Query, at, f.Reason)
	}
	for _, x := range u.Blind {
		fmt.Fprintf(&b, "blind %s %s: %s\n", x.Place, x.Kind, x.Reason)
	}
	for _, n := range u.Notes {
		fmt.Fprintf(&b, "note %s\n", n)
	}
	if u.Error != "" {
		fmt.Fprintf(&b, "error %s\n", u.Error)
	}
	return b.String()
}

func TestStatus(t *testing.T) {
	dir := unpackSample(t, "")
	before := tree(t, dir)
	result, err := ask(t, dir, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`one/src/lib.rs:3:5 query "SELECT 1" in lib: present
one/src/lib.rs:4:5 query "SELECT 2" in lib: missing
one/src/lib.rs:7:5 query_scalar "SELECT id FROM users" in lib: present
one/src/lib.rs:8:5 query_file "SELECT 3,\n       4\n" in lib: missing
one/src/lib.rs:9:5 query "SELECT 1" in lib: present
missing "SELECT 2"
missing "SELECT 3,\n       4\n"
unused "SELECT 'old'"
`, `two/src/lib.rs:1:10 query "SELECT 1" in lib: present
two/src/lib.rs:1:47 query "SELECT 5" in lib: missing
missing "SELECT 5"
kept "SELECT 'seen by cargo alone'": its query may stand where it is not seen: two/src/lib.rs:1:36: inside ` + "`unknown!`" + `, which may change or leave it out
blind two/src/lib.rs:1:36 invocation: inside ` + "`unknown!`" + `, which may change or leave it out
note files are kept though the unit's arguments take in no query of theirs; ` + "`mage prepare -prune` removes them" + `
`}
	for i, u := range result.Units {
		if diff := cmp.Diff(want[i], lines(u)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", u.Path, diff)
		}
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("status changed files:\n%s", diff)
	}
}

// tree returns the content of all files but those that are kept.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == "target" {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestStatusLookUp(t *testing.T) {
	dir := unpackSample(t, "")
	hash := sqlxdata.Hash("SELECT 2")
	old := sqlxdata.Hash("SELECT 'old'")
	hidden := sqlxdata.Hash("SELECT 'seen by cargo alone'")
	two := "one/src/lib.rs:4:5 query \"SELECT 2\" in lib: missing\n"
	file := "one/src/lib.rs:8:5 query_file \"SELECT 3,\\n       4\\n\" in lib: missing\n"
	for _, test := range []struct {
		name, from string
		options    config.Options
		want       string // of both units
		err        string
	}{
		{name: "hash", options: config.Options{Query: hash}, want: two},
		{name: "beginning of a hash", options: config.Options{Query: hash[:9]}, want: two},
		{name: "file name", options: config.Options{Query: "one/.sqlx/query-" + hash + ".json"}, want: two},
		{name: "unused file", options: config.Options{Query: old}, want: "unused \"SELECT 'old'\"\n"},
		{name: "file that nothing accounts for", options: config.Options{Query: hidden[:20]},
			want: "kept \"SELECT 'seen by cargo alone'\": its query may stand where it is not seen: two/src/lib.rs:1:36: inside `unknown!`, which may change or leave it out\n"},
		{name: "first line", options: config.Options{Site: "one/src/lib.rs:4"}, want: two},
		{name: "last line", options: config.Options{Site: "one/src/lib.rs:6"}, want: two},
		{name: "line and column", options: config.Options{Site: "one/src/lib.rs:5:9"}, want: two},
		{name: "from a folder", from: "one/src", options: config.Options{Site: "lib.rs:5"}, want: two},
		{name: "as a message names it", from: "one/src", options: config.Options{Site: "one/src/lib.rs:5"}, want: two},
		{name: "absolute", from: "two", options: config.Options{Site: filepath.Join(dir, "one", "src", "lib.rs:5")}, want: two},
		{name: "SQL file", options: config.Options{Site: "one/sql/long.sql:2"}, want: file},
		{name: "call of the macro around it", options: config.Options{Site: "one/src/lib.rs:7"},
			want: "one/src/lib.rs:7:5 query_scalar \"SELECT id FROM users\" in lib: present\n"},
		{name: "text inside a macro", options: config.Options{Site: "one/src/lib.rs:1"},
			want: "one/src/lib.rs:7:5 query_scalar \"SELECT id FROM users\" in lib: present\n"},
		{name: "both", options: config.Options{Query: hash, Site: "one/src/lib.rs:3"}, err: "no query has"},
		{name: "no such hash", options: config.Options{Query: "0123456789"}, err: "no query has"},
		{name: "no query there", options: config.Options{Site: "one/src/lib.rs:2"}, err: "no query has"},
		{name: "no line", options: config.Options{Site: "one/src/lib.rs"}, err: "it must be FILE:LINE"},
		{name: "line 0", options: config.Options{Site: "one/src/lib.rs:0"}, err: "it must be FILE:LINE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, err := ask(t, filepath.Join(dir, filepath.FromSlash(test.from)), test.options)
			if test.err != "" {
				var usage *config.Error
				if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, u := range result.Units {
				got += lines(u)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// TestOffline changes what a unit's queries depend on, on a machine with
// neither compiler nor database.
func TestOffline(t *testing.T) {
	const right = `
-- one/src/lib.rs --
fn a() { sqlx::query!("SELECT 1"); sqlx::query_file!("sql/long.sql"); }
-- one/sql/long.sql --
SELECT id FROM users
-- two/src/lib.rs --
fn a() { sqlx::query!("SELECT 1"); sqlx::query!("SELECT 'seen by cargo alone'"); }
`
	for _, test := range []struct {
		name, more string
		damage     string // the text of the query whose file is cut
		want       string
		stale      bool
	}{
		{name: "as it was"},
		{name: "changed text", more: "-- one/src/lib.rs --\nfn a() { sqlx::query!(\"SELECT  1\"); sqlx::query_file!(\"sql/long.sql\"); }\n",
			want: "one/src/lib.rs:1:10 query \"SELECT  1\" in lib: missing\nmissing \"SELECT  1\"\nunused \"SELECT 1\"\n", stale: true},
		{name: "changed file", more: "-- one/sql/long.sql --\nSELECT 8\n",
			want: "one/src/lib.rs:1:36 query_file \"SELECT 8\\n\" in lib: missing\nmissing \"SELECT 8\\n\"\nunused \"SELECT id FROM users\\n\"\n", stale: true},
		{name: "new module", more: "-- one/src/lib.rs --\nmod m; fn a() { sqlx::query!(\"SELECT 1\"); sqlx::query_file!(\"sql/long.sql\"); }\n-- one/src/m.rs --\nfn a() { sqlx::query!(\"SELECT 9\"); }\n",
			want: "one/src/m.rs:1:10 query \"SELECT 9\" in lib: missing\nmissing \"SELECT 9\"\n", stale: true},
		{name: "removed query, hidden by a blind spot", more: "-- two/src/lib.rs --\nfn a() { unknown! { sqlx::query!(\"SELECT 1\") } }\n",
			want: "kept \"SELECT 'seen by cargo alone'\": its query may stand where it is not seen: two/src/lib.rs:1:10: inside `unknown!`, which may change or leave it out\n" +
				"blind two/src/lib.rs:1:10 invocation: inside `unknown!`, which may change or leave it out\n" +
				"note files are kept though the unit's arguments take in no query of theirs; `mage prepare -prune` removes them\n"},
		{name: "damaged file", damage: "SELECT 1", want: "corrupt \"\"\n", stale: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := unpackSample(t, right+test.more)
			remove(t, dir, "one", "SELECT 'old'", "SELECT id FROM users")
			f := sqlxdata.File{DBName: "SQLite", Query: "SELECT id FROM users\n", Describe: sqlxdata.Description{Parameters: &sqlxdata.Parameters{}}, Hash: sqlxdata.Hash("SELECT id FROM users\n")}
			if err := os.WriteFile(filepath.Join(dir, "one", ".sqlx", sqlxdata.FileName(f.Hash)), f.Encode(), 0o666); err != nil {
				t.Fatal(err)
			}
			if test.damage != "" {
				path := filepath.Join(dir, "one", ".sqlx", sqlxdata.FileName(sqlxdata.Hash(test.damage)))
				if err := os.Truncate(path, 50); err != nil {
					t.Fatal(err)
				}
			}
			result, err := PrepareCheck(context.Background(), Request{Dir: dir, Options: config.Options{Offline: true}, Listener: silent{}})
			var stale *StaleError
			if errors.As(err, &stale) != test.stale || err != nil && !test.stale {
				t.Errorf("error %v", err)
			}
			got := ""
			for _, u := range result.Units {
				u.Sites = slices.DeleteFunc(u.Sites, func(s report.Site) bool { return s.State == "present" })
				got += lines(u)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// TestOfflineRefusals holds calls against the committed descriptions, where the
// macros' rules for them are known and all that is compiled is seen.
func TestOfflineRefusals(t *testing.T) {
	for _, test := range []struct {
		name, database, source, lock string
		refused                      bool
		notChecked                   string
	}{
		{name: "one argument too few", database: "SQLite", source: `fn a() { sqlx::query!("SELECT ?"); }`, refused: true},
		{name: "enough", database: "SQLite", source: `fn a() { sqlx::query!("SELECT ?", 1); }`},
		{name: "another database", database: "MySQL", source: `fn a() { sqlx::query!("SELECT ?"); }`, notChecked: "Postgres and SQLite"},
		{name: "another sqlx", database: "SQLite", source: `fn a() { sqlx::query!("SELECT ?"); }`, lock: "0.7.4", notChecked: "sqlx 0.8 and 0.9"},
		{name: "in code that may not be compiled", database: "SQLite", source: `fn a() { unknown! { sqlx::query!("SELECT ?") } }`, notChecked: "not all that is compiled is seen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := unpackSample(t, "-- two/src/lib.rs --\n"+test.source+"\n")
			if test.lock != "" {
				rewrite(t, filepath.Join(dir, "two", "Cargo.lock"), "0.8.6", test.lock)
			}
			remove(t, dir, "two", "SELECT 1", "SELECT 'seen by cargo alone'")
			f := sqlxdata.File{DBName: test.database, Query: "SELECT ?", Describe: sqlxdata.Description{Parameters: &sqlxdata.Parameters{Count: 1}}, Hash: sqlxdata.Hash("SELECT ?")}
			if err := os.WriteFile(filepath.Join(dir, "two", ".sqlx", sqlxdata.FileName(f.Hash)), f.Encode(), 0o666); err != nil {
				t.Fatal(err)
			}
			result, err := PrepareCheck(context.Background(), Request{Dir: dir, Options: config.Options{Offline: true, Units: []string{"two"}}, Listener: silent{}})
			unit := result.Units[0]
			if (err != nil) != test.refused || (len(unit.Failures) == 1) != test.refused {
				t.Errorf("got %v, %+v", err, unit.Failures)
			}
			if told := strings.Join(unit.NotChecked, "\n"); !strings.Contains(told, test.notChecked) || test.notChecked == "" && len(unit.NotChecked) > 1 {
				t.Errorf("not checked: %s", told)
			}
		})
	}
}

func rewrite(t *testing.T, path, old, with string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(data, []byte(old)) {
		t.Fatal(path, err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(with)), 0o666); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir, unit string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := os.Remove(filepath.Join(dir, unit, ".sqlx", sqlxdata.FileName(sqlxdata.Hash(text)))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestVariants takes the union over argument lists of which each excludes what
// the other one has.
func TestVariants(t *testing.T) {
	for _, test := range []struct{ name, config, want string }{
		{"none", "", "1 2 3 users"},
		{"one", `variants = [["--features", "sqlite"]]`, "1 2 3 sqlite users"},
		{"exclusive", `variants = [["--features", "sqlite"], ["--features", "postgres"]]`, "1 2 3 postgres sqlite users"},
		{"with tests", `variants = [["--features", "sqlite", "--all-targets"], ["--features=postgres"], []]`, "1 2 3 postgres sqlite test users"},
		{"both at once", `cargo-args = ["--features", "sqlite,postgres"]`, "1 2 3 users"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := unpackSample(t, "-- sqlxmage.toml --\n[[unit]]\npath = \"one\"\n"+test.config+"\n")
			result, err := ask(t, dir, config.Options{Units: []string{"one"}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			places := map[diag.Place]bool{}
			for _, s := range result.Units[0].Sites {
				if places[s.Place] {
					t.Errorf("%s is there twice", s.Place)
				}
				places[s.Place] = true
				words := strings.Fields(strings.Trim(strings.TrimPrefix(s.Query, "SELECT "), "'"))
				word := strings.Trim(words[len(words)-1], "'")
				if s.Kind == "query_file" {
					word = "3"
				}
				if !slices.Contains(got, word) {
					got = append(got, word)
				}
			}
			slices.Sort(got)
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("got %s, want %s", text, test.want)
			}
		})
	}
}
