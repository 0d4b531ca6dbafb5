// Package need tells a test which outside programs it has, and keeps tests
// apart from what the user keeps.
//
// A test that lacks a program skips with the reason; where the environment
// variable SQLXMAGE_REQUIRE names the program (a comma-separated list, or
// "all"), as .ci/run does, it fails instead. `go test -v ./internal/need` lists
// what is missing, what brings it, and the tests that skip for want of it.
package need

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// program is something outside this repository that tests need.
type program struct {
	name string
	// install says what brings it.
	install string
	// find returns where it is; nil: on PATH.
	find func() (string, error)
}

// programs are all that tests may need.
var programs = []program{
	{name: "go", install: "https://go.dev/dl"},
	{name: "git", install: "apt-get install git"},
	{name: "cargo", install: "https://rustup.rs"},
	{name: "rustc", install: "https://rustup.rs"},
	{name: "postgres", install: "apt-get install postgresql", find: findPostgres},
	{name: "pg_dump", install: "apt-get install postgresql", find: findDump},
	{name: "xz", install: "apt-get install xz-utils"},
	{name: "time", install: "apt-get install time", find: findFile("/usr/bin/time")},
	{name: "hyperfine", install: "apt-get install hyperfine"},
	{name: "chromium", install: "apt-get install chromium"},
	{
		name:    "sqlx-cli",
		install: "cargo install sqlx-cli --version V --locked --root $SQLXMAGE_TOOLS/sqlx-V, for V = 0.8.6 and 0.9.0",
		find:    findSqlxCLI,
	},
	{name: "root", install: "a run as root, which may mount file systems", find: findRoot},
	// Not looked for: only where it is told to, a test asks the real ones what
	// is not recorded, or loads from the network.
	{name: "oracle", install: "SQLXMAGE_ORACLE=live", find: findTold("SQLXMAGE_ORACLE", "live")},
	{name: "network", install: "SQLXMAGE_REQUIRE=network", find: findTold("SQLXMAGE_REQUIRE", "network")},
}

// Program returns the path of a program of the table.
func Program(t testing.TB, name string) string {
	t.Helper()
	i := slices.IndexFunc(programs, func(p program) bool { return p.name == name })
	if i < 0 {
		t.Fatalf("%s is not in the table of programs that tests need", name)
	}
	path, err := programs[i].path()
	if err != nil {
		Missing(t, name, err.Error())
	}
	return path
}

// Has tells whether a program is there. Where it is required it must be.
func Has(name string) (bool, error) {
	i := slices.IndexFunc(programs, func(p program) bool { return p.name == name })
	if i < 0 {
		return false, fmt.Errorf("%s is not in the table of programs that tests need", name)
	}
	_, err := programs[i].path()
	if err != nil && required(name) {
		return false, fmt.Errorf("%s is required: %w; to install it: %s", name, err, programs[i].install)
	}
	return err == nil, nil
}

// SqlxCLI returns the path of cargo-sqlx at the given version, as
// `cargo install sqlx-cli --version V --root $SQLXMAGE_TOOLS/sqlx-V` leaves it.
func SqlxCLI(t testing.TB, version string) string {
	t.Helper()
	path, err := sqlxCLI(version)
	if err != nil {
		Missing(t, "sqlx-cli", err.Error())
	}
	return path
}

// Kept returns a directory that outlives the test run, for what is costly to
// make again: cargo target directories, downloaded crates.
func Kept(t testing.TB, name string) string {
	t.Helper()
	tools, err := toolsDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(tools, "kept", name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Alone returns a kept directory that is the test's alone until its end, also
// from the tests of another run. A test that asks twice waits for itself.
func Alone(t testing.TB, name string) string {
	t.Helper()
	dir := Kept(t, name)
	lock := flock.New(dir + ".lock")
	if _, err := lock.TryLockContext(t.Context(), 50*time.Millisecond); err != nil {
		t.Fatalf("wait for another test that uses %s: %v", dir, err)
	}
	t.Cleanup(func() { lock.Close() })
	return dir
}

// CargoTarget returns a target directory in which cargo has compiled what the
// examples depend on. It is the test's alone: cargo's runs of another one would
// have done the work of this one's, or be waited for.
func CargoTarget(t testing.TB) string {
	t.Helper()
	return Alone(t, "examples-target")
}

// Cache returns this program's folder in the cache that Main gives the tests.
// Helpers and databases that one test made spare the next the work.
func Cache(t testing.TB) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "sqlxmage")
}

