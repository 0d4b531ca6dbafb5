package trust

import (
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// code is Rust text as tokens, in which what is before the first and behind the
// last token is nothing.
type code struct {
	text   string
	tokens []lex.Token
}

func (c code) kind(i int) lex.Kind {
	if i < 0 || i >= len(c.tokens) {
		return 0
	}
	return c.tokens[i].Kind
}

// name returns the identifier at i, "" where there is none.
func (c code) name(i int) string {
	if !c.kind(i).IsName() {
		return ""
	}
	return lex.Name(c.tokens[i].Text(c.text))
}

// isString tells of the token at i whether it is a string. Bytes and C strings
// count: they may become code as well.
func (c code) isString(i int) bool {
	switch c.kind(i) {
	case lex.Str, lex.RawStr, lex.ByteStr, lex.RawByteStr, lex.CStr, lex.RawCStr:
		return true
	}
	return false
}

// str returns the inside of the string at i as it is written, "" where there is
// none.
func (c code) str(i int) string {
	if !c.isString(i) {
		return ""
	}
	text := c.tokens[i].Text(c.text)
	open, end := strings.IndexByte(text, '"'), strings.LastIndexByte(text, '"')
	return text[open+1 : end]
}

// isCleared tells of a name at i whether one of the clearings holds.
func (c code) isCleared(i int) bool {
	return slices.ContainsFunc(clearings, func(r row) bool { return r.at(c, i) })
}

// isMacro tells of the name at i, in a path or an import, whether it is that of
// a query macro and not of the function or the module that bears it too.
func (c code) isMacro(i int) bool {
	return isQueryMacro(c.name(i)) && c.kind(i+1) != '(' && c.kind(i+1) != lex.PathSep
}

// pathHolds tells of the path that begins with the name at i whether one of its
// names holds a word.
func (c code) pathHolds(i int, word string) bool {
	for ; ; i += 2 {
		if strings.Contains(c.name(i), word) {
			return true
		}
		if c.kind(i+1) != lex.PathSep || c.name(i+2) == "" {
			return false
		}
	}
}

// pathCalls tells of the path that begins with the name at i whether a macro is
// called by it.
func (c code) pathCalls(i int) bool {
	for c.kind(i+1) == lex.PathSep && c.name(i+2) != "" {
		i += 2
	}
	return c.kind(i+1) == '!'
}

// listHolds tells of the list in braces that opens at i, if one does, whether a
// token in it is of some kind.
func (c code) listHolds(i int, is func(j int) bool) bool {
	if c.kind(i) != '{' {
		return false
	}
	for j := i + 1; j < int(c.tokens[i].Match); j++ {
		if is(j) {
			return true
		}
	}
	return false
}

// inAttributes tells of the name at i whether it is in `attributes(…)`.
func (c code) inAttributes(i int) bool {
	for i--; c.name(i) != "" || c.kind(i) == ','; i-- {
	}
	return c.kind(i) == '(' && c.name(i-1) == "attributes"
}
