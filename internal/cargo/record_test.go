package cargo_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

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
		if len(result.Unchecked) > 0 {
			t.Errorf("%v: unchecked: %v", args, result.Unchecked)
		}
		t.Logf("%v: %+v", args, result)
		p.wantFresh(".", append([]string{"check"}, args...)...)
	}
	req := p.request(".", "notes", "tags")
	req.Args = []string{"-p", "notes"}
	if result := p.record(req); !slices.Equal(result.Unchecked, []string{"tags"}) || len(files(t, req.Stage)) != len(want) {
		t.Errorf("one package: %+v", result)
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
		got = append(got, fmt.Sprintf("%s:%d:%d: %s (%s, query: %v)", filepath.ToSlash(path), d.Line, d.Column, d.Message, d.Package, d.InMacro))
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
