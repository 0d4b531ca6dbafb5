package syntax

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// A pathStyle says how generic arguments are written.
type pathStyle int

const (
	modPath  pathStyle = iota // not at all
	exprPath                  // a::<T>
	typePath                  // a<T>, Fn(T) -> U
)

// path takes a path, also one that begins with `<T as Trait>::`.
func (p *Parser) path(style pathStyle) bool {
	if p.eatFragment(pathFragments) {
		return true
	}
	if p.eatByte('<') {
		if !p.typ(true) || p.eatWord(kwAs) && !p.path(typePath) || !p.closeAngle() || !p.expect(lex.PathSep) {
			return false
		}
	} else {
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
	if !p.enter() || !p.eatByte('<') {
		return false
	}
	defer p.leave()
	for !p.eatByte('>') {
		if !p.generic() {
			return false
		}
		if !p.eat(',') {
			return p.closeAngle()
		}
	}
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
		return p.word(kwTrue) || p.word(kwFalse)
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
func (p *Parser) binder() bool { return !p.eatWord(kwFor) || p.parameters() }

// parameters takes `<…>` with generic parameters.
func (p *Parser) parameters() bool {
	if !p.enter() {
		return false
	}
	defer p.leave()
	if !p.eatByte('<') {
		return p.failKind('<')
	}
	for !p.eatByte('>') {
		if !p.attributed((*Parser).parameter) {
			return false
		}
		if !p.eat(',') {
			return p.closeAngle()
		}
	}
	return true
}

func (p *Parser) parameter() bool {
	switch {
	case p.eat(lex.Lifetime):
		return !p.eat(':') || p.bounds()
	case p.eatWord(kwConst):
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
	if !p.eatWord(kwWhere) {
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
	if p.word(kwFor) && isAngle(p.ahead(1).Kind) && !p.binder() {
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
