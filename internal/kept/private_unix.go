//go:build unix

package kept

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// private makes sure that a folder is this user's alone. One that others may
// read is closed to them; what others could write is not to be believed.
func private(dir string, info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user", dir)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("others may write to %s; delete it", dir)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return os.Chmod(dir, 0o700)
	}
	return nil
}
