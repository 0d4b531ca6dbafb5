package sites

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readAll reads the sources that a root reaches, as Scan does, and returns how
// many of them had to be lexed.
func readAll(t *testing.T, cache, root string) int {
	t.Helper()
	f := newFiles(openKept(cache))
	if err := f.load(context.Background(), []string{root}); err != nil {
		t.Fatal(err)
	}
	fresh := len(f.kept.fresh)
	if err := f.kept.save(); err != nil {
		t.Fatal(err)
	}
	return fresh
}

// TestKept reads again only what changed.
func TestKept(t *testing.T) {
	dir, cache := synthetic(t, 100_000), t.TempDir()
	root := filepath.Join(dir, "src", "lib.rs")
	first := readAll(t, cache, root)
	if first < 10 {
		t.Fatalf("%d files", first)
	}
	if n := readAll(t, cache, root); n != 0 {
		t.Errorf("%d files were read again, though none changed", n)
	}
	changed := filepath.Join(dir, "src", "m3.rs")
	if err := os.WriteFile(changed, []byte("fn f() { sqlx::query!(\"SELECT 'changed'\"); }"), 0o666); err != nil {
		t.Fatal(err)
	}
	if n := readAll(t, cache, root); n != 1 {
		t.Errorf("%d files were read again, one changed", n)
	}
	got := render(dir, scanDir(t, dir, nil, Options{Cache: cache}))
	if want := render(dir, scanDir(t, dir, nil, Options{})); got != want {
		t.Errorf("without what is kept -, with it +:\n%s", cmp.Diff(want, got))
	}
	if !strings.Contains(got, "SELECT 'changed'") {
		t.Error("the change was not seen")
	}
}

// TestKeptDamaged scans as without a file when the file is damaged, and makes
// it good.
func TestKeptDamaged(t *testing.T) {
	dir, cache := synthetic(t, 100_000), t.TempDir()
	root := filepath.Join(dir, "src", "lib.rs")
	want := render(dir, scanDir(t, dir, nil, Options{Cache: cache}))
	path := filepath.Join(cache, "sites.kept")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"cut", func(b []byte) []byte { return b[:len(b)/2] }},
		{"one bit", func(b []byte) []byte { b[len(b)/3] ^= 4; return b }},
		{"of another version", func(b []byte) []byte { b[len(keptFormat)+3] ^= 1; return b }},
		{"of another format", func(b []byte) []byte { b[0]++; return b }},
		{"longer", func(b []byte) []byte { return append(b, "more"...) }},
		{"too long", func(b []byte) []byte { return append(b, make([]byte, maxKept)...) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(path, test.damage(append([]byte(nil), good...)), 0o666); err != nil {
				t.Fatal(err)
			}
			if got := render(dir, scanDir(t, dir, nil, Options{Cache: cache})); got != want {
				t.Error(cmp.Diff(want, got))
			}
			if n := readAll(t, cache, root); n != 0 {
				t.Errorf("the file was not made good: %d files are read again", n)
			}
		})
	}
	if left, _ := filepath.Glob(path + ".*"); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestKeptBounded keeps what the last scan used rather than what is older.
func TestKeptBounded(t *testing.T) {
	cache := t.TempDir()
	large := make([]byte, maxKept/4)
	for i := range byte(8) {
		k := openKept(cache)
		k.put([32]byte{i}, large)
		if i > 0 {
			if _, ok := k.get([32]byte{i - 1}); !ok {
				t.Fatalf("%d: what the scan before wrote is lost", i)
			}
		}
		if err := k.save(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(cache, "sites.kept"))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxKept {
			t.Fatalf("%d bytes", info.Size())
		}
	}
}

// TestKeptReadOnly says that nothing could be kept, and scans all the same.
func TestKeptReadOnly(t *testing.T) {
	dir := synthetic(t, 20_000)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	got := scanDir(t, dir, nil, Options{Cache: file})
	if len(got.Sites) == 0 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0].Msg, "keep the scan") {
		t.Errorf("%d sites, notes %v", len(got.Sites), got.Notes)
	}
}

// FuzzOutline reads outlines from any text without fault, and what it writes
// it reads again.
func FuzzOutline(f *testing.F) {
	for _, text := range []string{"", syntheticFile(1)[:2000], "#![a]\nmod a { use b::{c as d, *}; macro_rules! e { ($f:tt) => { $f!() } } }"} {
		if o, ok := outlineOf(text); ok {
			f.Add(string(encodeOutline(o)))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, ok := decodeOutline(text)
		if !ok {
			return
		}
		again, ok := decodeOutline(string(encodeOutline(o)))
		if !ok {
			t.Fatal("what was written cannot be read")
		}
		if diff := cmp.Diff(encodeOutline(o), encodeOutline(again)); diff != "" {
			t.Fatal(diff)
		}
	})
}
