// Package lex turns Rust source text into flat tokens: kind, byte span, and for
// a bracket the index of its partner. There is no tree and no allocation per
// token, because a scan lexes every file of a project and looks closely at few.
//
// The tokens are those that macro_rules! sees: operators are glued greedily
// (`>>=` is one token), a doc comment is one token, every other comment and all
// white space is dropped. Where an edition decides, the newest one is taken,
// except that an unknown prefix before a string or `#` (an error since edition
// 2021) gives separate tokens, as in the older editions.
//
// The rules are those of rustc 1.95 (rustc_lexer and rustc_parse::lexer).
package lex

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/rust/kw"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// MaxSize is the longest text, in bytes, that is lexed.
const MaxSize = 64 << 20

// A Token is a piece of a source text.
type Token struct {
	// Start and End are byte offsets in the text; a suffix (`1u8`) is included.
	Start, End uint32
	// Match is for a bracket the index of its partner, else -1.
	Match int32
	Class
}

// A Class is a token's kind, and of an Ident which keyword it is. It is a type of
// its own because the compiler keeps only structs of at most four fields out of
// memory, and tokens are made fast.
type Class struct {
	Kind Kind
	Word kw.Word
}

// Text returns the token's text, where src is the text that was lexed.
func (t Token) Text(src string) string { return src[t.Start:t.End] }

// An Error says why a text is no Rust; rustc refuses it as well.
type Error struct {
	Offset int // in bytes
	Pos    diag.Position
	Msg    string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Pos.Line, e.Pos.Column, e.Msg)
}

func newError(src string, offset int, msg string) *Error {
	return &Error{Offset: offset, Pos: diag.PositionOf(src, offset), Msg: msg}
}

// Lex returns the tokens of src, in the memory of buf as far as that is large
// enough. A byte order mark and a shebang line are skipped. The error is an
// *Error; there are no tokens then. Escapes inside literals are not looked at,
// see Unquote.
func Lex(src string, buf []Token) ([]Token, error) {
	if len(src) > MaxSize {
		return nil, newError("", 0, fmt.Sprintf("text of %d bytes is longer than %d", len(src), MaxSize))
	}
	if !utf8.ValidString(src) {
		return nil, newError(src, invalidOffset(src), "invalid UTF-8")
	}
	if cap(buf) == 0 {
		buf = make([]Token, 0, len(src)/6+16)
	}
	l := lexer{src: src, tokens: buf[:0], open: -1}
	if strings.HasPrefix(src, diag.ByteOrderMark) {
		l.pos = len(diag.ByteOrderMark)
	}
	l.skipShebang()
	l.run()
	if l.err == nil && l.open >= 0 {
		l.fail(int(l.tokens[l.open].Start), "unclosed bracket")
	}
	if l.err != nil {
		return nil, l.err
	}
	return l.tokens, nil
}

func invalidOffset(src string) int {
	for i, r := range src {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(src[i:]); size == 1 {
				return i
			}
		}
	}
	return len(src)
}

type lexer struct {
	src    string
	pos    int
	tokens []Token
	// open is the innermost open bracket, or -1. While a bracket is open, its
	// Match is the one around it, which makes the tokens their own stack.
	open int32
	err  *Error
}

func (l *lexer) fail(offset int, msg string) {
	if l.err == nil {
		l.err = newError(l.src, offset, msg)
	}
}

// at returns the byte i bytes ahead, or 0 past the end.
func (l *lexer) at(i int) byte {
	if l.pos+i < len(l.src) {
		return l.src[l.pos+i]
	}
	return 0
}

// emit makes a token of what lies between l.pos and end.
func (l *lexer) emit(kind Kind, end int) {
	l.tokens = append(l.tokens, Token{Start: uint32(l.pos), End: uint32(end), Match: -1, Class: Class{Kind: kind}})
	l.pos = end
}

// skipShebang skips a first line that begins with `#!`, unless that begins an
// attribute (rustc_lexer::strip_shebang).
func (l *lexer) skipShebang() {
	rest := l.src[l.pos:]
	if !strings.HasPrefix(rest, "#!") {
		return
	}
	next := lexer{src: l.src, pos: l.pos + 2, open: -1}
	for next.err == nil {
		next.pos += skipSpace(next.src[next.pos:])
		if next.at(0) != '/' || !next.comment() {
			break
		}
	}
	if next.at(0) == '[' {
		return
	}
	if n := strings.IndexByte(rest, '\n'); n >= 0 {
		l.pos += n
	} else {
		l.pos = len(l.src)
	}
}

