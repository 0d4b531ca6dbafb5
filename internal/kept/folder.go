package kept

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// A folder of the store is <kind>/<key>/content with <kind>/<key>/manifest,
// which lists its files (manifest.go). Both come into place in one step.
//
// Locks lie in <dir>/locks and are never removed, so that they can be relied
// upon. There is one for all keys that begin with the same byte: entries may
// share one, which now and then keeps a folder from being trimmed.
//
//	use-<byte>    held together by those who use a folder, alone by who removes it
//	make-<byte>   held by who makes one
//	trim          held by who trims the store

// Folder is a folder of the store in use: it stays there, as it is, until it is
// released, and must not be changed.
type Folder struct {
	Path string

	lease     *flock.Flock
	temporary string // the folder to remove after use; "" for a kept one
}

// Release ends the use of the folder.
func (f *Folder) Release() {
	if f == nil {
		return
	}
	f.lease.Close()
	if f.temporary != "" {
		os.RemoveAll(f.temporary)
	}
}

// Folder returns the folder that is kept under a key. Where there is none, fill
// makes it: it fills an empty folder, for one process at a time. The others
// wait for it, and wait is called first, if it is not nil; fill may not ask for
// another folder. Where the folder cannot be kept, it lives until it is released.
//
// The error is fill's, or that there is no place for files at all.
func (s *Store) Folder(ctx context.Context, key Key, wait func(), fill func(dir string) error) (*Folder, error) {
	if s == nil || key == (Key{}) {
		return temporary(fill)
	}
	if f := s.lease(key); f != nil {
		return f, nil
	}
	lock, err := s.alone(ctx, key, wait)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("wait for another run: %w", err)
		}
		s.failed(err)
		return temporary(fill)
	}
	defer lock.Close()
	if f := s.lease(key); f != nil {
		return f, nil // another run was quicker
	}
	var failed *fillError
	err = s.putFolder(key, fill)
	if errors.As(err, &failed) && !errors.Is(err, syscall.ENOSPC) {
		return nil, failed.err
	}
	if err == nil {
		if f := s.lease(key); f != nil {
			return f, nil
		}
		err = fmt.Errorf("%s is not there", s.path(key))
	}
	s.failed(err)
	return temporary(fill)
}

// fillError is an error of who fills a folder.
type fillError struct{ err error }

func (e *fillError) Error() string { return e.err.Error() }
func (e *fillError) Unwrap() error { return e.err }

// lease takes the folder under a key into use; nil where there is none that is
// whole.
func (s *Store) lease(key Key) *Folder {
	dir := s.path(key)
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	lock, err := s.lock("use", key)
	if err != nil {
		return nil
	}
	if err := lock.RLock(); err != nil {
		lock.Close()
		return nil
	}
	path := filepath.Join(dir, manifestName)
	content, used, err := read(path)
	if data, ok := decode(key, content); err == nil && ok {
		if list, ok := parseManifest(string(data)); ok && list.holds(filepath.Join(dir, contentName)) {
			touch(path, used)
			return &Folder{Path: filepath.Join(dir, contentName), lease: lock}
		}
	}
	lock.Close()
	return nil
}

// putFolder fills a folder and moves it to its place, from where it takes a
// damaged one away.
func (s *Store) putFolder(key Key, fill func(dir string) error) error {
	tmp, err := s.tmp()
	if err != nil {
		return err
	}
	if tmp, err = os.MkdirTemp(tmp, ""); err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	entry := filepath.Join(tmp, "entry")
	content := filepath.Join(entry, contentName)
	if err := os.MkdirAll(content, 0o700); err != nil {
		return err
	}
	if err := fill(content); err != nil {
		return &fillError{err}
	}
	list, err := listFiles(content)
	if err != nil {
		return err
	}
	if err := s.write(filepath.Join(entry, manifestName), key, []byte(list.String())); err != nil {
		return err
	}
	if _, err := os.Stat(s.path(key)); err == nil {
		if err := s.remove(key); err != nil {
			return fmt.Errorf("replace a damaged entry: %w", err)
		}
	}
	if err := replace(entry, s.path(key)); err != nil {
		return err
	}
	s.kept()
	return nil
}

// errInUse says that a folder cannot be removed now.
var errInUse = errors.New("another run uses it")

// remove removes an entry, unless it is a folder in use.
func (s *Store) remove(key Key) error {
	path := s.path(key)
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return os.Remove(path)
	}
	lock, err := s.lock("use", key)
	if err != nil {
		return err
	}
	defer lock.Close()
	if free, err := lock.TryLock(); err != nil || !free {
		return errors.Join(err, errInUse)
	}
	tmp, err := s.tmp()
	if err != nil {
		return err
	}
	if tmp, err = os.MkdirTemp(tmp, ""); err != nil {
		return err
	}
	// In one step, so that nobody finds half of it.
	if err := os.Rename(path, filepath.Join(tmp, "removed")); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.RemoveAll(tmp)
}

// lock returns one of the store's locks, not yet held.
func (s *Store) lock(use string, key Key) (*flock.Flock, error) {
	return s.lockFile(fmt.Sprintf("%s-%02x", use, key.sum[0]))
}

func (s *Store) lockFile(name string) (*flock.Flock, error) {
	dir := filepath.Join(s.dir, "locks")
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return flock.New(filepath.Join(dir, name), flock.SetPermissions(0o600)), nil
}

// lockPoll is how often a waiting run looks whether another one is done.
const lockPoll = 50 * time.Millisecond

// alone waits until no other run makes the folder.
func (s *Store) alone(ctx context.Context, key Key, wait func()) (*flock.Flock, error) {
	lock, err := s.lock("make", key)
	if err != nil {
		return nil, err
	}
	free, err := lock.TryLock()
	if err == nil && !free {
		if wait != nil {
			wait()
		}
		_, err = lock.TryLockContext(ctx, lockPoll)
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}

// temporary fills a folder that lives until it is released. Its lock tells that
// it is in use from what a killed run left (see package scratch).
func temporary(fill func(dir string) error) (*Folder, error) {
	dir, err := os.MkdirTemp("", "sqlxmage-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	f := &Folder{Path: filepath.Join(dir, contentName), lease: flock.New(filepath.Join(dir, "lock")), temporary: dir}
	_, err = f.lease.TryLock()
	if err == nil {
		err = os.Mkdir(f.Path, 0o700)
	}
	if err == nil {
		err = fill(f.Path)
	}
	if err != nil {
		f.Release()
		return nil, err
	}
	return f, nil
}
