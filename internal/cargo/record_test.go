package cargo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// project is a copy of the examples that cargo compiles into the kept target
// directory, with a migrated SQLite database for its notes.
type project struct {
	t      testing.TB
	tool   cargo.Tool
	dir    string
	target string
	url    string
}

// newProject makes the copy in a place of its own name, always the same one,
// so that cargo finds again what it compiled for it.
func newProject(t testing.TB, name string) *project {
	t.Helper()
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
		t: t, dir: dir, target: need.Kept(t, "examples-target"),
		url: "sqlite:" + filepath.ToSlash(filepath.Join(t.TempDir(), "notes.db")),
	}
	for _, name := range []string{"DATABASE_URL", "SQLX_OFFLINE", "SQLX_OFFLINE_DIR"} {
		t.Setenv(name, "") // back to what it was at the end
		os.Unsetenv(name)
	}
	t.Setenv("CARGO_TARGET_DIR", p.target)
	var err error
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
		Dir: filepath.Join(p.dir, dir), DatabaseURL: p.url, Stage: p.t.TempDir(), Profile: "dev",
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

func TestRecord(t *testing.T) {
	p := newProject(t, "record")
	p.cargo("crates/notes", "build") // what must stay fresh
	p.cargo("crates/notes", "check")
	before := p.times()
	want := p.committed("notes")

	for _, name := range []string{"first", "second"} {
		req := p.request("crates/notes", "notes")
		result := p.record(req)
		if diff := cmp.Diff(want, files(t, req.Stage)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if result.Compiled != 2 || result.Fresh < 50 {
			t.Errorf("%s: %+v", name, result)
		}
		t.Logf("%s: %+v", name, result)
		p.wantFresh("crates/notes", "check")
		p.wantFresh("crates/notes", "build")
	}
	if diff := cmp.Diff(before, p.times()); diff != "" {
		t.Errorf("mtimes: %s", diff)
	}
}

// TestDependantStaysFresh: a package that depends on the one whose queries
// were recorded is not compiled again.
func TestDependantStaysFresh(t *testing.T) {
	p := newProject(t, "dependant")
	p.write("crates/app/Cargo.toml", "[package]\nname = \"app\"\nedition = \"2021\"\n\n[dependencies]\nnotes = { path = \"../notes\" }\n")
	p.write("crates/app/src/lib.rs", "pub fn state() -> notes::note::State { notes::note::State::Open }\n")
	p.cargo("crates/app", "check", "--offline")
	p.wantFresh("crates/app", "check")
	for range 2 {
		p.record(p.request("crates/notes", "notes"))
		p.wantFresh("crates/app", "check")
	}
}

// TestRecordWorkspace: the queries of several packages, with and without their
// tests; the second time nothing has changed.
func TestRecordWorkspace(t *testing.T) {
	p := newProject(t, "workspace")
	p.edit("Cargo.toml", `["crates/*"]`, `["crates/notes", "crates/tags"]`)
	p.write("crates/tags/Cargo.toml", tagsManifest)
	p.write("crates/tags/src/lib.rs", tagsSource)
	want := p.committed("notes")
	for _, args := range [][]string{nil, {"--workspace", "--all-targets"}, {"--workspace", "--all-targets"}} {
		req := p.request(".", "notes", "tags")
		req.Args = args
		result := p.record(req)
		got := files(t, req.Stage)
		if len(got) != len(want)+1 || got[tagsFile] == "" {
			t.Errorf("%v: %d files, want %d of notes and 1 of tags", args, len(got), len(want))
		}
		delete(got, tagsFile)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", args, diff)
		}
		t.Logf("%v: %+v", args, result)
		p.wantFresh(".", append([]string{"check"}, args...)...)
	}
}

const (
	tagsManifest = "[package]\nname = \"tags\"\nedition = \"2021\"\n\n[dependencies]\nsqlx = { workspace = true, features = [\"sqlite\"] }\n"
	tagsSource   = "pub async fn count(pool: &sqlx::SqlitePool) -> sqlx::Result<i64> {\n" +
		"    sqlx::query_scalar!(\"SELECT COUNT(*) FROM tags\").fetch_one(pool).await\n}\n"
)

var tagsFile = sqlxdata.FileName(sqlxdata.Hash("SELECT COUNT(*) FROM tags"))

