package scratch

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

// session is a Postgres session for migrations.
type session struct {
	conn  *pgconn.PgConn
	major int // the server's version
}

// connect opens a session with sqlx's own settings (sqlx-postgres 0.8.6,
// connection/establish.rs), which migrations may depend on.
func connect(ctx context.Context, url string, major int) (*session, error) {
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams = map[string]string{
		"DateStyle":          "ISO, MDY",
		"client_encoding":    "UTF8",
		"TimeZone":           "UTC",
		"extra_float_digits": "2",
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, major: major}, nil
}

func (s *session) close(ctx context.Context) { _ = s.conn.Close(ctx) }

// ExecAll implements migrate.Conn.
func (s *session) ExecAll(ctx context.Context, texts []string) (done int, err error) {
	for i, text := range texts {
		if err := s.Exec(ctx, text); err != nil {
			return i, err
		}
	}
	return len(texts), nil
}

// Exec implements migrate.Conn. It speaks the protocol itself, since
// pgconn.Exec would wait for ever at COPY … FROM STDIN.
func (s *session) Exec(ctx context.Context, sql string) error {
	s.conn.Frontend().SendQuery(&pgproto3.Query{String: sql})
	if err := s.conn.Frontend().Flush(); err != nil {
		return err
	}
	done := 0
	var refused error
	for {
		message, err := s.conn.ReceiveMessage(ctx)
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *pgproto3.CommandComplete:
			done++
		case *pgproto3.ErrorResponse:
			if refused == nil {
				refused = s.sqlError(pgconn.ErrorResponseToPgError(m), sql, done)
			}
		case *pgproto3.CopyInResponse:
			refused = noCopy(sql, done)
			s.conn.Frontend().Send(&pgproto3.CopyFail{Message: "there is no input"})
			if err := s.conn.Frontend().Flush(); err != nil {
				return err
			}
		case *pgproto3.CopyOutResponse:
			refused = noCopy(sql, done)
		case *pgproto3.ReadyForQuery:
			return refused
		}
	}
}

// noCopy: sqlx fails at a COPY from or to the client, so we do.
func noCopy(sql string, done int) error {
	return &database.Error{
		Message: "COPY from STDIN or to STDOUT does not work in sqlx's migrations",
		Offset:  statementOffset(sql, done),
	}
}

// InTransaction implements migrate.Conn.
func (s *session) InTransaction(context.Context) (bool, error) {
	return s.conn.TxStatus() != 'I', nil
}

// sqlError says what the server said, and where: at the place that it gives,
// else where the statement begins that failed after so many were done.
func (s *session) sqlError(said *pgconn.PgError, sql string, done int) *database.Error {
	e := &database.Error{
		Message: said.Message,
		Detail:  said.Detail,
		Hint:    said.Hint,
		Code:    said.Code,
		Offset:  statementOffset(sql, done),
	}
	if said.Position > 0 {
		e.Offset = byteOffset(sql, int(said.Position))
	}
	if said.Where != "" {
		e.Message += "\n  " + strings.ReplaceAll(said.Where, "\n", "\n  ")
	}
	if hint := extensionHint(said, s.major); hint != "" {
		e.Hint = hint
	}
	return e
}

// byteOffset turns Postgres' position, in characters from 1, into bytes.
func byteOffset(sql string, position int) int {
	for offset := range sql {
		if position--; position == 0 {
			return offset
		}
	}
	return len(sql)
}

// extensionHint says which package holds an extension that the server lacks.
func extensionHint(said *pgconn.PgError, major int) string {
	// 0A000 since Postgres 15, 58P01 (a missing control file) before.
	if said.Code != "0A000" && said.Code != "58P01" {
		return ""
	}
	_, rest, found := strings.Cut(said.Message, `extension "`)
	name, _, found2 := strings.Cut(rest, `"`)
	if !found || !found2 {
		// could not open extension control file "/…/extension/vector.control": …
		if _, rest, found = strings.Cut(said.Message, `extension control file "`); !found {
			return ""
		}
		path, _, _ := strings.Cut(rest, `"`)
		name = strings.TrimSuffix(path[strings.LastIndexAny(path, `/\`)+1:], ".control")
	}
	packages := map[string]string{
		"postgis":     "postgresql-%d-postgis-3",
		"vector":      "postgresql-%d-pgvector",
		"pg_cron":     "postgresql-%d-cron",
		"pg_partman":  "postgresql-%d-partman",
		"pgrouting":   "postgresql-%d-pgrouting",
		"rum":         "postgresql-%d-rum",
		"hll":         "postgresql-%d-hll",
		"pg_uuidv7":   "postgresql-%d-pg-uuidv7",
		"semver":      "postgresql-%d-semver",
		"plpython3u":  "postgresql-plpython3-%d",
		"plperl":      "postgresql-plperl-%d",
		"timescaledb": "timescaledb-2-postgresql-%d",
	}
	pattern, known := packages[name]
	if !known {
		return fmt.Sprintf("install extension %q for PostgreSQL %d on this machine (a package of its own, or postgresql-contrib)", name, major)
	}
	return fmt.Sprintf("install extension %q for PostgreSQL %d on this machine: on Debian and Ubuntu it is the package "+pattern, name, major, major)
}
