package tomltext

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// ReplaceFile gives a user's file another content, in one step: it has the old
// or the new one. before is what the edit was made on, nil for a file that was
// not there; it is an error when the file is another by now, or read-only. A
// symbolic link stays and what it leads to is replaced; the mode stays.
func ReplaceFile(file string, before, after []byte) error {
	end, mode, err := checkUnchanged(file, before)
	if err == nil {
		err = replace(end, after, mode)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

// RemoveFile removes a file under the same conditions.
func RemoveFile(file string, before []byte) error {
	_, _, err := checkUnchanged(file, before)
	if err == nil {
		err = os.Remove(file)
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", file, err)
	}
	return nil
}

// checkUnchanged returns the file at the end of all links, and its mode, 0 for
// a file that is not there.
func checkUnchanged(file string, before []byte) (string, fs.FileMode, error) {
	end, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) && before == nil {
		return file, 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	now, err := os.ReadFile(end)
	if err != nil {
		return "", 0, err
	}
	if before == nil || !bytes.Equal(now, before) {
		return "", 0, errors.New("it has changed in the meantime; run again")
	}
	info, err := os.Stat(end)
	if err != nil {
		return "", 0, err
	}
	if info.Mode()&0o200 == 0 {
		return "", 0, errors.New("it is read-only")
	}
	return end, info.Mode().Perm(), nil
}

// replace writes a file beside the old one and renames it over it. mode 0 is a
// new file's, as the user's umask has it: os.CreateTemp would not ask that.
func replace(file string, text []byte, mode fs.FileMode) (err error) {
	perm := mode
	if perm == 0 {
		perm = 0o666
	}
	temp := fmt.Sprintf("%s.sqlxmage-%08x", file, rand.Uint32())
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
