package bench

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// copyTree copies a project's sources. What a build or a version control makes
// stays behind: .git, node_modules, the target directories, and every directory
// that says of itself that it is a cache (CACHEDIR.TAG, as cargo's do). A
// symbolic link that leads out of the project is followed, one inside it leads
// to the same place in the copy.
func copyTree(from, to string, targets []string) error {
	root, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	targets = slices.Clone(targets)
	for i, target := range targets {
		if resolved, err := filepath.EvalSymlinks(target); err == nil {
			targets[i] = resolved
		}
	}
	return copyDir(root, root, to, targets)
}

// copyDir copies a directory below root (or one that a link leads to).
func copyDir(root, from, to string, targets []string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, entry := range entries {
		src, dst := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		if err := copyEntry(root, src, dst, targets, entry.Type()); err != nil {
			return err
		}
	}
	return nil
}

func copyEntry(root, src, dst string, targets []string, mode fs.FileMode) error {
	switch {
	case mode.IsDir():
		if slices.Contains(targets, src) || leftBehind(src) {
			return nil
		}
		return copyDir(root, src, dst, targets)
	case mode&fs.ModeSymlink != 0:
		return copyLink(root, src, dst, targets)
	case mode.IsRegular():
		return copyFile(src, dst)
	}
	return nil // sockets and the like
}

func leftBehind(dir string) bool {
	switch filepath.Base(dir) {
	case ".git", "node_modules":
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "CACHEDIR.TAG"))
	return err == nil
}

func copyLink(root, src, dst string, targets []string) error {
	end, err := filepath.EvalSymlinks(src)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // leads nowhere, here as there
	}
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(root, end); err == nil && filepath.IsLocal(inside) {
		rel, err := filepath.Rel(filepath.Dir(src), end)
		if err != nil {
			return err
		}
		return os.Symlink(rel, dst)
	}
	info, err := os.Stat(end)
	if err != nil {
		return err
	}
	return copyEntry(end, end, dst, targets, info.Mode().Type())
}

// copyFile copies a file's content and mode. Never by a hard link: a run that
// writes in place would write to the original.
func copyFile(src, dst string) (err error) {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read from
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	defer func() {
		if closing := out.Close(); err == nil {
			err = closing
		}
	}()
	_, err = io.Copy(out, in)
	return err
}
