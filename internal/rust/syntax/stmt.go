package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// statements takes what stands between the braces of a block.
func (p *Parser) statements() bool {
	if !p.innerAttributes() {
		return false
	}
	return p.each((*Parser).statementSemi)
}

// each takes what thing takes, with attributes, up to the end. Behind an error
// it goes on with the next one.
func (p *Parser) each(thing func(*Parser) bool) bool {
	depth := p.depth
	for p.pos < p.end {
		if p.attributed(thing) {
			continue
		}
		if p.trial {
			return false
		}
		p.report()
		p.depth = depth
		p.recover()
	}
	return true
}

// recover moves to where a statement or item may begin: behind a semicolon, or
// before a keyword of one.
func (p *Parser) recover() {
	for first := true; p.pos < p.end; first = false {
		if p.eat(';') || !first && (p.at('#') || p.word(kw.Let) || p.atItem()) {
			return
		}
		if !p.tokenTree() {
			p.next()
		}
	}
}

// A semicolon says whether one stands behind a statement.
type semicolon int

const (
	taken      semicolon = iota // it was taken, or none is needed
	optional                    // behind a substituted statement
	unlessLast                  // at the end of a block there may be none
	always
)

// statementSemi takes a statement with its semicolon.
func (p *Parser) statementSemi() bool {
	semi, ok := p.stmt()
	switch {
	case !ok:
		return false
	case semi == taken || semi == unlessLast && p.pos == p.end:
		return true
	case semi == optional:
		p.eat(';')
		return true
	}
	return p.expect(';')
}

// stmt takes a statement without its attributes, and without its semicolon
// unless it is an item's or alone.
func (p *Parser) stmt() (semicolon, bool) {
	switch {
	case p.eatFragment(1 << Stmt):
		return optional, true
	case p.eat(';'):
		return taken, true
	case p.word(kw.Let):
		p.next()
		return always, p.let()
	case p.word(kw.Super) && p.ahead(1).Word == kw.Let:
		p.next()
		p.next()
		return always, p.let()
	case p.pos == p.end:
		return taken, p.fail("a statement")
	case p.atItem():
		return taken, p.item()
	}
	if semi, ok := p.atStatementCall(); ok {
		start := p.pos
		return semi, p.path(modPath) && p.call(start, true)
	}
	complete, ok := p.exprOrBlock(statement)
	if complete {
		return taken, ok
	}
	return unlessLast, ok
}

// let takes what stands behind `let` in a statement: alternatives of patterns
// want parentheses here.
func (p *Parser) let() bool {
	if !p.pat() || p.eat(':') && !p.typ(true) {
		return false
	}
	if !p.eat('=') {
		return true
	}
	return p.expr(0) && (!p.eatWord(kw.Else) || p.block())
}

// atStatementCall reports whether a macro call is here that is a statement, no
// operand, and how it ends.
func (p *Parser) atStatementCall() (semicolon, bool) {
	n := p.pathAhead()
	open := p.ahead(n + 1)
	if n == 0 || p.ahead(n).Kind != '!' || !open.Kind.IsOpen() {
		return taken, false
	}
	behind := p.ahead(int(open.Close) + 1 - p.pos).Kind
	if open.Kind == '{' {
		return taken, behind != '.' && behind != '?'
	}
	return unlessLast, behind == ';' || behind == 0
}

// pathAhead returns how many tokens the path without generic arguments has that
// stands here, or 0.
func (p *Parser) pathAhead() int {
	if p.at(FragmentOpen) && p.tok.Fragment == Path {
		return int(p.tok.Close) + 1 - p.pos
	}
	if p.tok.Kind != lex.PathSep && !p.tok.Kind.IsName() {
		return 0
	}
	n := 0
	if p.at(lex.PathSep) {
		n++
	}
	for {
		if t := p.ahead(n); !t.isName() {
			return 0
		}
		n++
		if p.ahead(n).Kind != lex.PathSep {
			return n
		}
		n++
	}
}

// atItem reports whether an item other than a macro call is here.
func (p *Parser) atItem() bool {
	if p.at(FragmentOpen) {
		return p.tok.Fragment == Item || p.tok.Fragment == Vis
	}
	if p.tok.Word == 0 {
		return false
	}
	switch p.tok.Word {
	case kw.Pub, kw.Use, kw.Fn, kw.Struct, kw.Enum, kw.Trait, kw.Impl, kw.Mod, kw.Type, kw.Extern:
		return true
	case kw.Static:
		next := p.ahead(1)
		return next.Kind.IsName() && next.Word != kw.Move && next.Word != kw.Async
	case kw.Const:
		next := p.ahead(1)
		return next.Kind.IsName() && next.Word != kw.Move && next.Word != kw.Static && (next.Word != kw.Async || isFrontMatter(p.ahead(2).Word))
	case kw.Unsafe:
		return p.ahead(1).Kind == lex.Ident
	case kw.Async:
		return isFrontMatter(p.ahead(1).Word)
	case kw.Gen, kw.Safe:
		next := p.ahead(1).Word
		return next == kw.Fn || next == kw.Static
	case kw.Auto:
		return p.ahead(1).Word == kw.Trait
	case kw.Default:
		next := p.ahead(1)
		return next.Kind == lex.Ident && next.Word != kw.As
	case kw.Union, kw.Macro:
		next := p.ahead(1)
		return next.isName()
	case kw.MacroRules:
		return p.ahead(1).Kind == '!' && p.ahead(2).Kind.IsName()
	}
	return false
}

func isFrontMatter(w kw.Word) bool {
	return w == kw.Fn || w == kw.Unsafe || w == kw.Extern || w == kw.Gen || w == kw.Safe
}
