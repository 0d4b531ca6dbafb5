package database

import (
	"context"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Driver is all that is particular to one kind of database. A run makes its
// own: a driver may hold, until Close, what all databases of its kind share.
type Driver interface {
	Kind() Kind
	// Sqlx are the minor versions of sqlx whose behaviour is followed, "0.8".
	Sqlx() []string
	// Macros is what sqlx's macros have of the kind.
	Macros() *Macros
	// Server is what would answer a client, as far as that is known before a
	// database is open. Nothing is started to find out.
	Server(client Client) Server
	// Scratch makes a database, for Close to remove; its server ends also when
	// ctx does. Errors that a user can mend: *diag.Diagnostic, and those with a
	// method Hint.
	Scratch(ctx context.Context, source Source) (Database, error)
	// Live opens the database of a URL that the user gives: it is only read. Its
	// error may be an *UnusableError.
	Live(ctx context.Context, url *URL, client Client) (Database, error)
	Close() error
}

// Database is an open database.
type Database interface {
	// URL is the one for sqlx. It may hold a password.
	URL() string
	// Server says which server it is on and where that comes from,
	// "PostgreSQL 15.13 in /usr/lib/postgresql/15/bin".
	Server() string
	// Describe describes each of the distinct queries, in order; one Result a
	// query. Its error is for what concerns no single query (the server died,
	// the context ended); then no result counts.
	Describe(ctx context.Context, queries []Query) ([]Result, error)
	Close() error
}

// Query is the text of a query.
type Query struct {
	Text string
	// Times is how often one compilation expands it at most: a server may plan
	// what it has been asked often otherwise.
	Times int
}

// Result is what the database said of one query: a description, or the error
// that the macro would report.
type Result struct {
	Description sqlxdata.Description
	Err         *Error
}

// Settings are what a run's drivers heed.
type Settings struct {
	PostgresVersion string      // major, "17"; "": the newest that the machine has
	Download        bool        // published programs may be fetched where the machine has none
	Kept            *kept.Store // of databases and programs; nil: they are not kept
	Progress        func(string)
	Say             func(string) // told of what should stay in sight
}

// Client is the sqlx by which the macros ask a database, as far as it may count
// for what they learn.
type Client struct {
	Sqlx     string   // the minor version; "" where it is none that the driver follows
	Features []string // of the macros
	Library  Library
	// IsSet tells whether cargo's configuration or the environment sets a
	// variable.
	IsSet func(variable string) bool
	// Extensions are the files, for people, that have the macros load extensions
	// into the database.
	Extensions []string
	// Dir is what a relative path in a URL is relative to.
	Dir string
}

// Library is the C library that a driver of sqlx brings, libsqlite3-sys.
type Library struct {
	Versions []string // in Cargo.lock, ascending
	Features []string
	Unknown  []string // packages that may enable more features
}

// Server is what answers a client.
type Server struct {
	Name     string // for people, "SQLite 3.46.0"
	Identity string // differs where the answers of the same database may
	// Doubts are why the macros may be answered otherwise than this program.
	Doubts []string
	// Pin is the key in sqlxmage.toml that would name a version on which the
	// answers depend; "" where it is pinned, or there is none.
	Pin string
}

// Source is what a scratch database is made from.
type Source struct {
	Client
	Name         string   // the database's own, which migrations may mention
	Migrations   string   // a folder of sqlx migrations; "": none
	IgnoredChars string   // do not count in the migrations' checksums (sqlx 0.9)
	Table        string   // in which migrations are recorded; "": sqlx's usual one
	Schemas      []string // that are created first
	Setup        []string // files of SQL that run after the migrations
}

// UnusableError says why the database that a user names cannot be used.
type UnusableError struct{ Message string }

func (e *UnusableError) Error() string { return e.Message }
