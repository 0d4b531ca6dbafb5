package expand

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// A match is an arm that fits, and what its variables are bound to.
type match struct {
	rule     *rule
	tokens   []Token // the arguments
	bindings []binding
}

// A binding is what a variable stands for: tokens, or in a repetition a list.
type binding struct {
	start, end int32 // in match.tokens
	fragment   syntax.Fragment
	isList     bool
	list       []binding
}

// A matcher follows all ways through a pattern at once, one token after the
// other. Only a fragment needs more than one token, and rustc demands that no
// other way is open where one begins.
type matcher struct {
	current, next []thread
	parser        syntax.Parser
	tokens        Input
	// events of all threads; each thread is a list from its last one backwards.
	events []event
	path   []int32 // of one thread's events, first to last
}

type thread struct {
	at   int32 // in rule.pattern
	last int32 // in matcher.events, or -1
}

// An event binds a variable, or begins a list for each variable of a repetition.
type event struct {
	previous    int32
	first, last int32 // the variables
	depth       int32
	start, end  int32
	fragment    syntax.Fragment // 0 for a list
}

func (x *matcher) record(t thread, e event) thread {
	e.previous = t.last
	x.events = append(x.events, e)
	return thread{t.at, int32(len(x.events) - 1)}
}

// match finds the first arm that fits.
func (e *Expander) match(m *Macro, call Call) (match, error) {
	tokens := call.Args
	// The error of the arm that got furthest is the one to show.
	furthest := -1
	for i := range m.rules {
		rule := &m.rules[i]
		found, reached, err := e.try(m, rule, call, tokens)
		if err != nil {
			return match{}, err
		}
		if found.rule != nil {
			return found, nil
		}
		furthest = max(furthest, reached)
	}
	switch {
	case furthest < 0:
		return match{}, newError(NoArm, call.At, "%s! has no arm", m.Name)
	case furthest >= len(tokens):
		return match{}, newError(NoArm, call.At, "no arm of %s! fits: unexpected end", m.Name)
	}
	return match{}, newError(NoArm, tokens[furthest], "no arm of %s! fits: unexpected %q", m.Name, describe(tokens[furthest]))
}

func describe(t Token) string {
	if t.Kind == syntax.FragmentOpen {
		return "$" + t.Fragment.String()
	}
	return t.Text
}

// try matches one arm. It returns no rule if the arm does not fit, and the
// place of the token that it failed at.
func (e *Expander) try(m *Macro, r *rule, call Call, tokens []Token) (match, int, error) {
	x := &e.matcher
	x.current = append(x.current[:0], thread{0, -1})
	x.events = x.events[:0]
	x.tokens = tokens
	for pos := 0; ; {
		x.next = x.next[:0]
		special, steps, ambiguous := x.advance(r.pattern, pos)
		if err := e.step(steps, m, call); err != nil {
			return match{}, 0, err
		}
		switch {
		case special.at >= 0 && (ambiguous || len(x.next) > 0):
			return match{}, 0, newError(NoArm, tokenAt(tokens, pos, call), "%s!: more than one way to go on", m.Name)
		case special.at >= 0 && r.pattern[special.at].op == opEnd:
			return match{r, tokens, x.bindings(r, special)}, pos, nil
		case special.at >= 0:
			in := &r.pattern[special.at]
			end, half, ok, deep := x.parser.End(in.fragment, &x.tokens, pos)
			if err := e.step(end-pos, m, call); err != nil {
				return match{}, 0, err
			}
			switch {
			case deep:
				return match{}, 0, newError(Limit, tokenAt(tokens, end, call), "%s!: $%s:%s is nested too deeply", m.Name, in.token.Text, in.fragment)
			case !ok:
				return match{}, 0, newError(NoFragment, tokenAt(tokens, end, call), "%s!: no $%s:%s", m.Name, in.token.Text, in.fragment)
			}
			if half > 0 {
				tokens = split(tokens, end, half)
				x.tokens = tokens
				end++
			}
			special.at++
			bound := event{first: in.first, last: in.last, depth: in.depth, start: int32(pos), end: int32(end), fragment: in.fragment}
			x.current = append(x.current[:0], x.record(special, bound))
			pos = end
		case len(x.next) == 0:
			return match{}, pos, nil
		default:
			x.current, x.next = x.next, x.current
			pos++
		}
	}
}

