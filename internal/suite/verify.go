package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/go-multierror"
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
		return finish(request, result, err, start)
	}
	defer r.close()
	err = r.each(ctx, result, r.verify)
	return finish(request, result, err, start)
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
	var all *multierror.Error
	queries := map[string]bool{}
	for _, v := range u.variants {
		recorded, err := r.verifyVariant(ctx, v, out)
		all = multierror.Append(all, err)
		for hash := range recorded {
			queries[hash] = true
		}
	}
	out.Queries = len(queries)
	if len(u.variants) == 1 && all.ErrorOrNil() != nil {
		return all.Errors[0]
	}
	return all.ErrorOrNil()
}

// verifyVariant returns what cargo made.
func (r *run) verifyVariant(ctx context.Context, v *variant, out *report.Unit) (sqlxdata.Set, error) {
	recorded, err := cargoEngine{r}.Make(ctx, v, out)
	if err != nil {
		return nil, fmt.Errorf("cargo engine: %w", err)
	}
	// What cargo saw tells what blind spots hide, so it comes first.
	if err := v.record(ctx, recorded.set, nil); err != nil {
		return nil, err
	}
	made, err := nativeEngine{r}.Make(ctx, v, out)
	var doubt *doubtError
	if errors.As(err, &doubt) {
		out.Notes = append(out.Notes, "the native engine is not proven here: "+doubt.Error())
		return recorded.set, nil
	}
	if err != nil {
		distrust := v.record(ctx, recorded.set, []string{"the native engine failed"})
		return recorded.set, errors.Join(fmt.Errorf("the native engine fails where cargo succeeds: %w", err), distrust)
	}
	differences := sqlxdata.Compare(made.set, recorded.set)
	out.Differences = append(out.Differences, differences...)
	var differs []string
	for _, d := range differences {
		differs = append(differs, d.Hash)
	}
	if err := v.record(ctx, recorded.set, differs); err != nil {
		return recorded.set, err
	}
	if len(differs) > 0 {
		return recorded.set, &DifferError{Unit: v.path, Queries: len(differs)}
	}
	out.Notes = append(out.Notes, identical(made.set, recorded.set))
	return recorded.set, nil
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
