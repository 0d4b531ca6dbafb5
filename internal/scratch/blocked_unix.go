//go:build unix

package scratch

import (
	"os"
	"path/filepath"
)

// blockedPath returns a path below which nothing exists nor can be created: a
// link that points nowhere. (Below a plain file, the system's error would be
// another than "does not exist".)
func blockedPath(dir string) (string, error) {
	path := filepath.Join(dir, "blocked")
	return path, os.Symlink(filepath.Join("nowhere", "at", "all"), path)
}
