package expand

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// A Macro is a definition made ready for calls. It is safe for concurrent use.
type Macro struct {
	Name  string
	Crate string
	rules []rule
}

// A rule is one arm: `(pattern) => { template }`.
type rule struct {
	pattern  []instr
	vars     []Token // the names of the variables, whose numbers are their places
	template []node
}

// An op is what a matcher does at an instr (rustc's MatcherLoc).
type op uint8

const (
	opToken op = iota // one token
	opSeq             // enter or skip a repetition
	opAgain           // behind a repetition without separator: end it or begin anew
	opSep             // behind a repetition with separator: end it or take the separator
	opFirst           // behind the separator: begin anew
	opVar             // a fragment
	opEnd             // the end of the arguments
)

type instr struct {
	op       op
	repeat   lex.Kind // opSeq, opAgain: '*', '+' or '?'
	fragment syntax.Fragment
	token    Token // opToken, opSep
	to       int32 // opSeq: behind the repetition; opAgain, opFirst: its begin
	// first and last are the variables that the repetition binds, or for opVar
	// the variable's number twice.
	first, last int32
	depth       int32
}

// A node is a piece of a template.
type node struct {
	token Token // unless a variable or a repetition
	vari  int   // a variable's number, else -1
	seq   *sequence
}

type sequence struct {
	body []node
	sep  *Token
	vars []int // that occur in it
	at   Token
}

// Compile reads the arms of a macro. The error is an *Error.
func Compile(def Definition) (*Macro, error) {
	m := &Macro{Name: def.Name, Crate: def.Crate}
	body := def.Body
	for len(body) > 0 {
		pattern, rest, err := group(body, def)
		if err != nil {
			return nil, err
		}
		if len(rest) == 0 || rest[0].Kind != lex.FatArrow {
			return nil, newError(BadMacro, at(rest, body), "macro %s: expected => behind a pattern", def.Name)
		}
		template, rest, err := group(rest[1:], def)
		if err != nil {
			return nil, err
		}
		c := compiler{def: def}
		if err := c.rule(pattern, template); err != nil {
			return nil, err
		}
		m.rules = append(m.rules, c.out)
		if len(rest) > 0 && rest[0].Kind == ';' {
			rest = rest[1:]
		} else if len(rest) > 0 {
			return nil, newError(BadMacro, rest[0], "macro %s: expected ; between arms", def.Name)
		}
		body = rest
	}
	return m, nil
}

// group returns what is inside of the brackets that tokens begin with, and what follows.
func group(tokens []Token, def Definition) (inside, rest []Token, err error) {
	if len(tokens) == 0 || !tokens[0].Kind.IsOpen() {
		return nil, nil, newError(BadMacro, at(tokens, def.Body), "macro %s: expected an arm in brackets", def.Name)
	}
	n := tokens[0].Partner
	return tokens[1:n], tokens[n+1:], nil
}

// at returns the first token there is, else the last one of all.
func at(tokens, all []Token) Token {
	switch {
	case len(tokens) > 0:
		return tokens[0]
	case len(all) > 0:
		return all[len(all)-1]
	}
	return Token{}
}

type compiler struct {
	def Definition
	out rule
}

func (c *compiler) errorf(at Token, format string, args ...any) *Error {
	err := newError(BadMacro, at, format, args...)
	err.Msg = "macro " + c.def.Name + ": " + err.Msg
	return err
}

func (c *compiler) rule(pattern, template []Token) error {
	if err := c.pattern(pattern, 0); err != nil {
		return err
	}
	c.emit(instr{op: opEnd})
	nodes, err := c.template(template)
	if err != nil {
		return err
	}
	c.out.template = nodes
	return nil
}

func (c *compiler) emit(i instr) int32 {
	c.out.pattern = append(c.out.pattern, i)
	return int32(len(c.out.pattern) - 1)
}

// pattern compiles the part of an arm's left side that stands in depth repetitions.
func (c *compiler) pattern(tokens []Token, depth int32) error {
	for i := 0; i < len(tokens); {
		t := tokens[i]
		if n := docSize(tokens[i:]); n > 0 {
			// rustc skips doc comments in patterns.
			i += n
			continue
		}
		if t.Kind != '$' || i+1 == len(tokens) || tokens[i+1].Kind.IsClose() {
			c.emit(instr{op: opToken, token: t})
			i++
			continue
		}
		switch next := tokens[i+1]; {
		case next.Kind == '(':
			n, err := c.patternSeq(tokens[i+1:], depth)
			if err != nil {
				return err
			}
			i += 1 + n
		case next.Is("crate"):
			c.emit(instr{op: opToken, token: dollarCrate(t, next)})
			i += 2
		case next.Kind.IsName():
			if i+3 >= len(tokens) || tokens[i+2].Kind != ':' || !tokens[i+3].Kind.IsName() {
				return c.errorf(next, "variable $%s without a fragment", next.Text)
			}
			if err := c.variable(next, tokens[i+3], depth); err != nil {
				return err
			}
			i += 4
		case next.Kind == '{' || next.Kind == '$':
			return newError(Unsupported, next, "macro %s: metavariable expressions are not supported", c.def.Name)
		default:
			return c.errorf(next, "expected a name behind $")
		}
	}
	return nil
}

