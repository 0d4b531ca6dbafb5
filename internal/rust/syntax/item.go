package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// items takes what stands in a file or module.
func (p *Parser) items() bool { return p.innerAttributes() && p.each((*Parser).item) }

// block of items takes braces with them.
func (p *Parser) itemBlock() bool {
	node := p.open(Scope)
	ok := p.group('{', (*Parser).items)
	p.close(node)
	return ok
}

// item takes an item whose attributes are taken already: also one of a trait,
// impl or extern block.
func (p *Parser) item() bool {
	if p.eatFragment(1 << Item) {
		return true
	}
	p.visibility()
	if !p.atItem() {
		return p.itemCall()
	}
	for {
		switch word := p.tok.Word; word {
		case kw.Use:
			return p.use()
		case kw.Const:
			p.next()
			if next := p.tok.Word; isFrontMatter(next) || next == kw.Async || next == kw.Trait || next == kw.Impl || next == kw.Unsafe || next == kw.Auto {
				continue
			}
			return p.constant()
		case kw.Static:
			p.next()
			p.eatWord(kw.Mut)
			return p.constant()
		case kw.Type:
			p.next()
			return p.typeAlias()
		case kw.Extern:
			if p.ahead(1).Word == kw.Crate {
				return p.externCrate()
			}
			p.next()
			p.abi()
			if p.at('{') {
				return p.itemBlock()
			}
		case kw.Fn:
			p.next()
			return p.function()
		case kw.Struct, kw.Union:
			p.next()
			return p.structure()
		case kw.Enum:
			p.next()
			return p.name() && p.optionalParameters() && p.where() && p.group('{', (*Parser).variants)
		case kw.Trait:
			p.next()
			return p.trait()
		case kw.Impl:
			p.next()
			return p.implementation()
		case kw.Mod:
			return p.module()
		case kw.MacroRules:
			return p.macroRules()
		case kw.Macro:
			return p.macro()
		case kw.Unsafe, kw.Async, kw.Gen, kw.Safe, kw.Auto, kw.Default:
			p.next()
		default:
			return p.fail("an item")
		}
	}
}

// itemCall takes a macro call in an item's place.
func (p *Parser) itemCall() bool {
	start := p.pos
	if n := p.pathAhead(); n == 0 || p.ahead(n).Kind != '!' || !p.ahead(n+1).Kind.IsOpen() {
		return p.fail("an item")
	}
	if !p.path(modPath) {
		return false
	}
	braces := p.ahead(1).Kind == '{'
	return p.call(start, true) && (braces || p.expect(';'))
}

func (p *Parser) use() bool {
	node := p.open(Use)
	p.next()
	ok := p.useTree() && p.expect(';')
	p.close(node)
	return ok
}

func (p *Parser) useTree() bool {
	if p.eatFragment(pathFragments) {
		return p.rename()
	}
	for p.eat(lex.PathSep); ; {
		switch {
		case p.eat('*'):
			return true
		case p.at('{'):
			return p.group('{', func(p *Parser) bool { return p.list((*Parser).useTree) })
		case !p.name():
			return false
		}
		if !p.eat(lex.PathSep) {
			return p.rename()
		}
	}
}

func (p *Parser) rename() bool {
	if !p.eatWord(kw.As) || p.eatWord(kw.Underscore) {
		return true
	}
	return p.name()
}

func (p *Parser) externCrate() bool {
	node := p.open(ExternCrate)
	p.next()
	p.next()
	ok := p.name() && p.rename() && p.expect(';')
	p.close(node)
	return ok
}

func (p *Parser) module() bool {
	node := p.open(Module)
	p.next()
	ok := p.name()
	if ok && !p.eat(';') {
		p.opens(node)
		ok = p.group('{', (*Parser).items)
	}
	p.close(node)
	return ok
}

func (p *Parser) macroRules() bool {
	node := p.open(Rules)
	p.seek(p.pos + 3)
	p.opens(node)
	braces, ok := p.at('{'), p.tok.Kind.IsOpen()
	if ok {
		p.skipGroup()
	}
	p.close(node)
	return ok && (braces || p.expect(';')) || p.failKind('{')
}

func (p *Parser) macro() bool {
	node := p.open(Macro)
	p.next()
	ok := p.name() && (!p.at('(') || p.group('(', (*Parser).tokens))
	if ok {
		p.opens(node)
		ok = p.group('{', (*Parser).tokens)
	}
	p.close(node)
	return ok
}

// constant takes what stands behind `const` or `static mut`.
func (p *Parser) constant() bool {
	p.eatWord(kw.Mut)
	if !p.eatWord(kw.Underscore) && !p.name() || !p.optionalParameters() {
		return false
	}
	if p.eat(':') && !p.typ(true) || !p.where() || p.eat('=') && !p.expr(0) {
		return false
	}
	return p.where() && p.expect(';')
}

