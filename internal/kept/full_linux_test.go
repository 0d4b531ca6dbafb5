package kept

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// mount mounts a file system in memory for a test.
func mount(t *testing.T, options string) string {
	t.Helper()
	need.Program(t, "root")
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		need.Missing(t, "root", "mount: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFull: on a full disk nothing is kept, nothing is left, and all goes on.
func TestFull(t *testing.T) {
	dir := filepath.Join(mount(t, "size=256k,mode=700"), "store")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(key("small"), []byte("before"))
	s.Put(key("large"), large(1))
	if _, ok := s.Get(key("large")); ok {
		t.Error("kept")
	}
	f, err := s.Folder(t.Context(), key("folder"), nil, fillWith(string(large('x'))))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(f.Path, dir) || content(t, f) != string(large('x')) {
		t.Error(f.Path)
	}
	f.Release()
	s.Put(key("small"), []byte("after"))
	if got, ok := s.Get(key("small")); !ok || string(got) != "after" {
		t.Errorf("%q, %v", got, ok)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Error(err)
	}
}

// TestReadOnly: what is in a store that cannot be written to is used, and all
// goes on.
func TestReadOnly(t *testing.T) {
	dir := mount(t, "mode=700")
	s, err := Open(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	s.Put(key("a"), []byte("data"))
	f, err := s.Folder(t.Context(), key("folder"), nil, fillWith("whole"))
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		need.Missing(t, "root", "mount read-only: "+err.Error())
	}
	if s, err = Open(filepath.Join(dir, "store")); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Get(key("a")); !ok || string(got) != "data" {
		t.Errorf("%q, %v", got, ok)
	}
	if f, err = s.Folder(t.Context(), key("folder"), nil, mustFind(t)); err != nil {
		t.Fatal(err)
	}
	f.Release()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s.Put(key("b"), []byte("data"))
	if f, err = s.Folder(t.Context(), key("another"), nil, fillWith("whole")); err != nil {
		t.Fatal(err)
	}
	f.Release()
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Error(err)
	}
	if s, err := Open(filepath.Join(dir, "another")); s != nil || err == nil {
		t.Errorf("%v, %v", s, err)
	}
}
