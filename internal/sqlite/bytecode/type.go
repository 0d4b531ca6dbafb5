package bytecode

import "strings"

// Type is sqlx's type of a value (sqlx-sqlite 0.8.6, type_info.rs, DataType).
type Type uint8

// The types.
const (
	Null Type = iota
	Integer
	Float
	Text
	Blob
	Numeric
	Bool
	Int4
	Date
	Time
	Datetime
)

var typeNames = [...]string{"Null", "Integer", "Float", "Text", "Blob", "Numeric", "Bool", "Int4", "Date", "Time", "Datetime"}

// String is the type's name in query files.
func (t Type) String() string { return typeNames[t] }

// wholeNames are the declared types that are known as they are.
var wholeNames = map[string]Type{
	"int4": Int4, "int8": Integer, "boolean": Bool, "bool": Bool,
	"date": Date, "time": Time, "datetime": Datetime, "timestamp": Datetime,
}

// parts are what makes a declared type one of a kind, in the order in which
// they are looked for.
var parts = []struct {
	part string
	of   Type
}{
	{"int", Integer}, {"char", Text}, {"clob", Text}, {"text", Text}, {"blob", Blob},
	{"real", Float}, {"floa", Float}, {"doub", Float},
}

// ParseType returns the type that a column declares, false where sqlx knows
// none for it, as for NUMERIC.
func ParseType(declared string) (Type, bool) {
	// ASCII alone: a Kelvin sign is no k.
	lower := strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, declared)
	if t, ok := wholeNames[lower]; ok {
		return t, true
	}
	for _, p := range parts {
		if strings.Contains(lower, p.part) {
			return p.of, true
		}
	}
	return Null, false
}

// Nullable is whether a value may be NULL.
type Nullable uint8

// What may be known of it.
const (
	Unknown Nullable = iota
	No
	Yes
)

func nullable(yes bool) Nullable {
	if yes {
		return Yes
	}
	return No
}

// or is the nullability of an operation on two values.
func (n Nullable) or(other Nullable) Nullable { return max(n, other) }

// affinities are the letters of SQLite's type affinities.
var affinities = map[byte]Type{'A': Blob, 'B': Text, 'C': Numeric, 'D': Integer, 'E': Float}
