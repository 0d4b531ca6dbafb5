package targets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// casesEnv names a folder of Rust packages, each with a folder `expected` that
// holds what sqlx's own macros wrote: query files at their paths in the
// package, and `cargo.out` where the macros refused.
const casesEnv = "SQLXMAGE_CASES"

// waiting are the cases that do not hold yet, with the reason. One that holds
// must be taken out.
var waiting = map[string]string{
	"buildrs-database-url": "sqlx refuses to read the variable that build.rs sets; native needs none and is right",
	"sqlite-rows-8":        "the type of a column depends on rows, which native declines, naming the place",
	"sqlite-rows-9":        "the type of a column depends on rows, which native declines, naming the place",
}

// TestCases replays every case natively, and by `auto` where no cargo can be
// asked: the very files of sqlx's macros, or, where those refuse, an error. What
// a case shows on the terminal and as JSON is compared with testdata/cases, so
// that no message gets worse unnoticed.
func TestCases(t *testing.T) {
	cases := os.Getenv(casesEnv)
	if cases == "" {
		t.Skip(casesEnv + " names no folder of cases")
	}
	entries, err := os.ReadDir(cases)
	if err != nil {
		t.Fatal(err)
	}
	binary := compile(t)
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			replay(t, binary, filepath.Join(cases, entry.Name()))
		})
	}
}

func replay(t *testing.T, binary, dir string) {
	run := func(args ...string) caseRun { return runCase(t, binary, dir, args...) }
	native := run("prepare", "-engine=native", "-format=json")
	failed := native.holds(dir)
	if failed == "" && native.code == 0 {
		if auto := run("prepare", "-engine=auto"); auto.code != 0 || cmp.Diff(native.files, auto.files) != "" {
			failed = fmt.Sprintf("auto differs from native, exit code %d:\n%s", auto.code, auto.text)
		}
	}
	why, waits := waiting[filepath.Base(dir)]
	switch {
	case failed != "" && !waits:
		t.Error(failed)
	case failed == "" && waits:
		t.Errorf("the case holds; it is listed as waiting: %s", why)
	}
	text := run("prepare", "-engine=native", "-quiet")
	golden(t, filepath.Join("cases", filepath.Base(dir)+".golden"),
		fmt.Sprintf("exit code %d\n%s\n-- json --\n%s", text.code, text.text, native.text))
}

// caseRun is what a run in a copy of a case came to.
type caseRun struct {
	code  int
	text  string            // all output, without times and places of this machine
	files map[string]string // the query files by their paths
}

func runCase(t *testing.T, binary, dir string, args ...string) caseRun {
	t.Helper()
	work := filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := copyTree(dir, work); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(work, "expected")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "DATABASE_URL=", "CARGO_TARGET_DIR=", "SQLXMAGE_CACHE="+need.NewCache(t), "PATH="+withoutCargo(t))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return caseRun{code: cmd.ProcessState.ExitCode(), text: neutral(string(out), work), files: queryFiles(t, work)}
}

// withoutCargo is PATH without the folders that hold a cargo.
func withoutCargo(t *testing.T) string {
	var kept []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := exec.LookPath(filepath.Join(dir, "cargo")); err != nil {
			kept = append(kept, dir)
		}
	}
	return strings.Join(kept, string(os.PathListSeparator))
}

func queryFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := walk(dir, func(rel string, entry fs.DirEntry) error {
		if ok, _ := filepath.Match("query-*.json", entry.Name()); !ok {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(dir, rel))
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// holds says what is wrong with a run of a case, as to its folder `expected`.
func (r caseRun) holds(dir string) string {
	expected := filepath.Join(dir, "expected")
	if _, err := os.Stat(expected); err != nil {
		return "" // it asks for a message alone
	}
	if _, err := os.Stat(filepath.Join(expected, "cargo.out")); err == nil {
		if r.code == 0 {
			return "sqlx's macros refuse, and the run is a success"
		}
		return ""
	}
	want := map[string]string{}
	err := walk(expected, func(rel string, entry fs.DirEntry) error {
		if entry.IsDir() {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(expected, rel))
		want[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		return err.Error()
	}
	if diff := cmp.Diff(want, r.files); diff != "" || r.code != 0 {
		return fmt.Sprintf("exit code %d; sqlx's files (-) and ours (+) differ:\n%s\n%s", r.code, diff, r.text)
	}
	return ""
}

var (
	durations = regexp.MustCompile(`\b[0-9]+(\.[0-9]+)? m?s\b`)
	versions  = regexp.MustCompile(`(?i)(postgres(?:ql)?[ /-])[0-9]+(\.[0-9]+)?`)
	programs  = regexp.MustCompile(`(PostgreSQL VERSION) in [^",\n]+`)
	seconds   = regexp.MustCompile(`("seconds": )[0-9.e+-]+`)
	columns   = regexp.MustCompile(`  +(native|cargo)`)
)

// neutral takes out of an output what differs from run to run and from machine
// to machine.
func neutral(text, work string) string {
	text = strings.ReplaceAll(text, work, "WORK")
	text = durations.ReplaceAllString(text, "TIME")
	text = versions.ReplaceAllString(text, "${1}VERSION")
	text = programs.ReplaceAllString(text, "$1 in FOLDER")
	text = columns.ReplaceAllString(text, "  $1")
	return seconds.ReplaceAllString(text, "${1}0")
}
