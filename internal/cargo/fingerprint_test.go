package cargo

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// tree makes files in a new folder.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAgeDepInfoWhich(t *testing.T) {
	const hash = "db28f750ecbf1ee7"
	aged := []string{
		"debug/.fingerprint/notes-" + hash + "/dep-lib-notes",
		"debug/.fingerprint/notes-" + hash + "/dep-test-lib-notes",
		"release/.fingerprint/notes-" + hash + "/dep-bin-notes",
		"wasm32-unknown-unknown/debug/.fingerprint/notes-" + hash + "/dep-lib-notes",
		"new/build/notes/" + hash + "/fingerprint/dep-lib-notes", // -Zbuild-dir-new-layout
	}
	kept := []string{
		"debug/.fingerprint/notes-" + hash + "/lib-notes",
		"debug/.fingerprint/notes-" + hash + "/lib-notes.json",
		"debug/.fingerprint/notes-core-" + hash + "/dep-lib-notes-core",
		"debug/.fingerprint/tags-" + hash + "/dep-lib-tags",
		"debug/deps/dep-lib-notes",
		"new/build/tags/" + hash + "/fingerprint/dep-lib-tags",
	}
	dir := tree(t, append(aged, kept...)...)
	if err := AgeDepInfo(dir, []Package{{Name: "notes"}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.ModTime().Year() < 1980 {
			rel, _ := filepath.Rel(dir, path)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	slices.Sort(aged)
	slices.Sort(got)
	if diff := cmp.Diff(aged, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := AgeDepInfo(filepath.Join(dir, "nothing"), []Package{{Name: "notes"}}); err != nil {
		t.Errorf("no build yet: %v", err)
	}
}

// TestExpire: only what holds a unit's hash goes.
func TestExpire(t *testing.T) {
	dir := tree(t, "lib-notes", "lib-notes.json", "dep-lib-notes", "invoked.timestamp", "output-lib-notes")
	for range 2 {
		if err := expire(dir); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	want := []string{"dep-lib-notes", "invoked.timestamp", "lib-notes.json", "output-lib-notes"}
	if diff := cmp.Diff(want, left); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := expire(filepath.Join(dir, "nothing")); err != nil {
		t.Errorf("no such unit: %v", err)
	}
}

func TestKeptUnits(t *testing.T) {
	dir := t.TempDir()
	store, err := kept.Open(filepath.Join(t.TempDir(), "kept"))
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(Tool{}, Request{Workspace: Metadata{TargetDirectory: dir}, Kept: store})
	units := s.keptUnits(nil)
	if got := units.read(); got != nil {
		t.Errorf("before: %v", got)
	}
	want := []unit{{
		Package: "notes", Library: true, Outputs: []string{"x.rmeta"},
		Fingerprint: filepath.Join(dir, "debug", ".fingerprint", "notes-db28f750ecbf1ee7"),
	}}
	units.write(want)
	if diff := cmp.Diff(want, units.read(), cmp.AllowUnexported(unit{})); diff != "" {
		t.Error(diff)
	}
	if other := s.keptUnits([]string{"--all-targets"}).read(); other != nil {
		t.Errorf("of other arguments: %v", other)
	}
	for _, damage := range []string{"", "{", `[{"Fingerprint":"/etc"}]`, `[{"Fingerprint":".."}]`} {
		store.Put(units.key, []byte(damage))
		if got := units.read(); got != nil {
			t.Errorf("%q: %v", damage, got)
		}
	}
}
