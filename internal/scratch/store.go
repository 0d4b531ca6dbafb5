package scratch

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"
)

// DefaultCacheDir is the folder of this program in the user's cache; empty
// where the user has none.
func DefaultCacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "sqlxmage")
}

// storeLimit bounds what finished databases may take, in bytes: some twenty.
const storeLimit = 256 << 20

// store keeps folders by key. A kept folder is never changed, only copied or
// removed; the one used longest ago goes first. Runs at the same time share
// it: those that copy hold its lock together, one that removes holds it alone.
type store struct {
	dir   string
	limit int64
}

// openStore returns nil, which keeps nothing, where there is no cache folder.
func openStore(cacheDir string) *store {
	if cacheDir == "" {
		return nil
	}
	dir := filepath.Join(cacheDir, "databases")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil
	}
	return &store{dir: dir, limit: storeLimit}
}

// storeKey is the key of what is made from the parts, in that order.
func storeKey(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (s *store) lock() *flock.Flock { return flock.New(filepath.Join(s.dir, "lock")) }

// get copies what is kept under key to dst, which must not exist, and reports
// whether there was anything.
func (s *store) get(key, dst string, owner *account) bool {
	if s == nil {
		return false
	}
	lock := s.lock()
	if err := lock.RLock(); err != nil {
		return false
	}
	defer lock.Close()
	src := filepath.Join(s.dir, key)
	if _, err := os.Stat(src); err != nil {
		return false
	}
	if err := copyTree(src, dst, owner); err != nil {
		os.RemoveAll(dst)
		return false
	}
	now := time.Now()
	_ = os.Chtimes(src, now, now)
	return true
}

// put keeps a copy of src under key.
func (s *store) put(key, src string) error {
	if s == nil {
		return nil
	}
	tmp, err := os.MkdirTemp(s.dir, tmpPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	whole := filepath.Join(tmp, "whole")
	if err := copyTree(src, whole, nil); err != nil {
		return err
	}
	if err := os.Rename(whole, filepath.Join(s.dir, key)); err != nil && !errors.Is(err, fs.ErrExist) {
		// Another run kept the same meanwhile, which systems report in
		// different ways.
		if _, statErr := os.Stat(filepath.Join(s.dir, key)); statErr != nil {
			return err
		}
	}
	s.evict()
	return nil
}

// tmpPrefix begins the names of copies under way.
const tmpPrefix = "tmp-"

// evict removes what is over the limit, and copies that never were finished.
// It does nothing while another run copies.
func (s *store) evict() {
	lock := s.lock()
	if locked, err := lock.TryLock(); err != nil || !locked {
		lock.Close()
		return
	}
	defer lock.Close()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	var kept []fs.FileInfo
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.IsDir() {
			continue
		}
		if strings.HasPrefix(info.Name(), tmpPrefix) {
			if time.Since(info.ModTime()) > time.Hour {
				os.RemoveAll(filepath.Join(s.dir, info.Name()))
			}
			continue
		}
		kept = append(kept, info)
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	var total int64
	for i, info := range kept {
		path := filepath.Join(s.dir, info.Name())
		if total += treeSize(path); total > s.limit && i > 0 {
			os.RemoveAll(path)
		}
	}
}

func treeSize(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}

// copyTree copies a folder of folders and plain files to dst, which must not
// exist, and gives it to owner.
func copyTree(src, dst string, owner *account) error {
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	err := filepath.WalkDir(src, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dst, relative)
		switch {
		case entry.IsDir():
			if err := os.Mkdir(target, 0o700); err != nil {
				return err
			}
			return owner.own(target)
		case entry.Type().IsRegular():
			group.Go(func() error { return copyFile(path, target, owner) })
			return nil
		}
		return fmt.Errorf("copy %s: neither a file nor a folder", path)
	})
	return errors.Join(group.Wait(), err)
}

// linkTree makes dst, which must not exist, a second name for all files of a
// folder, or a copy where the file system has no second names. Anyone may read
// it; nobody may change it.
func linkTree(src, dst string) error {
	return filepath.WalkDir(src, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dst, relative)
		switch {
		case entry.IsDir():
			// Chmod, so that no umask takes part of it.
			return errors.Join(os.Mkdir(target, 0o700), os.Chmod(target, 0o755))
		case entry.Type() == fs.ModeSymlink:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		if os.Link(path, target) == nil {
			return nil
		}
		if err := copyFile(path, target, nil); err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.Chmod(target, info.Mode().Perm())
	})
}

func copyFile(src, dst string, owner *account) error {
	from, err := os.Open(src)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = owner.own(dst)
	}
	return err
}