func (l *lexer) run() {
	src := l.src
	for l.err == nil && l.pos < len(src) {
		c := src[l.pos]
		switch class[c] {
		case space:
			l.pos++
		case letter:
			l.word(c)
		case digit:
			l.number()
		case opening:
			l.emit(Kind(c), l.pos+1)
			last := int32(len(l.tokens) - 1)
			l.tokens[last].Match = l.open
			l.open = last
		case closing:
			l.close(c)
		case operator:
			if c == '/' && l.comment() {
				continue
			}
			kind, n := glue(c, l.at(1), l.at(2))
			l.emit(kind, l.pos+n)
		case quote:
			if c == '"' {
				l.quoted(Str, 1)
			} else {
				l.tick()
			}
		default:
			l.other()
		}
	}
}

func (l *lexer) close(c byte) {
	if l.open < 0 {
		l.fail(l.pos, fmt.Sprintf("unexpected closing bracket %q", c))
		return
	}
	open := &l.tokens[l.open]
	if partner[open.Kind] != Kind(c) {
		at := diag.PositionOf(l.src, int(open.Start))
		l.fail(l.pos, fmt.Sprintf("closing bracket %q does not fit %q of %d:%d", c, byte(open.Kind), at.Line, at.Column))
		return
	}
	this, around := l.open, open.Match
	open.Match = int32(len(l.tokens))
	l.emit(Kind(c), l.pos+1)
	l.tokens[len(l.tokens)-1].Match = this
	l.open = around
}

// other lexes what begins with a byte outside of ASCII's known ones.
func (l *lexer) other() {
	r, size := utf8.DecodeRuneInString(l.src[l.pos:])
	switch {
	case isSpace(r):
		l.pos += size
	case isStart(r):
		l.word(0)
	default:
		l.fail(l.pos, fmt.Sprintf("unknown start of token %q", r))
	}
}

// word lexes an identifier, or a literal whose prefix c begins.
func (l *lexer) word(c byte) {
	switch c {
	case 'r':
		if l.raw(RawStr, 1) {
			return
		}
		if l.at(1) == '#' {
			if end := wordEnd(l.src, l.pos+2); end > l.pos+2 {
				l.emit(RawIdent, end)
				return
			}
		}
	case 'b':
		switch next := l.at(1); {
		case next == '"':
			l.quoted(ByteStr, 2)
			return
		case next == '\'':
			l.char(Byte, 2)
			return
		case next == 'r' && l.raw(RawByteStr, 2):
			return
		}
	case 'c':
		if l.at(1) == '"' {
			l.quoted(CStr, 2)
			return
		}
		if l.at(1) == 'r' && l.raw(RawCStr, 2) {
			return
		}
	}
	start, end := l.pos, wordEnd(l.src, l.pos)
	l.tokens = append(l.tokens, Token{Start: uint32(start), End: uint32(end), Match: -1, Class: Class{Ident, kw.Of(l.src[start:end])}})
	l.pos = end
}

// quoted lexes a string whose opening quote ends n bytes ahead.
func (l *lexer) quoted(kind Kind, n int) {
	src := l.src
	for i := l.pos + n; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			l.emit(kind, wordEnd(src, i+1))
			return
		}
	}
	l.fail(l.pos, "unterminated string")
}

// raw lexes a raw string whose first `#` or quote is n bytes ahead, if there is one.
func (l *lexer) raw(kind Kind, n int) bool {
	hashes := 0
	for l.at(n+hashes) == '#' {
		hashes++
	}
	if l.at(n+hashes) != '"' {
		return false
	}
	guard := l.src[l.pos+n : l.pos+n+hashes]
	for i := l.pos + n + hashes + 1; ; {
		quote := strings.IndexByte(l.src[i:], '"')
		if quote < 0 {
			l.fail(l.pos, "unterminated raw string")
			return true
		}
		i += quote + 1
		if strings.HasPrefix(l.src[i:], guard) {
			l.emit(kind, wordEnd(l.src, i+hashes))
			return true
		}
	}
}

