package expand

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// typ takes a type. plus says whether `A + B` is one.
func (p *parser) typ(plus bool) bool {
	if !p.enter() {
		return false
	}
	defer p.leave()
	switch kind := p.kind(); kind {
	case '[':
		p.skipGroup()
		return true
	case '!':
		p.next()
		return true
	case '*':
		p.next()
		return (p.eatWord("const") || p.eatWord("mut")) && p.typ(false)
	case '&', lex.AndAnd:
		p.next()
		p.eat(lex.Lifetime)
		p.eatWord("mut")
		return p.typ(false)
	case '?', lex.Lifetime:
		return p.bounds()
	case '(':
		p.skipGroup()
		return p.more(plus)
	case FragmentOpen:
		return p.eatFragment(Type, Path) && p.more(plus)
	}
	return p.wordType(plus)
}

// more takes `+ B` behind a type that may be a bound.
func (p *parser) more(plus bool) bool {
	if plus && p.eat('+') {
		return p.bounds()
	}
	return true
}

// wordType takes a type that begins with a name, `<` or `::`.
func (p *parser) wordType(plus bool) bool {
	switch {
	case p.eatWord("_"):
		return true
	case p.word("typeof"):
		p.next()
		return p.eatGroup('(')
	case p.word("for"):
		p.next()
		if !p.angles() {
			return false
		}
	case p.word("impl"):
		p.next()
		return p.bounds()
	case p.word("dyn") && p.boundAhead():
		p.next()
		return p.bounds()
	}
	if p.word("fn") || p.word("unsafe") || p.word("extern") || p.word("safe") && p.wordAhead(1, "fn") {
		return p.functionType()
	}
	if !p.path(typePath) {
		return false
	}
	if p.kind() == '!' && p.ahead(1).IsOpen() {
		p.next()
		p.skipGroup()
	}
	return p.more(plus)
}

// boundAhead reports whether `dyn` is the keyword.
func (p *parser) boundAhead() bool {
	switch p.after() {
	case lex.Lifetime, '?', '(', '<', '~', FragmentOpen, lex.PathSep:
		return true
	case lex.Ident, lex.RawIdent:
		t := &p.tokens[p.pos+1]
		return isName(t) || t.Text == "for"
	}
	return false
}

func (p *parser) functionType() bool {
	_ = p.eatWord("unsafe") || p.eatWord("safe")
	if p.eatWord("extern") {
		p.abi()
	}
	return p.eatWord("fn") && p.eatGroup('(') && (!p.eat(lex.Arrow) || p.typ(false))
}

func (p *parser) abi() {
	if p.kind().IsString() {
		p.next()
	} else {
		p.eatFragment(Literal, Expr, Expr2021)
	}
}

// bounds takes `A + 'b + ?C`, which may be nothing and may end in a plus.
func (p *parser) bounds() bool {
	for {
		switch {
		case p.eat(lex.Lifetime), p.eatGroup('('), p.eatFragment(Type, Path):
		case p.word("use") && (p.after() == '<'):
			p.next()
			if !p.angles() {
				return false
			}
		default:
			p.modifiers()
			if p.eatWord("for") && !p.angles() {
				return false
			}
			if p.eatFragment(Type, Path) {
				break
			}
			if !p.atName() && p.kind() != lex.PathSep && p.kind() != '<' && p.kind() != lex.Shl {
				return true
			}
			if !p.path(typePath) {
				return false
			}
		}
		if !p.eat('+') {
			return true
		}
	}
}

// modifiers takes what may stand before a bound's path.
func (p *parser) modifiers() {
	if p.eat('~') {
		p.eatWord("const")
	} else if p.kind() == '[' && p.wordAhead(1, "const") {
		p.skipGroup()
	}
	p.eatWord("const")
	if p.word("async") && p.after() != lex.PathSep {
		p.next()
	}
	_ = p.eat('?') || p.eat('!')
}
