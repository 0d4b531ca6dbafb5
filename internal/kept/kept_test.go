package kept

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newStore opens a store of its own for a test.
func newStore(t testing.TB) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "cache", "sqlxmage"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// key is a key of a test's own.
func key(name string) Key { return conclusion("this program", "test", []string{name}) }

// age makes an entry one that was last used some time ago.
func age(t testing.TB, s *Store, k Key, ago time.Duration) {
	t.Helper()
	path := s.path(k)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, manifestName)
	}
	then := time.Now().Add(-ago)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func TestPutAndGet(t *testing.T) {
	s := newStore(t)
	a, b := key("a"), key("b")
	if _, ok := s.Get(a); ok {
		t.Error("found in an empty store")
	}
	for _, data := range []string{"first", "", "second"} {
		s.Put(a, []byte(data))
		got, ok := s.Get(a)
		if !ok || string(got) != data {
			t.Errorf("got %q, %v; put %q", got, ok, data)
		}
	}
	if _, ok := s.Get(b); ok {
		t.Error("found under another key")
	}
	if _, ok := s.Get(Key{kind: "other", sum: a.sum}); ok {
		t.Error("found under another kind")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Join(s.dir, "tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestNone: without a store, and without a key, nothing is kept and nothing
// fails.
func TestNone(t *testing.T) {
	var none *Store
	s := newStore(t)
	for _, test := range []struct {
		name  string
		store *Store
		key   Key
	}{
		{"no store", nil, key("a")},
		{"no key", s, conclusion("", "test", []string{"a"})},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.store.Put(test.key, []byte("data"))
			if _, ok := test.store.Get(test.key); ok {
				t.Error("kept")
			}
			pack := test.store.Pack(test.key)
			pack.Put([32]byte{1}, []byte("value"))
			pack.Save()
			if _, ok := test.store.Pack(test.key).Get([32]byte{1}); ok {
				t.Error("kept in a pack")
			}
		})
	}
	if err := none.Close(); err != nil {
		t.Error(err)
	}
	if files, _ := filepath.Glob(filepath.Join(s.dir, "*", "*")); len(files) > 0 {
		t.Errorf("in the store: %v", files)
	}
}

// TestKeys: keys differ with the program, the kind and each part, and a pinned
// one is its checksum.
func TestKeys(t *testing.T) {
	seen := map[Key]string{}
	for _, test := range []struct {
		program, kind string
		parts         []string
	}{
		{"p", "kind", []string{"a", "b"}},
		{"q", "kind", []string{"a", "b"}},
		{"p", "kinds", []string{"a", "b"}},
		{"p", "kind", []string{"ab"}},
		{"p", "kind", []string{"", "ab"}},
		{"p", "kind", []string{"b", "a"}},
		{"p", "kind", nil},
		{"pk", "ind", nil},
	} {
		k := conclusion(test.program, test.kind, test.parts)
		k.kind = "" // the sum alone must tell
		if other, twice := seen[k]; twice {
			t.Errorf("%v has the key of %s", test, other)
		}
		seen[k] = fmt.Sprint(test)
	}
	sum := sha256.Sum256([]byte("archive"))
	if got, want := Pinned("archives", sum).name(), fmt.Sprintf("%x", sum); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestDamaged: a damaged entry is as good as none, and is replaced.
func TestDamaged(t *testing.T) {
	s := newStore(t)
	k, data := key("a"), bytes.Repeat([]byte("some data "), 1000)
	s.Put(k, data)
	good, err := os.ReadFile(s.path(k))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"cut", func(b []byte) []byte { return b[:len(b)/2] }},
		{"all but the checksum", func(b []byte) []byte { return b[:len(b)-4] }},
		{"one bit", func(b []byte) []byte { b[len(b)/3] ^= 4; return b }},
		{"of another format", func(b []byte) []byte { b[14]++; return b }},
		{"of another key", func(b []byte) []byte { b[len(format)] ^= 1; return b }},
		{"longer", func(b []byte) []byte { return append(b, "more"...) }},
		{"zeros", func(b []byte) []byte { clear(b); return b }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(s.path(k), test.damage(slices.Clone(good)), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, ok := s.Get(k); ok {
				t.Errorf("got %q", got)
			}
			s.Put(k, data)
			if got, ok := s.Get(k); !ok || !bytes.Equal(got, data) {
				t.Error("was not replaced")
			}
		})
	}
}

// TestMoved: an entry under another's name is none.
func TestMoved(t *testing.T) {
	s := newStore(t)
	s.Put(key("a"), []byte("data of a"))
	if err := os.Rename(s.path(key("a")), s.path(key("b"))); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Get(key("b")); ok {
		t.Errorf("got %q", got)
	}
}

