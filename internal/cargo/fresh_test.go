package cargo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
)

// TestDependantStaysFresh: a package that depends on the one whose queries
// were recorded is not compiled again.
func TestDependantStaysFresh(t *testing.T) {
	p := newProject(t, "dependant")
	p.write("crates/app/Cargo.toml", "[package]\nname = \"app\"\nedition = \"2021\"\n\n[dependencies]\nnotes = { path = \"../notes\" }\n")
	p.write("crates/app/src/lib.rs", "pub fn state() -> notes::note::State { notes::note::State::Open }\n")
	p.cargo("crates/app", "check")
	p.wantFresh("crates/app", "check")
	for range 2 {
		p.record(p.request("crates/notes", "notes"))
		p.wantFresh("crates/app", "check")
	}
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
