// Package sqlite describes queries by SQLite, to the byte as sqlx's macros do.
//
// A text's statements are prepared one by one. A column's type is the one that
// it declares, else that of the value in a first row, else what the bytecode
// tells; whether it is nullable tells the bytecode, else the column's
// declaration: describe of sqlx-sqlite 0.8.6 and 0.9.0 (connection/describe.rs,
// statement/handle.rs, type_info.rs). The macros open the database anew for
// each query; here all share a session that can only read, except texts with a
// PRAGMA, whose effects stay in a session of their own.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Options are what a session needs.
type Options struct {
	// Engine returns a running helper; a new one where the last is gone.
	Engine func(context.Context) (*bundled.Engine, error)
	// Path is the database's file, which is only read.
	Path string
	// ReadOnly leaves the file to others: a copy is described. (Of a file that
	// is opened to read, SQLite leaves CHECK constraints out of what it
	// compiles, which sqlx's does not.)
	ReadOnly bool
	Mode     bytecode.Mode
	// Preupdate is set where sqlx's SQLite is built with the preupdate hook.
	Preupdate bool
	// StepLimit is how long a statement may take to come to its first row; 2 s
	// when zero.
	StepLimit time.Duration
}

const (
	chunk = 64               // texts described in one request
	limit = 20 * time.Second // for one request
	grace = 3 * time.Second  // after StepLimit, before the helper is killed
)

// Session is one open database. It can only read.
type Session struct {
	Options
	bundled *bundled.Bundled
	db      *bundled.DB
	schema  *schema
	copied  string // the folder of a copy; empty for none
}