func tokenAt(tokens []Token, pos int, call Call) Token {
	if pos < len(tokens) {
		return tokens[pos]
	}
	return call.At
}

// advance moves the current threads until each has taken the token at pos,
// failed, or stands before a fragment that can begin here, or the end. Of the
// latter it returns one; ambiguous says that there are more.
func (x *matcher) advance(pattern []instr, pos int) (special thread, steps int, ambiguous bool) {
	special.at = -1
	token := &endToken
	if pos < len(x.tokens) {
		token = &x.tokens[pos]
	}
	for len(x.current) > 0 {
		t := x.current[len(x.current)-1]
		x.current = x.current[:len(x.current)-1]
		steps++
		if steps > MaxSteps {
			return special, steps, ambiguous
		}
		switch in := &pattern[t.at]; in.op {
		case opToken:
			if sameToken(&in.token, token) {
				x.next = append(x.next, thread{t.at + 1, t.last})
			}
		case opSeq:
			if in.first <= in.last {
				t = x.record(t, event{first: in.first, last: in.last, depth: in.depth})
			}
			if in.repeat != '+' {
				x.current = append(x.current, thread{in.to, t.last})
			}
			x.current = append(x.current, thread{t.at + 1, t.last})
		case opAgain:
			x.current = append(x.current, thread{t.at + 1, t.last})
			if in.repeat != '?' {
				x.current = append(x.current, thread{in.to, t.last})
			}
		case opSep:
			x.current = append(x.current, thread{t.at + 2, t.last})
			if sameToken(&in.token, token) {
				x.next = append(x.next, thread{t.at + 1, t.last})
			}
		case opFirst:
			x.current = append(x.current, thread{in.to, t.last})
		case opVar, opEnd:
			if in.op == opVar && !syntax.Begins(in.fragment, &x.tokens, pos) || in.op == opEnd && pos < len(x.tokens) {
				continue
			}
			if special.at >= 0 {
				ambiguous = true
			} else {
				special = t
			}
		}
	}
	return special, steps, ambiguous
}

// endToken stands behind the arguments.
var endToken Token

// sameToken compares without regard to hygiene. The brackets of fragments are
// never the same as anything.
func sameToken(a, b *Token) bool {
	return a.Kind == b.Kind && a.Text == b.Text && a.Kind != syntax.FragmentOpen && a.Kind != syntax.FragmentClose
}

// bindings collects what a thread bound.
func (x *matcher) bindings(r *rule, t thread) []binding {
	x.path = x.path[:0]
	for i := t.last; i >= 0; i = x.events[i].previous {
		x.path = append(x.path, i)
	}
	bindings := make([]binding, len(r.vars))
	for i := len(x.path) - 1; i >= 0; i-- {
		ev := &x.events[x.path[i]]
		bound := binding{start: ev.start, end: ev.end, fragment: ev.fragment, isList: ev.fragment == 0}
		for v := ev.first; v <= ev.last; v++ {
			b := &bindings[v]
			for depth := ev.depth; depth > 1; depth-- {
				b = &b.list[len(b.list)-1]
			}
			if ev.depth == 0 {
				*b = bound
			} else {
				b.list = append(b.list, bound)
			}
		}
	}
	return bindings
}

// split returns tokens with the token at pos cut behind its first n bytes.
func split(tokens []Token, pos, n int) []Token {
	out := make([]Token, 0, len(tokens)+1)
	out = append(out, tokens[:pos+1]...)
	out = append(out, tokens[pos:]...)
	left, right := &out[pos], &out[pos+1]
	kind := left.Kind
	left.Text, right.Text = left.Text[:n], right.Text[n:]
	left.Kind, right.Kind = lex.Kind(left.Text[0]), syntax.Rest(kind, n)
	if left.End-left.Start == uint32(n+len(right.Text)) {
		left.End = left.Start + uint32(n)
		right.Start = left.End
	}
	// Brackets around the cut are further apart now.
	for i := range pos {
		if partner := i + int(out[i].Partner); partner >= pos {
			out[i].Partner++
			out[partner+1].Partner--
		}
	}
	return out
}
