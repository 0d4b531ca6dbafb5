// Package bundled is SQLite in a helper process, in the very version that sqlx
// bundles: descriptions depend on it.
//
// A Go program holds one version of a library, and who imports us may choose
// it. So each version of SQLite is a small program in a module of its own
// (helper/), built once into the user's cache by the Go toolchain, or taken
// from our own executable where a release carries it. It also keeps a query
// that runs away, or crashes SQLite, from doing so to us.
//
// The helper answers requests in order, one line of JSON each, and holds any
// number of databases. When it is gone, by a crash or because a request's
// context ended, every further request says so with a [*GoneError]; a new one
// is started in a few milliseconds.
package bundled

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// sourceIDs are the versions on board, with what their sqlite3_sourceid begins
// with: SQLITE_SOURCE_ID of the sqlite3.h in libsqlite3-sys 0.30.1 and 0.37.0.
var sourceIDs = map[string]string{
	"3.46.0": "2024-05-23 13:25:27 96c92aba00c8375bc32fafcdf12429c58bd8aabfcadab6683e35bbb9cdebf19e",
	"3.51.3": "2026-03-13 10:38:09 737ae4a34738ffa0c3ff7f9bb18df914dd1cad163f28fd6b6e114a344fe6d618",
}

// Newest is the newest version on board, for databases whose version does not
// matter.
const Newest = "3.51.3"

// Versions returns the versions of SQLite that are on board, in order.
func Versions() []string { return slices.Sorted(maps.Keys(sourceIDs)) }

// Known tells whether a version of SQLite is on board.
func Known(version string) bool {
	_, ok := sourceIDs[version]
	return ok
}

// Options are how to start a helper.
type Options struct {
	Version  string       // of SQLite, "3.46.0"
	Kept     *kept.Store  // of built helpers; nil: they are not kept
	Progress func(string) // told of steps that take long; may be nil
}

// closeDelay bounds how long a helper may take to end by itself.
const closeDelay = 2 * time.Second

// Engine is a running helper.
type Engine struct {
	version string
	cmd     *proc.Cmd
	in      io.WriteCloser
	out     *json.Decoder
	stderr  head
	kill    func() error  // ends the helper
	done    func() error  // waits for the helper's end, and clears up
	turn    chan struct{} // holds one token: whose it is may ask
	gone    error         // a *GoneError; to be read with the token
}

// GoneError says that the helper died while it worked, or was stopped: the
// databases that it had open are gone with it. It wraps the context's cause
// where a context ended it.
type GoneError struct {
	Err    error
	Stderr string // what it said last, cut
}

func (e *GoneError) Error() string {
	text := "SQLite's helper process is gone: " + e.Err.Error()
	if first, _, _ := strings.Cut(e.Stderr, "\n"); first != "" {
		text += ": " + first
	}
	return text
}

func (e *GoneError) Unwrap() error { return e.Err }

// Start runs the helper of a version, building it first if need be. It ends
// with Close or with ctx.
func Start(ctx context.Context, o Options) (*Engine, error) {
	p, err := find(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("SQLite %s: %w", o.Version, err)
	}
	e, err := start(ctx, p)
	if err != nil {
		p.folder.Release()
		if errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w (does its folder allow programs? SQLXMAGE_CACHE names another)", err)
		}
		return nil, fmt.Errorf("start SQLite's helper: %w", err)
	}
	e.version = o.Version
	hello, err := e.ask(ctx, request{Op: "hello"})
	if err == nil && (hello.Version != o.Version || !strings.HasPrefix(hello.SourceID, sourceIDs[o.Version])) {
		err = fmt.Errorf("it says that it is SQLite %s, %s", hello.Version, hello.SourceID)
	}
	if err != nil {
		e.Close()
		return nil, fmt.Errorf("start SQLite's helper %s: %w", p.path, err)
	}
	return e, nil
}

