package scratch

import (
	"strings"

	"golang.org/x/sys/unix"
)

// commandLine returns a process's program, arguments and environment as the
// kernel keeps them, nil when there is no such process.
func commandLine(pid int) []string {
	raw, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil {
		return nil
	}
	return strings.Split(string(raw), "\x00")
}
