package cargo_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// TestMain lets the test binary play cargo: one that prints
// SQLXMAGE_CARGO_PRINTS, or SQLXMAGE_CARGO_REAL with an editor's own one that
// gets the lock first, as often as the file SQLXMAGE_CARGO_RACES is long.
func TestMain(m *testing.M) {
	if text := os.Getenv("SQLXMAGE_CARGO_PRINTS"); text != "" {
		fmt.Print(text)
		os.Exit(0)
	}
	real := os.Getenv("SQLXMAGE_CARGO_REAL")
	if real == "" {
		os.Exit(need.Main(m))
	}
	counter := os.Getenv("SQLXMAGE_CARGO_RACES")
	if left, _ := os.ReadFile(counter); len(left) > 0 {
		_ = os.WriteFile(counter, left[1:], 0o666)
		editor := exec.Command(real, "check")
		editor.Env = append(os.Environ(), "SQLX_OFFLINE=true", "SQLX_OFFLINE_DIR=")
		_ = editor.Run()
	}
	cmd := exec.Command(real, os.Args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if cmd.Run() != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// project is a copy of the examples that cargo compiles into the kept target
// directory, with a migrated SQLite database for its notes.
type project struct {
	t      testing.TB
	tool   cargo.Tool
	dir    string
	target string
	url    string
	kept   *kept.Store
}

// newProject makes the copy in a place of its own name, always the same one,
// so that cargo finds again what it compiled for it.
func newProject(t testing.TB, name string) *project {
	t.Helper()
	need.LiveOracle(t, "lets cargo compile the examples")
	need.Program(t, "cargo")
	cli := need.SqlxCLI(t, "0.8.6")
	dir := filepath.Join(need.Kept(t, "cargo-tests"), name)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "examples"))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &project{
		t: t, dir: dir, target: need.CargoTarget(t),
		url: "sqlite:" + filepath.ToSlash(filepath.Join(t.TempDir(), "notes.db")),
	}
	for _, name := range []string{"DATABASE_URL", "SQLX_OFFLINE", "SQLX_OFFLINE_DIR"} {
		t.Setenv(name, "") // back to what it was at the end
		os.Unsetenv(name)
	}
	t.Setenv("CARGO_TARGET_DIR", p.target)
	var err error
	if p.kept, err = kept.Open(filepath.Join(t.TempDir(), "kept")); err != nil {
		t.Fatal(err)
	}
	if p.tool, err = cargo.Find(t.Context(), p.dir); err != nil {
		t.Fatal(err)
	}
	run(t, p.dir, cli, "sqlx", "database", "create", "-D", p.url)
	run(t, p.dir, cli, "sqlx", "migrate", "run", "-D", p.url, "--source", "crates/notes/migrations")
	return p
}

func run(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// request asks for the queries of the named packages from within one of them.
func (p *project) request(dir string, packages ...string) cargo.Request {
	p.t.Helper()
	req := cargo.Request{
		Dir: filepath.Join(p.dir, dir), DatabaseURL: p.url, Stage: p.t.TempDir(), Profile: "dev", Kept: p.kept,
	}
	var err error
	if req.Workspace, err = p.tool.Metadata(p.t.Context(), req.Dir); err != nil {
		p.t.Fatal(err)
	}
	for _, member := range req.Workspace.Packages {
		for _, name := range packages {
			if member.Name == name {
				req.Packages = append(req.Packages, member)
			}
		}
	}
	if len(req.Packages) != len(packages) {
		p.t.Fatalf("%v are not all members: %v", packages, req.Workspace.Packages)
	}
	return req
}

func (p *project) record(req cargo.Request) cargo.Result {
	p.t.Helper()
	var output bytes.Buffer
	req.Output = &output
	result, err := p.tool.Record(p.t.Context(), req)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, &output)
	}
	return result
}

// write changes a file of the project.
func (p *project) write(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) edit(name string, oldnew ...string) {
	p.t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		p.t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			p.t.Fatalf("%s does not contain %q", name, oldnew[i])
		}
		text = strings.Replace(text, oldnew[i], oldnew[i+1], 1)
	}
	p.write(name, text)
}

// files reads a directory of query files.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(data)
	}
	return found
}

func (p *project) committed(crate string) map[string]string {
	return files(p.t, filepath.Join(p.dir, "crates", crate, ".sqlx"))
}

// times returns the mtimes of all files.
func (p *project) times() map[string]time.Time {
	p.t.Helper()
	times := map[string]time.Time{}
	err := filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		times[path] = info.ModTime()
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return times
}

// cargo runs a cargo of the user's own and returns what it printed.
func (p *project) cargo(dir string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command(p.tool.Path, args...)
	cmd.Dir = filepath.Join(p.dir, dir)
	cmd.Env = append(os.Environ(), "SQLX_OFFLINE=true")
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("cargo %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (p *project) wantFresh(dir string, args ...string) {
	p.t.Helper()
	out := p.cargo(dir, args...)
	if strings.Contains(out, "Checking") || strings.Contains(out, "Compiling") {
		p.t.Errorf("cargo %v was not fresh:\n%s", args, out)
	}
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("got %v, want %s", err, part)
	}
}
