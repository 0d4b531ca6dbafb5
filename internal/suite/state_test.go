package suite

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
)

// TestBranches goes from one branch of a repository to another and back: nothing
// is done twice.
func TestBranches(t *testing.T) {
	n := newNotes(t)
	branch := func() string {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(n.path(""))); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	checkOut := func(branch string) {
		if err := errors.Join(os.RemoveAll(n.path("")), os.CopyFS(n.path(""), os.DirFS(branch))); err != nil {
			t.Fatal(err)
		}
	}
	prepare := func() report.Unit {
		unit, err := n.prepare(config.Options{Engine: "native"})
		if err != nil {
			t.Fatal(err)
		}
		return unit
	}
	all := len(n.data())
	if unit := prepare(); unit.Described != all {
		t.Errorf("the first branch: %d described", unit.Described)
	}
	first := branch()
	// The other branch has a migration, a query, and so query files of its own.
	n.edit("migrations/20240418120000_tags.sql", "CREATE", "-- changed\nCREATE")
	n.edit("queries/recent.sql", "SELECT", "SELECT /* changed */")
	if unit := prepare(); unit.Described != all {
		t.Errorf("the second branch: %d described", unit.Described)
	}
	second := branch()
	for range 2 {
		checkOut(first)
		if unit := prepare(); !unit.UpToDate {
			t.Errorf("back on the first branch: %+v", unit)
		}
		checkOut(second)
		if unit := prepare(); !unit.UpToDate {
			t.Errorf("back on the second branch: %+v", unit)
		}
	}
	// A change there, and back: what the database said is known.
	checkOut(first)
	n.edit("src/tag.rs", "use", "// changed\nuse")
	if unit := prepare(); unit.UpToDate || unit.Described > 0 {
		t.Errorf("a change on the first branch: %+v", unit)
	}
}

func TestDecodeState(t *testing.T) {
	want := &state{Data: "d", Queries: 3, Database: "SQLite", Reason: "because", inputs: []input{
		{path: "/a b/c\nd", sum: "1"}, {path: "/gone", sum: absent}, {path: "/f", folder: true, sum: "2"},
	}}
	text, err := want.encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, decodeState(string(text)), cmp.AllowUnexported(state{}, input{})); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "{", "{}\x00", "{}\x00file", "{}\x00file\x001", "{}\x00link\x001\x00/a"} {
		if got := decodeState(bad); got != nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add("{}\x00file\x001\x00/a\x00folder\x00\x00/b")
	f.Fuzz(func(t *testing.T, text string) {
		s := decodeState(text)
		if s == nil {
			return
		}
		again, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, decodeState(string(again)), cmp.AllowUnexported(state{}, input{})); diff != "" {
			t.Fatal(diff)
		}
	})
}
