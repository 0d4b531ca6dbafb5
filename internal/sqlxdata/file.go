// Package sqlxdata knows sqlx's query files: `.sqlx/query-<hash>.json`, one a
// query text, as the macros of sqlx 0.8 and 0.9 write and read them.
//
// It encodes and decodes them, compares two directories of them, and replaces
// one by another in one step.
package sqlxdata

import "encoding/json"

// File is one query file.
type File struct {
	DBName   string // "PostgreSQL", "SQLite" or "MySQL"
	Query    string
	Describe Description
	Hash     string // Hash(Query)
}

// Description is what the database said of a query: the value of a query
// file's "describe".
type Description struct {
	Columns    []Column
	Parameters *Parameters // nil is written as null
	Nullable   []*bool     // one a column; nil is "unknown", written as null
}

// Column is one column of a query's result.
type Column struct {
	Ordinal int
	Name    string
	Type    TypeInfo
	Origin  *Origin // nil: not written (sqlx 0.8)
}

// Parameters are a query's bind parameters: their types where the database
// knows them (Postgres), else only their number.
type Parameters struct {
	Types []TypeInfo // written as {"Left": […]}; nil: Count counts
	Count int        // written as {"Right": n}
}

// TypeInfo is a type as sqlx serialises it: compact JSON, `"Int4"` or
// `{"Custom":{"name":…,"kind":…}}`, with its keys in sqlx's order.
type TypeInfo json.RawMessage

// Origin is where a column comes from, as sqlx 0.9 writes it.
type Origin struct {
	Table string // with Name: {"Table":{"table":…,"name":…}}
	Name  string
	Kind  OriginKind
}

// OriginKind tells the forms of an Origin apart.
type OriginKind uint8

// The forms of an Origin.
const (
	OriginUnknown    OriginKind = iota // written as "Unknown"
	OriginExpression                   // written as "Expression"
	OriginTable
)
