// Package need tells a test which outside programs it has.
//
// A test that lacks a program skips with the reason; where the environment
// variable SQLXMAGE_REQUIRE names the program (a comma-separated list, or
// "all"), as .ci/run does, it fails instead.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Program returns the path of a program on PATH.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name, err.Error())
	}
	return path
}

// SqlxCLI returns the path of cargo-sqlx at the given version, as
// `cargo install sqlx-cli --version V --root $SQLXMAGE_TOOLS/sqlx-V` leaves it.
func SqlxCLI(t testing.TB, version string) string {
	t.Helper()
	path := filepath.Join(toolsDir(t), "sqlx-"+version, "bin", "cargo-sqlx")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if _, err := os.Stat(path); err != nil {
		Missing(t, "sqlx-cli", "SQLXMAGE_TOOLS: "+err.Error())
	}
	return path
}

// Kept returns a directory that outlives the test run, for what is costly to
// make again: cargo target directories, downloaded crates.
func Kept(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(toolsDir(t), "kept", name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Missing skips the test for want of name, or fails it where name is required.
func Missing(t testing.TB, name, reason string) {
	t.Helper()
	if Required(name) {
		t.Fatalf("%s is required: %s", name, reason)
	}
	t.Skipf("needs %s: %s", name, reason)
}

// Required tells whether a test for want of name fails.
func Required(name string) bool {
	for _, required := range strings.Split(os.Getenv("SQLXMAGE_REQUIRE"), ",") {
		if required == "all" || required == name {
			return true
		}
	}
	return false
}

func toolsDir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("SQLXMAGE_TOOLS"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "sqlxmage-test")
}
