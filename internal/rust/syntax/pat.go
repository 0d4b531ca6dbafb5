package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// pattern takes `a | b`, perhaps with a leading `|`.
func (p *Parser) pattern() bool {
	_ = p.eat('|') || p.eat(lex.OrOr)
	for {
		if !p.pat() {
			return false
		}
		if !p.eat('|') {
			return true
		}
	}
}

// pat takes a pattern without `|` at its outermost level.
func (p *Parser) pat() bool {
	if !p.enter() || !p.anyPat() {
		return false
	}
	p.leave()
	return true
}

func (p *Parser) anyPat() bool {
	switch p.tok.Kind {
	case '&', lex.AndAnd:
		p.next()
		p.eatWord(kw.Mut)
		return p.pat()
	case '(':
		return p.group('(', (*Parser).patterns)
	case '[':
		return p.group('[', (*Parser).patterns)
	case '!':
		p.next()
		return true
	case lex.DotDot:
		p.next()
		return !p.atRangeEnd() || p.rangeEnd()
	case lex.DotDotEq, lex.DotDotDot:
		p.next()
		return p.rangeEnd()
	case FragmentOpen:
		if p.eatFragment(patFragments) {
			return true
		}
		if p.eatFragment(valueFragments) {
			return p.rangeTail()
		}
	}
	if p.atLiteral() {
		return p.literal() && p.rangeTail()
	}
	return p.wordPat()
}

func (p *Parser) patterns() bool { return p.list((*Parser).listPattern) }

// listPattern takes a pattern of a tuple or slice. `(a if b)` is unstable.
func (p *Parser) listPattern() bool {
	return p.attributes() && p.pattern() && (!p.eatWord(kw.If) || p.expr(0))
}

// wordPat takes a pattern that begins with a name or a path.
func (p *Parser) wordPat() bool {
	switch p.tok.Word {
	case kw.Underscore:
		p.next()
		return true
	case kw.Box:
		p.next()
		return p.pat()
	case kw.Const:
		if p.ahead(1).Kind == '{' {
			p.next()
			return p.block() && p.rangeTail()
		}
	case kw.Mut:
		p.next()
		p.eatWord(kw.Ref)
		p.eatWord(kw.Mut)
		return p.binding()
	case kw.Ref:
		p.next()
		p.eatWord(kw.Mut)
		return p.binding()
	}
	if p.tok.Kind != lex.PathSep && !p.atAngle() && !p.atName() && p.tok.Kind != FragmentOpen {
		return p.fail("a pattern")
	}
	start := p.pos
	if !p.path(exprPath) {
		return false
	}
	switch {
	case p.atBang():
		return p.call(start, false) && p.rangeTail()
	case p.at('('):
		return p.group('(', (*Parser).patterns)
	case p.at('{'):
		return p.group('{', (*Parser).fieldPatterns)
	case p.eat('@'):
		return p.pat()
	}
	return p.rangeTail()
}

func (p *Parser) binding() bool { return p.name() && (!p.eat('@') || p.pat()) }

func (p *Parser) fieldPatterns() bool {
	return p.list(func(p *Parser) bool { return p.attributed((*Parser).fieldPattern) })
}

func (p *Parser) fieldPattern() bool {
	if p.eat(lex.DotDot) {
		return true
	}
	if (p.tok.Kind.IsName() || p.at(lex.Int)) && p.ahead(1).Kind == ':' {
		p.next()
		p.next()
		return p.pattern()
	}
	p.eatWord(kw.Box)
	p.eatWord(kw.Ref)
	p.eatWord(kw.Mut)
	return p.name()
}

func (p *Parser) rangeTail() bool {
	switch p.tok.Kind {
	case lex.DotDot:
		p.next()
		return !p.atRangeEnd() || p.rangeEnd()
	case lex.DotDotEq, lex.DotDotDot:
		p.next()
		return p.rangeEnd()
	}
	return true
}

func (p *Parser) atRangeEnd() bool {
	switch p.tok.Kind {
	case '-', '<', lex.Shl, lex.PathSep:
		return true
	case FragmentOpen:
		return (valueFragments | 1<<Path).has(p.tok.Fragment)
	}
	return p.atLiteral() || p.atName() || p.word(kw.Const) && p.ahead(1).Kind == '{'
}

func (p *Parser) rangeEnd() bool {
	switch {
	case p.eatFragment(valueFragments):
		return true
	case p.at('('):
		return p.group('(', (*Parser).value)
	case p.word(kw.Const) && p.ahead(1).Kind == '{':
		p.next()
		return p.block()
	case p.atLiteral():
		return p.literal()
	}
	start := p.pos
	return p.path(exprPath) && (!p.atBang() || p.call(start, false))
}

func (p *Parser) atLiteral() bool {
	return p.tok.Kind == '-' || p.tok.Kind.IsLiteral() || p.word(kw.True) || p.word(kw.False)
}

// literal takes a literal, perhaps a negative one.
func (p *Parser) literal() bool {
	if p.at(FragmentOpen) && literalFragments.has(p.tok.Fragment) && beginsLiteral(p.in, p.pos) {
		return p.eatFragment(literalFragments)
	}
	p.eat('-')
	if p.tok.Kind.IsLiteral() || p.word(kw.True) || p.word(kw.False) {
		p.next()
		return true
	}
	return p.eatFragment(1<<Literal) || p.fail("a literal")
}