func (c *compiler) variable(name, fragment Token, depth int32) error {
	kind := syntax.FragmentOf(fragment.Text, c.def.Edition)
	if kind == 0 {
		return c.errorf(fragment, "unknown fragment %s", fragment.Text)
	}
	if c.find(name) >= 0 {
		return c.errorf(name, "variable $%s is bound twice", name.Text)
	}
	n := int32(len(c.out.vars))
	c.out.vars = append(c.out.vars, name)
	c.emit(instr{op: opVar, fragment: kind, token: name, first: n, last: n, depth: depth})
	return nil
}

// find returns the number of the variable with this name, or -1.
func (c *compiler) find(name Token) int {
	for i, v := range c.out.vars {
		if v.Text == name.Text && v.Mark == name.Mark {
			return i
		}
	}
	return -1
}

// patternSeq compiles the repetition whose bracket tokens begin with, and
// returns how many tokens it has with separator and operator.
func (c *compiler) patternSeq(tokens []Token, depth int32) (int, error) {
	sep, repeat, size, err := c.repetition(tokens)
	if err != nil {
		return 0, err
	}
	first := int32(len(c.out.vars))
	start := c.emit(instr{op: opSeq, repeat: repeat, depth: depth})
	if err := c.pattern(tokens[1:tokens[0].Partner], depth+1); err != nil {
		return 0, err
	}
	if sep == nil && mayBeEmpty(c.out.pattern[start+1:], start+1) {
		return 0, c.errorf(tokens[0], "repetition of what may be empty")
	}
	if sep == nil {
		c.emit(instr{op: opAgain, repeat: repeat, to: start + 1})
	} else {
		c.emit(instr{op: opSep, token: *sep})
		c.emit(instr{op: opFirst, to: start + 1})
	}
	seq := &c.out.pattern[start]
	seq.to = int32(len(c.out.pattern))
	seq.first, seq.last = first, int32(len(c.out.vars)-1)
	return size, nil
}

// repetition reads what stands behind the brackets of a repetition that tokens
// begin with: a separator if there is one, and the operator.
func (c *compiler) repetition(tokens []Token) (sep *Token, repeat lex.Kind, size int, err error) {
	i := int(tokens[0].Partner) + 1
	if i < len(tokens) && !isRepeat(tokens[i].Kind) && !tokens[i].Kind.IsOpen() && !tokens[i].Kind.IsClose() {
		sep = &tokens[i]
		i++
	}
	if i >= len(tokens) || !isRepeat(tokens[i].Kind) {
		return nil, 0, 0, c.errorf(tokens[0], "repetition without *, + or ?")
	}
	if sep != nil && tokens[i].Kind == '?' {
		return nil, 0, 0, c.errorf(tokens[0], "repetition ? with a separator")
	}
	return sep, tokens[i].Kind, i + 1, nil
}

// mayBeEmpty reports whether a part of a pattern, which begins at offset, can
// fit no tokens at all.
func mayBeEmpty(part []instr, offset int32) bool {
	for i := int32(0); int(i) < len(part); {
		switch in := part[i]; {
		case in.op == opVar && in.fragment == syntax.Vis:
			i++
		case in.op == opSeq && in.repeat != '+':
			i = in.to - offset
		default:
			return false
		}
	}
	return true
}

func isRepeat(k lex.Kind) bool { return k == '*' || k == '+' || k == '?' }

// template compiles an arm's right side.
func (c *compiler) template(tokens []Token) ([]node, error) {
	var nodes []node
	for i := 0; i < len(tokens); {
		t := tokens[i]
		if t.Kind != '$' || i+1 == len(tokens) || tokens[i+1].Kind.IsClose() {
			nodes = append(nodes, node{token: t, vari: -1})
			i++
			continue
		}
		switch next := tokens[i+1]; {
		case next.Kind == '(':
			sep, _, size, err := c.repetition(tokens[i+1:])
			if err != nil {
				return nil, err
			}
			body, err := c.template(tokens[i+2 : i+1+int(next.Partner)])
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, node{vari: -1, seq: &sequence{body, sep, varsOf(body, nil), next}})
			i += 1 + size
		case next.Is("crate"):
			nodes = append(nodes, node{token: dollarCrate(t, next), vari: -1})
			i += 2
		case next.Kind.IsName():
			if n := c.find(next); n >= 0 {
				nodes = append(nodes, node{token: next, vari: n})
			} else {
				// A variable of a macro that this arm defines.
				nodes = append(nodes, node{token: t, vari: -1}, node{token: next, vari: -1})
			}
			i += 2
		case next.Kind == '{' || next.Kind == '$':
			return nil, newError(Unsupported, next, "macro %s: metavariable expressions are not supported", c.def.Name)
		default:
			return nil, c.errorf(next, "expected a name behind $")
		}
	}
	return nodes, nil
}

func varsOf(nodes []node, vars []int) []int {
	for _, n := range nodes {
		if n.vari >= 0 {
			vars = append(vars, n.vari)
		}
		if n.seq != nil {
			vars = append(vars, n.seq.vars...)
		}
	}
	return vars
}

// dollarCrate returns the one token that `$crate` is.
func dollarCrate(dollar, crate Token) Token {
	if dollar.Source == crate.Source {
		crate.Start = dollar.Start
	}
	crate.Text = "$crate"
	return crate
}
