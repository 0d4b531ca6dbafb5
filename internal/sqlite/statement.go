package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// statement is one statement of a text.
type statement struct {
	*Session
	*bundled.Statement
	inference
	db      *bundled.DB
	text    string
	index   int
	stepped *bundled.Step
}

// describe appends the statement's columns. It returns why the query cannot be
// described; its error is for what concerns no single query.
func (st *statement) describe(ctx context.Context, all *sqlxdata.Description) (*database.Error, error) {
	if len(st.Columns) == 0 {
		return nil, nil
	}
	if st.failed != nil {
		return st.failed, nil
	}
	for i := range st.Columns {
		column := &st.Columns[i]
		info, known := declaredType(column)
		if !known {
			var failed *database.Error
			var err error
			if info, failed, err = st.valueType(ctx, i); failed != nil || err != nil {
				return failed, err
			}
		}
		if column.Metadata != nil && column.Metadata.Error != nil {
			return st.refused(st.text, column.Metadata.Error)
		}
		if st.Mode == bytecode.Mode09 && column.Metadata != nil && column.Declared == nil {
			return untyped(column), nil
		}
		quoted, err := json.Marshal(info.String())
		if err != nil {
			return nil, err
		}
		all.Columns = append(all.Columns, sqlxdata.Column{
			Ordinal: i, Name: column.Name, Type: quoted, Origin: st.origin(column),
		})
		all.Nullable = append(all.Nullable, st.nullable(i))
	}
	return nil, nil
}

// untyped is the outcome for a table's column without a declared type: sqlx
// 0.9.0 reads the null pointer in its place, which ends the compiler
// (column_nullable of statement/handle.rs). Where sqlx is compiled with
// optimizations it does so for primary keys alone.
func untyped(c *bundled.Column) *database.Error {
	return &database.Error{
		Message:  fmt.Sprintf("sqlx 0.9 crashes on the column %q, for which its table declares no type", c.Name),
		Hint:     "declare a type for it, or select an expression: `+column AS name`",
		Offset:   -1,
		Unproven: !c.Metadata.PrimaryKey,
	}
}

func declaredType(c *bundled.Column) (bytecode.Type, bool) {
	if c.Declared == nil {
		return bytecode.Null, false
	}
	return bytecode.ParseType(*c.Declared)
}

// valueType is the type of a column that declares none that sqlx knows.
func (st *statement) valueType(ctx context.Context, i int) (bytecode.Type, *database.Error, error) {
	if st.stepped == nil {
		failed, err := st.step(ctx)
		if failed != nil || err != nil {
			return 0, failed, err
		}
	}
	inferred := bytecode.Null
	if i < len(st.inferred) {
		inferred = st.inferred[i].Type
	}
	value := bytecode.Null
	if i < len(st.stepped.Types) {
		value = valueTypes[st.stepped.Types[i]]
	}
	if value == bytecode.Null {
		return inferred, nil, nil
	}
	if value != inferred {
		if table, err := st.schema.rowsIn(ctx, st.db, st.Program); table != "" || err != nil {
			return 0, unproven("the type of its column %q depends on the rows of the table %s", st.Columns[i].Name, table), err
		}
	}
	return value, nil, nil
}

// valueTypes are SQLite's types of values.
var valueTypes = map[int32]bytecode.Type{1: bytecode.Integer, 2: bytecode.Float, 3: bytecode.Text, 4: bytecode.Blob}

// step runs the statement to its first row, if it can only read.
func (st *statement) step(ctx context.Context) (*database.Error, error) {
	st.stepped = &bundled.Step{}
	if !st.ReadOnly {
		return nil, nil
	}
	if hasPragma(st.text) && strings.Contains(st.text, "=") {
		return unproven("a PRAGMA that sets something is not run here"), nil
	}
	bounded, cancel := context.WithTimeout(ctx, st.StepLimit+grace)
	defer cancel()
	step, err := st.db.Step(bounded, st.text, st.index, int(st.StepLimit.Milliseconds()))
	if isGone(ctx, err) {
		return unproven("sqlx runs the query to its first row, which SQLite did not survive, or which takes too long"), st.open(ctx)
	}
	if err != nil || step == nil {
		return nil, err
	}
	switch step.Code {
	case bundled.Row, bundled.Done:
		st.stepped = step
		return nil, nil
	case mismatch:
		return nil, nil // as of LIMIT ?, with nothing bound: no row
	case failing:
		if strings.HasPrefix(step.Message, "fts5: ") {
			return nil, nil // as of MATCH ?: likewise
		}
	case interrupted:
		return unproven("sqlx runs the query to its first row, which takes too long"), nil
	}
	return unproven("sqlx runs the query to its first row, which fails: %s", step.Message), nil
}

// SQLite's codes of steps that fail.
const (
	failing     = 1
	interrupted = 9
	mismatch    = 20
)

func (st *statement) nullable(i int) *bool {
	if i < len(st.inferred) && st.inferred[i].Nullable != bytecode.Unknown {
		yes := st.inferred[i].Nullable == bytecode.Yes
		return &yes
	}
	m := st.Columns[i].Metadata
	if m == nil || st.Mode == bytecode.Mode09 && m.PrimaryKey && strings.EqualFold(m.Declared, "integer") {
		return nil
	}
	yes := !m.NotNull
	return &yes
}

func (st *statement) origin(c *bundled.Column) *sqlxdata.Origin {
	if st.Mode != bytecode.Mode09 {
		return nil
	}
	if c.Table == nil || c.Origin == nil {
		return &sqlxdata.Origin{Kind: sqlxdata.OriginExpression}
	}
	table := *c.Table
	if c.Database != nil && *c.Database != "main" {
		table = fmt.Sprintf("%s.%s", *c.Database, table)
	}
	return &sqlxdata.Origin{Kind: sqlxdata.OriginTable, Table: table, Name: *c.Origin}
}
