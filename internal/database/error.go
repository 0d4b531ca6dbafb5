package database

import "fmt"

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