// Open opens the database.
func Open(ctx context.Context, o Options) (*Session, error) {
	s := &Session{Options: o}
	if s.StepLimit == 0 {
		s.StepLimit = 2 * time.Second
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open opens the database, after the helper was lost again.
func (s *Session) open(ctx context.Context) error {
	engine, err := s.Engine(ctx)
	if err != nil {
		return err
	}
	if s.bundled, err = bundled.BundledOf(engine.Version()); err != nil {
		return err
	}
	if s.ReadOnly && s.copied == "" {
		if err := s.copy(ctx, engine); err != nil {
			return err
		}
	}
	if s.db, err = s.connect(ctx, engine); err != nil {
		return err
	}
	s.schema, err = readSchema(ctx, s.db)
	return err
}

// copy makes a copy of the file, for Close to remove.
func (s *Session) copy(ctx context.Context, engine *bundled.Engine) error {
	db, err := engine.Open(ctx, s.Path, true)
	if err != nil {
		return err
	}
	defer db.Close()
	if s.copied, err = os.MkdirTemp("", "sqlxmage-"); err != nil {
		return fmt.Errorf("copy the SQLite database: %w", err)
	}
	if err := db.Save(ctx, filepath.Join(s.copied, copyName)); err != nil {
		return fmt.Errorf("copy the SQLite database %s: %w", s.Path, err)
	}
	return nil
}

const copyName = "copy.db"

// connect opens the file as sqlx does, to write, and then keeps it from being
// written to.
func (s *Session) connect(ctx context.Context, engine *bundled.Engine) (*bundled.DB, error) {
	path := s.Path
	if s.copied != "" {
		path = filepath.Join(s.copied, copyName)
	}
	db, err := engine.Open(ctx, path, false)
	if err != nil {
		return nil, err
	}
	if err := db.Exec(ctx, "PRAGMA query_only = ON"); err != nil {
		return nil, errors.Join(fmt.Errorf("open the SQLite database %s: %w", path, err), db.Close())
	}
	return db, nil
}

// Close lets the database go.
func (s *Session) Close() error {
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	if s.copied != "" {
		err = errors.Join(err, os.RemoveAll(s.copied))
	}
	return err
}

// Describe describes each of the distinct texts, in order: see [database.Database].
func (s *Session) Describe(ctx context.Context, queries []string) ([]database.Result, error) {
	results := make([]database.Result, len(queries))
	var shared []int
	for i, query := range queries {
		var err error
		switch {
		case strings.ContainsRune(query, 0):
			results[i].Err = &database.Error{Message: "the text holds a NUL character", Offset: strings.IndexByte(query, 0)}
		case hasPragma(query):
			results[i], err = s.alone(ctx, query)
		default:
			shared = append(shared, i)
		}
		if err != nil {
			return nil, err
		}
	}
	for start := 0; start < len(shared); start += chunk {
		if err := s.describe(ctx, queries, results, shared[start:min(start+chunk, len(shared))]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// describe describes some of the queries. When the helper does not survive,
// they are asked one by one: one of them is to blame.
func (s *Session) describe(ctx context.Context, queries []string, results []database.Result, some []int) error {
	texts := make([]string, len(some))
	for i, number := range some {
		texts[i] = strings.TrimSpace(queries[number])
	}
	described, err := s.ask(ctx, texts)
	if isGone(ctx, err) {
		if err := s.open(ctx); err != nil {
			return err
		}
		if len(some) == 1 {
			results[some[0]].Err = unproven("SQLite did not survive the query, or took too long: %v", err)
			return nil
		}
		for i := range some {
			if err := s.describe(ctx, queries, results, some[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	inferred := make([][]inference, len(some))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range some {
		group.Go(func() error {
			inferred[i] = s.infer(texts[i], &described[i])
			return nil
		})
	}
	_ = group.Wait()
	for i, number := range some {
		result, err := s.result(ctx, s.db, texts[i], &described[i], inferred[i])
		if err != nil {
			return err
		}
		results[number] = shifted(result, queries[number])
	}
	return nil
}

// ask asks SQLite about texts, in bounded time.
func (s *Session) ask(ctx context.Context, texts []string) ([]bundled.Described, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return s.db.Describe(ctx, texts)
}

// alone describes a text whose statements change the session.
func (s *Session) alone(ctx context.Context, query string) (database.Result, error) {
	engine, err := s.Engine(ctx)
	if err != nil {
		return database.Result{}, err
	}
	db, err := s.connect(ctx, engine)
	if err != nil {
		return database.Result{}, err
	}
	defer db.Close()
	text := strings.TrimSpace(query)
	described, err := db.Describe(ctx, []string{text})
	if err != nil {
		return database.Result{}, err
	}
	result, err := s.result(ctx, db, text, &described[0], s.infer(text, &described[0]))
	return shifted(result, query), err
}

// isGone tells whether the helper is gone, though nobody told it to end.
func isGone(ctx context.Context, err error) bool {
	var gone *bundled.GoneError
	return ctx.Err() == nil && errors.As(err, &gone)
}

// shifted makes an offset into the trimmed text one into the query.
func shifted(result database.Result, query string) database.Result {
	if result.Err != nil && result.Err.Offset >= 0 {
		result.Err.Offset += len(query) - len(strings.TrimLeft(query, " \t\r\n\v\f\u0085\u00a0"))
	}
	return result
}

// result makes a text's description. Its error is for what concerns no single
// query.
func (s *Session) result(ctx context.Context, db *bundled.DB, text string, d *bundled.Described, inferred []inference) (database.Result, error) {
	var all sqlxdata.Description
	all.Parameters = &sqlxdata.Parameters{}
	for i := range d.Statements {
		st := &statement{Session: s, db: db, text: text, index: i, Statement: &d.Statements[i], inference: inferred[i]}
		all.Parameters.Count += st.Parameters
		failed, err := st.describe(ctx, &all)
		if failed != nil || err != nil {
			return database.Result{Err: failed}, err
		}
	}
	if d.Error != nil {
		failed, err := s.refused(text, d.Error)
		return database.Result{Err: failed}, err
	}
	return database.Result{Description: all}, nil
}

func unproven(format string, args ...any) *database.Error {
	return &database.Error{Message: fmt.Sprintf(format, args...), Offset: -1, Unproven: true}
}
