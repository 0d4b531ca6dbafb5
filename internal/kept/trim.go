package kept

import (
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// leftAfter is when what a killed run was writing goes.
const leftAfter = 24 * time.Hour

// entry is one of the store, as far as trimming is concerned. Of damage it
// knows only a folder's whose size is not known any more.
type entry struct {
	key     Key
	used    time.Time
	size    int64
	damaged bool
}

// trim removes what was used longest ago until the rest is within the limit,
// and what killed runs left. It does nothing while another run does the same.
func (s *Store) trim() {
	lock, err := s.lockFile("trim")
	if err != nil {
		return
	}
	defer lock.Close()
	if free, err := lock.TryLock(); err != nil || !free {
		return
	}
	s.sweep()
	entries := s.entries()
	slices.SortFunc(entries, func(a, b entry) int { return a.used.Compare(b.used) })
	var total int64
	for _, e := range entries {
		total += e.size
	}
	for _, e := range entries {
		if (e.damaged || total > s.limit) && s.remove(e.key) == nil {
			total -= e.size
		}
	}
}

// leftovers are what killed runs left, and what version 0.1.0 kept.
var leftovers = []string{
	"tmp/*",
	"databases/????????????????????????????????", "databases/lock", "databases/tmp-*",
	"postgres/embedded-postgres-binaries-*", "postgres/tmp-*",
	"sqlite/3.*", "sqlite/lock", "sqlite/new-*",
}

// sweep removes leftovers that nobody has touched for a while.
func (s *Store) sweep() {
	store := os.DirFS(s.dir)
	for _, pattern := range leftovers {
		names, _ := fs.Glob(store, pattern)
		for _, name := range names {
			path := filepath.Join(s.dir, filepath.FromSlash(name))
			if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > leftAfter {
				os.RemoveAll(path)
			}
		}
	}
}

// entries lists what is kept. What has not the name of an entry is none, and
// stays.
func (s *Store) entries() []entry {
	var list []entry
	kinds, _ := os.ReadDir(s.dir)
	for _, kind := range kinds {
		files, _ := os.ReadDir(filepath.Join(s.dir, kind.Name()))
		for _, file := range files {
			e := entry{key: Key{kind: kind.Name()}}
			if sum, err := hex.DecodeString(file.Name()); err != nil || copy(e.key.sum[:], sum) != len(file.Name())/2 || e.key.name() != file.Name() {
				continue
			}
			if e.measure(filepath.Join(s.dir, kind.Name(), file.Name())) {
				list = append(list, e)
			}
		}
	}
	return list
}

// measure finds the entry's size and its last use; false where it is gone.
func (e *entry) measure(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	e.used, e.size = info.ModTime(), info.Size()
	if !info.IsDir() {
		return true
	}
	content, used, err := read(filepath.Join(path, manifestName))
	data, ok := decode(e.key, content)
	if err != nil || !ok {
		e.damaged = true
		return true
	}
	list, _ := parseManifest(string(data))
	e.used, e.size = used, list.size()
	return true
}
