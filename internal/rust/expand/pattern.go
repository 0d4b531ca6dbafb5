package expand

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// patAlternatives takes `a | b`, perhaps with a leading `|`.
func (p *parser) patAlternatives() bool {
	p.eat('|')
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
func (p *parser) pat() bool {
	if !p.enter() {
		return false
	}
	defer p.leave()
	switch kind := p.kind(); kind {
	case '&', lex.AndAnd:
		p.next()
		p.eatWord("mut")
		return p.pat()
	case '(', '[':
		p.skipGroup()
		return true
	case lex.DotDot:
		p.next()
		if p.atRangeEnd() {
			return p.rangeEnd()
		}
		return true
	case lex.DotDotEq, lex.DotDotDot:
		p.next()
		return p.rangeEnd()
	case FragmentOpen:
		if p.eatFragment(Pat, PatParam) {
			return true
		}
		if p.eatFragment(Expr, Expr2021, Literal, Block) {
			return p.rangeTail()
		}
	}
	if p.kind() == '-' || p.kind().IsLiteral() || p.word("true") || p.word("false") {
		return p.literal() && p.rangeTail()
	}
	return p.wordPat()
}

// wordPat takes a pattern that begins with a name or a path.
func (p *parser) wordPat() bool {
	switch {
	case p.eatWord("_"):
		return true
	case p.eatWord("box"):
		return p.pat()
	case p.word("const") && p.after() == '{':
		p.next()
		p.skipGroup()
		return p.rangeTail()
	case p.eatWord("mut"):
		p.eatWord("ref")
		p.eatWord("mut")
		return p.binding()
	case p.eatWord("ref"):
		p.eatWord("mut")
		return p.binding()
	}
	if !p.path(exprPath) {
		return false
	}
	switch {
	case p.kind() == '!' && p.after().IsOpen():
		p.next()
		p.skipGroup()
		return true
	case p.eatGroup('('), p.eatGroup('{'):
		return true
	case p.eat('@'):
		return p.pat()
	}
	return p.rangeTail()
}

func (p *parser) binding() bool {
	return p.name() && (!p.eat('@') || p.pat())
}

func (p *parser) rangeTail() bool {
	switch p.kind() {
	case lex.DotDot:
		p.next()
		return !p.atRangeEnd() || p.rangeEnd()
	case lex.DotDotEq, lex.DotDotDot:
		p.next()
		return p.rangeEnd()
	}
	return true
}

func (p *parser) atRangeEnd() bool {
	switch kind := p.kind(); kind {
	case '-', '<', lex.Shl, lex.PathSep:
		return true
	case FragmentOpen:
		return p.holds(Expr, Expr2021, Literal, Path, Block)
	default:
		return kind.IsLiteral() || p.atName() || p.word("true") || p.word("false") || p.word("const") && p.after() == '{'
	}
}

func (p *parser) rangeEnd() bool {
	switch {
	case p.eatFragment(Expr, Expr2021, Literal, Block), p.eatGroup('('):
		return true
	case p.word("const") && p.after() == '{':
		p.next()
		p.skipGroup()
		return true
	case p.kind() == '-' || p.kind().IsLiteral() || p.word("true") || p.word("false"):
		return p.literal()
	}
	return p.path(exprPath)
}
