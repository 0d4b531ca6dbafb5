package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// typ takes a type. plus says whether `A + B` is one.
func (p *Parser) typ(plus bool) bool {
	if !p.enter() || !p.anyType(plus) {
		return false
	}
	p.leave()
	return true
}

func (p *Parser) anyType(plus bool) bool {
	switch p.tok.Kind {
	case '[':
		return p.group('[', (*Parser).element)
	case '!':
		p.next()
		return true
	case '*':
		p.next()
		if !p.eatWord(kw.Const) && !p.eatWord(kw.Mut) {
			return p.fail("`const` or `mut`")
		}
		return p.typ(false)
	case '&', lex.AndAnd:
		p.next()
		p.eat(lex.Lifetime)
		p.eatWord(kw.Mut)
		return p.typ(false)
	case '?', lex.Lifetime:
		return p.bounds()
	case '(':
		return p.group('(', (*Parser).types) && p.more(plus)
	case FragmentOpen:
		if p.eatFragment(typeFragments) {
			return p.more(plus)
		}
	}
	return p.wordType(plus)
}

// element takes what stands within `[…]` of a type.
func (p *Parser) element() bool { return p.typ(true) && (!p.eat(';') || p.value()) }

// more takes `+ B` behind a type that may be a bound.
func (p *Parser) more(plus bool) bool {
	if plus && p.eat('+') {
		return p.bounds()
	}
	return true
}

// wordType takes a type that begins with a name, `<` or `::`.
func (p *Parser) wordType(plus bool) bool {
	switch p.tok.Word {
	case kw.Underscore:
		p.next()
		return true
	case kw.Typeof:
		p.next()
		return p.group('(', (*Parser).value)
	case kw.For:
		if !p.binder() {
			return false
		}
	case kw.Impl:
		return p.impl(plus)
	case kw.Dyn:
		if p.boundAhead() {
			return p.impl(plus)
		}
	}
	switch p.tok.Word {
	case kw.Unsafe:
		if isAngle(p.ahead(1).Kind) { // unsafe<'a> T
			p.next()
			return p.parameters() && p.typ(plus)
		}
		return p.functionType()
	case kw.Fn, kw.Extern:
		return p.functionType()
	case kw.Safe:
		if p.ahead(1).Word == kw.Fn {
			return p.functionType()
		}
	}
	if p.tok.Kind != lex.PathSep && !p.atAngle() && !p.atName() && p.tok.Kind != FragmentOpen {
		return p.fail("a type")
	}
	start := p.pos
	if !p.path(typePath) {
		return false
	}
	if p.atBang() {
		return p.call(start, false)
	}
	return p.more(plus)
}

// impl takes `impl` or `dyn` with its bounds, which are one where no plus may be.
func (p *Parser) impl(plus bool) bool {
	p.next()
	start := p.pos
	if !p.bounds() {
		return false
	}
	return plus || !p.joined || p.failAt(start, "parentheses around bounds with `+`")
}

// boundAhead reports whether `dyn` is the keyword.
func (p *Parser) boundAhead() bool {
	switch t := p.ahead(1); t.Kind {
	case lex.Lifetime, '?', '(', '<', '~', '[', FragmentOpen, lex.PathSep:
		return true
	default:
		return t.isName() || t.Word == kw.For || t.Word == kw.Const
	}
}

func (p *Parser) functionType() bool {
	_ = p.eatWord(kw.Unsafe) || p.eatWord(kw.Safe)
	if p.eatWord(kw.Extern) {
		p.abi()
	}
	if !p.eatWord(kw.Fn) {
		return p.fail("`fn`")
	}
	return p.group('(', (*Parser).functionTypeParams) && (!p.eat(lex.Arrow) || p.typ(false))
}

func (p *Parser) functionTypeParams() bool { return p.list((*Parser).functionTypeParam) }

func (p *Parser) functionTypeParam() bool {
	return p.attributed(func(p *Parser) bool {
		if p.tok.Kind.IsName() && p.ahead(1).Kind == ':' {
			p.next()
			p.next()
		}
		return p.eat(lex.DotDotDot) || p.typ(true)
	})
}

func (p *Parser) abi() {
	if p.tok.Kind.IsString() {
		p.next()
	} else {
		p.eatFragment(literalFragments)
	}
}

// bounds takes `A + 'b + ?C`, which may be nothing and may end in a plus.
func (p *Parser) bounds() bool {
	joined := false
	for {
		switch {
		case p.eat(lex.Lifetime):
		case p.at('('):
			if !p.group('(', (*Parser).bounds) {
				return false
			}
		case p.word(kw.Use) && isAngle(p.ahead(1).Kind):
			p.next()
			if !p.generics() {
				return false
			}
		default:
			if found, ok := p.bound(); !found || !ok {
				p.joined = joined
				return ok
			}
		}
		if !p.eat('+') {
			p.joined = joined
			return true
		}
		joined = true
	}
}

// bound takes a trait with what may stand before it, if it is here.
func (p *Parser) bound() (found, ok bool) {
	if p.word(kw.For) && !p.binder() {
		return false, false
	}
	if p.eat('~') {
		p.eatWord(kw.Const)
	} else if p.at('[') && p.ahead(1).Word == kw.Const {
		p.skipGroup()
	}
	p.eatWord(kw.Const)
	if p.word(kw.Async) && p.ahead(1).Kind != lex.PathSep {
		p.next()
	}
	_ = p.eat('?') || p.eat('!')
	if p.word(kw.For) && !p.binder() {
		return false, false
	}
	if p.eatFragment(typeFragments) {
		return true, true
	}
	if !p.atName() && p.tok.Kind != lex.PathSep && p.tok.Kind != '<' && p.tok.Kind != lex.Shl {
		return false, true
	}
	return true, p.path(typePath)
}
