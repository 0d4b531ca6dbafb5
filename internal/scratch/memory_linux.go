package scratch

import "golang.org/x/sys/unix"

// memoryRoom is how much must be free in memory's file system: a container's
// is often small.
const memoryRoom = 1 << 30

// memoryDir returns the folder for files in memory that any user may use;
// empty where there is none, or little room.
func memoryDir() string {
	const dir = "/dev/shm"
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil || fs.Type != unix.TMPFS_MAGIC ||
		uint64(fs.Bavail)*uint64(fs.Bsize) < memoryRoom || unix.Access(dir, unix.W_OK) != nil {
		return ""
	}
	return dir
}
