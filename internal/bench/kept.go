package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// shared are the folders of the user's store (package kept) that a copy's own
// store shares: what depends on no query, and takes long to make or fetch. No
// run has to apply migrations, or to build SQLite.
var shared = []string{"crates", "databases", "locks", "postgres", "sqlite"}

// newStore makes a store for the runs in a copy of a project, so that they
// neither find what the user's own runs learned nor push it out.
func newStore(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make a cache folder for the runs: %w", err)
	}
	users, err := kept.Dir()
	if err != nil {
		return nil // then nothing is kept for the user either
	}
	for _, name := range shared {
		from, to := filepath.Join(users, name), filepath.Join(dir, name)
		if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if os.Symlink(from, to) == nil {
			continue
		}
		// Windows lets few users make links.
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			return fmt.Errorf("copy what is kept: %w", err)
		}
	}
	return nil
}

// forget removes from a copy's store what earlier runs learned of its sources
// and queries.
func forget(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("forget what is kept: %w", err)
	}
	for _, entry := range entries {
		if !slices.Contains(shared, entry.Name()) {
			if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
				return fmt.Errorf("forget what is kept: %w", err)
			}
		}
	}
	return nil
}
