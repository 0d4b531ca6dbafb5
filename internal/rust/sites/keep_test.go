package sites

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// newStore is a store of a test's own.
func newStore(t testing.TB) *kept.Store {
	t.Helper()
	store, err := kept.Open(filepath.Join(t.TempDir(), "kept"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// readAll reads the sources that a root reaches, as Scan does, and returns how
// many of them are not in the pack.
func readAll(t *testing.T, pack *kept.Pack, root string) (fresh int) {
	t.Helper()
	f := newFiles(pack)
	if err := f.load(context.Background(), []string{root}); err != nil {
		t.Fatal(err)
	}
	for _, src := range f.sources {
		if _, ok := pack.Get(src.sum); !ok && !src.absent {
			fresh++
		}
	}
	pack.Save()
	return fresh
}

// TestKept reads again only what changed.
func TestKept(t *testing.T) {
	dir, store := synthetic(t, 100_000), newStore(t)
	root := filepath.Join(dir, "src", "lib.rs")
	key := outlinesKey(planOf(t, dir, nil))
	first := readAll(t, store.Pack(key), root)
	if first < 10 {
		t.Fatalf("%d files", first)
	}
	if n := readAll(t, store.Pack(key), root); n != 0 {
		t.Errorf("%d files were read again, though none changed", n)
	}
	changed := filepath.Join(dir, "src", "m3.rs")
	if err := os.WriteFile(changed, []byte("fn f() { sqlx::query!(\"SELECT 'changed'\"); }"), 0o666); err != nil {
		t.Fatal(err)
	}
	if n := readAll(t, store.Pack(key), root); n != 1 {
		t.Errorf("%d files were read again, one changed", n)
	}
	got := render(dir, scanDir(t, dir, nil, Options{Kept: store}))
	if want := render(dir, scanDir(t, dir, nil, Options{})); got != want {
		t.Errorf("without what is kept -, with it +:\n%s", cmp.Diff(want, got))
	}
	if !strings.Contains(got, "SELECT 'changed'") {
		t.Error("the change was not seen")
	}
	if n := readAll(t, store.Pack(key), root); n != 0 {
		t.Errorf("the scan does not use the pack: %d files were read again", n)
	}
}

// TestKeptDamaged: an outline that cannot be read is made again.
func TestKeptDamaged(t *testing.T) {
	dir, store := synthetic(t, 100_000), newStore(t)
	want := render(dir, scanDir(t, dir, nil, Options{Kept: store}))
	pack := store.Pack(outlinesKey(planOf(t, dir, nil)))
	f := newFiles(pack)
	if err := f.load(context.Background(), []string{filepath.Join(dir, "src", "lib.rs")}); err != nil {
		t.Fatal(err)
	}
	for _, src := range f.sources {
		pack.Put(src.sum, []byte("no outline"))
	}
	pack.Save()
	for range 2 {
		if got := render(dir, scanDir(t, dir, nil, Options{Kept: store})); got != want {
			t.Error(cmp.Diff(want, got))
		}
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