func (p *Parser) typeAlias() bool {
	if !p.name() || !p.optionalParameters() || p.eat(':') && !p.bounds() || !p.where() {
		return false
	}
	return (!p.eat('=') || p.typ(true)) && p.where() && p.expect(';')
}

func (p *Parser) optionalParameters() bool { return !p.atAngle() || p.parameters() }

func (p *Parser) function() bool {
	if !p.name() || !p.optionalParameters() || !p.group('(', (*Parser).params) {
		return false
	}
	if p.eat(lex.Arrow) && !p.typ(true) || !p.where() {
		return false
	}
	return p.eat(';') || p.block()
}

func (p *Parser) params() bool {
	return p.list(func(p *Parser) bool { return p.attributed((*Parser).param) })
}

// param takes a parameter of a function: `self` with what may stand before it,
// a pattern with its type, or, in a trait of edition 2015, a type alone.
func (p *Parser) param() bool {
	n := 0
	if p.at('&') {
		n = 1
		if p.ahead(n).Kind == lex.Lifetime {
			n++
		}
	}
	if p.ahead(n).Word == kw.Mut {
		n++
	}
	if p.ahead(n).Word == kw.SelfValue && p.ahead(n+1).Kind != lex.PathSep {
		p.seek(p.pos + n + 1)
		return !p.eat(':') || p.typ(true)
	}
	if p.eat(lex.DotDotDot) {
		return true
	}
	if next := p.ahead(1).Kind; p.tok.Kind.IsName() && next == ':' || p.looksLike((*Parser).patternColon) {
		return p.patternColon() && (p.eat(lex.DotDotDot) || p.typ(true))
	}
	return p.typ(true)
}

func (p *Parser) patternColon() bool { return p.pat() && p.expect(':') }

func (p *Parser) structure() bool {
	if !p.name() || !p.optionalParameters() {
		return false
	}
	if p.at('(') {
		return p.group('(', (*Parser).tupleFields) && p.where() && p.expect(';')
	}
	if !p.where() {
		return false
	}
	return p.eat(';') || p.group('{', (*Parser).fields)
}

func (p *Parser) tupleFields() bool {
	return p.list(func(p *Parser) bool { return p.attributed((*Parser).tupleField) })
}

func (p *Parser) tupleField() bool {
	p.visibility()
	return p.typ(true) && (!p.eat('=') || p.expr(0))
}

func (p *Parser) fields() bool {
	return p.list(func(p *Parser) bool { return p.attributed((*Parser).field) })
}

// field takes a field of a struct; a value behind it is unstable.
func (p *Parser) field() bool {
	p.visibility()
	if p.word(kw.Unsafe) && p.ahead(1).Kind.IsName() {
		p.next()
	}
	return p.name() && p.expect(':') && p.typ(true) && (!p.eat('=') || p.expr(0))
}

func (p *Parser) variants() bool {
	return p.list(func(p *Parser) bool { return p.attributed((*Parser).variant) })
}

func (p *Parser) variant() bool {
	p.visibility()
	start := p.pos
	if !p.name() {
		return false
	}
	switch p.tok.Kind {
	case '!':
		return p.atBang() && p.call(start, true)
	case '(':
		if !p.group('(', (*Parser).tupleFields) {
			return false
		}
	case '{':
		if !p.group('{', (*Parser).fields) {
			return false
		}
	}
	return !p.eat('=') || p.expr(0)
}

func (p *Parser) trait() bool {
	if !p.name() || !p.optionalParameters() || p.eat(':') && !p.bounds() || !p.where() {
		return false
	}
	if p.eat('=') {
		return p.bounds() && p.where() && p.expect(';')
	}
	return p.itemBlock()
}

// implementation takes what stands behind `impl`.
func (p *Parser) implementation() bool {
	if p.atParameters() && !p.parameters() {
		return false
	}
	p.eatWord(kw.Const)
	if next := p.ahead(1); p.at('!') && beginsType(&next) {
		p.next()
	}
	if !p.typ(true) || p.eatWord(kw.For) && !p.eat(lex.DotDot) && !p.typ(true) {
		return false
	}
	return p.where() && p.itemBlock()
}

// atParameters reports whether `<` begins generic parameters, and not a path
// (rustc_parse, Parser::choose_generics_over_qpath).
func (p *Parser) atParameters() bool {
	if p.tok.Kind != '<' {
		return p.at(lex.LeftArrow)
	}
	switch next := p.ahead(1); {
	case next.Kind == '>' || next.Kind == '#' || next.Word == kw.Const || next.Kind == lex.OuterDoc:
		return true
	case next.Kind == lex.Lifetime || next.Kind.IsName():
		switch p.ahead(2).Kind {
		case '>', ',', ':', '=', lex.Shr, lex.GreaterEq, lex.ShrEq:
			return true
		}
	}
	return false
}
