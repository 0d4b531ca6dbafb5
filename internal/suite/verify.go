package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Verify lets both engines make every unit's query files and compares them
// byte by byte. What it finds decides how far later runs trust the native
// engine. `.sqlx` stays as it is.
func Verify(ctx context.Context, request Request) (*report.Result, error) {
	start := time.Now()
	result := &report.Result{Command: "verify", Version: Version}
	r, err := open(ctx, request)
	if err != nil {
		return finish(result, err, start)
	}
	defer r.close()
	err = r.each(ctx, result, r.verify)
	return finish(result, err, start)
}

// DifferError says that the two engines made different files.
type DifferError struct {
	Unit    string
	Queries int
}

func (e *DifferError) Error() string {
	return fmt.Sprintf("%s: the engines differ on %d queries; the unit goes to cargo from now on", e.Unit, e.Queries)
}

func (r *run) verify(ctx context.Context, u *unit, out *report.Unit) error {
	out.Engine = "native, cargo"
	recorded, err := cargoEngine{r}.Make(ctx, u, out)
	if err != nil {
		return fmt.Errorf("cargo engine: %w", err)
	}
	// What cargo saw tells what blind spots hide, so it comes first.
	if err := u.record(ctx, recorded.set, nil); err != nil {
		return err
	}
	made, err := nativeEngine{r}.Make(ctx, u, out)
	var doubt *doubtError
	if errors.As(err, &doubt) {
		out.Notes = append(out.Notes, "the native engine is not proven here: "+doubt.Error())
		return nil
	}
	if err != nil {
		distrust := u.record(ctx, recorded.set, []string{"the native engine failed"})
		return errors.Join(fmt.Errorf("the native engine fails where cargo succeeds: %w", err), distrust)
	}
	out.Queries = len(recorded.set)
	out.Differences = sqlxdata.Compare(made.set, recorded.set)
	var differs []string
	for _, d := range out.Differences {
		differs = append(differs, d.Hash)
	}
	if err := u.record(ctx, recorded.set, differs); err != nil {
		return err
	}
	if len(differs) > 0 {
		return &DifferError{Unit: u.path, Queries: len(differs)}
	}
	out.Notes = append(out.Notes, identical(made.set, recorded.set))
	return nil
}

func identical(a, b sqlxdata.Set) string {
	total := 0
	for hash, data := range a {
		if bytes.Equal(data, b[hash]) {
			total += len(data)
		}
	}
	return fmt.Sprintf("both engines made the same %d files, %d bytes", len(b), total)
}
