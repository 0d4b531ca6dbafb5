//go:build unix

package scratch

import (
	"io/fs"
	"os"
	"syscall"
)

func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// endProcess tells a server to shut down at once, or kills it.
func endProcess(pid int, hard bool) {
	sig := syscall.SIGQUIT
	if hard {
		sig = syscall.SIGKILL
	}
	_ = syscall.Kill(pid, sig)
}
