package migrate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Conn is one open session of a database.
type Conn interface {
	// Exec runs a text of any number of statements and drops their rows.
	// What the server says against the text is a *database.Error in its error.
	Exec(ctx context.Context, sql string) error
	// ExecAll runs texts one by one up to the first that fails, and returns
	// how many did not.
	ExecAll(ctx context.Context, texts []string) (done int, err error)
	// InTransaction tells whether the session is inside a transaction.
	InTransaction(ctx context.Context) (bool, error)
}

// Dialect is where the databases differ, as sqlx's implementations of its trait
// Migrate do.
type Dialect struct {
	// Timestamp and Blob are the types of columns of the table of migrations:
	// of when one was applied, which has a default, and of its checksum.
	Timestamp, Blob string
	// Bytes and Text write literals; Text whatever the server's settings say.
	Bytes func(value []byte) string
	Text  func(value string) string
	// CreateSchema makes sure that there is a schema.
	CreateSchema func(name string) string
	// NoTransaction honours "-- no-transaction".
	NoTransaction bool
}

// Options are how migrations are applied.
type Options struct {
	Dialect Dialect
	// Table takes the place of "_sqlx_migrations", verbatim, so it may be
	// quoted and qualified (sqlx 0.9, migrate.table-name).
	Table string
	// Schemas are created first, verbatim (sqlx 0.9, migrate.create-schemas).
	Schemas []string
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
		if err := conn.Exec(ctx, o.Dialect.CreateSchema(schema)); err != nil {
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
	if m.NoTransaction && o.Dialect.NoTransaction {
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
	var said *database.Error
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
	var said *database.Error
	if errors.As(err, &said) {
		d.Detail, d.Hint, d.SQLState = diag.Clean(said.Detail), diag.Clean(said.Hint), said.Code
	}
	return d
}

// located gives such a diagnostic the place that the database points at.
func located(file, sql string, err error) error {
	d := refused(file, err)
	var said *database.Error
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

func createTable(o Options) string {
	// SQLite keeps this text, so it is sqlx's to the space.
	return `CREATE TABLE IF NOT EXISTS ` + o.table() + ` (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on ` + o.Dialect.Timestamp + `,
    success BOOLEAN NOT NULL,
    checksum ` + o.Dialect.Blob + ` NOT NULL,
    execution_time BIGINT NOT NULL
);`
}

// record is the statement that records a migration. How long it took nobody asks
// of a throwaway database, so that the same files make the same one.
func record(m *Migration, o Options) string {
	return fmt.Sprintf("INSERT INTO %s ( version, description, success, checksum, execution_time ) VALUES ( %d, %s, TRUE, %s, 1 )",
		o.table(), m.Version, o.Dialect.Text(m.Description), o.Dialect.Bytes(m.Checksum[:]))
}
