package expand

import (
	"strings"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// A Source is a text that tokens come from. Its identity is its address.
type Source struct {
	Name string // for messages, usually a path
	Text string

	once  sync.Once
	lines diag.Lines
}

// Pos returns the position of a byte offset.
func (s *Source) Pos(offset int) diag.Position {
	s.once.Do(func() { s.lines = diag.NewLines(s.Text) })
	return s.lines.Position(s.Text, offset)
}

// A Token is a token with its origin. Slices of tokens can be cut at brackets
// and joined freely, because partners are known by their distance.
type Token struct {
	Kind lex.Kind
	// Fragment is for FragmentOpen and FragmentClose the fragment in between.
	Fragment syntax.Fragment
	// Partner is for a bracket the distance to its partner, else 0.
	Partner int32
	// Start and End are the origin: a span in the Source. Text is what is
	// written there, except in tokens that were made: pasted identifiers, doc
	// comments as attributes, $crate, halves of operators.
	Start, End uint32
	Source     *Source
	Text       string
	// Mark is nil for a token of the sources, else the expansion that wrote it.
	Mark *Mark
}

// A Mark is an expansion as the writer of tokens. Two local variables, labels
// or macro variables are the same if their names and marks are.
type Mark struct {
	Macro *Macro
	// Outer is the mark that the token had in the macro's definition.
	Outer *Mark
}

// Crate returns what the token $crate stands for.
func (t Token) Crate() string {
	if t.Mark == nil {
		return ""
	}
	mark := t.Mark
	for mark.Outer != nil {
		mark = mark.Outer
	}
	return mark.Macro.Crate
}

// Input is tokens as the grammar reads them.
type Input []Token

// Len implements syntax.Input.
func (in *Input) Len() int { return len(*in) }

// Token implements syntax.Input.
func (in *Input) Token(i int) syntax.Token {
	t := &(*in)[i]
	return syntax.Token{Kind: t.Kind, Word: t.Word(), Fragment: t.Fragment, Close: int32(i) + t.Partner}
}

// Offset returns the place in the Source of a byte of the Text.
func (t Token) Offset(i int) int {
	if t.Source == nil || int(t.End) > len(t.Source.Text) || t.Source.Text[t.Start:t.End] != t.Text {
		return int(t.Start)
	}
	return int(t.Start) + i
}

// Word returns which keyword the token is.
func (t *Token) Word() kw.Word {
	if t.Kind != lex.Ident {
		return 0
	}
	return kw.Of(t.Text)
}

// Is reports whether the token is this keyword or plain identifier.
func (t Token) Is(word string) bool { return t.Kind == lex.Ident && t.Text == word }

// Tokens gives lexed tokens their origin. lexed may be any part of what
// lex.Lex returned that holds both or none of each pair of brackets. Doc
// comments become attributes, which is how macros see them.
func Tokens(src *Source, lexed []lex.Token) []Token {
	size := len(lexed)
	for _, t := range lexed {
		if t.Kind.IsDoc() {
			size += 6
		}
	}
	out := make([]Token, 0, size)
	var open []int
	for _, t := range lexed {
		token := Token{Kind: t.Kind, Start: t.Start, End: t.End, Source: src, Text: t.Text(src.Text)}
		switch {
		case t.Kind.IsOpen():
			open = append(open, len(out))
		case t.Kind.IsClose() && len(open) > 0:
			partner := open[len(open)-1]
			open = open[:len(open)-1]
			token.Partner = int32(partner - len(out))
			out[partner].Partner = -token.Partner
		case t.Kind.IsDoc():
			out = appendDoc(out, token)
			continue
		}
		out = append(out, token)
	}
	return out
}

// appendDoc appends the attribute that a doc comment stands for.
func appendDoc(out []Token, doc Token) []Token {
	text := strings.TrimSuffix(doc.Text[3:], "*/")
	if doc.Text[1] == '/' {
		text = doc.Text[3:]
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	guard := ""
	for strings.Contains(text, `"`+guard) {
		guard += "#"
	}
	add := func(kind lex.Kind, text string, partner int32) {
		token := doc
		token.Kind, token.Text, token.Partner = kind, text, partner
		out = append(out, token)
	}
	add('#', "#", 0)
	if doc.Kind == lex.InnerDoc {
		add('!', "!", 0)
	}
	add('[', "[", 4)
	add(lex.Ident, "doc", 0)
	add('=', "=", 0)
	add(lex.RawStr, "r"+guard+`"`+text+`"`+guard, 0)
	add(']', "]", -4)
	return out
}

// docSize returns how many tokens the doc comment has that tokens begin with,
// or 0.
func docSize(tokens []Token) int {
	if tokens[0].Kind != '#' || tokens[0].End-tokens[0].Start == 1 {
		return 0
	}
	n := 1
	if n < len(tokens) && tokens[n].Kind == '!' {
		n++
	}
	if n == len(tokens) || tokens[n].Kind != '[' {
		return 0
	}
	return n + int(tokens[n].Partner) + 1
}

// Flatten returns the tokens without the brackets around fragments: what the
// program's text would be. It returns the same slice if there are none.
func Flatten(tokens []Token) []Token {
	n := 0
	for _, t := range tokens {
		if t.Kind == syntax.FragmentOpen || t.Kind == syntax.FragmentClose {
			n++
		}
	}
	if n == 0 {
		return tokens
	}
	out := make([]Token, 0, len(tokens)-n)
	var open []int
	for _, t := range tokens {
		switch {
		case t.Kind == syntax.FragmentOpen || t.Kind == syntax.FragmentClose:
			continue
		case t.Kind.IsOpen():
			open = append(open, len(out))
		case t.Kind.IsClose() && len(open) > 0:
			partner := open[len(open)-1]
			open = open[:len(open)-1]
			t.Partner = int32(partner - len(out))
			out[partner].Partner = -t.Partner
		}
		out = append(out, t)
	}
	return out
}
