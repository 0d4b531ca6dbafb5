package sites

import (
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// stream is a sequence of tokens: of one source, or of an expansion, whose
// tokens come from several.
type stream struct {
	tokens []lex.Token
	file   *source        // where the tokens are of one
	raw    []expand.Token // of an expansion, fragments' brackets included
	index  []int32        // of each token in raw
}

// Len implements syntax.Input.
func (s *stream) Len() int { return len(s.tokens) }

// Token implements syntax.Input.
func (s *stream) Token(i int) syntax.Token {
	t := &s.tokens[i]
	return syntax.Token{Kind: t.Kind, Word: t.Word, Close: t.Match}
}

func (s *stream) len() int            { return len(s.tokens) }
func (s *stream) kind(i int) lex.Kind { return s.tokens[i].Kind }
func (s *stream) match(i int) int     { return int(s.tokens[i].Match) }

// origin returns the text that token i was written in.
func (s *stream) origin(i int) *expand.Source {
	if s.raw != nil {
		return s.raw[s.index[i]].Source
	}
	return &s.file.origin
}

func (s *stream) text(i int) string {
	if s.raw != nil {
		return s.raw[s.index[i]].Text
	}
	return s.tokens[i].Text(s.file.origin.Text)
}

// name returns an identifier without `r#`, "" for another token.
func (s *stream) name(i int) string {
	if !s.tokens[i].Kind.IsName() {
		return ""
	}
	return lex.Name(s.text(i))
}

// is reports whether token i is there and has the kind.
func (s *stream) is(i, end int, kind lex.Kind) bool { return i < end && s.tokens[i].Kind == kind }

// word reports whether token i is there and is the keyword or name, not raw.
func (s *stream) word(i, end int, text string) bool {
	return i < end && s.tokens[i].Kind == lex.Ident && s.text(i) == text
}

// place returns the span of the tokens from i up to end, where they stand in
// one text one behind the other; else that of the first.
func (s *stream) place(i, end int) diag.Place {
	last := max(i, end-1)
	start, stop := int(s.tokens[i].Start), int(s.tokens[last].End)
	if s.raw != nil && (s.origin(i) != s.origin(last) || stop <= start) {
		stop = int(s.tokens[i].End)
	}
	return placeIn(s.origin(i), start, stop)
}

// placeIn returns a span of a text.
func placeIn(src *expand.Source, start, end int) diag.Place {
	if src == nil {
		return diag.Place{}
	}
	pos := src.Pos(start)
	return diag.Place{File: src.Name, Start: start, End: end, Line: pos.Line, Column: pos.Column}
}

// written returns the tokens from i up to end as they stand in the source, or,
// where macros put them together, with single spaces between.
func (s *stream) written(i, end int) string {
	if i >= end {
		return ""
	}
	if s.raw == nil {
		return s.file.origin.Text[s.tokens[i].Start:s.tokens[end-1].End]
	}
	var b []byte
	for at := i; at < end; at++ {
		if at > i && spaced(s.tokens[at-1].Kind, s.tokens[at].Kind) {
			b = append(b, ' ')
		}
		b = append(b, s.text(at)...)
	}
	return string(b)
}

func spaced(a, b lex.Kind) bool {
	wordy := func(k lex.Kind) bool { return k.IsName() || k.IsLiteral() || k == lex.Lifetime }
	return a == ',' || wordy(a) && wordy(b)
}

// comma returns the index of the first comma outside of brackets, or end.
func (s *stream) comma(i, end int) int {
	for i < end && s.kind(i) != ',' {
		if s.kind(i).IsOpen() {
			i = s.match(i)
		}
		i++
	}
	return min(i, end)
}

// callBang returns the index of the `!` of the macro call whose path begins at
// i, -1 where none does.
func (s *stream) callBang(i, end int) int {
	if s.is(i, end, lex.PathSep) {
		i++
	}
	for i < end && s.kind(i).IsName() {
		if s.is(i+1, end, '!') {
			if i+2 < end && s.kind(i+2).IsOpen() {
				return i + 1
			}
			return -1
		}
		if !s.is(i+1, end, lex.PathSep) {
			return -1
		}
		i += 2
	}
	return -1
}
