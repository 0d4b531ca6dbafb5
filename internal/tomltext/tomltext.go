// Package tomltext tells where in a TOML document each statement stands, for
// edits that leave every other byte alone: a decoder tells what a document
// means, but not where.
package tomltext

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Statement is one expression of a TOML document.
type Statement struct {
	Kind                 Kind
	Start, End           int      // bytes; whole lines, the line ending included
	Path                 []string // Header: its table; KeyValue: its table and key
	ValueStart, ValueEnd int      // KeyValue: the value's bytes
}

// Kind tells statements apart.
type Kind uint8

// The kinds of statements.
const (
	Blank Kind = iota
	Comment
	Header // [table] or [[array of tables]]
	KeyValue
)

// Scan splits a document that the decoder has accepted. Its statements cover
// every byte but a byte order mark.
func Scan(text string) ([]Statement, error) {
	s := scanner{text: text}
	if strings.HasPrefix(text, diag.ByteOrderMark) {
		s.pos = len(diag.ByteOrderMark)
	}
	var all []Statement
	var table []string
	for s.pos < len(text) {
		st := Statement{Start: s.pos}
		s.skipSpace()
		switch c := s.peek(); c {
		case 0, '\r', '\n':
		case '#':
			st.Kind = Comment
		case '[':
			st.Kind = Header
			for s.peek() == '[' {
				s.pos++
			}
			path, err := s.key()
			if err != nil {
				return nil, err
			}
			table, st.Path = path, path
		default:
			st.Kind = KeyValue
			key, err := s.key()
			if err != nil {
				return nil, err
			}
			st.Path = append(append([]string{}, table...), key...)
			s.pos++ // the equals sign
			s.skipSpace()
			st.ValueStart = s.pos
			s.skipValue()
			st.ValueEnd = st.ValueStart + len(strings.TrimRight(text[st.ValueStart:min(s.pos, len(text))], " \t\r\n"))
		}
		s.skipLine()
		st.End = s.pos
		all = append(all, st)
	}
	return all, nil
}

type scanner struct {
	text string
	pos  int
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos >= len(s.text) {
		return 0
	}
	return s.text[s.pos]
}

func (s *scanner) skipSpace() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.pos++
	}
}

func (s *scanner) skipLine() {
	if n := strings.IndexByte(s.text[min(s.pos, len(s.text)):], '\n'); n >= 0 {
		s.pos += n + 1
		return
	}
	s.pos = len(s.text)
}

// key reads a key, its parts bare or quoted, up to what follows it.
func (s *scanner) key() ([]string, error) {
	var path []string
	for {
		s.skipSpace()
		from := s.pos
		if c := s.peek(); c == '"' || c == '\'' {
			s.skipString()
			var part struct{ K string }
			if _, err := toml.Decode("K = "+s.text[from:s.pos], &part); err != nil {
				return nil, fmt.Errorf("key %s: %w", s.text[from:s.pos], err)
			}
			path = append(path, part.K)
		} else {
			for s.pos < len(s.text) && !strings.ContainsRune(" \t.=]\r\n", rune(s.peek())) {
				s.pos++
			}
			path = append(path, s.text[from:s.pos])
		}
		s.skipSpace()
		if s.peek() != '.' {
			return path, nil
		}
		s.pos++
	}
}

// skipValue goes to the comment or line ending after a value.
func (s *scanner) skipValue() {
	for depth := 0; s.pos < len(s.text); {
		switch s.peek() {
		case '"', '\'':
			s.skipString()
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '#':
			if depth == 0 {
				return
			}
			s.skipLine()
			continue
		case '\n':
			if depth == 0 {
				return
			}
		}
		s.pos++
	}
}

// skipString goes past a string of any of TOML's four kinds.
func (s *scanner) skipString() {
	quote := s.text[s.pos : s.pos+1]
	closing := quote
	if strings.HasPrefix(s.text[s.pos:], strings.Repeat(quote, 3)) {
		closing = strings.Repeat(quote, 3)
	}
	for s.pos += len(closing); s.pos < len(s.text); s.pos++ {
		if quote == `"` && s.peek() == '\\' {
			s.pos++
			continue
		}
		if strings.HasPrefix(s.text[s.pos:], closing) {
			s.pos += len(closing)
			for len(closing) == 3 && s.peek() == quote[0] { // """a quote at the end: """"
				s.pos++
			}
			return
		}
	}
	s.pos = len(s.text)
}
