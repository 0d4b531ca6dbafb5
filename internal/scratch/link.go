package scratch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

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
		if err := copyFile(path, target); err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.Chmod(target, info.Mode().Perm())
	})
}

func copyFile(src, dst string) error {
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
	return errors.Join(err, to.Close())
}
