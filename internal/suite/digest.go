package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// contents are digests of files, and of folders under their path with a
// separator behind it. Each is read once.
type contents map[string]string

// absent stands for a file that is not there, or cannot be read.
const absent = ""

// hold reads everything again, as far as it was not read before, and tells
// whether it is as it was: what is kept is never trusted over the content.
func (c contents) hold(inputs []input) bool {
	var files []string
	for _, in := range inputs {
		if !in.folder {
			files = append(files, in.path)
		} else if c.folder(in.path) != in.sum {
			return false
		}
	}
	c.read(files)
	return !slices.ContainsFunc(inputs, func(in input) bool { return !in.folder && c[in.path] != in.sum })
}

// inputs returns all files that were read, the further ones, and the folders.
func (c contents) inputs(files, folders []string) []input {
	c.read(files)
	var list []input
	for _, path := range slices.Sorted(maps.Keys(c)) {
		list = append(list, input{path: path, sum: c[path]})
	}
	slices.Sort(folders)
	for _, path := range slices.Compact(folders) {
		list = append(list, input{path: path, folder: true, sum: c.folder(path)})
	}
	return list
}

func (c contents) folder(path string) string {
	key := path + string(filepath.Separator)
	if _, known := c[key]; !known {
		c[key] = digestFolder(path)
	}
	return c[key]
}

func (c contents) read(files []string) {
	maps.Copy(c, digestFiles(slices.DeleteFunc(files, func(path string) bool {
		_, known := c[path]
		return known
	})))
}

func digest(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s\n", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func digestSet(set sqlxdata.Set) string {
	hash := sha256.New()
	for _, name := range set.Hashes() {
		fmt.Fprintf(hash, "%s %x\n", name, sha256.Sum256(set[name]))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// digestFolder covers the names in a folder; a folder that is not there has
// the digest of none.
func digestFolder(path string) string {
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "unreadable"
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name() + entry.Type().String()
	}
	return digest(names...)
}

// digestFiles reads files on all cores.
func digestFiles(paths []string) map[string]string {
	sums := make([]string, len(paths))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				if data, err := os.ReadFile(paths[i]); err == nil {
					sum := sha256.Sum256(data)
					sums[i] = hex.EncodeToString(sum[:])
				}
			}
		}()
	}
	for i := range paths {
		next <- i
	}
	close(next)
	wg.Wait()
	result := make(map[string]string, len(paths))
	for i, path := range paths {
		result[path] = sums[i]
	}
	return result
}
