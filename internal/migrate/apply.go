package migrate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Conn is one open session of a database.
type Conn interface {
	// Exec runs a text of any number of statements and drops their rows.
	// What the server says against the text is a *SQLError in its error.
	Exec(ctx context.Context, sql string) error
	// ExecAll runs texts one by one up to the first that fails, and returns
	// how many did not.
	ExecAll(ctx context.Context, texts []string) (done int, err error)
	// InTransaction tells whether the session is inside a transaction.
	InTransaction(ctx context.Context) (bool, error)
}

// SQLError is what a database says against a text of SQL.
type SQLError struct {
	Message string
	Detail  string
	Hint    string
	Code    string // the database's own; empty where it has none
	Offset  int    // byte offset into the text, -1 when unknown
}

func (e *SQLError) Error() string {
	if e.Code == "" {
		return e.Message
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Code)
}

// Dialect is where the databases differ.
type Dialect uint8

// The databases.
const (
	Postgres Dialect = iota
	SQLite
)

// Options are how migrations are applied; the zero value is how sqlx 0.8 does.
type Options struct {
	Dialect Dialect
	// Table takes the place of "_sqlx_migrations", verbatim, so it may be
	// quoted and qualified (sqlx 0.9, migrate.table-name).
	Table string
	// Schemas are created first, verbatim (sqlx 0.9, migrate.create-schemas).
	Schemas []string
	// NoTransactionEverywhere honours "-- no-transaction" in SQLite too, as
	// sqlx 0.9 does; 0.8 does so in Postgres alone.
	NoTransactionEverywhere bool
}

func (o Options) table() string {
	if o.Table == "" {
		return "_sqlx_migrations"
	}
	return o.Table
}

// ErrOpenTransaction is in the error for a file that begins a transaction and
// does not end it: what follows would be lost with the session.
var ErrOpenTransaction = errors.New("the file leaves a transaction open")

// Apply applies the migrations to an empty database. Errors of a migration
// are of type *diag.Diagnostic.
func Apply(ctx context.Context, conn Conn, migrations []Migration, o Options) error {
	for _, schema := range o.Schemas {
		if err := createSchema(ctx, conn, schema, o); err != nil {
			return fmt.Errorf("create schema %s: %w", schema, err)
		}
	}
	if err := conn.Exec(ctx, createTable(o)); err != nil {
		return fmt.Errorf("create table %s: %w", o.table(), err)
	}
	for i := range migrations {
		if err := apply(ctx, conn, &migrations[i], o); err != nil {
			return err
		}
	}
	return nil
}

// apply runs one file and records it. sqlx records it in the file's transaction,
// and the time that it took after it; here it is one statement.
func apply(ctx context.Context, conn Conn, m *Migration, o Options) error {
	texts := []string{"BEGIN", m.SQL, record(m, o), "COMMIT"}
	if m.NoTransaction && (o.Dialect == Postgres || o.NoTransactionEverywhere) {
		if err := conn.Exec(ctx, m.SQL); err != nil {
			return located(m.File, m.SQL, err)
		}
		if err := checkNoTransaction(ctx, conn, m.File); err != nil {
			return err
		}
		texts = texts[2:3]
	}
	done, err := conn.ExecAll(ctx, texts)
	if err == nil {
		return nil
	}
	var said *SQLError
	switch failed := texts[done]; {
	case !errors.As(err, &said): // the session is lost, with how far it came
	case len(texts) > 1 && done == 1:
		return located(m.File, m.SQL, err)
	case failed == "BEGIN":
		err = fmt.Errorf("begin: %w", err)
	case failed == "COMMIT":
		err = fmt.Errorf("commit: %w", err)
	default:
		err = fmt.Errorf("after its last statement, record it in %s: %w", o.table(), err)
	}
	return refused(m.File, err)
}