// TestRecordOwner: a dependency within the workspace that is compiled on the
// way has its queries written too, but they are not this package's.
func TestRecordOwner(t *testing.T) {
	p := newProject(t, "owner")
	p.write("crates/tags/Cargo.toml", tagsManifest)
	p.write("crates/tags/src/lib.rs", tagsSource)
	p.edit("crates/notes/Cargo.toml", "[dependencies]\n", "[dependencies]\ntags = { path = \"../tags\" }\n")
	want := p.committed("notes")
	for _, name := range []string{"new", "fresh", "stale"} {
		if name == "stale" {
			p.write("crates/tags/src/lib.rs", tagsSource+"// changed\n")
		}
		req := p.request("crates/notes", "notes")
		result := p.record(req)
		t.Logf("%s: %+v", name, result)
		if diff := cmp.Diff(want, files(t, req.Stage)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if stale := name != "fresh"; stale != (result.Runs > 1) {
			t.Errorf("%s: %+v", name, result)
		}
	}
}

// TestRecordVariants: the union of two feature sets that exclude each other.
func TestRecordVariants(t *testing.T) {
	p := newProject(t, "variants")
	p.edit("crates/notes/Cargo.toml", "[dependencies]\n", "[features]\nold = []\nnew = []\n\n[dependencies]\n")
	p.edit("crates/notes/src/lib.rs", "pub mod note;", `#[cfg(all(feature = "old", feature = "new"))]
compile_error!("old and new exclude each other");
#[cfg(feature = "old")]
pub async fn old(pool: &SqlitePool) -> sqlx::Result<i64> {
    sqlx::query_scalar!("SELECT COUNT(*) FROM notes").fetch_one(pool).await
}
#[cfg(feature = "new")]
pub async fn new(pool: &SqlitePool) -> sqlx::Result<i64> {
    sqlx::query_scalar!("SELECT COUNT(*) FROM tags").fetch_one(pool).await
}
pub mod note;`)
	req := p.request("crates/notes", "notes")
	req.Variants = [][]string{{"--features", "old"}, {"--features=new"}}
	p.record(req)
	got := files(t, req.Stage)
	for _, query := range []string{"SELECT COUNT(*) FROM notes", "SELECT COUNT(*) FROM tags"} {
		if name := sqlxdata.FileName(sqlxdata.Hash(query)); got[name] == "" {
			t.Errorf("%q has no file", query)
		}
	}
	if want := len(p.committed("notes")) + 2; len(got) != want {
		t.Errorf("%d files, want %d", len(got), want)
	}
}

// TestRecordFails: each failing query is placed, nothing is in the stage, and
// the password is nowhere.
func TestRecordFails(t *testing.T) {
	p := newProject(t, "fails")
	p.edit("crates/notes/src/note.rs",
		"ORDER BY pinned DESC", "ORDER BY pinnned DESC",
		"UPDATE notes SET options", "UPDATE note SET options")
	p.edit("crates/notes/queries/recent.sql", "LIMIT ?", "LIMITED ?")
	var output bytes.Buffer
	req := p.request("crates/notes", "notes")
	req.Output = &output
	_, err := p.tool.Record(t.Context(), req)
	var failed *cargo.CompileError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v\n%s", err, &output)
	}
	var got []string
	for _, d := range failed.Diagnostics {
		path, err := filepath.Rel(p.dir, d.File)
		if err != nil {
			t.Error(err)
		}
		got = append(got, fmt.Sprintf("%s:%d:%d: %s (%s, query: %v)", filepath.ToSlash(path), d.Line, d.Column, d.Message, d.Package, d.Query))
		if !strings.Contains(output.String(), d.Rendered) || !strings.Contains(d.Rendered, "error: error returned from database") {
			t.Errorf("not printed: %s", d.Rendered)
		}
	}
	want := []string{
		"crates/notes/src/note.rs:86:5: error returned from database: (code: 1) no such column: pinnned (notes, query: true)",
		"crates/notes/src/note.rs:95:5: error returned from database: (code: 1) near \"LIMITED\": syntax error (notes, query: true)",
		"crates/notes/src/note.rs:109:5: error returned from database: (code: 1) no such table: note (notes, query: true)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if left := files(t, req.Stage); len(left) > 0 {
		t.Errorf("left in the stage: %v", left)
	}
	if !strings.Contains(output.String(), "could not compile `notes`") {
		t.Errorf("cargo's own words are absent:\n%s", &output)
	}
}

// TestRecordCargoFails: where cargo does not get as far as compiling, its own
// words are the error.
func TestRecordCargoFails(t *testing.T) {
	p := newProject(t, "cargofails")
	req := p.request("crates/notes", "notes")
	req.Profile = "no-such-profile"
	_, err := p.tool.Record(t.Context(), req)
	wantError(t, err, "no-such-profile")

	req.Args = []string{"--message-format=human"}
	_, err = p.tool.Record(t.Context(), req)
	wantError(t, err, "--message-format cannot be chosen")

	req.Stage = "stage"
	_, err = p.tool.Record(t.Context(), req)
	wantError(t, err, "not absolute")
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("got %v, want %s", err, part)
	}
}

