//go:build unix && !linux

package proc

import (
	"runtime"
	"syscall"
)

// maxrssUnit is the unit of rusage's ru_maxrss, in bytes: Darwin counts
// bytes, the BSDs KiB.
func maxrssUnit() int64 {
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return 1
	}
	return 1024
}

func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}
