// Package sqlite is SQLite in a helper process, in the very version that sqlx
// bundles: descriptions depend on it.
//
// A Go program holds one version of a library, and who imports us may choose
// it. So each version of SQLite is a small program in a module of its own
// (helper/), built once into the user's cache by the Go toolchain, or taken
// from our own executable where a release carries it. It also keeps a query
// that runs away, or crashes SQLite, from doing so to us.
package sqlite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/migrate"
	"github.com/sqlxmage/sqlxmage/internal/proc"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
)

// sourceIDs are the versions on board, with what their sqlite3_sourceid begins
// with.
var sourceIDs = map[string]string{
	"3.46.0": "2024-05-23 13:25:27 96c92aba00c8375bc32fafcdf12429c58bd8aabfcadab6683e35bbb9cdebf19e",
	"3.51.3": "2026-03-13 10:38:09 737ae4a34738ffa0c3ff7f9bb18df914dd1cad163f28fd6b6e114a344fe6d618",
}

// Newest is the newest version on board, for databases whose version does not
// matter.
const Newest = "3.51.3"

// Known tells whether a version of SQLite is on board.
func Known(version string) bool {
	_, ok := sourceIDs[version]
	return ok
}

// Options are how to start a helper.
type Options struct {
	Version  string       // of SQLite, "3.46.0"
	CacheDir string       // where built helpers are kept
	Progress func(string) // told of steps that take long; may be nil
}

// Engine is a running helper.
type Engine struct {
	version string
	cmd     *proc.Cmd
	in      io.WriteCloser
	out     *json.Decoder
	stderr  bytes.Buffer
	mu      sync.Mutex
	broken  error
}

// GoneError says that the helper died while it worked, or was stopped: the
// databases that it had open are gone with it.
type GoneError struct {
	Err    error
	Stderr string
}

func (e *GoneError) Error() string {
	text := "SQLite's helper process is gone: " + e.Err.Error()
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *GoneError) Unwrap() error { return e.Err }

// Start runs the helper of a version, building it first if need be. It ends
// with Close or with ctx.
func Start(ctx context.Context, o Options) (*Engine, error) {
	path, err := program(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("SQLite %s: %w", o.Version, err)
	}
	e := &Engine{version: o.Version, cmd: proc.Command(ctx, path)}
	if e.in, err = e.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start SQLite's helper: %w", err)
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start SQLite's helper: %w", err)
	}
	e.out = json.NewDecoder(out)
	e.cmd.Stderr = &e.stderr
	if err := e.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start SQLite's helper: %w", err)
	}
	hello, err := e.ask(request{Op: "hello"})
	if err == nil && (hello.Version != o.Version || !strings.HasPrefix(hello.SourceID, sourceIDs[o.Version])) {
		err = fmt.Errorf("it says that it is SQLite %s, %s", hello.Version, hello.SourceID)
	}
	if err != nil {
		e.Close()
		return nil, fmt.Errorf("start SQLite's helper %s: %w", path, err)
	}
	return e, nil
}

// Version is SQLite's.
func (e *Engine) Version() string { return e.version }

// Close ends the helper.
func (e *Engine) Close() error {
	e.in.Close()
	err := e.cmd.Wait()
	if e.broken != nil {
		return nil // reported where it broke
	}
	if err != nil {
		return fmt.Errorf("end SQLite's helper: %w", err)
	}
	return nil
}

// ask sends one request and waits for its answer. An answer's own error is for
// the caller to look at.
func (e *Engine) ask(r request) (*answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken != nil {
		return nil, e.broken
	}
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var a answer
	if _, err = e.in.Write(append(line, '\n')); err == nil {
		err = e.out.Decode(&a)
	}
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("it ended")
		}
		e.broken = &GoneError{Err: err, Stderr: strings.TrimSpace(e.stderr.String())}
		return nil, e.broken
	}
	return &a, nil
}

// DB is an open database.
type DB struct {
	engine *Engine
	number int
}

// Open opens a file, or ":memory:", as sqlx does: private, with foreign keys
// on. Its error holds a *migrate.SQLError where SQLite refuses.
func (e *Engine) Open(ctx context.Context, path string, readOnly bool) (*DB, error) {
	a, err := e.ask(request{Op: "open", Path: path, ReadOnly: readOnly})
	if err != nil {
		return nil, err
	}
	if a.Error != nil {
		return nil, fmt.Errorf("open the SQLite database %s: %w", path, a.Error.sqlError())
	}
	return &DB{engine: e, number: a.DB}, nil
}

// OpenFile opens a file for migrations; it makes Engine a scratch.SQLiteOpener.
func (e *Engine) OpenFile(ctx context.Context, path string) (scratch.SQLiteConn, error) {
	return e.Open(ctx, path, false)
}

// Exec runs a text of any number of statements. Its error holds a
// *migrate.SQLError where SQLite refuses.
func (d *DB) Exec(ctx context.Context, sql string) error {
	a, err := d.engine.ask(request{Op: "exec", DB: d.number, SQL: sql})
	if err != nil {
		return err
	}
	if a.Error != nil {
		return a.Error.sqlError()
	}
	return nil
}

// Rows runs a text and returns its rows, every value as text.
func (d *DB) Rows(ctx context.Context, sql string) ([][]string, error) {
	a, err := d.engine.ask(request{Op: "rows", DB: d.number, SQL: sql})
	if err != nil {
		return nil, err
	}
	if a.Error != nil {
		return nil, a.Error.sqlError()
	}
	return a.Rows, nil
}

// InTransaction tells whether a transaction is open.
func (d *DB) InTransaction(ctx context.Context) (bool, error) {
	a, err := d.engine.ask(request{Op: "inTransaction", DB: d.number})
	if err != nil {
		return false, err
	}
	return a.InTransaction, nil
}

// Describe tells what SQLite says of each text, in order.
func (d *DB) Describe(ctx context.Context, queries []string) ([]Described, error) {
	a, err := d.engine.ask(request{Op: "describe", DB: d.number, Queries: queries})
	if err != nil {
		return nil, err
	}
	if a.Error != nil {
		return nil, a.Error.sqlError()
	}
	return a.Described, nil
}

// Step runs a read-only statement of a text to its first row, for at most
// limitMS milliseconds.
func (d *DB) Step(ctx context.Context, sql string, index, limitMS int) (*Step, error) {
	a, err := d.engine.ask(request{Op: "step", DB: d.number, SQL: sql, Index: index, LimitMS: limitMS})
	if err != nil {
		return nil, err
	}
	return a.Step, nil
}

// Close closes the database.
func (d *DB) Close() error {
	_, err := d.engine.ask(request{Op: "close", DB: d.number})
	return err
}

func (f *Failure) sqlError() *migrate.SQLError {
	return &migrate.SQLError{Message: f.Message, Code: fmt.Sprint(f.Code), Offset: f.Offset}
}
