package cargo_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, prints string
		want         cargo.Version
		fails        string // as part of the error
	}{
		{"release", "cargo 1.95.0 (f2d3ce0bd 2026-03-21)\n", cargo.Version{Major: 1, Minor: 95}, ""},
		{"nightly", "cargo 1.96.0-nightly (0123456 2026-04-01)\n", cargo.Version{Major: 1, Minor: 96}, ""},
		{"of a distribution", "cargo 1.85.1\n", cargo.Version{Major: 1, Minor: 85, Patch: 1}, ""},
		{"oldest", "cargo 1.57.0 (b2e52d7ca 2021-10-21)\n", cargo.Oldest, ""},
		{"too old", "cargo 1.56.1 (4ed5d137b 2021-10-04)\n", cargo.Version{}, "1.57.0 or newer is needed"},
		{"something else", "gocargo v3\n", cargo.Version{}, "is no version of cargo"},
		{"no number", "cargo one.two.three\n", cargo.Version{}, "is no version number"},
		{"nothing", "\n", cargo.Version{}, "is no version of cargo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("CARGO", os.Args[0]) // see TestMain
			t.Setenv("SQLXMAGE_CARGO_PRINTS", c.prints)
			tool, err := cargo.Find(t.Context(), t.TempDir())
			if c.fails != "" {
				wantError(t, err, c.fails)
				return
			}
			if err != nil || tool.Version != c.want || tool.Path != os.Args[0] {
				t.Errorf("got %+v, %v", tool, err)
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	t.Setenv("CARGO", "")
	t.Setenv("CARGO_HOME", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	_, err := cargo.Find(t.Context(), ".")
	var missing *cargo.NotFoundError
	if !errors.As(err, &missing) || missing.Hint() == "" {
		t.Errorf("got %v", err)
	}
}

func TestMetadata(t *testing.T) {
	need.Program(t, "cargo")
	tool, err := cargo.Find(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	target := t.TempDir()
	t.Setenv("CARGO_TARGET_DIR", target)
	m, err := tool.Metadata(t.Context(), filepath.Join(examples, "crates", "notes"))
	if err != nil {
		t.Fatal(err)
	}
	if m.WorkspaceRoot != examples || m.TargetDirectory != target || m.BuildDirectory != target || len(m.Packages) != 2 {
		t.Errorf("got %+v", m)
	}
	_, err = tool.Metadata(t.Context(), t.TempDir())
	wantError(t, err, "could not find `Cargo.toml`")
}
