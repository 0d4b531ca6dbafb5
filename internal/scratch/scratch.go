// Package scratch makes throwaway databases: it creates one, applies the
// migrations and the setup files, hands out its URL, and removes it with all
// that belongs to it.
//
// A Postgres database is alone in a server of its own, so migrations may do
// what concerns a whole server (CREATE ROLE). The server has no TCP port where
// the system has Unix sockets, lives in a private folder, and is never told to
// write anything safely. A finished database is kept, by the content of
// everything that it was made from; runs work on a copy.
//
// Whatever a killed run left behind is removed by the next one: see run.go.
package scratch

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/migrate"
)

// Spec is what a database is made from.
type Spec struct {
	// Name is the database's own name, which migrations may mention.
	Name string
	// Migrations is a folder of sqlx migrations; empty: none.
	Migrations string
	// IgnoredChars do not count in the migrations' checksums (sqlx 0.9).
	IgnoredChars string
	// Migrate is how migrations are applied; their dialect is the kind's.
	Migrate migrate.Options
	// NoTransactionEverywhere honours "-- no-transaction" in SQLite too, as
	// sqlx 0.9 does; 0.8 does so in Postgres alone.
	NoTransactionEverywhere bool
	// Setup are SQL files that run after the migrations.
	Setup []string

	// PostgresVersion is the server's major version, "17"; empty: the newest
	// that the machine has.
	PostgresVersion string
	// Download allows published server programs to be fetched where the
	// machine has none (of that version).
	Download bool

	// SQLite is how SQLite files are opened; needed for that kind alone.
	SQLite SQLiteOpener

	// Kept is where databases and server programs are kept; nil: nowhere.
	Kept *kept.Store
	// Progress, if set, is told of each step that may take long.
	Progress func(message string)
}

func (s *Spec) progress(format string, args ...any) {
	if s.Progress != nil {
		s.Progress(fmt.Sprintf(format, args...))
	}
}

// Database is an open database.
type Database struct {
	Name string
	URL  string // may hold a password
	// Path is SQLite's file.
	Path string
	// Server says which program serves it and where that comes from,
	// "PostgreSQL 15.13 in /usr/lib/postgresql/15/bin".
	Server string
	// Cached is set when nothing had to be migrated.
	Cached bool

	server   *server
	programs *programs
	run      *runDir
	closed   sync.Once
	err      error
}

// OpenPostgres makes a Postgres database. It ends with Close, its server also
// when ctx ends.
//
// Errors that a user can mend: *diag.Diagnostic, *NoServerError, *RootError.
func OpenPostgres(ctx context.Context, spec Spec) (*Database, error) {
	return begin(ctx, &spec, openPostgres)
}

// OpenSQLite makes a SQLite database, with spec.SQLite. Errors that a user can
// mend: *diag.Diagnostic.
func OpenSQLite(ctx context.Context, spec Spec) (*Database, error) {
	return begin(ctx, &spec, openSQLite)
}

// begin opens a database once what killed runs left is gone.
func begin(ctx context.Context, spec *Spec, open func(context.Context, *Spec) (*Database, error)) (*Database, error) {
	Reap()
	db, err := open(ctx, spec)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w (%w)", cause, err)
		}
		return nil, err
	}
	return db, nil
}

// Done is closed when the database is gone without Close; it is nil, and so
// never closed, where there is no server that could go.
func (d *Database) Done() <-chan struct{} {
	if d.server == nil {
		return nil
	}
	return d.server.done
}

// Err says why the database is gone; nil while it is there.
func (d *Database) Err() error {
	select {
	case <-d.Done():
		return d.server.died()
	default:
		return nil
	}
}

// Close removes the database and all that belongs to it, in bounded time. It
// may be called more than once.
func (d *Database) Close() error {
	d.closed.Do(func() {
		if d.server != nil {
			d.server.stop()
		}
		d.programs.release()
		if d.run != nil {
			d.err = d.run.remove()
		}
	})
	return d.err
}