// TestRecordEnvironment: a forced variable in cargo's configuration, a .env
// file and the user's own environment all lose.
func TestRecordEnvironment(t *testing.T) {
	p := newProject(t, "environment")
	p.write(".cargo/config.toml", "[env]\nDATABASE_URL = { value = \"sqlite:/nowhere.db\", force = true }\nSQLX_OFFLINE = { value = \"true\", force = true }\n")
	p.write("crates/notes/.env", "DATABASE_URL=sqlite:/nowhere.db\nSQLX_OFFLINE=true\n")
	t.Setenv("DATABASE_URL", "sqlite:/nowhere.db")
	t.Setenv("SQLX_OFFLINE", "true")
	t.Setenv("SQLX_OFFLINE_DIR", "/nowhere")
	req := p.request("crates/notes", "notes")
	p.record(req)
	if diff := cmp.Diff(p.committed("notes"), files(t, req.Stage)); diff != "" {
		t.Error(diff)
	}
}

// TestRecordBuildScript: a build script that sets the database's URL would
// have the macros ask another database.
func TestRecordBuildScript(t *testing.T) {
	p := newProject(t, "buildscript")
	p.write("crates/notes/build.rs", "fn main() { println!(\"cargo:rustc-env=DATABASE_URL="+p.url+"?\"); }\n")
	var overridden *cargo.OverriddenError
	req := p.request("crates/notes", "notes")
	if _, err := p.tool.Record(t.Context(), req); !errors.As(err, &overridden) {
		t.Fatalf("got %v", err)
	}
	if *overridden != (cargo.OverriddenError{Package: "notes", Variable: "DATABASE_URL"}) {
		t.Errorf("got %+v", *overridden)
	}
}

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
		os.Exit(m.Run())
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

