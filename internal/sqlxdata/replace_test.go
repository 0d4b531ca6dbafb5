package sqlxdata

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func setOf(queries ...string) Set {
	set := Set{}
	for _, q := range queries {
		set.Add(&File{DBName: "SQLite", Query: q, Hash: Hash(q), Describe: Description{Parameters: &Parameters{}}})
	}
	return set
}

// fill makes a directory of query files, all of them an hour old.
func fill(t *testing.T, dir string, set Set) time.Time {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	for hash, data := range set {
		path := filepath.Join(dir, FileName(hash))
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	return old
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return list
}

func mustRead(t *testing.T, dir string) Set {
	t.Helper()
	set, err := ReadSet(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestReplace(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, ".sqlx")
	old := fill(t, dir, setOf("a", "b"))
	if err := os.MkdirAll(filepath.Join(dir, "mine", "deep"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{"README.md", "mine/deep/note", "query-short.json"} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(foreign)), []byte(foreign), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	change, err := Replace(dir, setOf("b", "c"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Change{Written: 1, Removed: 1, Unchanged: 1}); change != want {
		t.Errorf("%+v, want %+v", change, want)
	}
	if diff := cmp.Diff(setOf("b", "c"), mustRead(t, dir)); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(filepath.Join(dir, FileName(Hash("b"))))
	if err != nil || !info.ModTime().Equal(old) {
		t.Errorf("the unchanged file's time is %v, was %v (%v)", info.ModTime(), old, err)
	}
	for _, foreign := range []string{"README.md", "mine/deep/note", "query-short.json"} {
		if data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(foreign))); err != nil || string(data) != foreign {
			t.Errorf("foreign file %s: %q, %v", foreign, data, err)
		}
	}
	if diff := cmp.Diff([]string{".sqlx"}, names(t, parent)); diff != "" {
		t.Errorf("left beside it: %s", diff)
	}
}

func TestReplaceNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".sqlx")
	fill(t, dir, setOf("a"))
	before, _ := os.Stat(dir)
	change, err := Replace(dir, setOf("a"))
	if err != nil || change.Any() {
		t.Fatalf("%+v, %v", change, err)
	}
	if after, _ := os.Stat(dir); !os.SameFile(before, after) {
		t.Error("the directory was replaced although nothing differs")
	}
}

func TestReplaceCreates(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".sqlx")
	if _, err := Replace(dir, Set{}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Error(err)
	}
}

func TestReplaceKeepsLink(t *testing.T) {
	parent := t.TempDir()
	real := filepath.Join(parent, "real")
	fill(t, real, setOf("a"))
	link := filepath.Join(parent, ".sqlx")
	if err := os.Symlink("real", link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if _, err := Replace(link, setOf("b")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if diff := cmp.Diff(setOf("b"), mustRead(t, real)); diff != "" {
		t.Error(diff)
	}
}

func TestReplaceReadOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no read-only mode on Windows")
	}
	dir := filepath.Join(t.TempDir(), ".sqlx")
	fill(t, dir, setOf("a"))
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) }) // so that it can be removed, by others than root too
	_, err := Replace(dir, setOf("b"))
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(setOf("a"), mustRead(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestReplaceNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".sqlx")
	if err := os.WriteFile(path, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Replace(path, setOf("a")); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("error %v", err)
	}
}

// TestRecover meets what a run leaves that is killed at each step of a swap
// that takes two renames.
func TestRecover(t *testing.T) {
	tests := []struct {
		name string
		left map[string]Set // beside .sqlx
		want Set
	}{
		{"while the stage was made", map[string]Set{".sqlx": setOf("a"), ".sqlx.stage-1": setOf("b")}, setOf("a")},
		{"between the renames", map[string]Set{".sqlx.old-1": setOf("a"), ".sqlx.stage-1": setOf("b")}, setOf("a")},
		{"before the old one was removed", map[string]Set{".sqlx": setOf("b"), ".sqlx.old-1": setOf("a")}, setOf("b")},
		{"nothing", map[string]Set{".sqlx": setOf("a")}, setOf("a")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parent := t.TempDir()
			for name, set := range test.left {
				fill(t, filepath.Join(parent, name), set)
			}
			dir := filepath.Join(parent, ".sqlx")
			if err := Recover(dir); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, mustRead(t, dir)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{".sqlx"}, names(t, parent)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
