package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// builtin are the types that sqlx knows by OID, equal in sqlx-postgres 0.8.6 and
// 0.9.0 (type_info.rs, PgType::try_from_oid).
var builtin = map[uint32]string{
	16: "Bool", 17: "Bytea", 18: "Char", 19: "Name", 20: "Int8", 21: "Int2", 23: "Int4", 25: "Text", 26: "Oid",
	114: "Json", 199: "JsonArray",
	600: "Point", 601: "Lseg", 602: "Path", 603: "Box", 604: "Polygon", 628: "Line", 629: "LineArray",
	650: "Cidr", 651: "CidrArray", 700: "Float4", 701: "Float8", 705: "Unknown", 718: "Circle", 719: "CircleArray",
	774: "Macaddr8", 775: "Macaddr8Array", 790: "Money", 791: "MoneyArray", 829: "Macaddr", 869: "Inet",
	1000: "BoolArray", 1001: "ByteaArray", 1002: "CharArray", 1003: "NameArray", 1005: "Int2Array", 1007: "Int4Array",
	1009: "TextArray", 1014: "BpcharArray", 1015: "VarcharArray", 1016: "Int8Array", 1017: "PointArray",
	1018: "LsegArray", 1019: "PathArray", 1020: "BoxArray", 1021: "Float4Array", 1022: "Float8Array",
	1027: "PolygonArray", 1028: "OidArray", 1040: "MacaddrArray", 1041: "InetArray", 1042: "Bpchar", 1043: "Varchar",
	1082: "Date", 1083: "Time", 1114: "Timestamp", 1115: "TimestampArray", 1182: "DateArray", 1183: "TimeArray",
	1184: "Timestamptz", 1185: "TimestamptzArray", 1186: "Interval", 1187: "IntervalArray", 1231: "NumericArray",
	1266: "Timetz", 1270: "TimetzArray", 1560: "Bit", 1561: "BitArray", 1562: "Varbit", 1563: "VarbitArray",
	1700: "Numeric", 2249: "Record", 2278: "Void", 2287: "RecordArray", 2950: "Uuid", 2951: "UuidArray",
	3802: "Jsonb", 3807: "JsonbArray", 3904: "Int4Range", 3905: "Int4RangeArray", 3906: "NumRange",
	3907: "NumRangeArray", 3908: "TsRange", 3909: "TsRangeArray", 3910: "TstzRange", 3911: "TstzRangeArray",
	3912: "DateRange", 3913: "DateRangeArray", 3926: "Int8Range", 3927: "Int8RangeArray",
	4072: "Jsonpath", 4073: "JsonpathArray",
}

// typeRow is a type that sqlx does not know by OID, as the catalogue has it.
type typeRow struct {
	name       string // oid::regtype::text: quoted, qualified outside the search path
	kind       string // typtype
	category   string // typcategory
	element    uint32 // of an array
	base       uint32 // of a domain
	subtype    uint32 // of a range
	labels     []string
	attributes []attribute
}

type attribute struct {
	name string
	oid  uint32
}

// needs are the types that the row's own description contains.
func (r *typeRow) needs() []uint32 {
	oids := []uint32{r.element, r.base, r.subtype}
	for _, a := range r.attributes {
		oids = append(oids, a.oid)
	}
	return slices.DeleteFunc(oids, func(oid uint32) bool { return oid == 0 })
}

const typeQuery = `SELECT json_build_array(t.oid::int8, t.oid::regtype::text, t.typtype, t.typcategory,
  CASE WHEN t.typtype = 'b' AND t.typcategory = 'A' THEN t.typelem::int8 ELSE 0 END,
  CASE WHEN t.typtype = 'd' THEN t.typbasetype::int8 ELSE 0 END,
  coalesce((SELECT rngsubtype::int8 FROM pg_catalog.pg_range WHERE rngtypid = t.oid), 0),
  coalesce((SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_catalog.pg_enum WHERE enumtypid = t.oid), '[]'),
  coalesce((SELECT json_agg(json_build_array(attname, atttypid::int8) ORDER BY attnum) FROM pg_catalog.pg_attribute
    WHERE t.typtype = 'c' AND attrelid = t.typrelid AND NOT attisdropped AND attnum > 0), '[]'))
FROM pg_catalog.pg_type t WHERE t.oid IN (%s)`

