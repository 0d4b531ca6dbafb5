package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Apply writes the change, in one step: the file is the old or the new one.
// It is an error when the file is no longer what the change was planned on.
func (c Change) Apply() error {
	if !c.Writes() {
		return nil
	}
	// A symbolic link stays; what it points to is replaced.
	file, err := filepath.EvalSymlinks(c.File)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = c.File, nil
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", c.File, err)
	}
	mode, err := c.checkUnchanged(file)
	if err != nil {
		return fmt.Errorf("write %s: %w", c.File, err)
	}
	if c.After == nil {
		return c.removeFile()
	}
	if c.NewFolder {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return fmt.Errorf("write %s: %w", c.File, err)
		}
	}
	if err := replace(file, c.After, mode); err != nil {
		if c.NewFolder {
			_ = os.Remove(filepath.Dir(file)) // ours, and empty unless someone else has come
		}
		return fmt.Errorf("write %s: %w", c.File, err)
	}
	return nil
}

// checkUnchanged returns the file's mode, or an error where it may not be
// written or has changed since the change was planned.
func (c Change) checkUnchanged(file string) (fs.FileMode, error) {
	now, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && c.Before == nil {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if c.Before == nil || !bytes.Equal(now, c.Before) {
		return 0, errors.New("it has changed in the meantime; run again")
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	if info.Mode()&0o200 == 0 {
		return 0, errors.New("it is read-only")
	}
	return info.Mode().Perm(), nil
}

// removeFile removes a file that an installation had created, and its folder
// where that was created with it and is empty.
func (c Change) removeFile() error {
	if err := os.Remove(c.File); err != nil {
		return fmt.Errorf("remove %s: %w", c.File, err)
	}
	if c.OldFolder {
		dir := filepath.Dir(c.File)
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			return nil
		}
		if err := os.Remove(dir); err != nil {
			return fmt.Errorf("remove %s: %w", dir, err)
		}
	}
	return nil
}

// replace writes a file beside the old one and renames it over it. mode 0 is a
// new file's, as the user's umask has it.
func replace(file string, text []byte, mode fs.FileMode) (err error) {
	perm := mode
	if perm == 0 {
		perm = 0o666
	}
	temp := fmt.Sprintf("%s.sqlxmage-%08x", file, rand.Uint32()) // os.CreateTemp would not leave the mode to the umask
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp)
		}
	}()
	_, err = f.Write(text)
	if err == nil && mode != 0 {
		err = f.Chmod(mode) // what the umask took away
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(temp, file)
}
