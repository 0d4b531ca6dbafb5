// Package cargo makes a project's query files by driving `cargo check`, as
// `cargo sqlx prepare` does, without sqlx-cli and without touching a source.
//
// The macros of sqlx write a query file when they are expanded while
// SQLX_OFFLINE_DIR is set and a database is reachable; cargo expands them only
// when it compiles, and it knows nothing of the database. So [Tool.Record]
// makes cargo compile: it removes the fingerprints of exactly those units of
// the unit's packages that `cargo check` compiles, lets cargo run with a
// directory of its own, and accepts what the macros wrote only when the run
// proves that it is complete and nobody else's (see [Tool.Record]). What
// cargo keeps for `cargo build` and for other packages stays fresh.
package cargo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// Tool is a cargo that can be used.
type Tool struct {
	Path    string
	Version Version
}

// Version is cargo's version without its patch level's suffixes.
type Version struct{ Major, Minor, Patch int }

// Oldest is the oldest cargo that knows profiles with names of their own.
var Oldest = Version{1, 57, 0}

// keepGoing is the first cargo whose `check` knows --keep-going.
var keepGoing = Version{1, 74, 0}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Less says whether v is older than w.
func (v Version) Less(w Version) bool {
	switch {
	case v.Major != w.Major:
		return v.Major < w.Major
	case v.Minor != w.Minor:
		return v.Minor < w.Minor
	}
	return v.Patch < w.Patch
}

// NotFoundError says that there is no cargo.
type NotFoundError struct{ Err error }

func (e *NotFoundError) Error() string { return fmt.Sprintf("find cargo: %v", e.Err) }
func (e *NotFoundError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *NotFoundError) Hint() string {
	return "install Rust (rustup.rs, or the system's packages) and see that cargo is on PATH"
}

// TooOldError says that cargo is older than [Oldest].
type TooOldError struct{ Tool Tool }

func (e *TooOldError) Error() string {
	return fmt.Sprintf("%s is cargo %s; %s or newer is needed", e.Tool.Path, e.Tool.Version, Oldest)
}

// Hint says what to do about it.
func (e *TooOldError) Hint() string { return "update Rust: rustup update" }

// Find looks for cargo where cargo itself says it is (CARGO, set for its
// subcommands), on PATH, and where rustup puts it; dir is where it will run,
// since a rust-toolchain file there decides on its version.
// Errors: *NotFoundError, *TooOldError.
func Find(ctx context.Context, dir string) (Tool, error) {
	path, err := look()
	if err != nil {
		return Tool{}, &NotFoundError{err}
	}
	cmd := proc.Command(ctx, path, "--version")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return Tool{}, fmt.Errorf("run %s --version: %w", path, withStderr(err))
	}
	version, err := parseVersion(string(out))
	if err != nil {
		return Tool{}, fmt.Errorf("%s --version: %w", path, err)
	}
	tool := Tool{Path: path, Version: version}
	if version.Less(Oldest) {
		return Tool{}, &TooOldError{tool}
	}
	return tool, nil
}

func look() (string, error) {
	if path := os.Getenv("CARGO"); path != "" {
		return exec.LookPath(path)
	}
	path, onPath := exec.LookPath("cargo")
	if onPath == nil {
		return path, nil
	}
	if path, err := exec.LookPath(filepath.Join(home(), "bin", "cargo")); err == nil {
		return path, nil
	}
	return "", onPath
}

// home returns cargo's own directory, as cargo finds it (crate home).
func home() string {
	if dir := os.Getenv("CARGO_HOME"); dir != "" {
		return dir
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, ".cargo")
}

// parseVersion reads "cargo 1.95.0 (f2d3ce0bd 2026-03-21)", also with a
// suffix as in "1.96.0-nightly".
func parseVersion(line string) (Version, error) {
	fields := strings.Fields(line)
	if len(fields) < 2 || fields[0] != "cargo" {
		return Version{}, fmt.Errorf("%q is no version of cargo", strings.TrimSpace(line))
	}
	number, _, _ := strings.Cut(fields[1], "-")
	parts := strings.Split(number, ".")
	if len(parts) != 3 {
		return Version{}, fmt.Errorf("%q is no version number", fields[1])
	}
	var n [3]int
	for i, part := range parts {
		var err error
		if n[i], err = strconv.Atoi(part); err != nil || n[i] < 0 {
			return Version{}, fmt.Errorf("%q is no version number", fields[1])
		}
	}
	return Version{n[0], n[1], n[2]}, nil
}

// withStderr adds what a program wrote to stderr to the error of its exit.
func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if text := strings.TrimSpace(string(exit.Stderr)); text != "" {
			return fmt.Errorf("%w: %s", err, text)
		}
	}
	return err
}