// tick lexes a lifetime or a character.
func (l *lexer) tick() {
	rest := l.src[l.pos+1:]
	r, size := utf8.DecodeRuneInString(rest)
	if r == '\\' || r == '\'' || strings.HasPrefix(rest[size:], "'") {
		l.char(Char, 1)
		return
	}
	start := l.pos + 1
	if strings.HasPrefix(rest, "r#") && wordEnd(l.src, start+2) > start+2 {
		start += 2
	}
	end := wordEnd(l.src, start)
	switch {
	case end == start:
		l.fail(l.pos, "unterminated character")
	case end < len(l.src) && l.src[end] == '\'':
		l.fail(l.pos, "more than one character between single quotes")
	default:
		l.emit(Lifetime, end)
	}
}

// char lexes a character whose opening quote ends n bytes ahead.
func (l *lexer) char(kind Kind, n int) {
	src := l.src
	for i := l.pos + n; i < len(src) && src[i] != '\n'; i++ {
		switch {
		case src[i] == '\\':
			i++
		case src[i] == '\'' && i > l.pos+n:
			l.emit(kind, wordEnd(src, i+1))
			return
		case src[i] == '\'':
			l.fail(l.pos, "empty character")
			return
		}
	}
	l.fail(l.pos, "unterminated character")
}

func (l *lexer) number() {
	src, i := l.src, l.pos
	if src[i] == '0' && i+1 < len(src) && (src[i+1] == 'x' || src[i+1] == 'o' || src[i+1] == 'b') {
		l.emit(Int, wordEnd(src, i))
		return
	}
	kind := Int
	i = digits(src, i)
	if i < len(src) && src[i] == '.' && !pointIsOperator(src[i+1:]) {
		kind = Float
		i = digits(src, i+1)
	}
	if end := exponent(src, i); end > i {
		kind = Float
		i = end
	}
	l.emit(kind, wordEnd(src, i))
}

// pointIsOperator tells of what follows `1.` whether the point is no part of
// the number: `1..2`, `1.max(2)`.
func pointIsOperator(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return r == '.' || isStart(r)
}

// exponent returns the end of the exponent that begins at i, or i.
func exponent(src string, i int) int {
	if i >= len(src) || src[i]|0x20 != 'e' {
		return i
	}
	j := i + 1
	if j < len(src) && (src[j] == '+' || src[j] == '-') {
		j++
	}
	end := digits(src, j)
	if strings.Trim(src[j:end], "_") == "" {
		return i
	}
	return end
}

func digits(src string, i int) int {
	for i < len(src) && (class[src[i]] == digit || src[i] == '_') {
		i++
	}
	return i
}

// comment skips the comment that begins at l.pos, if one does; a doc comment
// becomes a token.
func (l *lexer) comment() bool {
	third, fourth := l.at(2), l.at(3)
	switch l.at(1) {
	case '/':
		end := len(l.src)
		if n := strings.IndexByte(l.src[l.pos:], '\n'); n >= 0 {
			end = l.pos + n
			if l.src[end-1] == '\r' {
				end--
			}
		}
		l.commentToken(third == '/' && fourth != '/', third == '!', end)
		return true
	case '*':
		end := blockEnd(l.src, l.pos+2)
		if end < 0 {
			l.fail(l.pos, "unterminated block comment")
			return true
		}
		l.commentToken(third == '*' && fourth != '*' && fourth != '/', third == '!', end)
		return true
	}
	return false
}

func (l *lexer) commentToken(outer, inner bool, end int) {
	switch {
	case outer:
		l.emit(OuterDoc, end)
	case inner:
		l.emit(InnerDoc, end)
	default:
		l.pos = end
	}
}

// blockEnd returns the end of the block comment whose text begins at i, or -1.
func blockEnd(src string, i int) int {
	for depth := 1; i+1 < len(src); i++ {
		switch {
		case src[i] == '*' && src[i+1] == '/':
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		case src[i] == '/' && src[i+1] == '*':
			depth++
			i++
		}
	}
	return -1
}
