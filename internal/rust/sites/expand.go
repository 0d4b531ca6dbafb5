package sites

import (
	"errors"
	"strconv"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// rules is a macro_rules! definition of one crate.
type rules struct {
	name  string
	node  *node
	code  *code
	crate *crate
	// localInner: the macros that its arms call are those that its own crate
	// exports, whatever names mean where it is called.
	localInner bool

	ready *expand.Macro // once it was called
	err   error
}

// macro returns the definition made ready for calls.
func (r *rules) macro() (*expand.Macro, error) {
	if r.ready == nil && r.err == nil {
		body := r.code.tokens(r.node.open, r.node.stop)
		edition, _ := strconv.Atoi(r.crate.edition)
		r.ready, r.err = expand.Compile(expand.Definition{
			Name: r.name, Crate: r.crate.id, Edition: edition, Body: body.within(1, body.len()-1),
		})
	}
	return r.ready, r.err
}

// expandCall returns what a call comes to. The first token is the call's
// opening bracket, the last its closing one.
func expandCall(r *rules, args stream, outer *outerCall) (stream, error) {
	m, err := r.macro()
	if err != nil {
		return stream{}, err
	}
	if args.len() < 2 {
		return stream{}, errors.New("no arguments")
	}
	call := expand.Call{At: args.token(0), Args: args.within(1, args.len()-1), Depth: outer.depth}
	tokens, err := outer.expander.Expand(m, call)
	if err != nil {
		return stream{}, err
	}
	return expansion(tokens), nil
}

// expansion makes a stream of an expansion's tokens. The brackets around
// fragments are kept aside for further expansion: the parser of the program's
// code looks through them.
func expansion(raw []expand.Token) stream {
	s := stream{raw: raw}
	var open []int
	for i := range raw {
		t := &raw[i]
		if t.Kind == syntax.FragmentOpen || t.Kind == syntax.FragmentClose {
			continue
		}
		token := lex.Token{Start: t.Start, End: t.End, Match: -1, Class: lex.Class{Kind: t.Kind, Word: t.Word()}}
		switch {
		case t.Kind.IsOpen():
			open = append(open, len(s.tokens))
		case t.Kind.IsClose() && len(open) > 0:
			partner := open[len(open)-1]
			open = open[:len(open)-1]
			token.Match = int32(partner)
			s.tokens[partner].Match = int32(len(s.tokens))
		}
		s.tokens = append(s.tokens, token)
		s.index = append(s.index, int32(i))
	}
	return s
}

// token returns token i as the expander wants it.
func (s *stream) token(i int) expand.Token {
	if s.raw != nil {
		return s.raw[s.index[i]]
	}
	t := s.tokens[i]
	return expand.Token{Kind: t.Kind, Start: t.Start, End: t.End, Source: &s.file.origin, Text: s.text(i)}
}

// within returns the tokens from i up to end as the expander wants them.
func (s *stream) within(i, end int) []expand.Token {
	if s.raw == nil {
		return expand.Tokens(&s.file.origin, s.tokens[i:end])
	}
	if i == end {
		return nil
	}
	first, last := int(s.index[i]), int(s.index[end-1])+1
	// What is between two brackets keeps the fragments at its edges.
	if i > 0 {
		first = int(s.index[i-1]) + 1
	}
	if end < len(s.index) {
		last = int(s.index[end])
	}
	return balanced(s.raw[first:last])
}

// balanced drops brackets of fragments at the edges whose partner lies
// outside.
func balanced(raw []expand.Token) []expand.Token {
	for i := 0; i < len(raw); i++ {
		t := raw[i]
		if t.Partner == 0 {
			continue
		}
		if p := i + int(t.Partner); p < 0 || p >= len(raw) {
			if i == 0 {
				return balanced(raw[1:])
			}
			return balanced(raw[:i:i])
		}
	}
	return raw
}

// sub returns the stream of the tokens from i up to end.
func (s *stream) sub(i, end int) stream {
	out := stream{file: s.file, raw: s.raw}
	out.tokens = append(out.tokens, s.tokens[i:end]...)
	for at := range out.tokens {
		if out.tokens[at].Match >= 0 {
			out.tokens[at].Match -= int32(i)
		}
	}
	if s.raw != nil {
		out.index = s.index[i:end]
	}
	return out
}

// dollarCrate begins the first segment of a path that `$crate` begins; what
// follows is the crate's identity.
const dollarCrate = "$crate "

// segment returns the name at i as a segment of a path.
func (p *parser) segment(i int) string {
	if p.raw != nil {
		if t := &p.raw[p.index[i]]; t.Text == "$crate" {
			return dollarCrate + t.Crate()
		}
	}
	return p.name(i)
}

// crateOf returns the crate that a path's segment `$crate` means.
func (s *scanner) crateOf(segment string) *crate {
	id, ok := strings.CutPrefix(segment, dollarCrate)
	if !ok {
		return nil
	}
	return s.crates[id]
}
