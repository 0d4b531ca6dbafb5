package bench

import "golang.org/x/sys/unix"

// systemMachine asks the kernel; what it does not say is empty.
func systemMachine() (cpu string, memory int64) {
	cpu, _ = unix.Sysctl("machdep.cpu.brand_string")
	bytes, _ := unix.SysctlUint64("hw.memsize")
	return cpu, int64(bytes)
}
