package proc

import "syscall"

// maxrssUnit is the unit of rusage's ru_maxrss, in bytes.
func maxrssUnit() int64 { return 1024 }

func setDeathSignal(attr *syscall.SysProcAttr, sig syscall.Signal) {
	if sig == 0 {
		sig = syscall.SIGKILL
	}
	attr.Pdeathsig = sig
}
