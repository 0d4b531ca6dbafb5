package bundled

import (
	"context"
	"fmt"
	"strconv"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
)

// DB is an open database.
type DB struct {
	engine *Engine
	number int
}

// Open opens a file, or ":memory:", as sqlx does: private, with foreign keys
// on. It knows no function and no module that sqlx's build does not. Its error
// holds a *database.Error where SQLite refuses.
func (e *Engine) Open(ctx context.Context, path string, readOnly bool) (*DB, error) {
	bundled, err := BundledOf(e.version)
	if err != nil {
		return nil, err
	}
	a, err := e.ask(ctx, request{Op: "open", Path: path, ReadOnly: readOnly, Keep: &keep{bundled.Functions, bundled.Modules}})
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
	db, err := e.Open(ctx, path, false)
	if err != nil {
		return nil, err
	}
	return db, nil
}

// ask sends a request about the database. Its error holds a *database.Error
// where SQLite refuses.
func (d *DB) ask(ctx context.Context, r request) (*answer, error) {
	r.DB = d.number
	a, err := d.engine.ask(ctx, r)
	if err != nil {
		return nil, err
	}
	if a.Error != nil {
		return nil, a.Error.sqlError()
	}
	return a, nil
}

// Exec runs a text of any number of statements. Its error holds a
// *database.Error where SQLite refuses.
func (d *DB) Exec(ctx context.Context, sql string) error {
	_, err := d.ExecAll(ctx, []string{sql})
	return err
}

// ExecAll runs texts as Exec does, up to the first that SQLite refuses, and
// returns how many it did not. It is one request: asking takes longer than most
// statements do.
func (d *DB) ExecAll(ctx context.Context, texts []string) (done int, err error) {
	a, err := d.engine.ask(ctx, request{DB: d.number, Op: "exec", Queries: texts})
	if err != nil {
		return 0, err
	}
	if a.Error != nil {
		return a.Done, a.Error.sqlError()
	}
	return len(texts), nil
}

// Save writes the database to a file as it is, page by page.
func (d *DB) Save(ctx context.Context, path string) error {
	_, err := d.ask(ctx, request{Op: "save", Path: path})
	return err
}

// Rows runs a text and returns its rows, every value as text, NULL as "".
func (d *DB) Rows(ctx context.Context, sql string) ([][]string, error) {
	a, err := d.ask(ctx, request{Op: "rows", SQL: sql})
	if err != nil {
		return nil, err
	}
	return a.Rows, nil
}

// InTransaction tells whether a transaction is open.
func (d *DB) InTransaction(ctx context.Context) (bool, error) {
	a, err := d.ask(ctx, request{Op: "inTransaction"})
	if err != nil {
		return false, err
	}
	return a.InTransaction, nil
}

// Describe tells what SQLite says of each text, in order.
func (d *DB) Describe(ctx context.Context, queries []string) ([]Described, error) {
	a, err := d.ask(ctx, request{Op: "describe", Queries: queries})
	if err != nil {
		return nil, err
	}
	return a.Described, nil
}

// Step runs a read-only statement of a text to its first row, for at most
// limitMS milliseconds, after which its code is 9 (SQLITE_INTERRUPT). It is nil
// where the text has no read-only statement of that index.
func (d *DB) Step(ctx context.Context, sql string, index, limitMS int) (*Step, error) {
	a, err := d.ask(ctx, request{Op: "step", SQL: sql, Index: index, LimitMS: limitMS})
	if err != nil {
		return nil, err
	}
	return a.Step, nil
}

// Close closes the database.
func (d *DB) Close() error {
	_, err := d.ask(context.Background(), request{Op: "close"})
	return err
}

func (f *Failure) sqlError() *database.Error {
	return &database.Error{Message: f.Message, Code: strconv.Itoa(f.Code), Offset: f.Offset}
}
