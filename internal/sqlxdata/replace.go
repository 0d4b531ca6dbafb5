package sqlxdata

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Change counts what Replace did.
type Change struct {
	Written   int `json:"written"`
	Removed   int `json:"removed"`
	Unchanged int `json:"unchanged"`
}

// Any tells whether the directory changed.
func (c Change) Any() bool { return c.Written+c.Removed > 0 }

const (
	stagePrefix = ".stage-" // a stage, complete or not: `.sqlx.stage-123`
	oldPrefix   = ".old-"   // the directory that a stage has just replaced
)

// Replace makes the query files of dir those of want, in one step: a run that
// fails or is killed leaves the old ones or the new ones, never a mixture.
//
// Everything is first completed in a stage beside dir; unchanged files and
// what is not a query file go there as links, so they keep their times. Then
// the two directories change places. A dir that is a symbolic link stays one.
//
// Callers hold a lock over dir, and call Recover before they read it.
func Replace(dir string, want Set) (Change, error) {
	dir, err := resolve(dir)
	if err != nil {
		return Change{}, err
	}
	have, err := ReadSet(dir)
	if err != nil {
		return Change{}, err
	}
	change := count(have, want)
	if _, err := os.Stat(dir); err == nil && !change.Any() {
		return change, nil
	}
	if err := writable(dir); err != nil {
		return Change{}, err
	}
	stage, err := makeStage(dir, have, want)
	if err != nil {
		return Change{}, fmt.Errorf("complete the stage of %s (it is as it was): %w", dir, err)
	}
	if err := swap(stage, dir); err != nil {
		os.RemoveAll(stage)
		return Change{}, fmt.Errorf("put the stage in the place of %s: %w", dir, err)
	}
	return change, nil
}

// Recover finishes or undoes what a killed run left beside dir.
func Recover(dir string) error {
	dir, err := resolve(dir)
	if err != nil {
		return err
	}
	siblings, err := os.ReadDir(filepath.Dir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("recover %s: %w", dir, err)
	}
	base := filepath.Base(dir)
	for _, sibling := range siblings {
		path := filepath.Join(filepath.Dir(dir), sibling.Name())
		if strings.HasPrefix(sibling.Name(), base+oldPrefix) {
			if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
				if err := os.Rename(path, dir); err != nil {
					return fmt.Errorf("recover %s: %w", dir, err)
				}
				continue
			}
		} else if !strings.HasPrefix(sibling.Name(), base+stagePrefix) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove what an earlier run left: %w", err)
		}
	}
	return nil
}

// resolve follows a dir that is a symbolic link, so that the link stays.
func resolve(dir string) (string, error) {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return dir, nil
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", dir, err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return "", fmt.Errorf("follow the link %s: %w", dir, err)
		}
		return target, nil
	}
	if !info.IsDir() {
		return "", fmt.Errorf("%s is not a directory", dir)
	}
	return dir, nil
}

// writable honours a directory that was made read-only. The swap itself needs
// no permission on it, so it would go through unasked.
func writable(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("%s is read-only: %w", dir, fs.ErrPermission)
	}
	return nil
}

func count(have, want Set) Change {
	var change Change
	for hash, data := range want {
		if bytes.Equal(have[hash], data) {
			change.Unchanged++
		} else {
			change.Written++
		}
	}
	for hash := range have {
		if _, ok := want[hash]; !ok {
			change.Removed++
		}
	}
	return change
}

// makeStage returns a complete stage beside dir; on failure nothing stays.
func makeStage(dir string, have, want Set) (stage string, err error) {
	parent, base := filepath.Split(dir)
	if parent == "" {
		parent = "."
	}
	stage, err = os.MkdirTemp(parent, base+stagePrefix)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(stage)
		}
	}()
	mode := fs.FileMode(0o755)
	if info, err := os.Stat(dir); err == nil {
		mode = info.Mode().Perm()
	}
	if err := linkOthers(dir, stage); err != nil {
		return "", err
	}
	for hash, data := range want {
		name := FileName(hash)
		if bytes.Equal(have[hash], data) {
			if err := linkFile(filepath.Join(dir, name), filepath.Join(stage, name)); err != nil {
				return "", err
			}
			continue
		}
		if err := os.WriteFile(filepath.Join(stage, name), data, 0o644); err != nil {
			return "", err
		}
	}
	return stage, os.Chmod(stage, mode)
}

// linkOthers takes what is not a query file from dir into stage.
func linkOthers(dir, stage string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if path == dir && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == "." || queryFile.MatchString(name) {
			return err
		}
		to := filepath.Join(stage, name)
		switch {
		case entry.IsDir():
			return os.Mkdir(to, 0o755)
		case entry.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(target, to)
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s is neither a file nor a folder; take it away", path)
		}
		return linkFile(path, to)
	})
}

// linkFile gives a file a second name; where the file system cannot, it
// copies it with its time.
func linkFile(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, data, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// swap puts stage in the place of dir and removes what was there: in one
// system call where there is one, else by two renames that Recover completes.
func swap(stage, dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(stage, dir)
	}
	if err := exchange(stage, dir); err == nil {
		return os.RemoveAll(stage)
	}
	parent, base := filepath.Split(stage)
	old := filepath.Join(parent, strings.Replace(base, stagePrefix, oldPrefix, 1))
	if err := os.Rename(dir, old); err != nil {
		return err
	}
	if err := os.Rename(stage, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}
