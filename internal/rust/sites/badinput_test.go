package sites

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// TestBadInput puts something bad beside a query, which is found all the same.
// What is bad is named with its place.
func TestBadInput(t *testing.T) {
	text := func(body string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(body), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name string
		make func(t *testing.T, path string) // src/bad.rs
		want []string                        // what problems and blind spots say
	}{
		{"no file", func(*testing.T, string) {}, []string{"src/lib.rs:1:1: file not found for module `bad`"}},
		{"unterminated string", text("fn f() {\n  \"a\n}"), []string{"src/bad.rs:2:3: unterminated string"}},
		{"unterminated comment", text("\n\n /* /* */"), []string{"src/bad.rs:3:2: unterminated"}},
		{"mismatched bracket", text("fn f() {\n  (]\n}"), []string{"src/bad.rs:2:4: closing bracket ']' does not fit"}},
		{"bracket without end", text("fn f() {\n"), []string{"src/bad.rs:1:8"}},
		{"merge conflict", text("fn f() {\n<<<<<<< HEAD\n  sqlx::query!(\"ours\");\n=======\n  sqlx::query!(\"theirs\");\n>>>>>>> other\n}\n"), []string{"src/bad.rs:2:1: conflict marker of a merge"}},
		{"merge conflict of brackets", text("<<<<<<< HEAD\nfn f() {\n=======\nfn g() {\n>>>>>>> other\n}\n"), []string{"src/bad.rs:1:1: conflict marker of a merge"}},
		{"garbage among items", text("fn f() {}\n  what is this\n"), []string{"src/bad.rs:2:3: expected an item, found `what`"}},
		{"garbage in a function", text("fn f() {\n  let = 1;\n sqlx::query!(\"a\"); }\n"), []string{"src/bad.rs:2:7: expected a pattern, found `=`"}},
		{"garbage where cfg is false", text("#[cfg(any())]\nfn f() { a b }\n"), []string{"src/bad.rs:2:12: expected `;`, found `b`"}},
		{"invalid UTF-8", text("// é\n// \xff\n"), []string{"src/bad.rs:2:4: invalid UTF-8"}},
		{"NUL", text("fn f() { \x00 }"), []string{"src/bad.rs:1:10"}},
		{"folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o777); err != nil {
				t.Fatal(err)
			}
		}, []string{"file not found for module `bad`"}},
		{"100 MB", func(t *testing.T, path string) {
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if err := file.Truncate(100 << 20); err != nil {
				t.Fatal(err)
			}
		}, []string{"src/bad.rs: file of 104857600 bytes is longer than 67108864"}},
		{"symlink loop", func(t *testing.T, path string) { link(t, filepath.Base(path), path) }, []string{"src/bad.rs: "}},
		{"symlink loop of folders", func(t *testing.T, path string) {
			link(t, ".", filepath.Join(filepath.Dir(path), "bad"))
			text("mod bad;")(t, path)
		}, []string{"/bad/bad/bad"}}, // the system ends it sooner or later than we do
		{"module that is itself", text("#[path = \"bad.rs\"] mod again;"), []string{"src/bad.rs:1:20: modules nest too deeply"}},
		{"modules in a circle", text("#[path = \"lib.rs\"] mod again;"), []string{"modules nest too deeply"}},
		{"includes in a circle", text("include!(\"bad.rs\");"), []string{"src/bad.rs:1:1: files include each other too deeply"}},
		{"include of nothing", text("include!(\"none.rs\");"), []string{"include! of a file that is not there"}},
		{"include of a computed path", text("include!(concat!(env!(\"HOME\"), \"/x.rs\"));"), []string{"src/bad.rs:1:1: include! of a computed path"}},
		{"hostile macro", text("macro_rules! m { ($($t:tt)*) => { m! { $($t)* $($t)* sqlx::query!(1) } }; }\nm! { a b }"),
			[]string{"src/bad.rs:2:1: `m!`: ", "steps"}},
		{"endless macro", text("macro_rules! m { ($($t:tt)*) => { m! { $($t)* } sqlx::query!(1) }; }\nm! { a }"),
			[]string{"recursion limit 128"}},
		{"deep nesting", text(strings.Repeat("(", 200_000) + strings.Repeat(")", 200_000)), nil},
		{"deep blocks", text("fn f() " + strings.Repeat("{ a!(", 20_000) + strings.Repeat(")}", 20_000)), nil},
		{"deep attributes", text(strings.Repeat("#[cfg_attr(a, ", 5_000) + strings.Repeat(")]", 5_000) + " fn f() {}"), nil},
		{"macro without arms", text("macro_rules! m { }\nm!(sqlx::query!(\"SELECT\"));"), []string{"src/bad.rs:2:1"}},
		{"query without end", text("fn f() { sqlx::query!(\"SELECT\" + ); sqlx::query!(); sqlx::query_as!(\"\"); sqlx::query!(a, ,); }"),
			[]string{"src/bad.rs:1:10: query!: ", "src/bad.rs:1:37: query!: ", "src/bad.rs:1:53: query_as!: ", "src/bad.rs:1:74: query!: "}},
		{"query_file! of nothing", text("fn f() { sqlx::query_file!(\"sql/none.sql\"); sqlx::query_file!(\"none.sql\"); sqlx::query_file!(\"/none.sql\"); }"),
			[]string{"sql/none.sql", "bare file name", "absolute path"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := badProject(t)
			test.make(t, filepath.Join(dir, "src", "bad.rs"))
			got := render(dir, scanDir(t, dir, nil, Options{}))
			if !strings.Contains(got, `query "the rest goes on"`) {
				t.Error("the rest does not go on")
			}
			if strings.Contains(got, `query "ours"`) || strings.Contains(got, `query "theirs"`) {
				t.Error("a side of a merge conflict is taken")
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("nothing says %q:\n%s", want, got)
				}
			}
		})
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip("may not make links: ", err)
		}
		t.Fatal(err)
	}
}

