package profiles

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// Apply writes the change, in one step: the file is the old or the new one.
// It is an error when the file is no longer what the change was planned on.
func (c Change) Apply() error {
	switch {
	case !c.Writes():
		return nil
	case c.After == nil:
		return c.removeFile()
	}
	if c.NewFolder {
		if err := os.MkdirAll(filepath.Dir(c.File), 0o777); err != nil {
			return fmt.Errorf("write %s: %w", c.File, err)
		}
	}
	err := tomltext.ReplaceFile(c.File, c.Before, c.After)
	if err != nil && c.NewFolder {
		_ = os.Remove(filepath.Dir(c.File)) // ours, and empty unless someone else has come
	}
	return err
}

// removeFile removes a file that an installation had created, and its folder
// where that was created with it and is empty.
func (c Change) removeFile() error {
	if err := tomltext.RemoveFile(c.File, c.Before); err != nil || !c.OldFolder {
		return err
	}
	dir := filepath.Dir(c.File)
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		return nil
	}
	if err := os.Remove(dir); err != nil {
		return fmt.Errorf("remove %s: %w", dir, err)
	}
	return nil
}
