// Package oracle asks sqlx itself: what its query macros write and refuse, and
// what its describe says of a query for SQLite. Tests compare the native engine
// with it, so only they import it.
//
// The everyday test gets the recorded answer (Answers), so it needs no Rust.
// With SQLXMAGE_ORACLE=live both questions go to a Rust package of its own for
// each version of sqlx (testdata), with pinned dependencies. Its target directory
// outlives the test, so that dependencies compile once. See need for how a test
// that lacks cargo skips.
package oracle

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// Versions are those of sqlx that can be asked.
var Versions = []string{"0.8.6", "0.9.0"}

//go:embed testdata
var testdata embed.FS

// packageFiles are the files of the Rust package, below the version's folder or
// beside it.
var packageFiles = []string{"Cargo.toml", "Cargo.lock", "text.rs", "../describe.rs"}

// rustPackage is the Rust package for one version of sqlx on disk, locked for
// this process.
type rustPackage struct {
	t    testing.TB
	dir  string
	lock *flock.Flock
}

// openPackage puts the package into its kept place.
func openPackage(t testing.TB, sqlx string) *rustPackage {
	t.Helper()
	need.Program(t, "cargo")
	dir := need.Kept(t, "macros-"+sqlx)
	p := &rustPackage{t: t, dir: dir, lock: flock.New(filepath.Join(dir, "lock"))}
	if _, err := p.lock.TryLockContext(t.Context(), 100*time.Millisecond); err != nil {
		t.Fatalf("wait for another test that asks sqlx %s: %v", sqlx, err)
	}
	for _, name := range packageFiles {
		p.write(path.Base(name), source(t, sqlx, name))
	}
	return p
}

func (p *rustPackage) close() { p.lock.Unlock() }

func source(t testing.TB, sqlx, name string) []byte {
	t.Helper()
	data, err := testdata.ReadFile(path.Join("testdata", sqlx, name))
	if err != nil {
		t.Fatalf("sqlx %s cannot be asked: %v", sqlx, err)
	}
	return data
}

// write leaves a file alone that holds data already, since cargo looks at its
// time.
func (p *rustPackage) write(name string, data []byte) {
	p.t.Helper()
	file := filepath.Join(p.dir, filepath.FromSlash(name))
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, data) {
		return
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// cargo is a call of cargo in the package. Variables of env come last; nothing
// of the caller's environment tells sqlx of another database.
func (p *rustPackage) cargo(env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(p.t.Context(), "cargo", args...)
	cmd.Dir = p.dir
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "SQLX_") && name != "DATABASE_URL" && name != "CARGO_BUILD_TARGET" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "PWD="+p.dir, "CARGO_TARGET_DIR="+filepath.Join(p.dir, "target"))
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// AllFeatures are the features of sqlx, without its databases, that bring types.
var AllFeatures = []string{
	"bigdecimal", "bit-vec", "chrono", "ipnet", "ipnetwork", "json", "mac_address", "rust_decimal", "time", "uuid",
}

// features is the argument of cargo's --features: databases and types.
func features(types []string) string {
	all := append([]string{"sqlite", "postgres"}, types...)
	slices.Sort(all)
	return strings.Join(all, ",")
}

// rustc tells the compiler's version.
func rustc(t testing.TB) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), need.Program(t, "rustc"), "--version", "--verbose").Output()
	if err != nil {
		t.Fatal(fmt.Errorf("ask rustc for its version: %w", err))
	}
	return string(out)
}
