package bench

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// project is a small project with all that a copy must not take, or must take
// with care.
func project(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "project")
	for name, text := range map[string]string{
		"Cargo.toml":                   "[workspace]\n",
		".cargo/config.toml":           "",
		".git/HEAD":                    "ref",
		"target/debug/big":             "x",
		"other-target/CACHEDIR.TAG":    "Signature",
		"other-target/big":             "x",
		"crates/db/.sqlx/query-1.json": "{}",
		"crates/db/build.rs":           "fn main() { query!(\"no\") }\n",
		"crates/db/src/a.rs":           "// query!(\"no\")\n#[cfg(test)]\nmod t { fn f() { query!(\"no\"); } }\n",
		"crates/db/src/b.rs":           "fn f() {\n    sqlx::query_as!(\n        Row,\n        r#\"SELECT 1\"#)\n}\n",
		"crates/db/tests/t.rs":         "query!(\"no\")",
		"../outside/shared.rs":         "// shared\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// tree returns the files below dir with their contents, links with their
// targets.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if d.Type()&os.ModeSymlink != 0 {
			end, err := os.Readlink(path)
			all[filepath.ToSlash(name)] = "-> " + filepath.ToSlash(end)
			return err
		}
		text, err := os.ReadFile(path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCopyTree(t *testing.T) {
	root := project(t)
	want := map[string]string{}
	for name, text := range tree(t, root) {
		if !strings.HasPrefix(name, ".git/") && !strings.HasPrefix(name, "target/") && !strings.HasPrefix(name, "other-target/") {
			want[name] = text
		}
	}
	links := map[string]string{
		"crates/db/src/absolute.rs": filepath.Join(root, "Cargo.toml"),
		"crates/db/src/relative.rs": filepath.Join("..", "build.rs"),
		"crates/db/src/outside.rs":  filepath.Join("..", "..", "..", "..", "outside", "shared.rs"),
		"outside":                   filepath.Join("..", "outside"),
		"nowhere":                   "not there",
	}
	for name, end := range links {
		if err := os.Symlink(end, filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	want["crates/db/src/absolute.rs"] = "-> ../../../Cargo.toml"
	want["crates/db/src/relative.rs"] = "-> ../build.rs"
	want["crates/db/src/outside.rs"] = "// shared\n"
	want["outside/shared.rs"] = "// shared\n"
	if err := os.Chmod(filepath.Join(root, "Cargo.toml"), 0o444); err != nil {
		t.Fatal(err)
	}
	before := tree(t, root)
	to := filepath.Join(t.TempDir(), "copy")
	if err := copyTree(root, to, []string{filepath.Join(root, "target")}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, tree(t, to)); diff != "" {
		t.Error(diff)
	}
	// What is written in the copy is not written in the project.
	for _, name := range []string{"Cargo.toml", "crates/db/src/absolute.rs", "crates/db/src/outside.rs", "outside/shared.rs"} {
		if err := os.WriteFile(filepath.Join(to, name), []byte("changed"), 0o666); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(before, tree(t, root)); diff != "" {
		t.Errorf("the project changed:\n%s", diff)
	}
}

func TestEdits(t *testing.T) {
	root := project(t)
	e, err := findEdits([]string{filepath.Join(root, ".cargo"), filepath.Join(root, "crates", "db")})
	if err != nil {
		t.Fatal(err)
	}
	read := func() string {
		text, err := os.ReadFile(e.file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := read()
	for _, test := range []struct {
		name string
		do   func() error
		want string
	}{
		{"touched", e.touch, before + "\n// 1\n"},
		{"query", e.changeQuery, strings.Replace(before, "SELECT", "/* 1 */ SELECT", 1) + "\n// 1\n"},
		{"query again", e.changeQuery, strings.Replace(before, "SELECT", "/* 2 */ SELECT", 1) + "\n// 1\n"},
	} {
		if err := test.do(); err != nil || read() != test.want {
			t.Errorf("%s: %v, got:\n%s", test.name, err, read())
		}
	}
	if err := os.Remove(e.file); err != nil {
		t.Fatal(err)
	}
	if e, err := findEdits([]string{root}); err != nil || e.changeQuery() == nil {
		t.Errorf("no query to change, but no error: %v", err)
	}
	if _, err := findEdits([]string{filepath.Join(root, ".cargo")}); err == nil {
		t.Error("no source file, but no error")
	}
}

func FuzzFirstQuery(f *testing.F) {
	f.Add("query!(\"SELECT 1\")")
	f.Add("sqlx::query_scalar_unchecked! [ A<'a>, r##\"SELECT 1\"##]")
	f.Fuzz(func(t *testing.T, text string) {
		if at := firstQuery(text); at >= 0 && (at > len(text) || text[at-1] != '"') {
			t.Errorf("%q: %d", text, at)
		}
	})
}

func TestArms(t *testing.T) {
	const url = "postgres://me:secret@host/db"
	t.Setenv("DATABASE_URL", "mine")
	t.Setenv("SQLXMAGE_ENGINE", "auto")
	t.Setenv("CARGO_TARGET_DIR", "mine")
	root := project(t)
	tools := Tools{Self: []string{"/bin/self", "prepare"}, Cargo: "/bin/cargo", SqlxCLI: "/bin/cargo-sqlx", Root: root,
		Targets: []string{filepath.Join(root, "target")}, Units: []Unit{
			{Path: "crates/db", Reference: []string{"--", "--all-features"}, DatabaseURL: url},
			{Path: ".", Reference: []string{"--workspace", "--"}, DatabaseURL: "sqlite://x"},
		}}
	choice := Choice{Native: true, Profiles: []string{"dev", "sqlx-prepare"}, CodegenUnits: []int{16}, Reference: true}
	arms, leftOut := tools.Arms(choice)
	if len(leftOut) > 0 {
		t.Errorf("left out: %q", leftOut)
	}
	const self = "/bin/self prepare -engine="
	want := map[string]string{
		"cargo:dev":             self + "cargo -profile=dev -unit=crates/db,. -format=json | . | SQLXMAGE_CACHE",
		"cargo:dev:16":          self + "cargo -profile=dev -codegenunits=16 -unit=crates/db,. -format=json | . | SQLXMAGE_CACHE",
		"cargo:sqlx-prepare":    self + "cargo -profile=sqlx-prepare -unit=crates/db,. -format=json | . | SQLXMAGE_CACHE",
		"cargo:sqlx-prepare:16": self + "cargo -profile=sqlx-prepare -codegenunits=16 -unit=crates/db,. -format=json | . | SQLXMAGE_CACHE",
		"native":                self + "native -unit=crates/db,. -format=json | . | SQLXMAGE_CACHE",
		"sqlx-cli": "/bin/cargo-sqlx sqlx prepare -- --all-features | crates/db | DATABASE_URL CARGO\n" +
			"/bin/cargo-sqlx sqlx prepare --workspace -- | . | DATABASE_URL CARGO",
	}
	got := map[string]string{}
	for _, arm := range arms {
		dir := t.TempDir()
		c, err := arm.Open(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		commands, err := c.Ready(context.Background(), Cold)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, cmd := range commands {
			lines = append(lines, describe(t, arm.Name, dir, cmd))
		}
		got[arm.Name] = strings.Join(lines, "\n")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	tools.Units[1].NoReference = "it has variants"
	if arms, leftOut = tools.Arms(choice); len(arms) != 5 || len(leftOut) != 1 || leftOut[0] != "sqlx-cli: .: it has variants" {
		t.Errorf("without a reference: %d arms, left out %q", len(arms), leftOut)
	}
	tools.SqlxCLI = ""
	if arms, leftOut = tools.Arms(choice); len(arms) != 5 || len(leftOut) != 1 || leftOut[0] != "sqlx-cli: there is no cargo-sqlx" {
		t.Errorf("without sqlx-cli: %d arms, left out %q", len(arms), leftOut)
	}
	choice.Reference = false
	if arms, leftOut = tools.Arms(choice); len(arms) != 5 || leftOut != nil {
		t.Errorf("no reference asked for: %d arms, left out %q", len(arms), leftOut)
	}
}

// describe is a command as one line, and what of its environment decides.
func describe(t *testing.T, arm, dir string, cmd Command) string {
	t.Helper()
	rel, err := filepath.Rel(filepath.Join(dir, "sources"), cmd.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for _, pair := range cmd.Env {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "SQLXMAGE_") || name == "DATABASE_URL" || name == "CARGO" && value == "/bin/cargo" {
			ours = append(ours, name)
		}
		if strings.Contains(value, "mine") {
			t.Errorf("%s: %s", arm, pair)
		}
	}
	if !slices.Contains(cmd.Env, "CARGO_TARGET_DIR="+filepath.Join(dir, "target")) {
		t.Errorf("%s: no target directory of its own", arm)
	}
	if strings.Contains(strings.Join(cmd.Args, " "), "secret") {
		t.Errorf("%s: the password is an argument", arm)
	}
	return strings.TrimSpace(cmd.Path + " " + strings.Join(cmd.Args, " ") + " | " + filepath.ToSlash(rel) + " | " + strings.Join(ours, " "))
}

func TestWarnings(t *testing.T) {
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "CARGO_PROFILE_") {
			t.Setenv(name, "") // restores it
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("CARGO_INCREMENTAL", "0")
	t.Setenv("RUSTC_WRAPPER", "sccache")
	want := []string{
		"CARGO_INCREMENTAL=0 is set: it wins over what a profile says",
		"RUSTC_WRAPPER=sccache is set: with a cache of compiled crates, cold runs are not cold",
		"the project has 2 target directories, a copy has one: what workspaces share is compiled once",
	}
	if diff := cmp.Diff(want, Tools{Targets: []string{"a", "b"}}.Warnings()); diff != "" {
		t.Error(diff)
	}
}

func TestReadResult(t *testing.T) {
	for _, test := range []struct {
		name, stdout, stderr string
		want                 Said
	}{
		{"done", `{"status": "done", "units": [{"timings": [{"step": "open the database", "seconds": 0.25}, {"step": "cargo check", "seconds": 3}]},
			{"timings": [{"step": "open the database", "seconds": 0.5}]}]}`, "    Checking db v0.1.0\n", Said{Crates: 1, Database: 750 * time.Millisecond}},
		{"failed", `{"command": "prepare", "status": "failed", "units": [{"path": "a", "status": "failed", "error": "no such table"}]}`, "",
			Said{Failure: "error: a: no such table\na    failed: `.sqlx` is as it was    0 ms"}},
		{"not begun", `{"status": "failed", "units": null, "error": "no Cargo.toml"}`, "", Said{Failure: "no Cargo.toml"}},
		{"died", "pan", "   Compiling libc v0.2.1\npanic: x\n", Said{Crates: 1}},
	} {
		if diff := cmp.Diff(test.want, readResult([]byte(test.stdout), []byte(test.stderr))); diff != "" {
			t.Errorf("%s:\n%s", test.name, diff)
		}
	}
}

func TestReady(t *testing.T) {
	dir := t.TempDir()
	arms, _ := Tools{Self: []string{"self"}, Root: project(t), Units: []Unit{{Path: "crates/db"}}}.Arms(Choice{Native: true})
	c, err := arms[0].Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	target, store := filepath.Join(dir, "target"), filepath.Join(dir, "kept")
	for _, step := range []struct {
		scenario Scenario
		left     string
	}{
		{Noop, "states debug databases"}, {Touched, "states debug databases"}, {Query, "states debug databases"},
		{Warm, "debug databases"}, {Cold, "databases"},
	} {
		for _, file := range []string{filepath.Join(target, "debug"), filepath.Join(store, "states", "a"), filepath.Join(store, "databases", "a")} {
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Ready(context.Background(), step.scenario); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, file := range []string{filepath.Join(target, "debug"), filepath.Join(store, "states"), filepath.Join(store, "databases")} {
			if _, err := os.Stat(file); err == nil {
				left = append(left, filepath.Base(file))
			}
		}
		slices.Sort(left)
		slices.Reverse(left)
		if got := strings.Join(left, " "); got != step.left {
			t.Errorf("%s: left %q, want %q", step.scenario, got, step.left)
		}
	}
}

func TestCountCrates(t *testing.T) {
	output := "   Compiling libc v0.2.1\n    Checking libc v0.2.1\n    Checking db v0.1.0 (/x)\n   Compiling libc v0.3.0\n    Finished `dev`\nFresh x v1\n"
	if n := countCrates([]byte(output)); n != 3 {
		t.Errorf("%d crates", n)
	}
}

func TestCheckProfiles(t *testing.T) {
	if err := CheckProfiles([]string{"dev", "sqlx-prepare", "mine"}, []string{"mine"}); err != nil {
		t.Error(err)
	}
	err := CheckProfiles([]string{"dev", "fast"}, nil)
	if err == nil || err.Error() != `no profile named "fast"; there is dev, release, lint-only, sqlx-check, sqlx-prepare` {
		t.Errorf("%v", err)
	}
}
