package bench

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
	if err := copyTree(root, to, filepath.Join(root, "target")); err != nil {
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
	e, err := findEdits(filepath.Join(root, "crates", "db"))
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
	if e, err := findEdits(root); err != nil || e.changeQuery() == nil {
		t.Errorf("no query to change, but no error: %v", err)
	}
	if _, err := findEdits(filepath.Join(root, ".cargo")); err == nil {
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
	tools := Tools{Self: "/bin/self", Cargo: "/bin/cargo", SqlxCLI: "/bin/cargo-sqlx", Reference: []string{"--", "--all-features"},
		Root: root, Target: filepath.Join(root, "target"), Unit: "crates/db", DatabaseURL: url}
	choice := Choice{Native: true, Scratch: true, Profiles: []string{"dev", "sqlx-prepare"}, CodegenUnits: []int{16}}
	arms, leftOut := tools.Arms(choice)
	if len(leftOut) > 0 {
		t.Errorf("left out: %q", leftOut)
	}
	want := map[string]string{
		"cargo:dev":             "/bin/self prepare -engine=cargo -profile=dev -unit=crates/db | . | SQLXMAGE_LIVE SQLXMAGE_DATABASE_URL",
		"cargo:dev:16":          "/bin/self prepare -engine=cargo -profile=dev -codegenunits=16 -unit=crates/db | . | SQLXMAGE_LIVE SQLXMAGE_DATABASE_URL",
		"cargo:sqlx-prepare":    "/bin/self prepare -engine=cargo -profile=sqlx-prepare -unit=crates/db | . | SQLXMAGE_LIVE SQLXMAGE_DATABASE_URL",
		"cargo:sqlx-prepare:16": "/bin/self prepare -engine=cargo -profile=sqlx-prepare -codegenunits=16 -unit=crates/db | . | SQLXMAGE_LIVE SQLXMAGE_DATABASE_URL",
		"native":                "/bin/self prepare -engine=native -unit=crates/db | . | SQLXMAGE_LIVE SQLXMAGE_DATABASE_URL",
		"native+db":             "/bin/self prepare -engine=native -unit=crates/db | . |",
		"sqlx-cli":              "/bin/cargo-sqlx sqlx prepare -- --all-features | crates/db | DATABASE_URL CARGO",
	}
	got := map[string]string{}
	for _, arm := range arms {
		dir := t.TempDir()
		c, err := arm.Open(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		cmd, err := c.Ready(context.Background(), Cold)
		if err != nil {
			t.Fatal(err)
		}
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
				t.Errorf("%s: %s", arm.Name, pair)
			}
		}
		if !slices.Contains(cmd.Env, "CARGO_TARGET_DIR="+filepath.Join(dir, "target")) {
			t.Errorf("%s: no target directory of its own", arm.Name)
		}
		if strings.Contains(strings.Join(cmd.Args, " "), "secret") {
			t.Errorf("%s: the password is an argument", arm.Name)
		}
		got[arm.Name] = strings.TrimSpace(cmd.Path + " " + strings.Join(cmd.Args, " ") + " | " + filepath.ToSlash(rel) + " | " + strings.Join(ours, " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	tools.DatabaseURL = ""
	arms, leftOut = tools.Arms(choice)
	if len(arms) != 5 || len(leftOut) != 1 || !strings.Contains(leftOut[0], "-databaseurl") {
		t.Errorf("without a database: %d arms, left out %q", len(arms), leftOut)
	}
}

func TestReady(t *testing.T) {
	dir := t.TempDir()
	arms, _ := Tools{Self: "self", Root: project(t)}.Arms(Choice{Native: true})
	c, err := arms[0].Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(dir, "target")
	for _, step := range []struct {
		scenario Scenario
		left     string
	}{
		{Noop, "kept debug"}, {Touched, "kept debug"}, {Query, "kept debug"}, {Warm, "debug"}, {Cold, ""},
	} {
		for _, name := range []string{"sqlxmage/kept", "debug"} {
			file := filepath.Join(target, filepath.FromSlash(name))
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
		for name := range tree(t, target) {
			left = append(left, filepath.Base(name))
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
