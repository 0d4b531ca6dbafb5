package sites

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
)

// kept is what earlier scans left: the outline of each source, by the SHA-256
// of its text, and what was found in published crates. A second scan lexes
// only what changed. Nothing in it depends on a configuration, so that nothing
// in it can be out of date.
type kept struct {
	path  string // "": nothing is kept
	known map[[32]byte]string

	mu    sync.Mutex
	used  map[[32]byte]bool
	fresh map[[32]byte][]byte
}

// keptFormat changes with the meaning of what is kept.
const keptFormat = "sqlxmage sites 3"

// maxKept bounds the file, in bytes.
const maxKept = 32 << 20

// openKept reads what is kept in a folder; what cannot be read counts as
// nothing.
func openKept(dir string) *kept {
	k := &kept{used: make(map[[32]byte]bool), fresh: make(map[[32]byte][]byte)}
	if dir == "" {
		return k
	}
	k.path = filepath.Join(dir, "sites.kept")
	data, err := readFile(k.path, maxKept)
	if err != nil {
		return k
	}
	k.known, _ = decodeKept(string(data)) // the reason why not is of no interest
	return k
}

// get returns what is kept under a key.
func (k *kept) get(key [32]byte) (string, bool) {
	value, ok := k.known[key]
	if ok {
		k.mu.Lock()
		k.used[key] = true
		k.mu.Unlock()
	}
	return value, ok
}

// put keeps a value.
func (k *kept) put(key [32]byte, value []byte) {
	if k.path == "" {
		return
	}
	k.mu.Lock()
	k.fresh[key] = value
	k.mu.Unlock()
}

// save writes the file anew if there is something new to keep: this scan's
// values, and older ones while there is room.
func (k *kept) save() error {
	if len(k.fresh) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(keptHead())
	add := func(key [32]byte, value string) {
		if b.Len()+len(key)+len(value)+8 > maxKept {
			return
		}
		b.Write(key[:])
		b.Write(binary.AppendUvarint(nil, uint64(len(value))))
		b.WriteString(value)
	}
	for key, value := range k.fresh {
		add(key, string(value))
	}
	old := slices.Collect(maps.Keys(k.known))
	slices.SortFunc(old, func(a, b [32]byte) int {
		switch used := k.used[a]; {
		case used == k.used[b]:
			return 0
		case used:
			return -1
		}
		return 1
	})
	for _, key := range old {
		if _, again := k.fresh[key]; !again {
			add(key, k.known[key])
		}
	}
	b.Write(binary.BigEndian.AppendUint32(nil, crc32.Checksum(b.Bytes(), castagnoli)))
	return writeFile(k.path, b.Bytes())
}

// writeFile replaces a file in one step.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("keep the scan: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("keep the scan: %w", err)
	}
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		os.Remove(temp.Name())
		return fmt.Errorf("keep the scan: %w", err)
	}
	return nil
}

// decodeKept reads the file's values, as parts of its text.
func decodeKept(text string) (map[[32]byte]string, error) {
	head := keptHead()
	end := len(text) - 4
	if end < len(head) || text[:len(head)] != head {
		return nil, errors.New("another version")
	}
	if crc32.Checksum([]byte(text[:end]), castagnoli) != binary.BigEndian.Uint32([]byte(text[end:])) {
		return nil, errDamaged
	}
	values := make(map[[32]byte]string)
	for rest := text[len(head):end]; rest != ""; {
		var key [32]byte
		if copy(key[:], rest) < len(key) {
			return nil, errDamaged
		}
		rest = rest[len(key):]
		size, n := uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return nil, errDamaged
		}
		values[key] = rest[n : n+int(size)]
		rest = rest[n+int(size):]
	}
	return values, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("damaged")

// keptHead is the beginning of the file: the format, and the program that
// wrote it, for what is kept is worth what the parser is.
var keptHead = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(keptFormat + "\n" + program()))
	return keptFormat + "\n" + string(sum[:])
})

// program tells builds of this module apart: by its version where that is a
// released one, else by the executable.
func program() string {
	const module = "github.com/sqlxmage/sqlxmage"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
			if m.Path == module && m.Sum != "" && m.Replace == nil {
				return m.Version + " " + m.Sum
			}
		}
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	stat, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(path, stat.Size(), stat.ModTime().UnixNano())
}
