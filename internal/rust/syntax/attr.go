package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// attributed takes attributes and what they apply to.
func (p *Parser) attributed(thing func(*Parser) bool) bool {
	for p.eat(lex.OuterDoc) {
		p.behindAttributes = p.pos
	}
	if !p.at('#') {
		return thing(p)
	}
	node := p.open(Attributed)
	ok := p.attributes() && thing(p)
	p.close(node)
	return ok
}

// attributes takes all outer attributes that are here.
func (p *Parser) attributes() bool {
	start := p.pos
	for {
		switch p.tok.Kind {
		case lex.OuterDoc:
			p.next()
		case '#':
			if !p.attribute(Attribute) {
				return false
			}
		default:
			if p.pos > start {
				p.behindAttributes = p.pos
			}
			return true
		}
	}
}

// innerAttributes takes all inner attributes that are here.
func (p *Parser) innerAttributes() bool {
	for {
		switch {
		case p.at(lex.InnerDoc):
			p.next()
		case p.at('#') && p.ahead(1).Kind == '!' && p.ahead(2).Kind == '[':
			if !p.attribute(InnerAttribute) {
				return false
			}
		default:
			return true
		}
	}
}

func (p *Parser) attribute(kind NodeKind) bool {
	node := p.open(kind)
	p.next()
	p.eat('!')
	ok := p.group('[', (*Parser).meta)
	p.close(node)
	return ok
}

// looseAttribute takes an attribute whatever is in it, if it is here.
func (p *Parser) looseAttribute(kind NodeKind) bool {
	n := 1
	if kind == InnerAttribute {
		n = 2
	}
	if open := p.ahead(n); !p.at('#') || n == 2 && p.ahead(1).Kind != '!' || open.Kind != '[' {
		return false
	}
	node := p.open(kind)
	p.seek(p.pos + n)
	p.searchGroup(false)
	p.close(node)
	return true
}

// meta takes what stands within an attribute's brackets.
func (p *Parser) meta() bool {
	if p.eatFragment(1 << Meta) {
		return true
	}
	if p.word(kw.Unsafe) && p.ahead(1).Kind == '(' {
		p.next()
		return p.group('(', (*Parser).meta)
	}
	if !p.path(modPath) {
		return false
	}
	if p.eat('=') {
		return p.expr(0)
	}
	if p.tok.Kind.IsOpen() {
		p.searchGroup(false)
	}
	return true
}

// visibility takes a visibility, which may be nothing.
func (p *Parser) visibility() {
	if p.eatFragment(1<<Vis) || !p.eatWord(kw.Pub) || !p.at('(') {
		return
	}
	switch word := p.ahead(1).Word; {
	case word == kw.In:
	case (word == kw.Crate || word == kw.SelfValue || word == kw.Super) && p.ahead(2).Kind == ')':
	default:
		return
	}
	p.skipGroup()
}
