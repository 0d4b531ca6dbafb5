package scratch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func tree(t *testing.T, content string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	if err := os.MkdirAll(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sub", "file"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStore(t *testing.T) {
	s := openStore(t.TempDir())
	dst := filepath.Join(t.TempDir(), "copy")
	if s.get("key", dst, nil) {
		t.Error("an empty store has something")
	}
	for range 2 { // the second time it is there already
		if err := s.put("key", tree(t, "content")); err != nil {
			t.Fatal(err)
		}
	}
	if !s.get("key", dst, nil) {
		t.Fatal("not kept")
	}
	content, err := os.ReadFile(filepath.Join(dst, "sub", "file"))
	if err != nil || string(content) != "content" {
		t.Errorf("got %q, %v", content, err)
	}
	if _, err := os.Stat(filepath.Join(dst, "empty")); err != nil {
		t.Error(err)
	}
	if kept := names(t, s.dir); !slices.Equal(kept, []string{"key", "lock"}) {
		t.Errorf("the store holds %q", kept)
	}
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// TestStoreWithout: no cache folder, or one that cannot be written, is no
// failure.
func TestStoreWithout(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file} {
		s := openStore(dir)
		if err := s.put("key", tree(t, "")); err != nil {
			t.Error(err)
		}
		if s.get("key", filepath.Join(t.TempDir(), "copy"), nil) {
			t.Error("something is kept")
		}
	}
}

func TestStoreEvicts(t *testing.T) {
	s := openStore(t.TempDir())
	s.limit = 25
	for i, key := range []string{"oldest", "older", "newest"} {
		if err := s.put(key, tree(t, "ten bytes.")); err != nil {
			t.Fatal(err)
		}
		used := time.Now().Add(time.Duration(i-10) * time.Minute)
		if err := os.Chtimes(filepath.Join(s.dir, key), used, used); err != nil {
			t.Fatal(err)
		}
		if i == 1 && !s.get("oldest", filepath.Join(t.TempDir(), "copy"), nil) {
			t.Fatal("not kept")
		}
	}
	for name, age := range map[string]time.Duration{"tmp-1": 2 * time.Hour, "tmp-2": time.Minute} {
		path := filepath.Join(s.dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}

	reader := s.lock()
	if err := reader.RLock(); err != nil {
		t.Fatal(err)
	}
	s.evict()
	if kept := names(t, s.dir); len(kept) != 6-1 {
		t.Errorf("while another run copies: the store holds %q", kept)
	}
	reader.Close()

	s.evict()
	if kept := names(t, s.dir); !slices.Equal(kept, []string{"lock", "newest", "oldest", "tmp-2"}) {
		t.Errorf("the store holds %q", kept)
	}
}

func TestStoreKey(t *testing.T) {
	if storeKey("a", "bc") == storeKey("ab", "c") || storeKey("a") == storeKey("a", "") {
		t.Error("different parts, one key")
	}
}
