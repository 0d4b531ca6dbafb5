package kept

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
)

// program identifies the running program among all builds of it, "" where that
// is not possible. It takes about a tenth of a millisecond.
//
// Go's build ID covers everything that a program is linked from, and all
// programs have one: also those of `go run` and of `go test`. But a magefile is
// compiled anew with each change to it. So where all modules are published
// ones, which their sums fix, they and the compiler are the identity.
var program = sync.OnceValue(func() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if id := published(info); id != "" {
			return id
		}
	}
	return executable()
})

// module is the path of this program's own.
const module = "github.com/sqlxmage/sqlxmage"

// published identifies a program by the compiler, its settings, and the sums of
// its modules; "" where one of them is a folder. The main module counts only if
// it is our own: a magefile's does nothing but call us.
func published(info *debug.BuildInfo) string {
	modules := info.Deps
	if info.Main.Path == module {
		modules = append([]*debug.Module{&info.Main}, modules...)
	}
	id, own := info.GoVersion, false
	for _, m := range modules {
		own = own || m.Path == module
		path := m.Path
		if m.Replace != nil {
			m = m.Replace
		}
		if m.Sum == "" {
			return ""
		}
		id += fmt.Sprintf("\n%s %s %s %s", path, m.Path, m.Version, m.Sum)
	}
	if !own {
		return ""
	}
	for _, setting := range info.Settings {
		if !strings.HasPrefix(setting.Key, "vcs") {
			id += "\n" + setting.Key + "=" + setting.Value
		}
	}
	return id
}

// executable identifies a program by its build ID, which whoever built it may
// have left out; then by its file's path, size and time.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	// The linker puts the ID before the code.
	begin := make([]byte, 32<<10)
	n, err := io.ReadFull(file, begin)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return ""
	}
	if id := buildID(begin[:n]); id != "" {
		return "build " + id
	}
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	return fmt.Sprint(path, " ", info.Size(), " ", info.ModTime().UnixNano())
}

// buildID finds Go's build ID at the beginning of an executable: in an ELF note
// (its sizes of name and content, its type, its name), elsewhere in a quoted
// text (Go 1.26, cmd/internal/buildid and cmd/link/internal/ld).
func buildID(begin []byte) string {
	const name, noteType = "Go\x00\x00", 4
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		head := make([]byte, 8)
		order.PutUint32(head, noteType)
		copy(head[4:], name)
		if at := bytes.Index(begin, head); at >= 8 {
			size := order.Uint32(begin[at-4:])
			if rest := begin[at+len(head):]; uint64(size) <= uint64(len(rest)) {
				return string(rest[:size])
			}
		}
	}
	if _, rest, found := bytes.Cut(begin, []byte("\xff Go build ID: \"")); found {
		if id, _, found := bytes.Cut(rest, []byte{'"'}); found {
			return string(id)
		}
	}
	return ""
}
