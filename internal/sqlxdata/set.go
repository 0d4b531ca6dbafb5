package sqlxdata

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
)

// Set holds the contents of query files by their hashes: what a `.sqlx`
// directory holds, or what a run made.
type Set map[string][]byte

var queryFile = regexp.MustCompile(`^query-([0-9a-f]{64})\.json$`)

// ReadSet reads the query files of a directory. A directory that does not
// exist is an empty set; files with other names are none of ours.
func ReadSet(dir string) (Set, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Set{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read query files: %w", err)
	}
	set := make(Set, len(entries))
	for _, entry := range entries {
		match := queryFile.FindStringSubmatch(entry.Name())
		if match == nil {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("read query file: %w", err)
		}
		set[match[1]] = data
	}
	return set, nil
}

// Hashes returns the set's hashes in order.
func (s Set) Hashes() []string {
	hashes := make([]string, 0, len(s))
	for hash := range s {
		hashes = append(hashes, hash)
	}
	sort.Strings(hashes)
	return hashes
}

// Add puts a file into the set.
func (s Set) Add(f *File) { s[f.Hash] = f.Encode() }

// Merge adds the other set's files.
func (s Set) Merge(other Set) {
	for hash, data := range other {
		s[hash] = data
	}
}
