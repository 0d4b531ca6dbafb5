package database

import (
	"context"
	"fmt"

	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Describer answers for one open database.
type Describer interface {
	// Describe describes each of the distinct query texts, in order; one
	// Result a text. Its error is for what concerns no single query (the
	// server died, the context ended); then no result counts.
	Describe(ctx context.Context, queries []string) ([]Result, error)
	// Close lets the database go.
	Close() error
}

// Result is what the database said of one query text: a description, or the
// error that the macro would report.
type Result struct {
	Description sqlxdata.Description
	Err         *Error
}

// Error is what a database says against a text of SQL: a query, a migration.
type Error struct {
	Message string
	Detail  string
	Hint    string
	Code    string // the database's own, "42703"; empty where it has none
	// Offset is the byte offset into the text that the database points at, -1
	// where it points at none.
	Offset int
	// Unproven is set where not the query is wrong but this program cannot
	// vouch for an answer; cargo can.
	Unproven bool
}

func (e *Error) Error() string {
	if e.Code == "" {
		return e.Message
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Code)
}
