//go:build unix

package kept

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrivate: the store is its user's alone, or there is none.
func TestPrivate(t *testing.T) {
	for _, test := range []struct {
		name string
		mode os.FileMode
		ok   bool
	}{
		{"its user's alone", 0o700, true},
		{"readable by others, and so closed to them", 0o755, true},
		{"writable by a group", 0o770, false},
		{"writable by all", 0o777, false},
		{"as /tmp", 0o777 | os.ModeSticky, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, test.mode); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir)
			if !test.ok {
				if s != nil || err == nil || !strings.Contains(err.Error(), "others may write to "+dir) {
					t.Errorf("%v, %v", s, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		})
	}
	if info, err := os.Stat(newStore(t).dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("a new store: %v, %v", info, err)
	}
}

// TestForeign: another user's folder is no store.
func TestForeign(t *testing.T) {
	dir := "/"
	if os.Geteuid() == 0 {
		dir = t.TempDir()
		if err := os.Chown(dir, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(dir)
	if s != nil || err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("%v, %v", s, err)
	}
}

// TestLink: the store may lie elsewhere, where it is as private.
func TestLink(t *testing.T) {
	real, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	s, err := Open(link)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(key("a"), []byte("data"))
	if _, err := os.Stat(filepath.Join(real, "test", key("a").name())); err != nil {
		t.Error(err)
	}
}
