package expand

import "github.com/sqlxmage/sqlxmage/internal/rust/syntax"

// A transcriber writes one expansion.
type transcriber struct {
	*Expander
	macro *Macro
	call  Call
	match match
	out   []Token
	open  []int // brackets of the template that are open in out
	// path is the number of the current turn in each repetition around.
	path []int
	// marks has the mark of this expansion for each mark of the definition.
	marks map[*Mark]*Mark
	mark  *Mark // for a definition in the sources
}

func (e *Expander) transcribe(m *Macro, found match, call Call) ([]Token, error) {
	t := transcriber{Expander: e, macro: m, call: call, match: found, mark: &Mark{Macro: m}}
	t.out = make([]Token, 0, len(found.rule.template)+len(found.tokens))
	if err := t.nodes(found.rule.template); err != nil {
		return nil, err
	}
	return t.out, nil
}

func (t *transcriber) nodes(nodes []node) error {
	for i := range nodes {
		if err := t.step(1, t.macro, t.call); err != nil {
			return err
		}
		n := &nodes[i]
		var err error
		switch {
		case n.seq != nil:
			err = t.sequence(n.seq)
		case n.vari >= 0:
			err = t.variable(n)
		default:
			t.token(n.token)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// token writes a token of the template.
func (t *transcriber) token(token Token) {
	if token.Mark == nil {
		token.Mark = t.mark
	} else {
		token.Mark = t.remark(token.Mark)
	}
	switch {
	case token.Kind.IsOpen() || token.Kind == syntax.FragmentOpen:
		t.open = append(t.open, len(t.out))
	case (token.Kind.IsClose() || token.Kind == syntax.FragmentClose) && len(t.open) > 0:
		partner := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		token.Partner = int32(partner - len(t.out))
		t.out[partner].Partner = -token.Partner
	}
	t.out = append(t.out, token)
}

func (t *transcriber) remark(outer *Mark) *Mark {
	if t.marks == nil {
		t.marks = map[*Mark]*Mark{}
	}
	mark := t.marks[outer]
	if mark == nil {
		mark = &Mark{Macro: t.macro, Outer: outer}
		t.marks[outer] = mark
	}
	return mark
}

// lookup returns what a variable is bound to in the current turns. A variable
// that repeats less often than its place is the same in each turn.
func (t *transcriber) lookup(n int) *binding {
	b := &t.match.bindings[n]
	for _, turn := range t.path {
		if !b.isList {
			break
		}
		b = &b.list[turn]
	}
	return b
}

func (t *transcriber) variable(n *node) error {
	b := t.lookup(n.vari)
	if b.isList {
		return newError(Uneven, n.token, "%s!: $%s is still repeating here", t.macro.Name, n.token.Text)
	}
	tokens := t.match.tokens[b.start:b.end]
	if err := t.step(len(tokens), t.macro, t.call); err != nil {
		return err
	}
	switch b.fragment {
	case syntax.Ident, syntax.Lifetime, syntax.TokenTree:
		t.out = append(t.out, tokens...)
		return nil
	}
	if len(tokens) > 0 && tokens[0].Kind == syntax.FragmentOpen && tokens[0].Fragment == b.fragment &&
		int(tokens[0].Partner) == len(tokens)-1 {
		t.out = append(t.out, tokens...)
		return nil
	}
	bracket := Token{Kind: syntax.FragmentOpen, Fragment: b.fragment, Partner: int32(len(tokens) + 1),
		Start: n.token.Start, End: n.token.End, Source: n.token.Source, Mark: t.mark}
	if len(tokens) > 0 {
		first, last := tokens[0], tokens[len(tokens)-1]
		bracket.Source, bracket.Start, bracket.End = first.Source, first.Start, first.End
		if last.Source == first.Source && last.End > first.End {
			bracket.End = last.End
		}
	}
	t.out = append(append(t.out, bracket), tokens...)
	bracket.Kind, bracket.Partner = syntax.FragmentClose, -bracket.Partner
	t.out = append(t.out, bracket)
	return nil
}

func (t *transcriber) sequence(s *sequence) error {
	turns, by := -1, 0
	for _, n := range s.vars {
		b := t.lookup(n)
		if !b.isList {
			continue
		}
		if turns >= 0 && turns != len(b.list) {
			vars := t.match.rule.vars
			return newError(Uneven, s.at, "%s!: $%s repeats %d times, but $%s %d times", t.macro.Name,
				vars[by].Text, turns, vars[n].Text, len(b.list))
		}
		turns, by = len(b.list), n
	}
	if turns < 0 {
		return newError(Uneven, s.at, "%s!: repetition without a variable that repeats", t.macro.Name)
	}
	for turn := range turns {
		if turn > 0 && s.sep != nil {
			t.token(*s.sep)
		}
		t.path = append(t.path, turn)
		if err := t.nodes(s.body); err != nil {
			return err
		}
		t.path = t.path[:len(t.path)-1]
	}
	return nil
}
