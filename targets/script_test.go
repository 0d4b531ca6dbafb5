package targets

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// TestScripts runs the compiled targets as a user does. $WORK/examples is a
// copy of the example workspace.
//
// Beside testscript's own commands there is `need PROGRAM`, which skips the
// script, or fails it where SQLXMAGE_REQUIRE names the program, and `code N
// COMMAND`, which runs a command and wants its exit code.
func TestScripts(t *testing.T) {
	binary := compile(t)
	examples, err := filepath.Abs("../examples")
	if err != nil {
		t.Fatal(err)
	}
	cargoTarget := need.Kept(t, "examples-target")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"CARGO_HOME", "RUSTUP_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "GOPATH", "GOMODCACHE", "GOCACHE", "SSL_CERT_FILE", "GOFLAGS"} {
				if value := os.Getenv(name); value != "" {
					env.Setenv(name, value)
				}
			}
			// The cache with its built helpers and databases is the user's.
			env.Setenv("HOME", os.Getenv("HOME"))
			env.Setenv("CARGO_TARGET_DIR", cargoTarget)
			env.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("EXAMPLES", examples)
			return copyTree(examples, filepath.Join(env.WorkDir, "examples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"need": func(ts *testscript.TestScript, _ bool, args []string) { need.Program(t, args[0]) },
			"code": code,
			"edit": edit,
		},
	})
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

// copyTree copies a folder without what cargo built in it.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "target" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
}
