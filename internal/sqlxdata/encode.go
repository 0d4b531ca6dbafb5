package sqlxdata

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// Hash returns the hash that names a query's file: SHA-256 of the text, in
// lower-case hexadecimal.
func Hash(query string) string {
	sum := sha256.Sum256([]byte(query))
	return hex.EncodeToString(sum[:])
}

// FileName returns the name of the query file of the given hash.
func FileName(hash string) string { return "query-" + hash + ".json" }

// Encode returns the file as sqlx writes it: serde_json's pretty format (two
// spaces, `[]` for an empty array) with one newline at the end. The order of
// the keys is that of DynQueryData in sqlx-macros-core 0.8.6 and 0.9.0,
// query/data.rs.
func (f *File) Encode() []byte {
	var b bytes.Buffer
	b.Grow(512 + len(f.Query) + 160*len(f.Describe.Columns))
	b.WriteString(`{"db_name":`)
	writeString(&b, f.DBName)
	b.WriteString(`,"query":`)
	writeString(&b, f.Query)
	b.WriteString(`,"describe":{"columns":[`)
	for i, column := range f.Describe.Columns {
		separate(&b, i)
		column.write(&b, f.DBName == "SQLite")
	}
	b.WriteString(`],"parameters":`)
	f.Describe.Parameters.write(&b)
	b.WriteString(`,"nullable":[`)
	for i, nullable := range f.Describe.Nullable {
		separate(&b, i)
		if nullable == nil {
			b.WriteString("null")
		} else {
			b.WriteString(strconv.FormatBool(*nullable))
		}
	}
	b.WriteString(`]},"hash":`)
	writeString(&b, f.Hash)
	b.WriteByte('}')
	return pretty(b.Bytes())
}

// write follows the order of the fields of PgColumn and MySqlColumn, or, with
// the name first, of SqliteColumn.
func (c Column) write(b *bytes.Buffer, nameFirst bool) {
	ordinal := strconv.Itoa(c.Ordinal)
	if nameFirst {
		b.WriteString(`{"name":`)
		writeString(b, c.Name)
		b.WriteString(`,"ordinal":` + ordinal)
	} else {
		b.WriteString(`{"ordinal":` + ordinal + `,"name":`)
		writeString(b, c.Name)
	}
	b.WriteString(`,"type_info":`)
	b.Write(c.Type)
	if c.Origin != nil {
		b.WriteString(`,"origin":`)
		c.Origin.write(b)
	}
	b.WriteByte('}')
}

func (o Origin) write(b *bytes.Buffer) {
	switch o.Kind {
	case OriginTable:
		b.WriteString(`{"Table":{"table":`)
		writeString(b, o.Table)
		b.WriteString(`,"name":`)
		writeString(b, o.Name)
		b.WriteString(`}}`)
	case OriginExpression:
		b.WriteString(`"Expression"`)
	default:
		b.WriteString(`"Unknown"`)
	}
}

func (p *Parameters) write(b *bytes.Buffer) {
	switch {
	case p == nil:
		b.WriteString("null")
	case p.Types != nil:
		b.WriteString(`{"Left":[`)
		for i, t := range p.Types {
			separate(b, i)
			b.Write(t)
		}
		b.WriteString(`]}`)
	default:
		b.WriteString(`{"Right":`)
		b.WriteString(strconv.Itoa(p.Count))
		b.WriteByte('}')
	}
}

// TypeName returns a TypeInfo for a type that sqlx serialises as its name alone.
func TypeName(name string) TypeInfo { return TypeInfo(String(name)) }

// String returns s as a JSON string with serde_json's escapes, which are fewer
// than those of encoding/json: the quote, the backslash and the controls below
// 0x20.
func String(s string) []byte {
	var b bytes.Buffer
	writeString(&b, s)
	return b.Bytes()
}

// writeString follows serde_json 1.0's format_escaped_str: every other
// character stands as it is.
func writeString(b *bytes.Buffer, s string) {
	const hexDigits = "0123456789abcdef"
	b.WriteByte('"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b.WriteString(s[start:i])
		start = i + 1
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteString(`\u00`)
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&0xf])
		}
	}
	b.WriteString(s[start:])
	b.WriteByte('"')
}

func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

// pretty lays compact JSON out as serde_json does; json.Indent agrees with it
// and leaves strings alone.
func pretty(compact []byte) []byte {
	var b bytes.Buffer
	b.Grow(2 * len(compact))
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		// Only a TypeInfo that is no JSON gets here: a describer's fault.
		panic("sqlxdata: encode a type: " + err.Error())
	}
	b.WriteByte('\n')
	return b.Bytes()
}