// TestDeleted: the whole store may go at any time.
func TestDeleted(t *testing.T) {
	s := newStore(t)
	s.Put(key("a"), []byte("data"))
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(key("a")); ok {
		t.Error("found what is gone")
	}
	s.Put(key("a"), []byte("data"))
	if got, ok := s.Get(key("a")); !ok || string(got) != "data" {
		t.Errorf("got %q, %v", got, ok)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestTrim: what was used longest ago goes first, files and folders alike; what
// is in use stays.
func TestTrim(t *testing.T) {
	const kb = 1 << 10
	s := newStore(t)
	s.limit = 40 * kb
	file := func(name string, ago time.Duration) Key {
		s.Put(key(name), make([]byte, 10*kb-headSize-tailSize))
		age(t, s, key(name), ago)
		return key(name)
	}
	folder := func(name string, ago time.Duration) (Key, *Folder) {
		f, err := s.Folder(t.Context(), key(name), nil, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "large"), make([]byte, 10*kb), 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		age(t, s, key(name), ago)
		return key(name), f
	}
	inUse, lease := folder("in use", 9*time.Hour)
	oldest := file("oldest", 8*time.Hour)
	oldFolder, released := folder("old folder", 7*time.Hour)
	released.Release()
	read := file("read", 6*time.Hour)
	file("new", 5*time.Hour)
	file("newest", 0)
	if _, ok := s.Get(read); !ok { // and so it is used now
		t.Fatal("not kept")
	}
	stranger := filepath.Join(s.dir, "test", "stranger")
	if err := os.WriteFile(stranger, make([]byte, 100*kb), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	there := func(k Key) bool { _, err := os.Stat(s.path(k)); return err == nil }
	for name, want := range map[string]bool{"in use": true, "oldest": false, "old folder": false, "read": true, "new": true, "newest": true} {
		if there(key(name)) != want {
			t.Errorf("%s: is there: %v", name, !want)
		}
	}
	if there(oldest) || there(oldFolder) || !there(inUse) {
		t.Error("keys differ")
	}
	lease.Release()
	s.limit = 30 * kb
	s.trim()
	if there(inUse) {
		t.Error("a released folder stays")
	}
	if _, err := os.Stat(stranger); err != nil {
		t.Error("what is no entry was removed")
	}
}

// TestTrimLeftOver: what killed runs left, and what an earlier version kept, goes
// after a day, and a folder without its manifest at once.
func TestTrimLeftOver(t *testing.T) {
	s := newStore(t)
	s.Put(key("a"), nil)
	tmp := filepath.Join(s.dir, "tmp")
	old, fresh := filepath.Join(tmp, "old"), filepath.Join(tmp, "fresh")
	earlier := filepath.Join(s.dir, "databases", strings.Repeat("0a", 16))
	for _, dir := range []string{old, fresh, earlier} {
		if err := os.MkdirAll(filepath.Join(dir, "entry"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Now().Add(-2 * leftAfter)
	for _, dir := range []string{old, earlier} {
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.path(key("b")), contentName), 0o700); err != nil {
		t.Fatal(err)
	}
	s.trim()
	var left []string
	for _, pattern := range []string{"tmp/*", "test/*", "databases/*"} {
		files, _ := filepath.Glob(filepath.Join(s.dir, filepath.FromSlash(pattern)))
		left = append(left, files...)
	}
	if diff := cmp.Diff([]string{fresh, s.path(key("a"))}, left); diff != "" {
		t.Error(diff)
	}
}

// TestOpenNot: a folder that is no good is no store, and the error says why.
func TestOpenNot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, dir, want string }{
		{"a file", file, "no folder"},
		{"below a file", filepath.Join(file, "cache"), "open the cache folder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Open(test.dir)
			if s != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, %v", s, err)
			}
		})
	}
}

func TestDir(t *testing.T) {
	moved := t.TempDir()
	t.Setenv("SQLXMAGE_CACHE", moved)
	if dir, err := Dir(); dir != moved || err != nil {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("SQLXMAGE_CACHE", "")
	if dir, err := Dir(); err == nil && filepath.Base(dir) != "sqlxmage" {
		t.Error(dir)
	}
}

// TestCloseSaysOnce: of all that could not be kept, the first is told.
func TestCloseSaysOnce(t *testing.T) {
	s := newStore(t)
	first := errors.New("first")
	s.failed(first)
	s.failed(errors.New("second"))
	if err := s.Close(); !errors.Is(err, first) || strings.Contains(err.Error(), "second") {
		t.Error(err)
	}
}

// FuzzDecode: any file is read without fault, and what is written is read
// again.
func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := encode(&b, key("a"), []byte("data")); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, ok := decode(key("a"), data); ok {
			var again bytes.Buffer
			if err := encode(&again, key("a"), got); err != nil || !bytes.Equal(again.Bytes(), data) {
				t.Fatalf("%q is read as %q", data, got)
			}
		}
		var file bytes.Buffer
		if err := encode(&file, key("a"), data); err != nil {
			t.Fatal(err)
		}
		if got, ok := decode(key("a"), file.Bytes()); !ok || !bytes.Equal(got, data) {
			t.Fatalf("%q is read back as %q", data, got)
		}
		if _, ok := decode(key("b"), file.Bytes()); ok {
			t.Fatal("read under another key")
		}
	})
}
