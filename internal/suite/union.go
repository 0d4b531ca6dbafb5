package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/go-multierror"
	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Engine turns a variant into query files.
type Engine interface {
	// Make returns the complete set of the variant's query files, or says
	// what failed. It writes nothing to the source tree.
	Make(ctx context.Context, v *variant, out *report.Unit) (*made, error)
	// Settle is called once everything that is wanted stands in `.sqlx`, with
	// whether that changed anything.
	Settle(ctx context.Context, all *union, want sqlxdata.Set, changed bool, out *report.Unit) error
}

// made is what an engine made for a variant.
type made struct {
	variant  *variant
	set      sqlxdata.Set
	database *unitDatabase
	request  cargo.Request // of the cargo engine
}

// union is what an engine made for all variants of a unit.
type union struct {
	unit   *unit
	engine Engine
	set    sqlxdata.Set
	made   []*made
}

// settle tells the engine that what is wanted stands in `.sqlx`.
func (all *union) settle(ctx context.Context, want sqlxdata.Set, changed bool, out *report.Unit) error {
	return all.engine.Settle(ctx, all, want, changed, out)
}

// union lets an engine make the files of all variants of a unit. What is wrong
// with one does not keep the others from their turn, unless nothing is proven.
func (r *run) union(ctx context.Context, engine Engine, u *unit, out *report.Unit) (*union, error) {
	all := &union{unit: u, engine: engine, set: sqlxdata.Set{}}
	out.Queries = 0
	var failures *multierror.Error
	for _, v := range u.variants {
		m, err := engine.Make(ctx, v, out)
		var doubt *doubtError
		if errors.As(err, &doubt) || ctx.Err() != nil || len(u.variants) == 1 && err != nil {
			return nil, err
		}
		if err != nil {
			failures = multierror.Append(failures, fmt.Errorf("%s: %w", v.name(), err))
			continue
		}
		all.made = append(all.made, m)
		if err := all.add(ctx, m, out); err != nil {
			return nil, err
		}
	}
	out.Queries = len(all.set)
	tidyFailures(out)
	if failures == nil && len(out.Failures) > 0 {
		return nil, failed(out.Failures)
	}
	return all, failures.ErrorOrNil()
}

// add joins the files of a variant to those of the ones before it. There is one
// file for a text, so two variants must agree on it.
func (all *union) add(ctx context.Context, m *made, out *report.Unit) error {
	for _, hash := range m.set.Hashes() {
		if have := all.set[hash]; have != nil && !bytes.Equal(have, m.set[hash]) {
			f, err := all.disagreement(ctx, hash, m)
			if err != nil {
				return err
			}
			out.Failures = append(out.Failures, f)
		}
	}
	all.set.Merge(m.set)
	return nil
}

// disagreement says that two variants make different files of a text.
func (all *union) disagreement(ctx context.Context, hash string, second *made) (*diag.Diagnostic, error) {
	f := &diag.Diagnostic{
		Message: "two variants of the unit make different query files of this query, and `.sqlx` has room for one",
		Query:   queryOf(hash, second.set[hash]),
		Hint:    "let the texts differ, by a space or a comment, or take the query out of one variant",
	}
	for _, m := range all.made {
		if m.set[hash] == nil || m != second && bytes.Equal(m.set[hash], second.set[hash]) {
			continue
		}
		found, err := m.variant.scan(ctx)
		if err != nil {
			return f, err
		}
		note := diag.Note{Message: fmt.Sprintf("%s has it for the database `%s`, %s", m.variant.name(), m.database.name, m.database.words())}
		if places := found.queries[hash]; len(places) > 0 {
			if f.Place.File == "" {
				m.variant.run.showIn(f, places[0], whole(places[0]))
			}
			note.Place = m.variant.run.place(places[0].Place)
		}
		f.Notes = append(f.Notes, note)
	}
	if a, b := decoded(all.set[hash]), decoded(second.set[hash]); a != nil && b != nil {
		for _, change := range sqlxdata.DescribeChange(a, b) {
			f.Notes = append(f.Notes, diag.Note{Message: change})
		}
	}
	return f, nil
}

// tidyFailures orders a unit's failures; what several variants have in common is
// said once.
func tidyFailures(out *report.Unit) {
	slices.SortStableFunc(out.Failures, diag.Compare)
	out.Failures = slices.CompactFunc(out.Failures, func(a, b *diag.Diagnostic) bool { return a.Place == b.Place && a.Message == b.Message })
	var once []string
	for _, what := range out.NotChecked {
		if !slices.Contains(once, what) {
			once = append(once, what)
		}
	}
	out.NotChecked = once
}

// decoded is a query file, nil where the text is none.
func decoded(data []byte) *sqlxdata.File {
	file, err := sqlxdata.Decode(data)
	if err != nil {
		return nil
	}
	return file
}

// databases are those of the variants.
func (all *union) databases() []*unitDatabase {
	var list []*unitDatabase
	for _, m := range all.made {
		if !slices.Contains(list, m.database) {
			list = append(list, m.database)
		}
	}
	return list
}
