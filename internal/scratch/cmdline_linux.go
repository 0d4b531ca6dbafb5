package scratch

import (
	"fmt"
	"os"
	"strings"
)

// commandLine returns a process's arguments, nil when there is no such process.
func commandLine(pid int) []string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return nil
	}
	return strings.Split(string(raw), "\x00")
}
