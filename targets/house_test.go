package targets

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

const modulePath = "github.com/sqlxmage/sqlxmage/"

// TestHouse holds the table of rooms in CONTRIBUTING.md against the imports:
// each package has a room, and imports only what stands further down or in its
// own room. The rooms for tests alone are imported by tests alone.
func TestHouse(t *testing.T) {
	rooms := rooms(t)
	seen := map[int]bool{}
	for _, p := range packages(t) {
		here, ok := rooms.of(p.ImportPath)
		if !ok {
			t.Errorf("CONTRIBUTING.md has no room for %s", p.ImportPath)
			continue
		}
		seen[here] = true
		for _, imported := range p.Imports {
			there, ok := rooms.of(imported)
			switch {
			case !ok:
			case there < here && !rooms[here].tests:
				t.Errorf("%s imports %s, which stands further up", p.ImportPath, imported)
			case rooms[there].tests && !rooms[here].tests:
				t.Errorf("%s imports %s, which is for tests alone", p.ImportPath, imported)
			}
		}
	}
	for i, room := range rooms {
		if !seen[i] && room.folders[0] != "examples" {
			t.Errorf("CONTRIBUTING.md has a room %s, in which there is no package", room.folders)
		}
	}
}

// room is a row of the table.
type room struct {
	folders []string
	tests   bool // for tests alone
}

type house []room

// of returns the room of a package: that of its folder, or of the nearest one
// above it.
func (h house) of(path string) (index int, ok bool) {
	path, ok = strings.CutPrefix(path, modulePath)
	if !ok {
		return 0, false
	}
	longest := -1
	for i, room := range h {
		for _, folder := range room.folders {
			if len(folder) > longest && (path == folder || strings.HasPrefix(path, folder+"/")) {
				index, longest = i, len(folder)
			}
		}
	}
	return index, longest >= 0
}

var (
	roomRow    = regexp.MustCompile("(?m)^\\| (`[^|]*) \\| ([^|]*) \\|$")
	roomFolder = regexp.MustCompile("`([^`]*)`")
)

func rooms(t *testing.T) house {
	t.Helper()
	text := read(t, "../CONTRIBUTING.md")
	_, text, _ = strings.Cut(text, "## The house")
	text, _, _ = strings.Cut(text, "\n## ")
	var h house
	for _, row := range roomRow.FindAllStringSubmatch(text, -1) {
		r := room{tests: strings.HasPrefix(row[2], "for tests")}
		for _, folder := range roomFolder.FindAllStringSubmatch(row[1], -1) {
			r.folders = append(r.folders, strings.TrimRight(folder[1], "/…"))
		}
		h = append(h, r)
	}
	return h
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