func start(ctx context.Context, p program) (*Engine, error) {
	for try := 0; ; try++ {
		e, err := startOnce(ctx, p)
		// A process that was forked while the file was written holds it open
		// for writing until it executes its own program.
		if !errors.Is(err, syscall.ETXTBSY) || try == 20 {
			return e, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func startOnce(ctx context.Context, p program) (*Engine, error) {
	e := &Engine{cmd: proc.Command(ctx, p.path), turn: make(chan struct{}, 1)}
	e.kill = e.cmd.Kill
	var err error
	if e.in, err = e.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	e.out = json.NewDecoder(out)
	e.cmd.Stderr = &e.stderr
	if err := e.cmd.Start(); err != nil {
		return nil, err
	}
	e.done = sync.OnceValue(func() error {
		defer p.folder.Release()
		err := e.cmd.Wait()
		if ctx.Err() != nil {
			return nil // as it was meant to
		}
		return err
	})
	e.turn <- struct{}{}
	return e, nil
}

// Version is SQLite's.
func (e *Engine) Version() string { return e.version }

// Gone tells whether the helper is gone, so that a new one is needed.
func (e *Engine) Gone() bool {
	<-e.turn
	defer e.leave()
	return e.gone != nil
}

// Close ends the helper, whatever it is doing. That it is gone already is no
// error: who asked it has been told.
func (e *Engine) Close() error {
	e.in.Close()
	timer := time.AfterFunc(closeDelay, func() { _ = e.kill() })
	defer timer.Stop()
	err := e.done()
	<-e.turn
	defer e.leave()
	if e.gone != nil {
		return nil
	}
	e.gone = &GoneError{Err: errors.New("it was closed")}
	if err != nil {
		return fmt.Errorf("end SQLite's helper: %w", err)
	}
	return nil
}

func (e *Engine) leave() { e.turn <- struct{}{} }

// ask sends one request and waits for its answer. An answer's own error is for
// the caller to look at. When ctx ends first, the helper is killed: there is no
// other way to stop all that SQLite may be doing.
func (e *Engine) ask(ctx context.Context, r request) (*answer, error) {
	select {
	case <-e.turn:
		defer e.leave()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if e.gone != nil {
		return nil, e.gone
	}
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = e.kill() })
	var a answer
	if _, err = e.in.Write(append(line, '\n')); err == nil {
		err = e.out.Decode(&a)
	}
	if err == nil && !a.fits(r) {
		err = errors.New("it says what it was not asked")
	}
	cancelled := !stop()
	if err == nil && !cancelled {
		return &a, nil
	}
	e.gone = e.goneError(ctx, err, cancelled)
	return nil, e.gone
}

// fits tells whether an answer is one to the request, so that nobody looks for
// what it does not hold.
func (a *answer) fits(r request) bool {
	switch {
	case a.Error != nil:
		return r.Op != "exec" || a.Done >= 0 && a.Done < len(r.Queries)
	case r.Op == "describe":
		return len(a.Described) == len(r.Queries)
	}
	return true
}

// goneError ends what is left of the helper and says why it is gone.
func (e *Engine) goneError(ctx context.Context, err error, cancelled bool) *GoneError {
	_ = e.kill()
	ended := e.done() // now all that it said is there
	switch {
	case cancelled:
		err = context.Cause(ctx)
	case errors.Is(err, io.EOF) && ended != nil:
		err = ended
	case errors.Is(err, io.EOF):
		err = errors.New("it ended")
	}
	return &GoneError{Err: err, Stderr: strings.TrimSpace(e.stderr.String())}
}

// head keeps the beginning of what is written to it: a crash begins with its
// reason, and goes on with the state of everything.
type head struct{ strings.Builder }

const headSize = 4 << 10

func (h *head) Write(p []byte) (int, error) {
	h.Builder.Write(p[:min(len(p), headSize-h.Len())])
	return len(p), nil
}
