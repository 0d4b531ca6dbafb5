// Package suite is the workflow: from a root's units to their `.sqlx`.
//
// A run reads the configuration, finds the units, takes for each the engine
// that is proven for it, and replaces or compares its `.sqlx`. It knows no mage
// and prints nothing: what happens goes to a Listener, what came out is one
// report.Result.
package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-multierror"
	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// Version is sqlxmage's own version.
const Version = "0.1.0"

// Listener hears what a run does while it does it. Other programs' output is
// written to it.
type Listener interface {
	io.Writer
	Progress(text string) // what is going on now
	Say(text string)      // a line that should stay
}

// Request is one run of a target.
type Request struct {
	Dir      string // where the run starts; its root is found from here upwards
	Options  config.Options
	Listener Listener
	// Secrets learns what the run's messages may not repeat. The run sees to
	// cargo's output and to what it keeps; all else is the caller's to redact.
	Secrets *database.Redactor

	// Kind, if set, leaves only the units whose database is of that kind.
	Kind database.Kind
	// Drivers makes the table of drivers; nil: the function Drivers does.
	Drivers func(database.Settings) []database.Driver
	// Extra are folders of packages that are units as well, on the database
	// of the first unit.
	Extra []string
}

// StaleError says that `.sqlx` directories are not what they should be.
type StaleError struct{ Units []string }

func (e *StaleError) Error() string {
	return fmt.Sprintf("stale: %v; `mage prepare` makes it right", e.Units)
}

// UnprovenError says that the native engine cannot vouch for a unit and that
// there is no cargo to ask.
type UnprovenError struct {
	Unit   string
	Reason string
	Cargo  error // why cargo cannot be asked
}

func (e *UnprovenError) Error() string {
	return fmt.Sprintf("%s: not proven without cargo: %s; and cargo cannot be asked: %v", e.Unit, e.Reason, e.Cargo)
}

func (e *UnprovenError) Unwrap() error { return e.Cargo }

// run is one run over a root's units.
type run struct {
	Request
	file      *config.File
	kept      *kept.Store // nil: nothing is kept
	libraries map[*workspace.Workspace]*trust.Library
	units     []*unit
	all       []*unit // also those that `-unit` leaves out

	workspaces []*workspace.Workspace // with a unit, or a package that asks for sqlx's macros
	databases  databases
	table      lazy[[]database.Driver]
	tool       lazy[cargo.Tool]
	host       map[string]cfg.Platform // by the folder from which rustc is found
}

// open reads the configuration and finds the units of a run.
func open(ctx context.Context, request Request) (*run, error) {
	r, err := openRoot(request)
	if err != nil {
		return nil, err
	}
	r.openStore()
	if r.units, err = r.findUnits(); err != nil {
		return nil, err
	}
	if err := r.keepKind(ctx); err != nil {
		return nil, err
	}
	if err := r.addExtra(); err != nil {
		return nil, err
	}
	r.tellUnits()
	return r, nil
}

// openStore opens the store of what is kept between runs. A run without one
// takes longer, and says why.
func (r *run) openStore() {
	dir, err := kept.Dir()
	if err == nil {
		r.kept, err = kept.Open(dir)
	}
	if err != nil {
		r.Listener.Say("nothing is kept for later runs: " + err.Error())
	}
}

// openRoot finds the root and reads its configuration.
func openRoot(request Request) (*run, error) {
	dir, err := filepath.Abs(request.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the root: %w", err)
	}
	request.tellSecrets([]string{dir})
	root, found := config.FindRoot(dir)
	if !found {
		ws, err := workspace.Load(dir)
		if err != nil {
			return nil, rootError(err)
		}
		root = ws.Root
	}
	file, err := config.Load(root)
	if err != nil {
		return nil, err
	}
	r := &run{Request: request, file: file, host: map[string]cfg.Platform{}}
	r.databases.run = r
	return r, nil
}

// rootError makes a place without a workspace that can be read the user's to
// mend.
func rootError(err error) error {
	var problem *diag.Diagnostic
	if errors.As(err, &problem) {
		return &config.Error{Diagnostic: *problem}
	}
	return config.Errorf("%v; run it in a folder of a Rust project, or below a %s", err, config.FileName)
}

// each does the work on every unit in turn and collects the results and all
// that failed. A unit's failure does not keep the others from their turn.
func (r *run) each(ctx context.Context, result *report.Result, work func(context.Context, *unit, *report.Unit) error) error {
	var all *multierror.Error
	for _, u := range r.units {
		out := report.Unit{Path: u.path, Status: report.Done}
		err := u.locked(ctx, r.Listener, func() error { return work(ctx, u, &out) })
		var stale *StaleError
		var unproven *UnprovenError
		switch {
		case errors.As(err, &stale):
			out.Status = report.Stale
		case errors.As(err, &unproven):
			out.Status, out.Error = report.Unproven, err.Error()
		case err != nil:
			out.Status = report.Failed
			if len(out.Failures) == 0 {
				out.Error, out.Failures = err.Error(), diagnostics(r.file.Root, err)
			}
		}
		all = multierror.Append(all, err)
		result.Units = append(result.Units, out)
		if ctx.Err() != nil {
			break
		}
	}
	return all.ErrorOrNil()
}

// finish completes a result and the error of its run.
func finish(request Request, result *report.Result, err error, start time.Time) (*report.Result, error) {
	result.Seconds = time.Since(start).Seconds()
	result.Status = report.Done
	worst := map[report.Status]int{report.Done: 0, report.Stale: 1, report.Unproven: 2, report.Failed: 3}
	for _, u := range result.Units {
		if worst[u.Status] > worst[result.Status] {
			result.Status = u.Status
		}
	}
	if err != nil && len(result.Units) == 0 {
		result.Status, result.Error = report.Failed, err.Error()
		if dir, failed := filepath.Abs(request.Dir); failed == nil {
			if root, found := config.FindRoot(dir); found {
				dir = root
			}
			result.Failures = diagnostics(dir, err)
		}
	}
	return result, err
}

// timed does a step and notes the time it took.
func timed(out *report.Unit, step string, do func() error) error {
	start := time.Now()
	err := do()
	out.Timings = append(out.Timings, report.Timing{Step: step, Seconds: time.Since(start).Seconds()})
	return err
}