// badProject is a package with a module of which nothing is there, and a query.
func badProject(t *testing.T) string {
	t.Helper()
	common, err := txtar.ParseFile(filepath.Join("testdata", "common.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return unpack(t, common, txtar.Parse([]byte("-- src/lib.rs --\nmod bad;\nfn f() { sqlx::query!(\"the rest goes on\"); }\n")))
}

// TestBadWorkspace scans what is left of a workspace.
func TestBadWorkspace(t *testing.T) {
	const member = "[package]\nname = \"ab\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nsqlx = { version = \"0.8\", features = [\"sqlite\", \"macros\"] }\n"
	for _, test := range []struct{ name, files, want string }{
		{"absent member", "-- Cargo.toml --\n[workspace]\nmembers = [\"ab\", \"cd\"]\n", "cd"},
		{"manifest with an error", "-- Cargo.toml --\n[workspace]\nmembers = [\"ab\", \"cd\"]\n-- cd/Cargo.toml --\n[package]\nname =\n", "cd/Cargo.toml:2:"},
		{"no lock file", "-- Cargo.toml --\n[workspace]\nmembers = [\"ab\"]\n", "Cargo.lock"},
		{"lock file with an error", "-- Cargo.toml --\n[workspace]\nmembers = [\"ab\"]\n-- Cargo.lock --\n[[package]\n", "Cargo.lock:1:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := unpack(t, txtar.Parse([]byte(test.files+"-- ab/Cargo.toml --\n"+member+"-- ab/src/lib.rs --\nfn f() { sqlx::query!(\"the rest goes on\"); }\n")))
			ws, err := workspace.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			platform, err := cfg.Builtin("linux", "amd64")
			if err != nil {
				t.Fatal(err)
			}
			plan, err := ws.Plan(workspace.Args{Packages: []string{"ab"}}, dir, platform)
			if err != nil {
				t.Fatal(err)
			}
			result, err := Scan(context.Background(), plan, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := render(dir, result)
			if !strings.Contains(got, `query "the rest goes on"`) {
				t.Error("the rest does not go on")
			}
			for _, p := range ws.Problems {
				got += p.Error() + "\n"
			}
			if !strings.Contains(filepath.ToSlash(got), test.want) {
				t.Errorf("nothing names %s:\n%s", test.want, got)
			}
		})
	}
}
