package syntax

import (
	"fmt"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// A Source is a text and its tokens, as lex.Lex gives them.
type Source struct {
	Text   string
	Tokens []lex.Token
}

// Len implements Input.
func (s *Source) Len() int { return len(s.Tokens) }

// Token implements Input.
func (s *Source) Token(i int) Token {
	t := &s.Tokens[i]
	return Token{Kind: t.Kind, Word: t.Word, Close: t.Match}
}

// Explain returns the place of an error, as an offset in the text, and what to
// say of it.
func (s *Source) Explain(e Error) (offset int, msg string) {
	if e.Token >= len(s.Tokens) {
		return len(s.Text), fmt.Sprintf("expected %s, found the end of the file", e.Want)
	}
	t := s.Tokens[e.Token]
	found := t.Text(s.Text)
	if line, _, more := strings.Cut(found, "\n"); more {
		found = line + "…"
	}
	return int(t.Start), fmt.Sprintf("expected %s, found `%s`", e.Want, found)
}

// Conflict finds the first conflict marker that a merge left in a text which is
// no Rust: a line of seven `<`, where lines of seven `=` and of seven `>` follow.
func Conflict(text string) (offset int, found bool) {
	const begin, middle, end = "<<<<<<<", "=======", ">>>>>>>"
	want := begin
	first := 0
	for at := 0; at < len(text); {
		line := text[at:]
		if n := strings.IndexByte(line, '\n'); n >= 0 {
			line = line[:n]
		}
		if rest, ok := strings.CutPrefix(line, want); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\r') {
			switch want {
			case begin:
				first, want = at, middle
			case middle:
				want = end
			default:
				return first, true
			}
		}
		at += len(line) + 1
	}
	return 0, false
}