// loadTypes reads the types of the given OIDs, and all that they contain, into
// the session's memory.
func (s *Session) loadTypes(ctx context.Context, oids map[uint32]bool) error {
	for len(oids) > 0 {
		var ask []string
		for oid := range oids {
			if _, known := s.types[oid]; !known && builtin[oid] == "" && oid != 0 {
				ask = append(ask, strconv.FormatUint(uint64(oid), 10))
			}
		}
		oids = map[uint32]bool{}
		if len(ask) == 0 {
			return nil
		}
		slices.Sort(ask) // the same question for the same statements
		rows, err := s.texts(ctx, fmt.Sprintf(typeQuery, strings.Join(ask, ", ")))
		if err != nil {
			return fmt.Errorf("read the catalogue of types: %w", err)
		}
		for _, text := range rows {
			oid, row, err := decodeType(text)
			if err != nil {
				return err
			}
			s.types[oid] = row
			for _, need := range row.needs() {
				oids[need] = true
			}
		}
	}
	return nil
}

func decodeType(text []byte) (oid uint32, row *typeRow, err error) {
	row = &typeRow{}
	var attributes [][2]json.RawMessage
	fields := []any{&oid, &row.name, &row.kind, &row.category, &row.element, &row.base, &row.subtype, &row.labels, &attributes}
	if err := json.Unmarshal(text, &fields); err != nil {
		return 0, nil, fmt.Errorf("read the catalogue of types: %w", err)
	}
	for _, pair := range attributes {
		var a attribute
		if err := json.Unmarshal(pair[0], &a.name); err != nil {
			return 0, nil, err
		}
		if err := json.Unmarshal(pair[1], &a.oid); err != nil {
			return 0, nil, err
		}
		row.attributes = append(row.attributes, a)
	}
	return oid, row, nil
}

// typeInfo returns a type as sqlx serialises it. What loadTypes has read must
// hold all of it.
func (s *Session) typeInfo(oid uint32, within ...uint32) (sqlxdata.TypeInfo, error) {
	if name := builtin[oid]; name != "" {
		return sqlxdata.TypeName(name), nil
	}
	row := s.types[oid]
	if row == nil {
		return nil, fmt.Errorf("the catalogue has no type of the OID %d", oid)
	}
	if slices.Contains(within, oid) {
		return nil, fmt.Errorf("the type %s contains itself, which sqlx %s cannot describe", row.name, s.mode)
	}
	kind, err := s.typeKind(row, append(within, oid))
	if err != nil {
		return nil, err
	}
	info := append([]byte(`{"Custom":{"name":`), sqlxdata.String(row.name)...)
	info = append(info, `,"kind":`...)
	info = append(info, kind...)
	return append(info, "}}"...), nil
}

// typeKind follows fetch_type_by_oid of sqlx-postgres 0.8.6, connection/
// describe.rs, and try_cache_type of 0.9.0, connection/resolve.rs: the latter
// looks at the category of base types alone, and refuses types of a kind that
// it does not know.
func (s *Session) typeKind(row *typeRow, within []uint32) ([]byte, error) {
	strict := s.mode == Mode09
	if strict && !strings.Contains("bcdepr", row.kind) {
		return nil, fmt.Errorf("sqlx %s does not know types of the kind %q, like %s", s.mode, row.kind, row.name)
	}
	if strict && !strings.Contains("ABCDEGINPRSTUVX", row.category) {
		return nil, fmt.Errorf("sqlx %s does not know types of the category %q, like %s", s.mode, row.category, row.name)
	}
	is := func(kind, category string) bool { return row.kind == kind && (strict || row.category == category) }
	switch {
	case row.kind == "d":
		return s.wrapped("Domain", row.base, within)
	case row.kind == "b" && row.category == "A":
		return s.wrapped("Array", row.element, within)
	case is("p", "P"):
		return []byte(`"Pseudo"`), nil
	case is("r", "R"):
		return s.wrapped("Range", row.subtype, within)
	case is("e", "E"):
		return enumKind(row.labels), nil
	case is("c", "C"):
		return s.compositeKind(row.attributes, within)
	}
	return []byte(`"Simple"`), nil
}

func (s *Session) wrapped(kind string, oid uint32, within []uint32) ([]byte, error) {
	inner, err := s.typeInfo(oid, within...)
	if err != nil {
		return nil, err
	}
	return []byte(`{"` + kind + `":` + string(inner) + `}`), nil
}

func enumKind(labels []string) []byte {
	parts := make([]string, len(labels))
	for i, label := range labels {
		parts[i] = string(sqlxdata.String(label))
	}
	return []byte(`{"Enum":[` + strings.Join(parts, ",") + `]}`)
}

func (s *Session) compositeKind(attributes []attribute, within []uint32) ([]byte, error) {
	parts := make([]string, len(attributes))
	for i, a := range attributes {
		inner, err := s.typeInfo(a.oid, within...)
		if err != nil {
			return nil, err
		}
		parts[i] = "[" + string(sqlxdata.String(a.name)) + "," + string(inner) + "]"
	}
	return []byte(`{"Composite":[` + strings.Join(parts, ",") + `]}`), nil
}
