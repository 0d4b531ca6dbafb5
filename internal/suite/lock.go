package suite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// locked does the work while no other run works on the same unit. A second run
// waits and says so.
func (u *unit) locked(ctx context.Context, listener Listener, work func() error) error {
	if err := os.MkdirAll(u.workDir(), 0o777); err != nil {
		return fmt.Errorf("make a folder in the target directory: %w", err)
	}
	sum := sha256.Sum256([]byte(u.dir))
	lock := flock.New(filepath.Join(u.workDir(), "unit-"+hex.EncodeToString(sum[:8])+".lock"))
	free, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock unit %s: %w", u.path, err)
	}
	if !free {
		listener.Say("another run works on " + u.path + "; waiting for it")
		if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("wait for the other run on %s: %w", u.path, err)
		}
	}
	defer lock.Unlock()
	u.sweep()
	return work()
}
