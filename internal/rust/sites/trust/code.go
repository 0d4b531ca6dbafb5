package trust

import (
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

// str returns the inside of the string at i as it is written, "" where there is
// none. Bytes and C strings count: they may become code as well.
func (c code) str(i int) string {
	switch c.kind(i) {
	case lex.Str, lex.RawStr, lex.ByteStr, lex.RawByteStr, lex.CStr, lex.RawCStr:
		text := c.tokens[i].Text(c.text)
		open, end := strings.IndexByte(text, '"'), strings.LastIndexByte(text, '"')
		return text[open+1 : end]
	}
	return ""
}

// leadsAside tells of the rest of a path, which begins at i, whether it leads to
// something that is no query macro: its first name is none's, and no name in it
// holds "macro".
func (c code) leadsAside(i int) bool {
	if c.kind(i) != lex.PathSep || c.name(i+1) == "" || isQueryMacro(c.name(i+1)) {
		return false
	}
	for ; c.kind(i) == lex.PathSep && c.name(i+1) != ""; i += 2 {
		if strings.Contains(c.name(i+1), macroWord) {
			return false
		}
	}
	return true
}

// importsAside tells of a list of imports, which opens at i, whether none of
// them can be a query macro: it has none of their names, no glob, nothing of
// "macro", and not the crate itself under another name.
func (c code) importsAside(i int) bool {
	for j := i + 1; j < int(c.tokens[i].Match); j++ {
		name := c.name(j)
		if c.kind(j) == '*' || name == "self" || isQueryMacro(name) || strings.Contains(name, macroWord) {
			return false
		}
	}
	return true
}

// inAttributes tells of the name at i whether it is in `attributes(…)`.
func (c code) inAttributes(i int) bool {
	for i--; c.name(i) != "" || c.kind(i) == ','; i-- {
	}
	return c.kind(i) == '(' && c.name(i-1) == "attributes"
}
