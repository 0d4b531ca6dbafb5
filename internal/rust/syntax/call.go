package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// atBang reports whether a macro call's `!` and brackets are here.
func (p *Parser) atBang() bool { return p.at('!') && p.ahead(1).Kind.IsOpen() }

// call takes a macro call from its `!` on, whose path begins at start.
func (p *Parser) call(start int, item bool) bool {
	p.next()
	node := p.open(Call)
	if node >= 0 {
		n := &p.tree.Nodes[node]
		n.Item, n.Start = item, int32(start)
	}
	p.opens(node)
	p.searchGroup(p.at('{'))
	p.close(node)
	return true
}

// opens notes the opening bracket of a node.
func (p *Parser) opens(node int) {
	if node >= 0 {
		p.tree.Nodes[node].Open = int32(p.pos)
	}
}

// Loose searches the input for what looks like code: macro
// calls, declarations, attributes. What an attribute applies to is what the
// grammar knows there, else a guess: all up to the next comma, semicolon or
// braces. braces says that the tokens stand as between braces, where items and
// statements may be.
func (p *Parser) Loose(in Input, tree *Tree, braces bool) {
	p.begin(in, tree, 0, in.Len())
	p.search(braces)
}

// search does what Loose says up to the end of the brackets around.
func (p *Parser) search(braces bool) {
	for p.pos < p.end {
		p.searchOne(braces)
	}
}

func (p *Parser) searchOne(braces bool) {
	switch kind := p.tok.Kind; {
	case kind == '#' && p.ahead(1).Kind == '[':
		p.searchAttributed(braces)
	case kind == '{':
		node := p.open(Scope)
		p.searchGroup(true)
		p.close(node)
	case kind == '(' || kind == '[':
		p.searchGroup(false)
	case kind == lex.Ident && p.tok.Word != 0 && p.searchWord(braces):
	case kind.IsName() || kind == lex.PathSep || kind == FragmentOpen:
		p.searchPath(braces)
	default:
		p.next()
	}
}

// searchGroup searches the brackets here.
func (p *Parser) searchGroup(braces bool) {
	if p.tree == nil {
		p.skipGroup()
		return
	}
	end, closing := p.end, int(p.tok.Close)
	p.next()
	p.end = closing
	if braces {
		for p.eat(lex.InnerDoc) || p.looseAttribute(InnerAttribute) {
		}
	}
	p.search(braces)
	p.end = end
	p.seek(closing + 1)
}

// searchWord takes the declaration that a keyword begins.
func (p *Parser) searchWord(braces bool) bool {
	switch p.tok.Word {
	case kw.Mod:
		if next := p.ahead(2).Kind; !p.ahead(1).Kind.IsName() || next != ';' && next != '{' {
			return false
		}
		node := p.open(Module)
		p.seek(p.pos + 2)
		if !p.eat(';') {
			p.opens(node)
			p.searchGroup(true)
		}
		p.close(node)
		return true
	case kw.Use:
		return braces && p.searchDeclaration(Use, (*Parser).use)
	case kw.Extern:
		return p.ahead(1).Word == kw.Crate && p.searchDeclaration(ExternCrate, (*Parser).externCrate)
	case kw.MacroRules:
		if !p.atItem() || !p.ahead(3).Kind.IsOpen() {
			return false
		}
		node := p.open(Rules)
		p.seek(p.pos + 3)
		p.opens(node)
		p.skipGroup()
		p.close(node)
		return true
	}
	return false
}

// searchDeclaration takes what the function takes at its outermost level.
func (p *Parser) searchDeclaration(kind NodeKind, what func(*Parser) bool) bool {
	end, ok := p.endOf(what)
	if ok {
		node := p.open(kind)
		p.seek(end)
		p.close(node)
	}
	return ok
}

// searchPath takes a path, and the macro call that it may name.
func (p *Parser) searchPath(braces bool) {
	n := 0
	if next := p.ahead(1).Kind; next == '!' || next == lex.PathSep || !p.tok.Kind.IsName() {
		n = p.pathAhead()
	}
	if n == 0 {
		p.next()
		return
	}
	start := p.pos
	p.seek(p.pos + n)
	if p.atBang() {
		p.call(start, braces)
	}
}

// searchAttributed takes attributes and what they seem to apply to.
func (p *Parser) searchAttributed(braces bool) {
	node := p.open(Attributed)
	for p.eat(lex.OuterDoc) || p.looseAttribute(Attribute) {
	}
	outer := p.end
	p.end = p.guess(braces)
	p.search(braces)
	p.end = outer
	p.seek(p.pos)
	p.close(node)
}

// guess returns the end of what attributes before the token here apply to.
func (p *Parser) guess(braces bool) int {
	forms := []func(*Parser) bool{(*Parser).item, (*Parser).comma}
	if braces {
		forms = []func(*Parser) bool{(*Parser).looseArm, (*Parser).statementSemi, (*Parser).fieldComma, (*Parser).comma}
	}
	for _, form := range forms {
		if end, ok := p.endOf(form); ok {
			return end
		}
	}
	end, _ := p.endOf(func(p *Parser) bool { return p.upTo(braces) })
	return end
}

// upTo takes all up to the next comma, semicolon or braces.
func (p *Parser) upTo(braces bool) bool {
	for p.pos < p.end {
		switch kind := p.tok.Kind; {
		case kind == ',' || kind == ';' && braces:
			p.next()
			return true
		case kind == '{' && braces:
			p.skipGroup()
			return true
		case kind.IsOpen() || kind == FragmentOpen:
			p.skipGroup()
		default:
			p.next()
		}
	}
	return true
}

// comma takes an expression of a list.
func (p *Parser) comma() bool { return p.expr(0) && (p.eat(',') || p.pos == p.end) }

func (p *Parser) fieldComma() bool {
	return (p.field() || p.variant()) && (p.eat(',') || p.pos == p.end)
}

// looseArm takes an arm of a match, or of one of the macros that have such:
// `pattern = expression, if condition => expression`.
func (p *Parser) looseArm() bool {
	if !p.pattern() || p.eat('=') && !p.expr(0) {
		return false
	}
	if p.eat(',') && !p.word(kw.If) || p.eatWord(kw.If) && !p.expr(0) || !p.eat(lex.FatArrow) {
		return false
	}
	complete, ok := p.exprOrBlock(statement)
	return ok && (p.eat(',') || complete || p.pos == p.end)
}