// TestRecordRace: an editor's cargo compiles the package first, once, some
// times, always.
func TestRecordRace(t *testing.T) {
	p := newProject(t, "race")
	p.record(p.request("crates/notes", "notes"))
	real := p.tool
	for _, c := range []struct{ races, runs int }{{0, 1}, {1, 2}, {3, 4}, {100, 0}} {
		t.Run(fmt.Sprint(c.races), func(t *testing.T) {
			counter := filepath.Join(t.TempDir(), "races")
			if err := os.WriteFile(counter, make([]byte, c.races), 0o666); err != nil {
				t.Fatal(err)
			}
			p.tool = real
			req := p.request("crates/notes", "notes")
			t.Setenv("SQLXMAGE_CARGO_REAL", real.Path)
			t.Setenv("SQLXMAGE_CARGO_RACES", counter)
			p.tool.Path = os.Args[0]
			result, err := p.tool.Record(t.Context(), req)
			var unproven *cargo.UnprovenError
			switch {
			case c.runs == 0:
				if !errors.As(err, &unproven) || !slices.Equal(unproven.Pending, []string{"notes"}) {
					t.Errorf("got %v", err)
				}
				if left := files(t, req.Stage); len(left) > 0 {
					t.Errorf("left in the stage: %v", left)
				}
			case err != nil || result.Runs != c.runs:
				t.Errorf("got %+v, %v", result, err)
			default:
				if diff := cmp.Diff(p.committed("notes"), files(t, req.Stage)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// TestRecordBusy: a real race, with an editor that never stops checking.
func TestRecordBusy(t *testing.T) {
	p := newProject(t, "busy")
	want := p.committed("notes")
	p.record(p.request("crates/notes", "notes"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			cmd := exec.CommandContext(ctx, p.tool.Path, "check")
			cmd.Dir = filepath.Join(p.dir, "crates", "notes")
			cmd.Env = append(os.Environ(), "SQLX_OFFLINE=true")
			_ = cmd.Run()
		}
	}()
	defer func() { stop(); <-ended }()
	for range 2 {
		req := p.request("crates/notes", "notes")
		result, err := p.tool.Record(t.Context(), req)
		t.Logf("%+v, %v", result, err)
		if err != nil {
			want = map[string]string{} // an honest end
			if unproven := new(*cargo.UnprovenError); !errors.As(err, unproven) {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(want, files(t, req.Stage)); diff != "" {
			t.Error(diff)
		}
		want = p.committed("notes")
	}
}

// TestRecordCancel: cargo, rustc and what they started are gone, and so is
// what was written.
func TestRecordCancel(t *testing.T) {
	p := newProject(t, "cancel")
	p.write("crates/notes/build.rs", "fn main() { std::fs::write(\""+"started"+"\", \"\").unwrap(); std::thread::sleep(std::time::Duration::from_secs(60)); }\n")
	req := p.request("crates/notes", "notes")
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		started := filepath.Join(req.Dir, "started")
		for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			if _, err := os.Stat(started); err == nil {
				break
			}
		}
		cancel(cause)
	}()
	_, err := p.tool.Record(ctx, req)
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if left := files(t, req.Stage); len(left) > 0 {
		t.Errorf("left in the stage: %v", left)
	}
	if processes := compiling(p.dir); len(processes) > 0 {
		t.Errorf("still there: %v", processes)
	}
}

// compiling returns the processes that work in dir, where the system tells.
func compiling(dir string) []string {
	var found []string
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && strings.HasPrefix(cwd, dir) {
			found = append(found, link)
		}
	}
	return found
}

// TestAgeDepInfo: cargo does not notice that a query file is gone, until its
// dep-info is aged; no source changes.
func TestAgeDepInfo(t *testing.T) {
	p := newProject(t, "age")
	p.cargo("crates/notes", "check")
	req := p.request("crates/notes", "notes")
	if err := os.RemoveAll(filepath.Join(p.dir, "crates", "notes", ".sqlx")); err != nil {
		t.Fatal(err)
	}
	p.wantFresh("crates/notes", "check")
	before := p.times()
	if err := cargo.AgeDepInfo(req.Workspace.BuildDirectory, req.Packages); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, p.times()); diff != "" {
		t.Errorf("mtimes: %s", diff)
	}
	cmd := exec.Command(p.tool.Path, "check")
	cmd.Dir = req.Dir
	cmd.Env = append(os.Environ(), "SQLX_OFFLINE=true")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "there is no cached data") {
		t.Errorf("got %v\n%s", err, out)
	}
}

// TestOfflineCheck compiles against the committed files also what cargo holds
// to be fresh.
func TestOfflineCheck(t *testing.T) {
	p := newProject(t, "offline")
	req := p.request("crates/notes", "notes")
	req.DatabaseURL, req.Stage = "", ""
	for range 2 {
		if _, err := p.tool.OfflineCheck(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	p.wantFresh("crates/notes", "check")
	query := "UPDATE notes SET state = ? WHERE id = ?"
	name := sqlxdata.FileName(sqlxdata.Hash(query))
	if err := os.Remove(filepath.Join(req.Dir, ".sqlx", name)); err != nil {
		t.Fatal(err)
	}
	_, err := p.tool.OfflineCheck(t.Context(), req)
	var failed *cargo.CompileError
	if !errors.As(err, &failed) || len(failed.Diagnostics) != 1 || failed.Diagnostics[0].Line != 101 {
		t.Errorf("got %v", err)
	}
}

func TestDefaultProfile(t *testing.T) {
	p := newProject(t, "profile")
	p.cargo("crates/notes", "check")
	notes := p.request(".", "notes").Packages
	for _, c := range []struct {
		name     string
		build    string
		args     []string
		packages []cargo.Package
		want     string
	}{
		{"debug holds it", p.target, nil, notes, "dev"},
		{"debug lacks one", p.target, nil, append(notes[:1:1], cargo.Package{Name: "note"}), "sqlx-prepare"},
		{"another target", p.target, []string{"--target=wasm32-unknown-unknown"}, notes, "sqlx-prepare"},
		{"no build yet", t.TempDir(), nil, notes, "sqlx-prepare"},
		{"named", p.target, []string{"--all-targets", "--profile", "quick"}, notes, "quick"},
		{"release", p.target, []string{"-r"}, notes, "release"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, reason, err := cargo.DefaultProfile(c.build, c.args, c.packages)
			if err != nil || got != c.want || reason == "" {
				t.Errorf("got %q (%s), %v", got, reason, err)
			}
		})
	}
}

// TestOutput: cargo draws its progress and rustc its colours for the terminal
// behind Output.
func TestOutput(t *testing.T) {
	p := newProject(t, "output")
	p.edit("crates/notes/src/lib.rs", "pub mod note;", "fn unused() {}\npub mod note;")
	var output bytes.Buffer
	req := p.request("crates/notes", "notes")
	req.Output, req.Width, req.Color = &output, 80, true
	if _, err := p.tool.Record(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Building", "\r\x1b[K\x1b[1m\x1b[33mwarning", "function `unused` is never used", "Checking", "Finished"} {
		if !strings.Contains(output.String(), want) {
			t.Errorf("no %q in %q", want, &output)
		}
	}
	if n := strings.Count(output.String(), "is never used"); n != 1 {
		t.Errorf("the warning was printed %d times", n)
	}
	if strings.Contains(output.String(), `{"reason"`) {
		t.Errorf("a message was printed: %s", &output)
	}
}
