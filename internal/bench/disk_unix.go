//go:build unix

package bench

import (
	"io/fs"
	"syscall"
)

// identify returns a file's identity and the bytes that it takes on disk.
func identify(info fs.FileInfo) (fileID, int64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}, info.Size()
	}
	return fileID{uint64(st.Dev), uint64(st.Ino)}, int64(st.Blocks) * 512
}
