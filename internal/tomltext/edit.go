package tomltext

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Set gives the key at path a value, written as TOML, and leaves every other
// byte alone: in its place where the document has it; else at the top of its
// table; else, a table that is not there, at the end. What the result means is
// the caller's to check: an inline table cannot be extended so.
func Set(text, value string, path ...string) (string, error) {
	statements, err := Scan(text)
	if err != nil {
		return "", err
	}
	eol := LineEnding(text)
	key := Key(path[len(path)-1:]...)
	table := path[:len(path)-1]
	insertAt := -1
	for _, st := range statements {
		switch {
		case st.Kind == KeyValue && slices.Equal(st.Path, path):
			return text[:st.ValueStart] + value + text[st.ValueEnd:], nil
		case st.Kind == Header && insertAt < 0 && slices.Equal(st.Path, table):
			insertAt = st.End
		}
	}
	line := key + " = " + value + eol
	switch {
	case insertAt >= 0:
		if !strings.HasSuffix(text[:insertAt], "\n") {
			line = eol + strings.TrimSuffix(line, eol)
		}
		return text[:insertAt] + line + text[insertAt:], nil
	case len(table) == 0:
		return insertTop(text, line, eol, statements), nil
	}
	if content := strings.TrimPrefix(text, diag.ByteOrderMark); content != "" {
		if !strings.HasSuffix(content, "\n") {
			text += eol
		}
		text += eol
	}
	return text + "[" + Key(table...) + "]" + eol + line, nil
}

// insertTop puts a line behind the last key that is in no table, or where that
// would be: before the first header and the comment right above it.
func insertTop(text, line, eol string, statements []Statement) string {
	at := -1
	for _, st := range statements {
		if st.Kind == Header {
			break
		}
		if st.Kind == KeyValue {
			at = st.End
		}
	}
	if at >= 0 {
		if !strings.HasSuffix(text[:at], "\n") {
			return text + eol + line
		}
		return text[:at] + line + text[at:]
	}
	header := slices.IndexFunc(statements, func(st Statement) bool { return st.Kind == Header })
	if header < 0 {
		if strings.TrimPrefix(text, diag.ByteOrderMark) != "" && !strings.HasSuffix(text, "\n") {
			text += eol
		}
		return text + line
	}
	for header > 0 && statements[header-1].Kind == Comment {
		header--
	}
	at = statements[header].Start
	return text[:at] + line + eol + text[at:]
}

// Delete takes out the key at path, with its line; without it, nothing changes.
func Delete(text string, path ...string) (string, error) {
	statements, err := Scan(text)
	if err != nil {
		return "", err
	}
	for _, st := range statements {
		if st.Kind == KeyValue && slices.Equal(st.Path, path) {
			return text[:st.Start] + text[st.End:], nil
		}
	}
	return text, nil
}

var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Key writes a key: its parts with dots between them, quoted where need be.
func Key(path ...string) string {
	parts := make([]string, len(path))
	for i, part := range path {
		parts[i] = part
		if !bare.MatchString(part) {
			parts[i] = Quote(part)
		}
	}
	return strings.Join(parts, ".")
}

// Quote writes a basic string.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// LineEnding returns the document's own line ending: that of its first line.
func LineEnding(text string) string {
	if n := strings.IndexByte(text, '\n'); n > 0 && text[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
