package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// place is the directory in which the working copies are. A lock says that it
// is in use: a bench that was killed leaves gigabytes, and the next one in the
// same place removes them.
type place struct {
	dir  string
	lock *flock.Flock
}

const placePattern = "sqlxmage-bench-*"

func lockFile(dir string) string { return filepath.Join(dir, "lock") }

// newPlace makes a directory below parent; "" is the system's for temporary
// files.
func newPlace(parent string) (*place, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	reap(parent)
	dir, err := os.MkdirTemp(parent, placePattern)
	if err != nil {
		return nil, fmt.Errorf("make the bench's directory: %w", err)
	}
	p := &place{dir: dir, lock: flock.New(lockFile(dir))}
	locked, err := p.lock.TryLock()
	if err == nil && !locked {
		err = errors.New("another bench took it for a dead one's; run again")
	}
	if err != nil {
		_ = os.RemoveAll(dir) // empty
		return nil, fmt.Errorf("lock the bench's directory: %w", err)
	}
	return p, nil
}

// remove removes the directory; what is left costs disk, not truth, and the
// next bench tries again.
func (p *place) remove() {
	// The lock goes last: Windows removes no open file.
	entries, _ := os.ReadDir(p.dir)
	for _, entry := range entries {
		if path := filepath.Join(p.dir, entry.Name()); path != p.lock.Path() {
			_ = os.RemoveAll(path)
		}
	}
	_ = p.lock.Close()
	_ = os.RemoveAll(p.dir)
}

func (p *place) sub(name string) string { return filepath.Join(p.dir, name) }

// reap removes what killed benches have left. One that is alive holds its lock;
// one without a lock file is just being made.
func reap(parent string) {
	left, _ := filepath.Glob(filepath.Join(parent, placePattern)) // the pattern is valid: no error
	for _, dir := range left {
		if _, err := os.Stat(lockFile(dir)); err != nil {
			continue
		}
		lock := flock.New(lockFile(dir))
		if locked, err := lock.TryLock(); err != nil || !locked {
			continue
		}
		(&place{dir: dir, lock: lock}).remove()
	}
}
