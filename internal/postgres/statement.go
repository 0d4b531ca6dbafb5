package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

// statement is a query under way.
type statement struct {
	text   string
	name   string
	result *database.Result
	*pgconn.StatementDescription
	planned  bool
	nullable []bool // columns that the plan makes nullable
}

// prepare lets the server parse all statements; what it refuses gets its error.
func (s *Session) prepare(ctx context.Context, statements []*statement) error {
	pipeline := s.conn.StartPipeline(ctx)
	for _, st := range statements {
		pipeline.SendPrepare(st.name, st.text, nil)
		pipeline.SendPipelineSync()
	}
	if err := pipeline.Flush(); err != nil {
		return closing(pipeline, lost(err))
	}
	for _, st := range statements {
		result, err := pipeline.GetResults()
		if err := st.refused(err); err != nil {
			return closing(pipeline, err)
		}
		if description, ok := result.(*pgconn.StatementDescription); ok {
			st.StatementDescription = description
		}
		if err := synced(pipeline); err != nil {
			return closing(pipeline, err)
		}
	}
	if err := closing(pipeline, nil); err != nil {
		return err
	}
	return s.countParameters(ctx, statements)
}

// maxParameters is how many parameters the protocol's messages can count; the
// server takes more, and counts them modulo 65536.
const maxParameters = 1<<16 - 1

// countParameters refuses statements with more parameters than sqlx can bind.
func (s *Session) countParameters(ctx context.Context, statements []*statement) error {
	for _, st := range statements {
		// Each of them stands in the text.
		if st.result.Err != nil || len(st.text) < maxParameters*len("$1") {
			continue
		}
		rows, err := s.texts(ctx, "SELECT cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = '"+st.name+"'")
		if err != nil {
			return fmt.Errorf("count parameters: %w", err)
		}
		for _, row := range rows {
			if n, err := strconv.Atoi(string(row)); err != nil || n > maxParameters {
				st.result.Err = &database.Error{
					Message: fmt.Sprintf("the query has %s parameters; %d are the most that can be bound", row, maxParameters),
					Hint:    "bind arrays, and take them apart with unnest()", Offset: -1,
				}
			}
		}
	}
	return nil
}

// correct asks for the plans of all statements that have columns, and makes
// nullable what an outer join does.
func (s *Session) correct(ctx context.Context, statements []*statement) error {
	if !s.explain {
		return nil
	}
	var planned []*statement
	pipeline := s.conn.StartPipeline(ctx)
	for _, st := range statements {
		if st.result.Err != nil || len(st.Fields) == 0 {
			continue
		}
		planned = append(planned, st)
		for range s.plannings(st) {
			pipeline.SendQueryParams(explainText(st), nil, nil, nil, nil)
			pipeline.SendPipelineSync()
		}
	}
	if err := pipeline.Flush(); err != nil {
		return closing(pipeline, lost(err))
	}
	for _, st := range planned {
		for range s.plannings(st) {
			if err := st.readPlan(pipeline); err != nil {
				return closing(pipeline, err)
			}
		}
		st.patch()
	}
	return closing(pipeline, nil)
}

// plannings is how often a statement is planned: once, or as often as may
// change its plan.
func (s *Session) plannings(st *statement) int {
	if s.mode == Mode08 && s.often[st.text] && len(st.ParamOIDs) > 0 {
		return FlipsAt
	}
	return 1
}

func explainText(st *statement) string {
	text := "EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE " + st.name
	if n := len(st.ParamOIDs); n > 0 {
		text += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
	}
	return text
}

// readPlan takes the answer to one EXPLAIN. Which of several plans decided what
// cargo recorded last, nobody knows: they must agree.
func (st *statement) readPlan(pipeline *pgconn.Pipeline) error {
	result, err := pipeline.GetResults()
	var rows [][][]byte
	if reader, ok := result.(*pgconn.ResultReader); ok && err == nil {
		read := reader.Read()
		rows, err = read.Rows, read.Err
	}
	refused := st.result.Err == nil && err != nil
	if err := st.refused(err); err != nil {
		return err
	}
	if refused {
		st.result.Err.Offset = -1 // a position in EXPLAIN's own text
	}
	if st.result.Err == nil && len(rows) > 0 {
		nullable, err := nullableOutputs(rows[0][0])
		switch {
		case err != nil:
			st.result.Err = &database.Error{Message: err.Error(), Offset: -1}
		case st.planned && !slices.Equal(nullable, st.nullable):
			st.result.Err = &database.Error{Message: "the server changes the plan of a query that stands in the sources so often", Offset: -1, Unproven: true}
		}
		st.nullable, st.planned = nullable, true
	}
	return synced(pipeline)
}

// patch makes nullable what the plan does.
func (st *statement) patch() {
	yes := true
	for i := range min(len(st.nullable), len(st.result.Description.Nullable)) {
		if st.nullable[i] {
			st.result.Description.Nullable[i] = &yes
		}
	}
}

// deallocate forgets the chunk's statements.
func (s *Session) deallocate(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, "DEALLOCATE ALL").ReadAll()
	return lost(err)
}

// refused takes the server's error as that of the statement; other errors are
// returned: the connection is gone.
func (st *statement) refused(err error) error {
	var server *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &server):
		return lost(err)
	case strings.HasPrefix(server.Code, "57P"): // the server shuts down
		return lost(err)
	}
	st.result.Err = &database.Error{
		Message: server.Message, Detail: server.Detail, Hint: server.Hint, Code: server.Code,
		Offset: byteOffset(st.text, int(server.Position)),
	}
	if hint := hints[server.Code]; server.Hint == "" {
		st.result.Err.Hint = hint
	}
	return nil
}

// hints say what to do about errors of which the server only says what they
// are.
var hints = map[string]string{
	"55P03": "another session holds a lock on a table of the query; end it, or try again later",
	"57014": "planning took longer than a minute, or someone cancelled it",
	"23502": "sqlx plans with NULL for every parameter, which the domain of one of them refuses; cast the parameter to the domain's base type",
	"23514": "sqlx plans with NULL for every parameter, which the domain of one of them refuses; cast the parameter to the domain's base type",
}

// byteOffset turns the server's position, which counts characters from 1, into
// an offset; 0 means that there is none.
func byteOffset(text string, position int) int {
	if position <= 0 {
		return -1
	}
	offset := 0
	for range position - 1 {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return offset
}

// synced reads up to the end of a statement's part of the pipeline.
func synced(pipeline *pgconn.Pipeline) error {
	for {
		result, err := pipeline.GetResults()
		if _, ok := result.(*pgconn.PipelineSync); ok {
			return nil
		}
		var server *pgconn.PgError
		if err != nil && !errors.As(err, &server) {
			return lost(err)
		}
		if result == nil && err == nil {
			return lost(errors.New("the server's answers ended too early"))
		}
	}
}

func closing(pipeline *pgconn.Pipeline, err error) error {
	closed := pipeline.Close()
	if err != nil {
		return err
	}
	var server *pgconn.PgError
	if errors.As(closed, &server) {
		return nil // one statement's, and taken already
	}
	return lost(closed)
}

// lost says that the connection, not a query, is at fault.
func lost(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the database is gone: %w", err)
}