// Live tells whether tests ask cargo, rustc and sqlx themselves: where
// SQLXMAGE_ORACLE is "live". Else they compare with what those were recorded to
// say.
func Live() bool { return os.Getenv("SQLXMAGE_ORACLE") == "live" }

// LiveOracle skips a test that asks the real ones what is not recorded. Why says
// what it does.
func LiveOracle(t testing.TB, why string) {
	t.Helper()
	if !Live() {
		Missing(t, "oracle", why)
	}
}

// OwnCache gives a test, and the programs that it runs, a cache of its own: see
// NewCache.
func OwnCache(t testing.TB) {
	t.Helper()
	t.Setenv("SQLXMAGE_CACHE", NewCache(t))
}

// NewCache makes a cache for SQLXMAGE_CACHE, in which nothing is found but what
// is costly to make and depends on no source: helpers and server programs, which
// all tests share.
func NewCache(t testing.TB) string {
	t.Helper()
	dir, shared := t.TempDir(), Cache(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"locks", "postgres", "sqlite"} {
		if err := os.MkdirAll(filepath.Join(shared, name), 0o700); err != nil {
			t.Fatal(err)
		}
		// Where a system has no links for its users, they are made again.
		_ = os.Symlink(filepath.Join(shared, name), filepath.Join(dir, name))
	}
	return dir
}

// Missing skips the test for want of a program of the table, or fails it where
// the program is required. Program does that by itself; this is for what is
// found out by using it.
func Missing(t testing.TB, name, reason string) {
	t.Helper()
	if required(name) {
		t.Fatalf("%s is required: %s", name, reason)
	}
	t.Skipf("needs %s: %s", name, reason)
}

// required tells whether a test for want of name fails.
func required(name string) bool { return listed("SQLXMAGE_REQUIRE", name) }

// listed tells whether a variable of the environment holds a word, or "all".
func listed(variable, word string) bool {
	words := strings.Split(os.Getenv(variable), ",")
	return slices.Contains(words, word) || slices.Contains(words, "all")
}

func (p program) path() (string, error) {
	if p.find != nil {
		return p.find()
	}
	return exec.LookPath(p.name)
}

func findFile(path string) func() (string, error) {
	return func() (string, error) {
		_, err := os.Stat(path)
		return path, err
	}
}

// findPostgres looks where distributions put the server, as the product does.
func findPostgres() (string, error) {
	path, err := exec.LookPath("postgres")
	if err == nil {
		return filepath.EvalSymlinks(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return "", err
	}
	return found[len(found)-1], nil
}

// findDump looks beside the server, whose version it must be.
func findDump() (string, error) {
	server, err := findPostgres()
	if err != nil {
		return "", err
	}
	return exec.LookPath(filepath.Join(filepath.Dir(server), "pg_dump"))
}

func findRoot() (string, error) {
	if os.Geteuid() != 0 {
		return "", errors.New("only root may mount a file system")
	}
	return "this user", nil
}

func findSqlxCLI() (path string, err error) {
	for _, version := range []string{"0.8.6", "0.9.0"} {
		if path, err = sqlxCLI(version); err != nil {
			return "", err
		}
	}
	return path, nil
}

func sqlxCLI(version string) (string, error) {
	tools, err := toolsDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(tools, "sqlx-"+version, "bin", "cargo-sqlx")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("SQLXMAGE_TOOLS: %w", err)
	}
	return path, nil
}

// findTold looks for a word in the list that a variable of the environment
// holds.
func findTold(variable, word string) func() (string, error) {
	return func() (string, error) {
		if !listed(variable, word) {
			return "", fmt.Errorf("%s does not hold %q", variable, word)
		}
		return variable, nil
	}
}

func toolsDir() (string, error) {
	if dir := os.Getenv("SQLXMAGE_TOOLS"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "sqlxmage-test"), nil
}
