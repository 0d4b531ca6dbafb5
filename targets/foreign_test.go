package targets

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// TestForeignRepository takes the targets into modules of others, as they
// would: at the top, and under a name beside a Bench of their own.
func TestForeignRepository(t *testing.T) {
	const own = `
// Bench is the shop's own.
func Bench() { println("the shop's bench") }
`
	tests := []struct {
		name, importing, more string
		runs                  map[string]string // arguments of mage, and what they print
	}{
		{"top", "mage:import", "", map[string]string{
			"status -unit=crates/orders": "crates/orders  22 queries  each has a file",
			"prepareCheck -offline":      "crates/notes   19 queries  right, as far as checked",
		}},
		{"named", "mage:import sqlx", own, map[string]string{
			"sqlx:status -unit=crates/notes": "crates/notes  19 queries  each has a file",
			"bench":                          "the shop's bench",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := copyTree("../examples", dir); err != nil {
				t.Fatal(err)
			}
			foreignModule(t, dir)
			magefile := blocks(t, "README.md", "go")[0]
			magefile = strings.Replace(magefile, "// mage:import", "// "+test.importing, 1)
			magefile = strings.Replace(magefile, "package main", "// The shop's own automation.\npackage main", 1)
			write(t, filepath.Join(dir, "magefile.go"), magefile+test.more)
			golden(t, "list-"+test.name+".txt", mage(t, dir, "-l"))
			for args, want := range test.runs {
				if got := mage(t, dir, strings.Fields(args)...); !strings.Contains(got, want) {
					t.Errorf("mage %s printed %q, want %q", args, got, want)
				}
			}
		})
	}
}

// TestOwnList pins the list of this repository's targets, by mage and by the
// compiled binary in another folder.
func TestOwnList(t *testing.T) {
	golden(t, "list.txt", mage(t, "..", "-l"))
	cmd := exec.Command(compile(t), "-l")
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	golden(t, "list.txt", string(out))
}

// foreignModule makes dir a module that requires this one, as `go get` would.
func foreignModule(t *testing.T, dir string) {
	t.Helper()
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/sqlxmage/sqlxmage"
	text := read(t, "../go.mod")
	text = strings.Replace(text, "module "+module, "module example.com/shop", 1)
	text += "\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + filepath.ToSlash(here) + "\n"
	write(t, filepath.Join(dir, "go.mod"), text)
	write(t, filepath.Join(dir, "go.sum"), read(t, "../go.sum"))
}

// mage runs `go tool mage` in a folder and returns what it printed.
func mage(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"tool", "mage"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "MAGEFILE_CACHE="+filepath.Join(t.TempDir(), "mage"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("mage %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		write(t, path, got)
	}
	if diff := cmp.Diff(read(t, path), got); diff != "" {
		t.Errorf("%s (-) and what is (+) differ; -update writes it:\n%s", path, diff)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
