package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// A pathStyle says how generic arguments are written.
type pathStyle int

const (
	modPath  pathStyle = iota // not at all
	exprPath                  // a::<T>
	typePath                  // a<T>, Fn(T) -> U
)

// path takes a path, also one that begins with `<T as Trait>::`.
func (p *Parser) path(style pathStyle) bool {
	switch {
	case p.atName():
	case p.eatFragment(pathFragments):
		return true
	case p.eatByte('<'):
		if !p.typ(true) || p.eatWord(kw.As) && !p.path(typePath) || !p.closeAngle() || !p.expect(lex.PathSep) {
			return false
		}
	default:
		p.eat(lex.PathSep)
	}
	for {
		if !p.name() || !p.arguments(style) {
			return false
		}
		if p.tok.Kind != lex.PathSep {
			return true
		}
		if next := p.ahead(1); !next.isName() {
			return true
		}
		p.next()
	}
}

func (p *Parser) closeAngle() bool { return p.eatByte('>') || p.failKind('>') }

// arguments takes the generic arguments of a path's segment, if it has any.
func (p *Parser) arguments(style pathStyle) bool {
	if style == modPath {
		return true
	}
	if p.tok.Kind == lex.PathSep {
		if next := p.ahead(1).Kind; !isAngle(next) && next != '(' {
			return true
		}
		p.next()
	} else if style == exprPath {
		return true
	}
	if p.atAngle() {
		return p.generics()
	}
	if p.at('(') {
		return p.group('(', (*Parser).types) && (!p.eat(lex.Arrow) || p.typ(false))
	}
	return true
}

// types takes the arguments of `Fn(…)`, or `..`, which stands for all.
func (p *Parser) types() bool { return p.eat(lex.DotDot) || p.list((*Parser).plusType) }

func (p *Parser) plusType() bool { return p.typ(true) }

// generics takes `<…>` with arguments.
func (p *Parser) generics() bool {
	return p.eatByte('<') && p.angles((*Parser).generic)
}

// angles takes what item takes, with commas between, and the `>` behind.
func (p *Parser) angles(item func(*Parser) bool) bool {
	if !p.enter() {
		return false
	}
	for !p.eatByte('>') {
		if !item(p) {
			return false
		}
		if !p.eat(',') {
			if !p.closeAngle() {
				return false
			}
			break
		}
	}
	p.leave()
	return true
}

func (p *Parser) generic() bool {
	switch {
	case p.atConstArgument():
		return p.constArgument()
	case p.at(lex.Lifetime) && p.ahead(1).Kind != '+':
		p.next()
		return true
	case !p.typ(true):
		return false
	case p.eat('='):
		if p.atConstArgument() {
			return p.constArgument()
		}
		return p.typ(true)
	case p.eat(':'):
		return p.bounds()
	}
	return true
}

func (p *Parser) atConstArgument() bool {
	switch kind := p.tok.Kind; kind {
	case '-', '{':
		return true
	case FragmentOpen:
		return valueFragments.has(p.tok.Fragment)
	case lex.Ident:
		return p.word(kw.True) || p.word(kw.False)
	default:
		return kind.IsLiteral()
	}
}

func (p *Parser) constArgument() bool {
	if p.at('{') {
		return p.block()
	}
	return p.eatFragment(valueFragments) || p.literal()
}

// binder takes `for<'a>`, if it is here.
func (p *Parser) binder() bool { return !p.eatWord(kw.For) || p.parameters() }

// parameters takes `<…>` with generic parameters.
func (p *Parser) parameters() bool {
	if !p.eatByte('<') {
		return p.failKind('<')
	}
	return p.angles(func(p *Parser) bool { return p.attributed((*Parser).parameter) })
}

func (p *Parser) parameter() bool {
	switch {
	case p.eat(lex.Lifetime):
		return !p.eat(':') || p.bounds()
	case p.eatWord(kw.Const):
		if !p.name() || !p.expect(':') || !p.typ(true) {
			return false
		}
		if !p.eat('=') {
			return true
		}
		if p.atConstArgument() {
			return p.constArgument()
		}
		return p.typ(true)
	}
	return p.name() && (!p.eat(':') || p.bounds()) && (!p.eat('=') || p.typ(true))
}

// where takes a where clause, if it is here.
func (p *Parser) where() bool {
	if !p.eatWord(kw.Where) {
		return true
	}
	for {
		switch p.tok.Kind {
		case 0, '{', ';', '=', FragmentClose:
			return true
		}
		if !p.attributed((*Parser).predicate) {
			return false
		}
		if !p.eat(',') {
			return true
		}
	}
}

func (p *Parser) predicate() bool {
	if p.eat(lex.Lifetime) {
		return p.expect(':') && p.bounds()
	}
	if p.word(kw.For) && isAngle(p.ahead(1).Kind) && !p.binder() {
		return false
	}
	if !p.typ(false) {
		return false
	}
	if p.eat('=') || p.eat(lex.EqEq) {
		return p.typ(true)
	}
	return p.expect(':') && p.bounds()
}
