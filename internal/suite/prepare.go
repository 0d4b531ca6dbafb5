package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Prepare makes the `.sqlx` of every unit right and installs the cargo profile.
func Prepare(ctx context.Context, request Request) (*report.Result, error) {
	start := time.Now()
	result := &report.Result{Command: "prepare", Version: Version}
	r, err := open(ctx, request)
	if err != nil {
		return finish(request, result, err, start)
	}
	defer r.close()
	if result.Profiles, err = r.installProfiles(); err != nil {
		return finish(request, result, err, start)
	}
	r.note(result)
	if err := r.noteUncovered(ctx, result); err != nil {
		return finish(request, result, err, start)
	}
	err = r.each(ctx, result, r.prepare)
	return finish(request, result, err, start)
}

func (r *run) prepare(ctx context.Context, u *unit, out *report.Unit) error {
	if err := sqlxdata.Recover(u.data()); err != nil {
		return err
	}
	if u.unchanged(out) {
		return nil
	}
	made, err := r.make(ctx, u, out)
	if err != nil {
		return err
	}
	_, want, err := u.wanted(ctx, made.set, out)
	if err != nil {
		return err
	}
	err = timed(out, "replace .sqlx", func() (err error) {
		out.Change, err = sqlxdata.Replace(u.data(), want)
		return err
	})
	if err != nil {
		out.Unused = nil // nothing has become of them
		return err
	}
	return made.settle(ctx, want, out.Change.Any(), out)
}

// wanted returns the query files that the unit's `.sqlx` has, and those that it
// should have: what an engine made, and what is kept beside it.
func (u *unit) wanted(ctx context.Context, made sqlxdata.Set, out *report.Unit) (have, want sqlxdata.Set, err error) {
	if have, err = sqlxdata.ReadSet(u.data()); err != nil {
		return nil, nil, err
	}
	want, err = u.judgeUnused(ctx, have, made, out)
	if err != nil {
		return nil, nil, err
	}
	want.Merge(made)
	if len(have) > 0 && len(want) == 0 {
		if err = u.nothingLeft(ctx, len(have)); err != nil {
			out.Unused = nil // nothing becomes of them
		}
	}
	return have, want, err
}

// unchanged tells whether nothing that the unit's last run depended on has
// changed since; then its `.sqlx` is right.
func (u *unit) unchanged(out *report.Unit) bool {
	if u.run.Options.Live || u.engine() == "cargo" {
		return false
	}
	start := time.Now()
	s := u.upToDate()
	if s == nil || u.run.Options.Prune && len(s.Kept) > 0 {
		return false
	}
	out.UpToDate, out.Queries, out.Change.Unchanged = true, s.Queries, s.Queries+len(s.Kept)
	out.Unused = s.Kept
	noteKept(out)
	out.Engine, out.Reason, out.Database = "native", s.Reason, s.Database
	out.Timings = append(out.Timings, report.Timing{Step: "find that nothing changed", Seconds: time.Since(start).Seconds()})
	return true
}

// make lets the unit's engine make its query files. `auto` asks the native
// engine first; what that cannot prove goes to cargo.
func (r *run) make(ctx context.Context, u *unit, out *report.Unit) (*union, error) {
	native, cargo := nativeEngine{r}, cargoEngine{r}
	switch u.engine() {
	case "native":
		out.Engine, out.Reason = "native", "asked for"
		return r.union(ctx, native, u, out)
	case "cargo":
		out.Engine, out.Reason = "cargo", "asked for"
		return r.union(ctx, cargo, u, out)
	}
	out.Engine = "native"
	result, err := r.union(ctx, native, u, out)
	var doubt *doubtError
	if !errors.As(err, &doubt) {
		return result, err
	}
	if _, missing := r.cargoTool(ctx); missing != nil {
		return nil, &UnprovenError{Unit: u.path, Reason: doubt.Error(), Cargo: missing}
	}
	out.Engine, out.Reason, out.Failures = "cargo", doubt.Error(), nil
	return r.union(ctx, cargo, u, out)
}

// engine is the unit's setting: flag or environment, then the unit's own, then
// the file's.
func (u *unit) engine() string {
	for _, value := range []string{u.run.Options.Engine, u.config.Engine, u.run.file.Engine} {
		if value != "" {
			return value
		}
	}
	return "auto"
}

// doubtError says why the native engine cannot vouch for its result.
type doubtError struct{ reasons []string }

func (e *doubtError) Error() string {
	if len(e.reasons) == 1 {
		return e.reasons[0]
	}
	return fmt.Sprintf("%s (and %d more)", e.reasons[0], len(e.reasons)-1)
}
