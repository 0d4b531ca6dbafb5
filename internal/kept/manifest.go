package kept

import (
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

const (
	contentName  = "content"
	manifestName = "manifest"
)

// manifest lists the files of a folder, so that one that is not whole is not
// used. As text it is a line a file:
//
//	<CRC-32C, 8 hexadecimal digits> <size in bytes> <path, with forward slashes>
//
// Links count by where they lead. Folders do not count.
type manifest []listed

type listed struct {
	sum  uint32
	size int64
	path string
}

// listFiles makes the manifest of a folder.
func listFiles(dir string) (manifest, error) {
	var list manifest
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if strings.Contains(relative, "\n") {
			return fmt.Errorf("keep %q: its name has a line break", path)
		}
		list = append(list, listed{path: filepath.ToSlash(relative)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, list.each(func(file *listed) (err error) {
		file.sum, file.size, err = checksum(filepath.Join(dir, filepath.FromSlash(file.path)))
		return err
	})
}

// holds tells whether all files are in a folder as they were.
func (m manifest) holds(dir string) bool {
	return m.each(func(file *listed) error {
		sum, size, err := checksum(filepath.Join(dir, filepath.FromSlash(file.path)))
		if err == nil && (sum != file.sum || size != file.size) {
			err = fs.ErrInvalid
		}
		return err
	}) == nil
}

// each calls a function for every file, on all processors.
func (m manifest) each(do func(*listed) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 16 // most files are small
	for part := m; len(part) > 0; part = part[min(batch, len(part)):] {
		group.Go(func() error {
			for i := range part[:min(batch, len(part))] {
				if err := do(&part[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// checksum returns a file's checksum and its size.
func checksum(path string) (sum uint32, size int64, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, err
	}
	hash := crc32.New(castagnoli)
	switch {
	case info.Mode().IsRegular():
		file, err := os.Open(path)
		if err != nil {
			return 0, 0, err
		}
		defer file.Close()
		size, err = io.Copy(hash, file)
		return hash.Sum32(), size, err
	case info.Mode().Type() == fs.ModeSymlink:
		to, err := os.Readlink(path)
		fmt.Fprintf(hash, "link to %s", to)
		return hash.Sum32(), 0, err
	}
	return 0, 0, fmt.Errorf("keep %s: neither a file nor a link", path)
}

func (m manifest) size() (size int64) {
	for _, file := range m {
		size += file.size
	}
	return size
}

func (m manifest) String() string {
	var b strings.Builder
	for _, file := range m {
		fmt.Fprintf(&b, "%08x %d %s\n", file.sum, file.size, file.path)
	}
	return b.String()
}

// parseManifest reads a manifest; false where the text is none.
func parseManifest(text string) (manifest, bool) {
	var list manifest
	for line := range strings.Lines(text) {
		line, whole := strings.CutSuffix(line, "\n")
		sum, rest, _ := strings.Cut(line, " ")
		size, path, _ := strings.Cut(rest, " ")
		s, err1 := strconv.ParseUint(sum, 16, 32)
		n, err2 := strconv.ParseInt(size, 10, 64)
		if !whole || len(sum) != 8 || err1 != nil || err2 != nil || n < 0 || !filepath.IsLocal(filepath.FromSlash(path)) {
			return nil, false
		}
		list = append(list, listed{sum: uint32(s), size: n, path: path})
	}
	return list, true
}
