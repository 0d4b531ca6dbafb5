package targets

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// TestScripts runs the compiled targets as a user does. $WORK/examples is a
// copy of the example workspace.
//
// Beside testscript's own commands there are `code N COMMAND`, which runs a
// command and wants its exit code; `edit PATTERN OLD NEW`, which replaces text
// in a file; `same DIR DIR`, which wants folders of the same files; `shows
// FILE`, which wants a file's text in the last output; `json FILE PATH=VALUE…`,
// which wants values of a JSON object; `copy DIR DIR`; and `full DIR`, which
// moves a folder to a disk without room. The condition `has:PROGRAM` fails the
// script where SQLXMAGE_REQUIRE names a program that is not there.
func TestScripts(t *testing.T) {
	binary := compile(t)
	for _, script := range []string{"prepare-db", "remote-prepare-db"} {
		build(t, filepath.Dir(binary), "github.com/sqlxmage/sqlxmage/scripts/"+script)
	}
	examples, err := filepath.Abs("../examples")
	if err != nil {
		t.Fatal(err)
	}
	// At the same place each time, so that cargo's target directory does not
	// grow with every run of the test.
	scripts := need.Alone(t, "scripts")
	if err := os.RemoveAll(scripts); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(scripts, 0o777); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		WorkdirRoot:         scripts,
		RequireExplicitExec: true,
		ContinueOnError:     true,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"HOME", "USERPROFILE", "CARGO_HOME", "RUSTUP_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "GOENV", "GOPATH", "GOMODCACHE", "GOCACHE", "GOFLAGS", "SSL_CERT_FILE", "TMPDIR"} {
				env.Setenv(name, os.Getenv(name))
			}
			env.Setenv("CARGO_TARGET_DIR", filepath.Join(env.WorkDir, "target"))
			env.Setenv("SQLXMAGE_CACHE", need.NewCache(t))
			env.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("EXAMPLES", examples)
			env.Setenv("SQLXMAGE", binary)
			return copyTree(examples, filepath.Join(env.WorkDir, "examples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":  code,
			"edit":  edit,
			"same":  same,
			"json":  jsonHas,
			"full":  full,
			"shows": shows,
			"compiled": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Setenv("CARGO_TARGET_DIR", need.CargoTarget(scriptTest{t, ts}))
			},
			"copy": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(copyTree(ts.MkAbs(args[0]), ts.MkAbs(args[1])))
			},
		},
		Condition: condition,
	})
}

// scriptTest is the test of one script: what it cleans up comes at the script's
// end.
type scriptTest struct {
	testing.TB
	script *testscript.TestScript
}

func (s scriptTest) Cleanup(f func()) { s.script.Defer(f) }

func condition(name string) (bool, error) {
	program, ok := strings.CutPrefix(name, "has:")
	if !ok {
		return false, fmt.Errorf("unknown condition %s", name)
	}
	return need.Has(program)
}

// compile makes the binary that a user gets by `go tool mage -compile`.
func compile(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "sqlxmage")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	cmd := exec.Command("go", "tool", "mage", "-compile", binary)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("compile the targets: %v\n%s", err, out)
	}
	return binary
}

// build builds a program into a folder.
func build(t *testing.T, dir, path string) {
	t.Helper()
	if out, err := exec.Command("go", "build", "-o", dir+string(filepath.Separator), path).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", path, err, out)
	}
}

// code runs a command and wants its exit code: `code 3 sqlxmage prepareCheck`.
func code(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.String()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got = strings.TrimPrefix(got, "exit status "); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// edit replaces text in the only file that matches a pattern and has the text:
// `edit 'notes/.sqlx/*.json' OLD NEW`.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		ts.Check(err)
		if strings.Contains(string(data), args[1]) {
			ts.Check(os.WriteFile(file, []byte(strings.Replace(string(data), args[1], args[2], 1)), 0o666))
			return
		}
	}
	ts.Fatalf("no file of %s has %q", args[0], args[1])
}

// shows wants the output of the last command to hold a file's text.
func shows(ts *testscript.TestScript, _ bool, args []string) {
	if want := ts.ReadFile(args[0]); !strings.Contains(ts.ReadFile("stdout"), want) {
		ts.Fatalf("the output does not hold\n%s", want)
	}
}

// same wants two folders to hold the same files, byte for byte, but for what
// cargo builds in them.
func same(ts *testscript.TestScript, _ bool, args []string) {
	read := func(dir string) map[string]string {
		files := map[string]string{}
		err := walk(dir, func(rel string, entry fs.DirEntry) error {
			if entry.IsDir() {
				return nil
			}
			data, err := os.ReadFile(filepath.Join(dir, rel))
			files[filepath.ToSlash(rel)] = fmt.Sprintf("%x", sha256.Sum256(data))
			return err
		})
		ts.Check(err)
		return files
	}
	if diff := cmp.Diff(read(ts.MkAbs(args[1])), read(ts.MkAbs(args[0]))); diff != "" {
		ts.Fatalf("%s (-) and %s (+) differ:\n%s", args[1], args[0], diff)
	}
}

// jsonHas wants a file that is one JSON object, with values at places:
// `json result.json units.0.status=stale`.
func jsonHas(ts *testscript.TestScript, _ bool, args []string) {
	var object map[string]any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &object); err != nil {
		ts.Fatalf("%s is not one JSON object: %v", args[0], err)
	}
	for _, arg := range args[1:] {
		place, want, _ := strings.Cut(arg, "=")
		var value any = object
		for _, key := range strings.Split(place, ".") {
			switch v := value.(type) {
			case map[string]any:
				value = v[key]
			case []any:
				i, err := strconv.Atoi(key)
				ts.Check(err)
				if i >= len(v) {
					ts.Fatalf("%s: there are only %d", place, len(v))
				}
				value = v[i]
			}
		}
		if got := fmt.Sprint(value); got != want {
			ts.Fatalf("%s is %q, want %q", place, got, want)
		}
	}
}

// full moves a folder to a file system of its own that a file `filler` fills.
func full(ts *testscript.TestScript, _ bool, args []string) {
	dir, aside := ts.MkAbs(args[0]), filepath.Join(ts.Getenv("WORK"), "aside")
	ts.Check(os.Rename(dir, aside))
	ts.Check(os.Mkdir(dir, 0o777))
	ts.Check(ts.Exec("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir))
	ts.Defer(func() { _ = exec.Command("umount", dir).Run() })
	ts.Check(copyTree(aside, dir))
	filler, err := os.Create(filepath.Join(dir, "filler"))
	ts.Check(err)
	defer filler.Close()
	for block := make([]byte, 1024); err == nil; {
		_, err = filler.Write(block)
	}
}

// copyTree copies a folder without what cargo built and git keeps in it.
func copyTree(from, to string) error {
	return walk(from, func(rel string, entry fs.DirEntry) error {
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		data, err := os.ReadFile(filepath.Join(from, rel))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
}

// walk visits what is in a folder, but for what cargo builds and git keeps.
func walk(dir string, visit func(rel string, entry fs.DirEntry) error) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "target" || entry.Name() == ".git") {
			return fs.SkipDir
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return visit(rel, entry)
	})
}
