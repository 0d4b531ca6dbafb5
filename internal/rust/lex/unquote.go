package lex

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Value is what a string literal stands for.
type Value struct {
	Text string
	// pieces are in order; the first begins at 0.
	pieces []piece
}

// A piece is a part of a value that the source spells in one way.
type piece struct {
	value, source int // where it begins
	escape        bool
}

// Offset returns where in the literal the byte i of the value comes from: for
// an escape its backslash, for len(Text) the closing quote. Other i outside of
// the value stand for its nearest end.
func (v Value) Offset(i int) int {
	i = min(max(i, 0), len(v.Text))
	n := sort.Search(len(v.pieces), func(n int) bool { return v.pieces[n].value > i }) - 1
	if n < 0 {
		return 0
	}
	p := v.pieces[n]
	if p.escape {
		return p.source
	}
	return p.source + i - p.value
}

// Unquote returns the value of a token of kind Str or RawStr, given its text.
// CRLF counts as LF, as rustc normalises sources. The error is an *Error whose
// offset is relative to the literal.
func Unquote(literal string) (Value, error) {
	start := strings.IndexByte(literal, '"') + 1
	if prefix := literal[:max(start-1, 0)]; start == 0 || prefix != "" && strings.TrimRight(prefix, "#") != "r" {
		return Value{}, newError(literal, 0, "no string literal")
	}
	end := strings.LastIndexByte(literal, '"')
	if end < start {
		return Value{}, newError(literal, 0, "unterminated string")
	}
	body := literal[start:end]
	raw := start > 1
	if strings.IndexByte(body, '\r') < 0 && (raw || strings.IndexByte(body, '\\') < 0) {
		return Value{Text: body, pieces: []piece{{0, start, false}}}, nil
	}
	u := unquoter{literal: literal, pos: start, end: end, raw: raw}
	return u.run()
}

type unquoter struct {
	literal  string
	pos, end int
	raw      bool
	out      strings.Builder
	pieces   []piece
}

func (u *unquoter) run() (Value, error) {
	u.out.Grow(u.end - u.pos)
	for u.pos < u.end {
		u.plain()
		if u.pos == u.end {
			break
		}
		if err := u.special(); err != nil {
			return Value{}, err
		}
	}
	u.piece(false)
	return Value{Text: u.out.String(), pieces: u.pieces}, nil
}

// piece begins a new piece here.
func (u *unquoter) piece(escape bool) {
	u.pieces = append(u.pieces, piece{u.out.Len(), u.pos, escape})
}

// plain copies up to the next byte that needs a closer look.
func (u *unquoter) plain() {
	special := "\\\r"
	if u.raw {
		special = "\r"
	}
	n := strings.IndexAny(u.literal[u.pos:u.end], special)
	if n < 0 {
		n = u.end - u.pos
	}
	if n > 0 {
		u.piece(false)
		u.out.WriteString(u.literal[u.pos : u.pos+n])
		u.pos += n
	}
}

// special reads a CRLF or an escape.
func (u *unquoter) special() *Error {
	rest := u.literal[u.pos:u.end]
	if rest[0] == '\r' {
		if !strings.HasPrefix(rest, "\r\n") {
			return newError(u.literal, u.pos, "carriage return without line feed in a string")
		}
		u.piece(true)
		u.out.WriteByte('\n')
		u.pos += 2
		return nil
	}
	if strings.HasPrefix(rest, "\\\n") || strings.HasPrefix(rest, "\\\r\n") {
		// What follows may only be space up to the next visible character.
		u.pos++
		n := len(rest) - 1 - len(strings.TrimLeft(rest[1:], " \t\n\r"))
		u.pos += n
		return nil
	}
	r, size, msg := escape(rest)
	if msg != "" {
		return newError(u.literal, u.pos, msg)
	}
	u.piece(true)
	u.out.WriteRune(r)
	u.pos += size
	return nil
}

// escape returns the character that the escape at the begin of s stands for,
// and the escape's length.
func escape(s string) (r rune, size int, msg string) {
	if len(s) < 2 {
		return 0, 0, "escape without character"
	}
	switch s[1] {
	case 'n':
		return '\n', 2, ""
	case 'r':
		return '\r', 2, ""
	case 't':
		return '\t', 2, ""
	case '0':
		return 0, 2, ""
	case '\\', '\'', '"':
		return rune(s[1]), 2, ""
	case 'x':
		if len(s) < 4 {
			return 0, 0, "escape \\x needs two digits"
		}
		n, err := strconv.ParseUint(s[2:4], 16, 8)
		if err != nil || n > 0x7f {
			return 0, 0, "escape \\x needs two digits, at most 7f"
		}
		return rune(n), 4, ""
	case 'u':
		return unicodeEscape(s)
	}
	return 0, 0, "unknown escape"
}

func unicodeEscape(s string) (r rune, size int, msg string) {
	end := strings.IndexByte(s, '}')
	if !strings.HasPrefix(s, `\u{`) || end < 0 || s[3] == '_' {
		return 0, 0, `escape \u needs hexadecimal digits in braces`
	}
	digits := strings.ReplaceAll(s[3:end], "_", "")
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) > 6 || !utf8.ValidRune(rune(n)) {
		return 0, 0, `escape \u names no character`
	}
	return rune(n), end + 1, ""
}
