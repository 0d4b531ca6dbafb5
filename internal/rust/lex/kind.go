package lex

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Kind is a token's kind. An operator or bracket of one character is that
// character: Kind('('), Kind('!').
type Kind uint8

const (
	Ident      Kind = iota + 1 // a name, a keyword, or `_`
	RawIdent                   // r#type
	Lifetime                   // 'a, '_, 'r#a
	Int                        // 1, 0x_ff, 1u8; the x.0 of a tuple
	Float                      // 1.0, 1., 1e5; also the `0.1` of x.0.1
	Char                       // 'a'
	Byte                       // b'a'
	Str                        // "a"
	RawStr                     // r"a", r#"a"#
	ByteStr                    // b"a"
	RawByteStr                 // br"a"
	CStr                       // c"a"
	RawCStr                    // cr"a"
	OuterDoc                   // /// a, /** a */
	InnerDoc                   // //! a, /*! a */
)

const (
	PathSep   Kind = iota + 128 // ::
	Arrow                       // ->
	FatArrow                    // =>
	LeftArrow                   // <-
	EqEq                        // ==
	NotEq                       // !=
	LessEq                      // <=
	GreaterEq                   // >=
	AndAnd                      // &&
	OrOr                        // ||
	Shl                         // <<
	Shr                         // >>
	PlusEq                      // +=
	MinusEq                     // -=
	StarEq                      // *=
	SlashEq                     // /=
	PercentEq                   // %=
	CaretEq                     // ^=
	AndEq                       // &=
	OrEq                        // |=
	ShlEq                       // <<=
	ShrEq                       // >>=
	DotDot                      // ..
	DotDotDot                   // ...
	DotDotEq                    // ..=
)

var kindNames = [...]string{
	Ident: "identifier", RawIdent: "raw identifier", Lifetime: "lifetime",
	Int: "integer", Float: "float", Char: "character", Byte: "byte",
	Str: "string", RawStr: "raw string", ByteStr: "byte string", RawByteStr: "raw byte string",
	CStr: "C string", RawCStr: "raw C string", OuterDoc: "doc comment", InnerDoc: "inner doc comment",
	PathSep: "::", Arrow: "->", FatArrow: "=>", LeftArrow: "<-", EqEq: "==", NotEq: "!=",
	LessEq: "<=", GreaterEq: ">=", AndAnd: "&&", OrOr: "||", Shl: "<<", Shr: ">>",
	PlusEq: "+=", MinusEq: "-=", StarEq: "*=", SlashEq: "/=", PercentEq: "%=", CaretEq: "^=",
	AndEq: "&=", OrEq: "|=", ShlEq: "<<=", ShrEq: ">>=",
	DotDot: "..", DotDotDot: "...", DotDotEq: "..=",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	if k >= ' ' && k < 0x7f {
		return string(rune(k))
	}
	return "kind " + strconv.Itoa(int(k))
}

// IsName reports whether the token is an identifier, raw or not.
func (k Kind) IsName() bool { return k == Ident || k == RawIdent }

// IsLiteral reports whether the token is a number, character or string of any kind.
func (k Kind) IsLiteral() bool { return k >= Int && k <= RawCStr }

// IsString reports whether the token is a string of characters: Unquote tells its value.
func (k Kind) IsString() bool { return k == Str || k == RawStr }

// IsDoc reports whether the token is a doc comment.
func (k Kind) IsDoc() bool { return k == OuterDoc || k == InnerDoc }

// IsOpen reports whether the token is an opening bracket.
func (k Kind) IsOpen() bool { return k == '(' || k == '[' || k == '{' }

// IsClose reports whether the token is a closing bracket.
func (k Kind) IsClose() bool { return k == ')' || k == ']' || k == '}' }

// Name returns what an identifier's text names: the text without `r#`.
func Name(text string) string { return strings.TrimPrefix(text, "r#") }

var partner = [256]Kind{'(': ')', '[': ']', '{': '}'}

const (
	unknown byte = iota
	space
	letter
	digit
	opening
	closing
	operator
	quote
)

// class tells of a byte what a token that begins with it may be.
var class = func() (t [256]byte) {
	set := func(class byte, chars string) {
		for _, c := range []byte(chars) {
			t[c] = class
		}
	}
	set(space, " \t\n\v\f\r")
	set(letter, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
	set(digit, "0123456789")
	set(opening, "([{")
	set(closing, ")]}")
	set(operator, "!#$%&*+,-./:;<=>?@^|~")
	set(quote, `"'`)
	return t
}()

// wordEnd returns the end of the identifier characters that begin at i.
func wordEnd(src string, i int) int {
	for i < len(src) {
		c := src[i]
		if c := class[c]; c == letter || c == digit {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRuneInString(src[i:])
		if !isContinue(r) {
			break
		}
		i += size
	}
	return i
}

// isStart and isContinue are Unicode's XID_Start and XID_Continue, with `_`.
func isStart(r rune) bool {
	if r < utf8.RuneSelf {
		return class[byte(r)] == letter
	}
	return unicode.IsLetter(r) || unicode.In(r, unicode.Nl, unicode.Other_ID_Start)
}

func isContinue(r rune) bool {
	if r < utf8.RuneSelf {
		return class[byte(r)] == letter || class[byte(r)] == digit
	}
	return isStart(r) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
}

// isSpace is Unicode's Pattern_White_Space.
func isSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', '\u0085', '\u200e', '\u200f', '\u2028', '\u2029':
		return true
	}
	return false
}

func skipSpace(s string) int {
	for i, r := range s {
		if !isSpace(r) {
			return i
		}
	}
	return len(s)
}

// glue returns the longest operator that begins with c, and its length.
func glue(c, next, third byte) (Kind, int) {
	switch c {
	case ',', ';', '#', '$', '?', '~', '@':
		return Kind(c), 1
	case '.':
		switch {
		case next != '.':
			return '.', 1
		case third == '.':
			return DotDotDot, 3
		case third == '=':
			return DotDotEq, 3
		}
		return DotDot, 2
	case ':':
		if next == ':' {
			return PathSep, 2
		}
		return ':', 1
	}
	if next == '=' {
		if kind := withEq[c]; kind != 0 {
			return kind, 2
		}
	}
	switch {
	case c == '=' && next == '>':
		return FatArrow, 2
	case c == '-' && next == '>':
		return Arrow, 2
	case c == '<' && next == '-':
		return LeftArrow, 2
	case c == '&' && next == '&':
		return AndAnd, 2
	case c == '|' && next == '|':
		return OrOr, 2
	case c == '<' && next == '<':
		if third == '=' {
			return ShlEq, 3
		}
		return Shl, 2
	case c == '>' && next == '>':
		if third == '=' {
			return ShrEq, 3
		}
		return Shr, 2
	}
	return Kind(c), 1
}

// withEq tells what an operator becomes with `=` behind it.
var withEq = [256]Kind{
	'=': EqEq, '!': NotEq, '<': LessEq, '>': GreaterEq, '+': PlusEq, '-': MinusEq, '*': StarEq,
	'/': SlashEq, '%': PercentEq, '^': CaretEq, '&': AndEq, '|': OrEq,
}

// IsIdentifier reports whether a text has the form of an identifier, keywords
// and `_` included.
func IsIdentifier(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return isStart(r) && wordEnd(text, 0) == len(text)
}