// Setup runs further files of SQL, in order, each as it is: in no transaction
// but its own. Errors of a file are of type *diag.Diagnostic.
func Setup(ctx context.Context, conn Conn, files []string) error {
	for _, file := range files {
		sql, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read setup file: %w", err)
		}
		if err := conn.Exec(ctx, string(sql)); err != nil {
			return located(file, string(sql), err)
		}
		if err := checkNoTransaction(ctx, conn, file); err != nil {
			return err
		}
	}
	return nil
}

func checkNoTransaction(ctx context.Context, conn Conn, file string) error {
	open, err := conn.InTransaction(ctx)
	if err == nil && open {
		err = ErrOpenTransaction
	}
	if err != nil {
		return refused(file, err)
	}
	return nil
}

// refused makes a diagnostic of an error about a file as a whole.
func refused(file string, err error) *diag.Diagnostic {
	d := &diag.Diagnostic{Code: diag.Migration, Message: diag.Clean(err.Error()), Place: diag.Place{File: file}, Err: err}
	var said *SQLError
	if errors.As(err, &said) {
		d.Detail, d.Hint, d.SQLState = diag.Clean(said.Detail), diag.Clean(said.Hint), said.Code
	}
	return d
}

// located gives such a diagnostic the place that the database points at.
func located(file, sql string, err error) error {
	d := refused(file, err)
	var said *SQLError
	if errors.As(err, &said) && said.Offset >= 0 && said.Offset <= len(sql) {
		at := skipSpace(sql, said.Offset)
		d.Place = diag.Span(file, sql, at, at)
	}
	return d
}

// skipSpace goes past white space and comments: a statement that a database
// places right after the one before begins behind them.
func skipSpace(sql string, offset int) int {
	for {
		rest := strings.TrimLeft(sql[offset:], " \t\r\n\f\v")
		end := -1
		switch {
		case strings.HasPrefix(rest, "--"):
			end = strings.IndexByte(rest, '\n')
		case strings.HasPrefix(rest, "/*"):
			if end = strings.Index(rest, "*/"); end >= 0 {
				end += len("*/")
			}
		}
		if end < 0 {
			return len(sql) - len(rest)
		}
		offset = len(sql) - len(rest) + end
	}
}

func createSchema(ctx context.Context, conn Conn, schema string, o Options) error {
	if o.Dialect == SQLite {
		// sqlx only looks whether it is there.
		return conn.Exec(ctx, "PRAGMA "+schema+".schema_version")
	}
	return conn.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema)
}

func createTable(o Options) string {
	timestamp, blob := "TIMESTAMPTZ NOT NULL DEFAULT now()", "BYTEA"
	if o.Dialect == SQLite {
		timestamp, blob = "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "BLOB"
	}
	// SQLite keeps this text, so it is sqlx's to the space.
	return `CREATE TABLE IF NOT EXISTS ` + o.table() + ` (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on ` + timestamp + `,
    success BOOLEAN NOT NULL,
    checksum ` + blob + ` NOT NULL,
    execution_time BIGINT NOT NULL
);`
}

// record is the statement that records a migration. How long it took nobody asks
// of a throwaway database, so that the same files make the same one.
func record(m *Migration, o Options) string {
	sum := hex.EncodeToString(m.Checksum[:])
	if o.Dialect == SQLite {
		sum = "x'" + sum + "'"
	} else {
		sum = "decode('" + sum + "', 'hex')"
	}
	return fmt.Sprintf("INSERT INTO %s ( version, description, success, checksum, execution_time ) VALUES ( %d, %s, TRUE, %s, 1 )",
		o.table(), m.Version, literal(m.Description, o.Dialect), sum)
}

// literal quotes s whatever standard_conforming_strings says.
func literal(s string, d Dialect) string {
	s = strings.ReplaceAll(s, "'", "''")
	if d == Postgres && strings.Contains(s, `\`) {
		return "E'" + strings.ReplaceAll(s, `\`, `\\`) + "'"
	}
	return "'" + s + "'"
}
