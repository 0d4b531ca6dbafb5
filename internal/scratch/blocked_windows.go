package scratch

import (
	"os"
	"path/filepath"
)

// blockedPath returns a path below which nothing exists nor can be created: a
// plain file.
func blockedPath(dir string) (string, error) {
	path := filepath.Join(dir, "blocked")
	return path, os.WriteFile(path, nil, 0o600)
}
