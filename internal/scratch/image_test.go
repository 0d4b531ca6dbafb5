package scratch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
)

// contents are the files below a folder, and its folders with no content.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if entry.IsDir() {
			files[filepath.ToSlash(name)+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestImage(t *testing.T) {
	dir := t.TempDir()
	want := map[string]string{
		"PG_VERSION": "17\n", "base/": "", "base/1/": "", "base/1/1234": strings.Repeat("a page", 2000), "empty": "", "pg_notify/": "",
		"pg_replslot/": "", "pg_replslot/" + strings.Repeat("long", 30): "a name that is longer than tar's header",
	}
	for name, content := range want {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store, key := kepttest.New(t), imageKey("test")
	to := func() string { return filepath.Join(t.TempDir(), "data") }
	if loadImage(store, key, to(), nil) {
		t.Error("an empty store has something")
	}
	if err := saveImage(store, key, dir); err != nil {
		t.Fatal(err)
	}
	copied := to()
	if !loadImage(store, key, copied, nil) {
		t.Fatal("not kept")
	}
	if diff := cmp.Diff(want, contents(t, copied)); diff != "" {
		t.Error(diff)
	}

	// What cannot be written out is no image, and leaves nothing.
	image, _ := store.Get(key)
	for name, damaged := range map[string][]byte{"cut": image[:len(image)/2], "no archive": []byte(strings.Repeat("no archive", 200))} {
		store.Put(key, damaged)
		left := to()
		if loadImage(store, key, left, nil) {
			t.Errorf("%s: loaded", name)
		}
		if exists(left) {
			t.Errorf("%s: something is left", name)
		}
	}

	var none *kept.Store
	if err := saveImage(none, key, dir); err != nil || loadImage(none, key, to(), nil) {
		t.Errorf("without a store: %v", err)
	}
}

// TestImageOfLinks: what is no data directory is not kept.
func TestImageOfLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	if err := saveImage(kepttest.New(t), imageKey("test"), dir); err == nil || !strings.Contains(err.Error(), "neither a file nor a folder") {
		t.Errorf("%v", err)
	}
}
