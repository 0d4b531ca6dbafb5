package sites

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// stream is a sequence of tokens: of one source, or of an expansion, whose
// tokens come from several.
type stream struct {
	tokens []lex.Token
	file   *source   // of all tokens, where from is nil
	from   []*source // of each token
}

func (s *stream) len() int            { return len(s.tokens) }
func (s *stream) kind(i int) lex.Kind { return s.tokens[i].Kind }
func (s *stream) match(i int) int     { return int(s.tokens[i].Match) }

func (s *stream) source(i int) *source {
	if s.from != nil {
		return s.from[i]
	}
	return s.file
}

func (s *stream) text(i int) string { return s.tokens[i].Text(s.source(i).text) }

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

// place returns the span of the tokens from i up to end, which lie in one file
// if the first and last do; else that of the first.
func (s *stream) place(i, end int) Place {
	first, last := s.tokens[i], s.tokens[max(i, end-1)]
	src := s.source(i)
	stop := last.End
	if s.source(max(i, end-1)) != src || stop < first.End {
		stop = first.End
	}
	return src.place(int(first.Start), int(stop))
}

// written returns the tokens from i up to end as they stand in the source, or,
// where they come from several places, with single spaces between.
func (s *stream) written(i, end int) string {
	if i >= end {
		return ""
	}
	if s.from == nil {
		return s.file.text[s.tokens[i].Start:s.tokens[end-1].End]
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
