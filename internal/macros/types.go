package macros

import (
	"encoding/json"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// sqlType is a type of a query file, taken apart.
type sqlType struct {
	info    string   // as the query file has it
	builtin string   // "Int4"; "" for a custom type
	name    string   // of a custom type
	kind    string   // of a custom type: "Array", "Domain", "Range", or another
	inner   *sqlType // element, base type, subtype
	macros  *database.Macros
}

func typeOf(macros *database.Macros, info sqlxdata.TypeInfo) *sqlType {
	t := &sqlType{info: string(info), macros: macros}
	if json.Unmarshal(info, &t.builtin) == nil {
		return t
	}
	var custom struct {
		Custom struct {
			Name string
			Kind json.RawMessage
		}
	}
	if json.Unmarshal(info, &custom) != nil {
		return t
	}
	t.name = custom.Custom.Name
	if json.Unmarshal(custom.Custom.Kind, &t.kind) == nil {
		return t
	}
	var kind map[string]json.RawMessage
	if json.Unmarshal(custom.Custom.Kind, &kind) != nil {
		return t
	}
	for name, inner := range kind {
		t.kind = name
		if name == "Array" || name == "Domain" || name == "Range" {
			t.inner = typeOf(macros, sqlxdata.TypeInfo(inner))
		}
	}
	return t
}

// String is the type's name in messages and in sqlx.toml (TypeInfo::name;
// sqlx-postgres, type_info.rs, PgType::display_name; sqlx-sqlite, type_info.rs).
func (t *sqlType) String() string {
	if t.builtin == "" {
		return t.name
	}
	return t.macros.TypeName(t.builtin)
}

// element is an array's, nil for other types. An array of a type without one
// that sqlx knows by OID is no builtin.
func (t *sqlType) element() *sqlType {
	if name, ok := strings.CutSuffix(t.builtin, "Array"); ok {
		return &sqlType{builtin: name}
	}
	if t.kind == "Array" {
		return t.inner
	}
	return nil
}

// subtype is a range's, nil for other types.
func (t *sqlType) subtype() *sqlType {
	if name := rangeSubtypes[t.builtin]; name != "" {
		return &sqlType{builtin: name}
	}
	if t.kind == "Range" {
		return t.inner
	}
	return nil
}

var rangeSubtypes = map[string]string{
	"Int4Range": "Int4", "Int8Range": "Int8", "NumRange": "Numeric",
	"TsRange": "Timestamp", "TstzRange": "Timestamptz", "DateRange": "Date",
}

// base is the type whose OID counts: since 0.9 a domain's base type
// (sqlx-postgres 0.9.0, type_info.rs, try_base_oid).
func (t *sqlType) base(version string) *sqlType {
	if t.kind == "Domain" && version != "0.8" {
		return t.inner
	}
	return t
}

// is compares the type with one of a row: a builtin one, which both have an OID
// of, "Int4"; one that is declared by its name, "citext"; an array or a range,
// "[citext]", "<Int4>", of such (sqlx-postgres, type_info.rs, eq_impl; types/
// mod.rs, array_compatible; types/range.rs, range_compatible).
func (t *sqlType) is(want, version string) bool {
	switch first := want[0]; {
	case first == '[':
		e := t.element()
		return e != nil && e.is(want[1:len(want)-1], version)
	case first == '<':
		s := t.subtype()
		return s != nil && s.is(want[1:len(want)-1], version)
	case 'A' <= first && first <= 'Z':
		return t.base(version).builtin == want
	case t.builtin != "":
		return strings.ToLower(t.builtin) == want
	}
	return sameName(t.name, want)
}

// sameName compares names as Postgres does, where quotes matter
// (sqlx-postgres, type_info.rs, name_eq).
func sameName(a, b string) bool {
	if strings.HasPrefix(a, "U&") {
		return a == b
	}
	x, y := identifierChars(a), identifierChars(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].quoted || y[i].quoted {
			if x[i].char != y[i].char {
				return false
			}
		} else if lower(x[i].char) != lower(y[i].char) {
			return false
		}
	}
	return true
}

type identifierChar struct {
	char   rune
	quoted bool
}

func identifierChars(name string) (chars []identifierChar) {
	quoted, afterQuote := false, false
	for _, c := range name {
		if c == '"' {
			if !afterQuote {
				afterQuote = true
				continue
			}
			afterQuote = false
		} else if afterQuote {
			afterQuote = false
			quoted = !quoted
		}
		chars = append(chars, identifierChar{c, quoted})
	}
	return chars
}

func lower(c rune) rune {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
