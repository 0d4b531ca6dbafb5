// Package postgres describes queries by a Postgres server, to the byte as
// sqlx's macros do.
//
// A text is prepared as a named statement, its types and columns are looked up
// in the catalogue, and its plan corrects the nullability of outer joins:
// PgConnection::describe of sqlx-postgres 0.8.6 and 0.9.0 (connection/
// executor.rs, describe.rs, resolve.rs), with the session that
// sqlx-macros-core, database/mod.rs, opens. All texts share few round trips.
package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Mode is the minor version of sqlx that is followed.
type Mode string

// The modes.
const (
	Mode08 Mode = "0.8" // plans with NULL for arguments
	Mode09 Mode = "0.9" // plans generically, and tells each column's origin
)

// limits bound how long one statement, and its wait for a lock, may take, where
// the session has no bounds of its own: planning takes neither. Nothing can be
// written.
const limits = "SELECT set_config(name, value, false) FROM (VALUES ('statement_timeout', '60s'), ('lock_timeout', '10s')) AS v (name, value)" +
	" WHERE current_setting(name) = '0'; SET default_transaction_read_only = on"

// chunk is how many statements are under way at once. The server answers each
// before it reads much further, so this bounds memory on both sides.
const chunk = 64

// Options are how queries are described.
type Options struct {
	Mode Mode
	// Often holds the texts that one compilation expands FlipsAt times or
	// more. sqlx then plans a statement so often that the server may change
	// to its generic plan.
	Often map[string]bool
}

// FlipsAt is the execution of a prepared statement for which the server may
// take a generic plan instead of one for the arguments.
const FlipsAt = 6

// Session is one open connection. It can only read.
type Session struct {
	conn    *pgconn.PgConn
	mode    Mode
	often   map[string]bool
	explain bool // the server knows EXPLAIN as Postgres does

	types   map[uint32]*typeRow
	columns map[columnKey]column
}

type columnKey struct {
	table  uint32
	number int16
}

// column is a column of a table as the catalogue has it.
type column struct {
	notNull     bool
	table, name string
}

// Open connects to the database of a URL. The session can only read.
func Open(ctx context.Context, url string, options Options) (*Session, error) {
	config, err := parseURL(url, options.Mode)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"DateStyle": "ISO, MDY", "client_encoding": "UTF8", "TimeZone": "UTC"} {
		config.RuntimeParams[name] = value
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, connectError(err, config)
	}
	s := &Session{
		conn: conn, mode: options.Mode, often: options.Often,
		types: map[uint32]*typeRow{}, columns: map[columnKey]column{},
	}
	s.explain = conn.ParameterStatus("crdb_version") == "" && conn.ParameterStatus("mz_version") == "" && conn.ParameterStatus("questdb_version") == ""
	setting := ""
	if s.explain {
		setting = limits
	}
	if s.mode == Mode09 {
		setting += "; DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_settings WHERE name = 'plan_cache_mode')" +
			" THEN SET SESSION plan_cache_mode = 'force_generic_plan'; END IF; END $$"
	}
	if _, err := conn.Exec(ctx, setting).ReadAll(); err != nil {
		conn.Close(ctx)
		return nil, fmt.Errorf("set up the session: %w", err)
	}
	return s, nil
}

// Close lets the database go.
func (s *Session) Close() error { return s.conn.Close(context.Background()) }

// Describe describes each of the distinct texts, in order: see [database.Database].
func (s *Session) Describe(ctx context.Context, queries []string) ([]database.Result, error) {
	results := make([]database.Result, len(queries))
	for start := 0; start < len(queries); start += chunk {
		end := min(start+chunk, len(queries))
		if err := s.describe(ctx, queries[start:end], results[start:end]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (s *Session) describe(ctx context.Context, queries []string, results []database.Result) error {
	var statements []*statement
	for i, query := range queries {
		if strings.ContainsRune(query, 0) {
			results[i].Err = &database.Error{Message: "the text holds a NUL character", Offset: strings.IndexByte(query, 0)}
			continue
		}
		statements = append(statements, &statement{text: query, name: fmt.Sprintf("sqlx_s_%d", i+1), result: &results[i]})
	}
	if err := s.prepare(ctx, statements); err != nil {
		return err
	}
	if err := s.lookUp(ctx, statements); err != nil {
		return err
	}
	for _, st := range statements {
		s.fill(st)
	}
	if err := s.correct(ctx, statements); err != nil {
		return err
	}
	return s.deallocate(ctx)
}

// texts runs a query of one column.
func (s *Session) texts(ctx context.Context, query string) ([][]byte, error) {
	results, err := s.conn.Exec(ctx, query).ReadAll()
	if err != nil {
		return nil, err
	}
	var values [][]byte
	for _, result := range results {
		for _, row := range result.Rows {
			values = append(values, row[0])
		}
	}
	return values, nil
}

// fill makes a statement's description from what was looked up.
func (s *Session) fill(st *statement) {
	if st.result.Err != nil {
		return
	}
	d := sqlxdata.Description{Parameters: &sqlxdata.Parameters{Types: []sqlxdata.TypeInfo{}}}
	for _, oid := range st.ParamOIDs {
		info, err := s.typeInfo(oid)
		if err != nil {
			st.result.Err = &database.Error{Message: err.Error(), Offset: -1}
			return
		}
		d.Parameters.Types = append(d.Parameters.Types, info)
	}
	for i, field := range st.Fields {
		info, err := s.typeInfo(field.DataTypeOID)
		if err != nil {
			st.result.Err = &database.Error{Message: err.Error(), Offset: -1}
			return
		}
		key := columnKey{field.TableOID, int16(field.TableAttributeNumber)}
		known, ok := s.columns[key]
		d.Columns = append(d.Columns, sqlxdata.Column{
			Ordinal: i, Name: string(field.Name), Type: info, Origin: s.origin(key, known, ok),
		})
		d.Nullable = append(d.Nullable, nullable(known, ok))
	}
	if s.mode == Mode09 && !s.certain(st.oids()) {
		st.result.Err = &database.Error{Message: "how sqlx 0.9 resolves the query's types depends on the queries before it", Offset: -1, Unproven: true}
		return
	}
	st.result.Description = d
}

// oids returns the types of the statement's parameters and columns.
func (st *statement) oids() []uint32 {
	oids := slices.Clone(st.ParamOIDs)
	for _, field := range st.Fields {
		oids = append(oids, field.DataTypeOID)
	}
	return oids
}

func nullable(c column, known bool) *bool {
	if !known {
		return nil
	}
	value := !c.notNull
	return &value
}

func (s *Session) origin(key columnKey, c column, known bool) *sqlxdata.Origin {
	switch {
	case s.mode != Mode09:
		return nil
	case key.table == 0 || key.number == 0:
		return &sqlxdata.Origin{Kind: sqlxdata.OriginExpression}
	case !known:
		return &sqlxdata.Origin{Kind: sqlxdata.OriginUnknown}
	}
	return &sqlxdata.Origin{Kind: sqlxdata.OriginTable, Table: c.table, Name: c.name}
}
