package kept

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fillWith makes a folder of two files and, where the system has them, a link.
func fillWith(text string) func(dir string) error {
	return func(dir string) error {
		err := errors.Join(
			os.MkdirAll(filepath.Join(dir, "bin"), 0o700),
			os.WriteFile(filepath.Join(dir, "bin", "program"), []byte(text), 0o700),
			os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600),
		)
		if runtime.GOOS != "windows" {
			err = errors.Join(err, os.Symlink("program", filepath.Join(dir, "bin", "link")))
		}
		return err
	}
}

// mustFind is fill where the folder must be there already.
func mustFind(t *testing.T) func(string) error {
	return func(string) error { t.Error("the folder is made again"); return nil }
}

func content(t *testing.T, f *Folder) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(f.Path, "bin", "program"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestFolder(t *testing.T) {
	s := newStore(t)
	f, err := s.Folder(t.Context(), key("a"), nil, fillWith("first"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Folder(t.Context(), key("a"), nil, mustFind(t))
	if err != nil {
		t.Fatal(err)
	}
	if content(t, f) != "first" || f.Path != again.Path || !strings.HasPrefix(f.Path, s.dir) {
		t.Errorf("%s, %s", f.Path, again.Path)
	}
	f.Release()
	again.Release()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, ok := s.Get(key("a")); ok {
		t.Error("a folder is read as a file")
	}
}

// TestFolderDamaged: a folder with one file that is not as it was is made
// again.
func TestFolderDamaged(t *testing.T) {
	s := newStore(t)
	for _, test := range []struct {
		name   string
		damage func(dir string) error
	}{
		{"a file is gone", func(dir string) error { return os.Remove(filepath.Join(dir, contentName, "empty")) }},
		{"a file is cut", func(dir string) error { return os.Truncate(filepath.Join(dir, contentName, "bin", "program"), 3) }},
		{"a file is another", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, contentName, "bin", "program"), []byte("whale"), 0o700)
		}},
		{"a link is gone", func(dir string) error {
			if runtime.GOOS == "windows" {
				return os.RemoveAll(filepath.Join(dir, contentName, "bin"))
			}
			return os.Remove(filepath.Join(dir, contentName, "bin", "link"))
		}},
		{"the manifest is gone", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }},
		{"the manifest is cut", func(dir string) error { return os.Truncate(filepath.Join(dir, manifestName), 60) }},
		{"the content is gone", func(dir string) error { return os.RemoveAll(filepath.Join(dir, contentName)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := s.Folder(t.Context(), key("a"), nil, fillWith("whole"))
			if err != nil {
				t.Fatal(err)
			}
			f.Release()
			if err := test.damage(s.path(key("a"))); err != nil {
				t.Fatal(err)
			}
			made := false
			f, err = s.Folder(t.Context(), key("a"), nil, func(dir string) error { made = true; return fillWith("whole")(dir) })
			if err != nil {
				t.Fatal(err)
			}
			defer f.Release()
			if !made || content(t, f) != "whole" {
				t.Errorf("made again: %v", made)
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestFolderDamagedInUse: what another run uses is not taken from it.
func TestFolderDamagedInUse(t *testing.T) {
	s := newStore(t)
	used, err := s.Folder(t.Context(), key("a"), nil, fillWith("whole"))
	if err != nil {
		t.Fatal(err)
	}
	defer used.Release()
	if err := os.Remove(filepath.Join(used.Path, "empty")); err != nil {
		t.Fatal(err)
	}
	f, err := s.Folder(t.Context(), key("a"), nil, fillWith("whole"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(f.Path, s.dir) || content(t, f) != "whole" || content(t, used) != "whole" {
		t.Error(f.Path)
	}
	f.Release()
	if _, err := os.Stat(f.Path); err == nil {
		t.Error("a temporary folder is left behind")
	}
	if err := s.Close(); !errors.Is(err, errInUse) {
		t.Error(err)
	}
}

// TestFolderFails: an error of who fills is the caller's, and nothing is kept.
func TestFolderFails(t *testing.T) {
	wrong := errors.New("wrong")
	for _, s := range []*Store{newStore(t), nil} {
		f, err := s.Folder(t.Context(), key("a"), nil, func(string) error { return wrong })
		if f != nil || !errors.Is(err, wrong) {
			t.Errorf("%v, %v", f, err)
		}
		f, err = s.Folder(t.Context(), key("a"), nil, fillWith("right"))
		if err != nil {
			t.Fatal(err)
		}
		if content(t, f) != "right" {
			t.Error("wrong")
		}
		f.Release()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFolderOnce: of several that want a folder at once one makes it; the
// others wait, and say so.
func TestFolderOnce(t *testing.T) {
	s := newStore(t)
	const runs = 5
	var made, waited atomic.Int32
	var wg sync.WaitGroup
	for range runs {
		wg.Go(func() {
			f, err := s.Folder(t.Context(), key("a"), func() { waited.Add(1) }, func(dir string) error {
				made.Add(1)
				for waited.Load() < runs-1 {
					runtime.Gosched()
				}
				return fillWith("whole")(dir)
			})
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Release()
			if content(t, f) != "whole" {
				t.Error("not whole")
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || waited.Load() != runs-1 {
		t.Errorf("made %d times, %d waited", made.Load(), waited.Load())
	}
}

// TestFolderCancelled: who waits stops waiting.
func TestFolderCancelled(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	f, err := s.Folder(t.Context(), key("a"), nil, func(dir string) error {
		_, err := s.Folder(ctx, key("a"), cancel, mustFind(t))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// FuzzManifest: any text is read without fault, and what is read is written and
// read again.
func FuzzManifest(f *testing.F) {
	f.Add("")
	f.Add("0123abcd 17 bin/program\n00000000 0 a file\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, ok := parseManifest(text)
		if !ok {
			return
		}
		again, ok := parseManifest(list.String())
		if diff := cmp.Diff(list, again, cmp.AllowUnexported(listed{})); !ok || diff != "" {
			t.Fatal(diff)
		}
	})
}
