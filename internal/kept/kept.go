// Package kept is the store of everything that a later run may reuse: outlines
// of sources, descriptions of queries, databases made from migrations, what
// cargo compiled, server programs and helpers, published crates.
//
// The store is one folder of the user's own, shared by all projects and by
// several processes at once. An entry has a [Key] that covers everything it
// depends on, so that none can be out of date; it is written beside its place
// and moved there, so that none is ever half of one; and it is checked when it
// is read, so that a damaged one is as good as none. What was used longest ago
// goes when the store is larger than [Limit]. The whole may be deleted at any
// time, which costs the next run time and nothing else. So does a store that
// cannot be had: a nil *Store keeps nothing.
//
//	<dir>/CACHEDIR.TAG        tells programs for backups that this is a cache
//	<dir>/<kind>/<key>        an entry: a file (entry.go), or a folder (folder.go)
//	<dir>/locks/…             see folder.go
//	<dir>/tmp/…               what is being written
package kept

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Limit is how large a store may be, in bytes, all entries together.
const Limit = 1 << 30

// Store is an open store. The methods of a nil one find nothing and keep
// nothing. They may be called at the same time.
type Store struct {
	dir   string
	limit int64

	mu  sync.Mutex
	put bool  // something was kept: the store may be too large
	err error // the first failure to keep something
}

// Dir returns the folder of the user's store: that which SQLXMAGE_CACHE names,
// else `sqlxmage` in the user's cache folder.
func Dir() (string, error) {
	if dir := os.Getenv("SQLXMAGE_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w", err)
	}
	return filepath.Join(dir, "sqlxmage"), nil
}

// Open opens the store in a folder, which is made if need be. Who can write to
// the folder decides what later runs believe, so it must be this user's, and
// nobody else may enter it. Otherwise there is no store, and the error says
// why.
func Open(dir string) (*Store, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(dir); err == nil {
			info, err = os.Stat(dir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the cache folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("open the cache folder: %s is no folder", dir)
	}
	if err := private(dir, info); err != nil {
		return nil, fmt.Errorf("open the cache folder: %w", err)
	}
	return &Store{dir: dir, limit: Limit}, nil
}

// create makes a store's folder. The tag is for people and for backups; the
// store does without.
func create(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	const tag = "Signature: 8a477f597d28d172789f06886806bc55\n" +
		"# This folder is sqlxmage's cache. It may be deleted at any time.\n"
	_ = os.WriteFile(filepath.Join(dir, "CACHEDIR.TAG"), []byte(tag), 0o600)
	return nil
}

// Close ends the use of the store, which is trimmed if anything was kept. It
// returns the first failure to keep something: later runs will take longer,
// this one is as good.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	put, err := s.put, s.err
	s.put = false
	s.mu.Unlock()
	if put {
		s.trim()
	}
	return err
}

// failed notes that something could not be kept.
func (s *Store) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = fmt.Errorf("not all is kept for later runs: %w", err)
	}
}

// kept notes that something was.
func (s *Store) kept() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put = true
}

func (s *Store) path(key Key) string { return filepath.Join(s.dir, key.kind, key.name()) }

// Get returns what is kept under a key, and whether anything is. The bytes are
// the caller's.
func (s *Store) Get(key Key) ([]byte, bool) {
	if s == nil || key == (Key{}) {
		return nil, false
	}
	path := s.path(key)
	content, used, err := read(path)
	if err != nil {
		return nil, false
	}
	data, ok := decode(key, content)
	if ok {
		touch(path, used)
	}
	return data, ok
}

// read returns a file's content and the time of its last use.
func read(path string) ([]byte, time.Time, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, time.Time{}, errors.Join(err, fs.ErrInvalid)
	}
	content := make([]byte, info.Size())
	_, err = io.ReadFull(file, content)
	return content, info.ModTime(), err
}

// usedEvery is how exactly the last use of an entry is known.
const usedEvery = time.Hour

// touch notes that a file is used. Where that fails, the entry goes too early.
func touch(path string, used time.Time) {
	if now := time.Now(); now.Sub(used) > usedEvery {
		_ = os.Chtimes(path, now, now)
	}
}

// Put keeps data under a key, in place of what was there. Where that fails,
// Close says so.
func (s *Store) Put(key Key, data []byte) {
	if s == nil || key == (Key{}) {
		return
	}
	if err := s.write(s.path(key), key, data); err != nil {
		s.failed(err)
		return
	}
	s.kept()
}

// write replaces a file by an entry in one step.
func (s *Store) write(path string, key Key, data []byte) error {
	file, err := s.create()
	if err != nil {
		return err
	}
	err = encode(file, key, data)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = replace(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
		// Windows replaces no file that another run is just reading. That one
		// is as good: it has the same key.
		if _, errStat := os.Stat(path); runtime.GOOS == "windows" && errStat == nil {
			return nil
		}
	}
	return err
}

func (s *Store) create() (*os.File, error) {
	tmp, err := s.tmp()
	if err != nil {
		return nil, err
	}
	return os.CreateTemp(tmp, "")
}

// tmp returns the folder for what is being written. It is in the store, so that
// what is complete can be moved to its place.
func (s *Store) tmp() (string, error) {
	dir := filepath.Join(s.dir, "tmp")
	return dir, os.MkdirAll(dir, 0o700)
}

// replace moves a file or folder to its place.
func replace(from, to string) error {
	err := os.Rename(from, to)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(to), 0o700); err == nil {
			err = os.Rename(from, to)
		}
	}
	return err
}
