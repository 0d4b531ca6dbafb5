package cargo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// Request says what to compile and how.
type Request struct {
	Workspace Metadata   // of Dir
	Dir       string     // where cargo runs: the package's or the workspace's folder
	Packages  []Package  // whose queries are wanted
	Args      []string   // for `cargo check`, as after `--` of `cargo sqlx prepare`
	Variants  [][]string // instead of Args: several argument lists, the union of their queries

	Profile   string   // where Args name none; empty is cargo's own default
	Config    []string // each an argument of --config: `profile.x.inherits="dev"`
	TargetDir string   // empty: cargo's own choice

	// Kept is where it is remembered what the request compiled, so that the
	// next like it runs cargo once; nil: it is not.
	Kept *kept.Store

	DatabaseURL  string
	URLVariables []string // what the macros read it from besides DATABASE_URL (sqlx.toml, database-url-var)

	// Stage is an existing, absolute directory for the query files.
	Stage string

	// Secrets are what neither Output nor an error may repeat; DatabaseURL's
	// are added.
	Secrets *database.Redactor

	// Output gets what cargo and rustc print, without secrets. Width is that
	// of the terminal behind it: a progress bar is drawn; 0 draws none.
	Output io.Writer
	Width  int
	Color  bool
}

// Result is what was done.
type Result struct {
	Runs     int // times that cargo ran
	Compiled int // crates compiled, over all runs
	Fresh    int // crates that needed no compiling, in the last run of each variant

	// Unchecked are the packages of which the arguments select nothing: their
	// queries, if there are any, are not in the stage.
	Unchecked []string
}

// maxRuns bounds how often cargo is started for one argument list: once to
// learn what its units are, once to compile them, and again when another
// cargo was faster.
const maxRuns = 10

// Record makes the query files of req.Packages in req.Stage. What the macros
// wrote is accepted only when
//
//   - cargo succeeded each time;
//   - every unit of these packages was compiled in a run of this call: a unit
//     that cargo reports as fresh, because nothing changed or because another
//     cargo, an editor's for instance, was faster, is made stale, and cargo
//     runs again; and
//   - no unit of another package that can hold queries was compiled in that
//     run, so that no file is another package's. (Such a unit follows sqlx's
//     macros in cargo's messages, since it needs them, and its manifest names
//     sqlx.) Each run has a directory of its own.
//
// Mostly that is one run; the first call for a unit that cargo has already
// compiled takes two. When Record fails, no query file of it is in the stage.
//
// Errors: *CompileError, *OverriddenError, *UnprovenError.
func (t Tool) Record(ctx context.Context, req Request) (Result, error) {
	if !filepath.IsAbs(req.Stage) {
		return Result{}, fmt.Errorf("record queries: the stage %q is not absolute", req.Stage)
	}
	s := newSession(t, req)
	var accepted []string
	defer func() {
		for _, dir := range s.dirs {
			_ = os.RemoveAll(dir) // of our own; the stage is removed by its owner
		}
	}()
	for _, args := range req.argLists() {
		dirs, err := s.expand(ctx, args, s.recording)
		if err != nil {
			return s.result, err
		}
		accepted = append(accepted, dirs...)
	}
	for _, dir := range accepted {
		if err := moveQueries(dir, req.Stage); err != nil {
			return s.result, err
		}
	}
	return s.result, nil
}

// OfflineCheck compiles req.Packages with SQLX_OFFLINE=true against the
// committed query files, without a database. The errors are those of Record.
func (t Tool) OfflineCheck(ctx context.Context, req Request) (Result, error) {
	s := newSession(t, req)
	for _, args := range req.argLists() {
		if _, err := s.expand(ctx, args, s.offline); err != nil {
			return s.result, err
		}
	}
	return s.result, nil
}

func (req Request) argLists() [][]string {
	if len(req.Variants) > 0 {
		return req.Variants
	}
	return [][]string{req.Args}
}

// profileArgs returns the arguments that choose the profile, unless args do.
func (req Request) profileArgs(args []string) []string {
	if req.Profile == "" || profileOf(args) != "" {
		return nil
	}
	return []string{"--profile", req.Profile}
}

// recording is an environment in which the macros write to a new directory.
func (s *session) recording() (environment, error) {
	dir, err := os.MkdirTemp(s.req.Stage, "run-")
	if err != nil {
		return environment{}, fmt.Errorf("record queries: %w", err)
	}
	s.dirs = append(s.dirs, dir)
	env := environment{writes: dir, vars: map[string]string{offlineVar: "false", offlineDirVar: dir}}
	for _, name := range append([]string{"DATABASE_URL"}, s.req.URLVariables...) {
		env.vars[name] = s.req.DatabaseURL
	}
	return env, nil
}

// offline is the environment in which the macros only read query files.
func (s *session) offline() (environment, error) {
	return environment{vars: map[string]string{offlineVar: "true"}}, nil
}

// moveQueries moves the query files of one directory into another one of the
// same file system.
func moveQueries(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("record queries: %w", err)
	}
	for _, entry := range entries {
		err := os.Rename(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name()))
		if err != nil {
			return fmt.Errorf("record queries: %w", err)
		}
	}
	return nil
}

// CompileError says that cargo check failed.
type CompileError struct {
	Diagnostics []Diagnostic // the compiler's errors in its order, each once
	Output      string       // the end of what cargo itself printed, without secrets
	Err         error        // how cargo ended
}

func (e *CompileError) Error() string {
	switch n := len(e.Diagnostics); n {
	case 0:
		return fmt.Sprintf("cargo check: %v: %s", e.Err, strings.TrimSpace(e.Output))
	case 1:
		return "cargo check: " + e.Diagnostics[0].Error()
	default:
		return fmt.Sprintf("cargo check: %v (and %d more errors)", &e.Diagnostics[0], n-1)
	}
}

func (e *CompileError) Unwrap() error { return e.Err }

// OverriddenError says that a build script replaces a variable that the
// macros read, so that they would ask another database or write elsewhere.
type OverriddenError struct{ Package, Variable string }

func (e *OverriddenError) Error() string {
	return fmt.Sprintf("the build script of %s sets %s for the compiler, which hides ours", e.Package, e.Variable)
}

// Hint says what to do about it.
func (e *OverriddenError) Hint() string {
	return "let the build script set " + e.Variable + " only where the environment does not"
}

// UnprovenError says that cargo's runs did not prove that all queries, and no
// others, were recorded.
type UnprovenError struct {
	Runs      int
	Pending   []string // packages with a unit of which that is so
	Strangers []string // packages with queries of their own that cargo compiled in the last run
}

func (e *UnprovenError) Error() string {
	text := fmt.Sprintf("the queries of %s are not proven to be complete after %d runs of cargo check: ",
		strings.Join(e.Pending, ", "), e.Runs)
	if len(e.Strangers) > 0 {
		return text + "each time cargo also compiled " + strings.Join(e.Strangers, ", ") + ", which may have written some"
	}
	return text + "another cargo, an editor's perhaps, was faster each time"
}

// Hint says what to do about it.
func (e *UnprovenError) Hint() string {
	if len(e.Strangers) > 0 {
		return "find out with cargo check -v why it is compiled each time, or make both packages one unit"
	}
	return "stop what checks the same packages all the time, or use a profile of its own: -profile=sqlx-prepare"
}
