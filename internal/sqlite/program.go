package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// UnavailableError says that there is neither a carried helper nor a Go
// toolchain to build one.
type UnavailableError struct{ Err error }

func (e *UnavailableError) Error() string {
	return "its helper is not built yet, and there is no Go toolchain to build it: " + e.Err.Error()
}

// Hint says what to do about it.
func (e *UnavailableError) Hint() string {
	return "install Go, or use a release of sqlxmage, which carries its helpers"
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// program is an executable helper.
type program struct {
	path      string
	temporary string // the folder to remove after use; empty for a kept one
}

func (p program) remove() {
	if p.temporary != "" {
		os.RemoveAll(p.temporary)
	}
}

// find returns a version's helper, made if need be. Where there is no cache to
// write to, a carried one lives as long as it is used.
func find(ctx context.Context, o Options) (program, error) {
	if !Known(o.Version) {
		return program{}, errors.New("this version is not on board")
	}
	path, err := kept(ctx, o)
	if err == nil {
		return program{path: path}, nil
	}
	var unwritable *cacheError
	if !errors.As(err, &unwritable) {
		return program{}, err
	}
	dir, errTemp := os.MkdirTemp("", "sqlxmage-sqlite-")
	if errTemp != nil {
		return program{}, err
	}
	p := program{path: filepath.Join(dir, "helper"+suffix(runtime.GOOS)), temporary: dir}
	if found, errUnpack := unpack(o.Version, p.path); errUnpack != nil || !found {
		p.remove()
		return program{}, err
	}
	return p, nil
}

// cacheError says that the cache cannot be written to.
type cacheError struct{ err error }

func (e *cacheError) Error() string { return "its helper cannot be kept: " + e.err.Error() }
func (e *cacheError) Unwrap() error { return e.err }

// kept returns the path of the helper in the cache, where it is put if need be.
func kept(ctx context.Context, o Options) (string, error) {
	if o.CacheDir == "" {
		return "", &cacheError{errors.New("the user has no cache folder")}
	}
	sum, err := fingerprint(o.Version)
	if err != nil {
		return "", err
	}
	s := shelf{dir: filepath.Join(o.CacheDir, "sqlite"), name: o.Version + "-" + sum}
	if path := s.find(); path != "" {
		return path, nil
	}
	unlock, err := s.lock(ctx, o.Progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if path := s.find(); path != "" {
		return path, nil // another run was quicker
	}
	s.sweep()
	fresh := filepath.Join(s.dir, freshPrefix+s.name)
	if err := os.WriteFile(fresh, nil, 0o755); err != nil {
		return "", &cacheError{err}
	}
	if err := obtain(ctx, o, fresh); err != nil {
		os.Remove(fresh)
		return "", err
	}
	return s.put(fresh)
}

// obtain makes a version's helper for this machine at path.
func obtain(ctx context.Context, o Options, path string) error {
	found, err := unpack(o.Version, path)
	if err != nil || found {
		return err
	}
	if o.Progress != nil {
		o.Progress("building SQLite " + o.Version + " for this machine, once (up to a minute)")
	}
	return Build(ctx, o.Version, path, runtime.GOOS, runtime.GOARCH)
}

func suffix(goos string) string {
	if goos == "windows" {
		return ".exe"
	}
	return ""
}

// fingerprint tells helpers apart that are built from different things.
func fingerprint(version string) (string, error) {
	files, err := helperSources(version)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(hash, "%s %d\n%s", name, len(files[name]), files[name])
	}
	fmt.Fprintln(hash, runtime.GOOS, runtime.GOARCH)
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// shelf is a helper's place in the cache: files `<name>-<checksum>`, so that
// one that a failing disk has changed is not taken. It is written under a lock,
// by renaming, and read without.
type shelf struct{ dir, name string }

const (
	freshPrefix = "new-"              // of what is not finished
	lockName    = "lock"              // one for all helpers
	unusedLimit = 30 * 24 * time.Hour // after which a helper goes
	usedEvery   = 24 * time.Hour      // how exactly the last use is known
)

// find returns the path of the helper, or "".
func (s shelf) find() string {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return ""
	}
	for _, entry := range entries {
		rest, ok := strings.CutPrefix(strings.TrimSuffix(entry.Name(), suffix(runtime.GOOS)), s.name+"-")
		if !ok {
			continue
		}
		path := filepath.Join(s.dir, entry.Name())
		if sum, err := checksum(path); err != nil || sum != rest {
			continue
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > usedEvery {
			now := time.Now()
			_ = os.Chtimes(path, now, now) // else it is removed too early, and made again
		}
		return path
	}
	return ""
}

// lock keeps other runs from writing, once those that are at it are done.
func (s shelf) lock(ctx context.Context, progress func(string)) (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return nil, &cacheError{err}
	}
	lock := flock.New(filepath.Join(s.dir, lockName))
	free, err := lock.TryLock()
	if err != nil {
		return nil, &cacheError{err}
	}
	if !free {
		if progress != nil {
			progress("waiting for another run that builds SQLite")
		}
		if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
			return nil, fmt.Errorf("wait for another run that builds its helper: %w", err)
		}
	}
	return func() { lock.Close() }, nil
}

// sweep removes what a killed run left unfinished, damaged helpers of this
// name, and those that nobody has used for long. The lock must be held.
func (s shelf) sweep() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		info, err := entry.Info()
		old := err == nil && time.Since(info.ModTime()) > unusedLimit
		name := entry.Name()
		if name != lockName && (old || strings.HasPrefix(name, freshPrefix) || strings.HasPrefix(name, s.name)) {
			os.RemoveAll(filepath.Join(s.dir, name)) // a failure costs room alone
		}
	}
}

// put moves a finished helper to its place and returns its path.
func (s shelf) put(fresh string) (string, error) {
	sum, err := settled(fresh)
	path := filepath.Join(s.dir, s.name+"-"+sum+suffix(runtime.GOOS))
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		os.Remove(fresh)
		return "", fmt.Errorf("put its helper into place: %w", err)
	}
	return path, nil
}

// settled makes sure that a file is on the disk, and returns its checksum.
func settled(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return "", err
	}
	return checksum(path)
}

// checksum finds damage, not malice: who can write to the cache can do anything
// as this user anyway.
func checksum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := crc32.NewIEEE()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
