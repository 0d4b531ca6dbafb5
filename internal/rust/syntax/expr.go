package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

type exprFlags int

const (
	noStruct  exprFlags = 1 << iota // `a {` is no struct, as behind `if`
	statement                       // an expression with a block is complete at its end
)

// value takes an expression with its attributes, as between brackets.
func (p *Parser) value() bool {
	if p.at('#') || p.at(lex.OuterDoc) {
		return p.attributed((*Parser).plainExpr)
	}
	return p.expr(0)
}

func (p *Parser) plainExpr() bool { return p.expr(0) }

// expr takes an expression. Precedence does not matter for where it ends; only
// whether the whole is a cast is noted.
func (p *Parser) expr(flags exprFlags) bool {
	_, ok := p.exprOrBlock(flags)
	return ok
}

// exprOrBlock takes an expression. complete says that it is one with a block
// and, in a statement's place, needs no semicolon.
func (p *Parser) exprOrBlock(flags exprFlags) (complete, ok bool) {
	if !p.enter() {
		return false, false
	}
	around := p.joining
	p.joining = joining{}
	cast, end := -1, goesOn
	for joined := noOperator; ; {
		if end, ok = p.operand(flags); !ok {
			return false, false
		}
		if end == completes && joined != noOperator {
			end = ends
		}
		if end != goesOn {
			break
		}
		for p.word(kw.As) {
			cast = p.pos
			p.next()
			if !p.typ(false) {
				return false, false
			}
			switch p.tok.Kind {
			case '.', '?', '(', '[':
				return false, p.fail("an operator behind a cast")
			}
		}
		if joined = p.operator(flags); joined == noOperator {
			break
		}
		if cast = -1; joined == binary {
			flags &^= statement
		}
	}
	if p.loosely {
		cast = -1
	}
	p.cast, p.joining = cast, around
	p.leave()
	return end == completes, true
}

// An operator is what joins two operands.
type operator int

const (
	noOperator operator = iota
	binary
	ranging // `..`, behind which an operand may be complete like a statement
)

// operator takes what joins the operand before with the next one, if there is a
// next one.
func (p *Parser) operator(flags exprFlags) operator {
	joined := binary
	switch p.tok.Kind {
	case '+', '-', '*', '/', '%', '^', '&', '|', '<', '>', lex.EqEq, lex.NotEq, lex.LessEq, lex.GreaterEq,
		lex.AndAnd, lex.OrOr, lex.Shl, lex.Shr:
	case '=', lex.LeftArrow, lex.PlusEq, lex.MinusEq, lex.StarEq, lex.SlashEq, lex.PercentEq, lex.CaretEq,
		lex.AndEq, lex.OrEq, lex.ShlEq, lex.ShrEq:
		if p.ranged {
			return noOperator
		}
	case lex.DotDot, lex.DotDotEq:
		if p.ranged {
			return noOperator
		}
		joined, p.ranged = ranging, true
		if next := p.ahead(1); !beginsOperand(&next, flags) {
			joined = noOperator
		}
	default:
		return noOperator
	}
	p.loosely = true
	p.next()
	return joined
}

// beginsOperand reports whether a token can be the first one of what may stand
// behind `..` and `break`.
func beginsOperand(t *Token, flags exprFlags) bool {
	return beginsExpr(t) && (t.Kind != '{' || flags&noStruct == 0)
}

// An operandEnd says what may follow an operand.
type operandEnd int

const (
	goesOn    operandEnd = iota // an operator
	ends                        // no operator: the expression ends
	completes                   // the same, and a statement needs no semicolon
)

// operand takes an operand with what stands before and behind it.
func (p *Parser) operand(flags exprFlags) (end operandEnd, ok bool) {
	for whole := completes; ; {
		switch p.tok.Kind {
		case '!', '-', '*':
			whole = goesOn
			p.next()
		case '&', lex.AndAnd:
			whole = goesOn
			p.next()
			if next := p.ahead(1).Word; p.word(kw.Raw) && (next == kw.Const || next == kw.Mut) {
				p.next()
				p.next()
			} else {
				p.eatWord(kw.Mut)
			}
		case lex.DotDot, lex.DotDotEq:
			if p.pos == p.behindAttributes {
				return goesOn, p.fail("an operand, for attributes, before the range")
			}
			whole = ends
			p.loosely, p.ranged = true, true
			p.next()
			if !beginsOperand(&p.tok, flags) {
				return goesOn, true
			}
		case '#', lex.OuterDoc:
			if !p.attributes() {
				return goesOn, false
			}
		default:
			if !p.word(kw.Let) {
				blockLike, ok := p.primary(flags)
				if !ok {
					return goesOn, false
				}
				if blockLike, ok = p.postfix(blockLike && flags&statement != 0); !blockLike {
					whole = goesOn
				}
				return whole, ok
			}
			whole = goesOn
			p.loosely = true
			p.next()
			if !p.pattern() || !p.expect('=') {
				return goesOn, false
			}
		}
	}
}

// postfix takes calls, fields, indices and `?`. complete says that the operand
// before is a complete statement, which a call or index would not continue.
func (p *Parser) postfix(complete bool) (stillComplete, ok bool) {
	for {
		switch p.tok.Kind {
		case '?':
			p.next()
		case '.':
			p.next()
			if !p.member() {
				return false, false
			}
		case '(', '[':
			if complete {
				return true, true
			}
			content := (*Parser).values
			if p.at('[') {
				content = (*Parser).value
			}
			if !p.group(p.tok.Kind, content) {
				return false, false
			}
		default:
			return complete, true
		}
		complete = false
	}
}

// member takes what stands behind a point.
func (p *Parser) member() bool {
	switch p.tok.Kind {
	case lex.Int, lex.Float, lex.RawIdent, lex.Ident:
		p.next()
		if p.at(lex.PathSep) && isAngle(p.ahead(1).Kind) {
			p.next()
			return p.generics()
		}
		return true
	case FragmentOpen:
		p.skipGroup()
		return true
	}
	return p.fail("a field or method")
}

// values takes what stands between the brackets of a call, tuple or array.
func (p *Parser) values() bool { return p.list((*Parser).value) }

func (p *Parser) array() bool {
	if p.pos == p.end {
		return true
	}
	if !p.value() {
		return false
	}
	if p.eat(';') {
		return p.value()
	}
	return p.pos == p.end || p.expect(',') && p.values()
}

// primary takes an operand without what stands before and behind it. blockLike
// says that it is a statement without a semicolon.
func (p *Parser) primary(flags exprFlags) (blockLike, ok bool) {
	switch kind := p.tok.Kind; {
	case kind == lex.Ident && exprWords.Has(p.tok.Word):
		return p.keywordExpr(flags)
	case kind.IsName() && !p.word(kw.Underscore), kind == lex.PathSep, p.atAngle():
		return false, p.pathExpr(flags)
	case kind.IsLiteral(), kind == lex.Ident:
		p.next()
		return false, true
	case kind == '(':
		return false, p.group('(', (*Parser).values)
	case kind == '[':
		return false, p.group('[', (*Parser).array)
	case kind == '{':
		return true, p.block()
	case kind == '|' || kind == lex.OrOr:
		return false, p.closure(flags)
	case kind == lex.Lifetime:
		p.next()
		if !p.expect(':') {
			return false, false
		}
		return p.labelled(flags)
	case kind == FragmentOpen && p.tok.Fragment == Block:
		return true, p.eatFragment(1 << Block)
	case kind == FragmentOpen && exprFragments.has(p.tok.Fragment):
		// A path is whole: neither struct nor call follows it.
		return false, p.eatFragment(exprFragments)
	}
	return false, p.fail("an expression")
}

func (p *Parser) labelled(flags exprFlags) (blockLike, ok bool) {
	switch {
	case p.at('{') || p.at(FragmentOpen):
		return true, p.block()
	case p.word(kw.For):
		return true, p.forLoop() // where `<` begins a pattern
	case p.word(kw.Loop), p.word(kw.While):
		return p.keywordExpr(flags)
	}
	return false, p.fail("a loop or block")
}

// pathExpr takes a path, a macro call or a struct.
func (p *Parser) pathExpr(flags exprFlags) bool {
	start := p.pos
	if !p.path(exprPath) {
		return false
	}
	switch {
	case p.atBang():
		return p.call(start, false)
	case p.at('{') && flags&noStruct == 0:
		return p.group('{', (*Parser).fieldValues)
	}
	return true
}

func (p *Parser) fieldValues() bool {
	return p.list(func(p *Parser) bool { return p.attributed((*Parser).fieldValue) })
}

func (p *Parser) fieldValue() bool {
	if p.eat(lex.DotDot) {
		return p.pos == p.end || p.expr(0)
	}
	if !p.tok.Kind.IsName() && !p.at(lex.Int) {
		return p.fail("a field")
	}
	p.next()
	return !p.eat(':') || p.value()
}

// keywordExpr takes an expression that begins with a keyword.
func (p *Parser) keywordExpr(flags exprFlags) (blockLike, ok bool) {
	word, next := p.tok.Word, p.ahead(1)
	switch word {
	case kw.True, kw.False:
		p.next()
		return false, true
	case kw.If:
		return true, p.ifExpr()
	case kw.Match:
		p.next()
		return true, p.expr(noStruct) && p.group('{', (*Parser).arms)
	case kw.While:
		p.next()
		return true, p.expr(noStruct) && p.block()
	case kw.Loop:
		p.next()
		return true, p.block()
	case kw.For:
		if isAngle(next.Kind) {
			return false, p.binder() && p.closure(flags)
		}
		return true, p.forLoop()
	case kw.Unsafe:
		p.next()
		return true, p.block()
	case kw.Const, kw.Try:
		if next.Kind == '{' || next.Kind == FragmentOpen && word == kw.Const {
			p.next()
			return true, p.block()
		}
		if word == kw.Try {
			return false, p.pathExpr(flags)
		}
		return false, p.closure(flags)
	case kw.Async, kw.Gen, kw.Move, kw.Static:
		return false, p.blockOrClosure(flags)
	case kw.Return, kw.Break, kw.Continue, kw.Yield, kw.Become, kw.Do:
		return false, p.jump(flags)
	case kw.Builtin:
		if next.Kind == '#' {
			p.next()
			p.next()
			return false, p.name() && p.group('(', (*Parser).tokens)
		}
	}
	return false, p.pathExpr(flags)
}

func (p *Parser) forLoop() bool {
	p.next()
	if !p.pattern() {
		return false
	}
	if !p.eatWord(kw.In) {
		return p.fail("`in`")
	}
	return p.expr(noStruct) && p.block()
}

// block takes braces with statements.
func (p *Parser) block() bool {
	if p.at(FragmentOpen) {
		return p.eatFragment(blockFragments) || p.failKind('{')
	}
	node := p.open(Scope)
	ok := p.group('{', (*Parser).statements)
	p.close(node)
	return ok
}

func (p *Parser) ifExpr() bool {
	for p.eatWord(kw.If) {
		if !p.expr(noStruct) || !p.block() {
			return false
		}
		if !p.eatWord(kw.Else) {
			return true
		}
	}
	return p.block()
}

func (p *Parser) arms() bool {
	if !p.innerAttributes() {
		return false
	}
	for p.pos < p.end {
		if !p.attributed((*Parser).arm) {
			return false
		}
	}
	return true
}

// arm takes an arm of a match with the comma behind it.
func (p *Parser) arm() bool {
	if !p.pattern() || p.eatWord(kw.If) && !p.expr(0) || !p.expect(lex.FatArrow) || !p.attributes() {
		return false
	}
	complete, ok := p.exprOrBlock(statement)
	return ok && (p.eat(',') || complete || p.pos == p.end || p.failKind(','))
}

// blockOrClosure takes what begins with async, gen, move or static; in older
// editions the first two may be names.
func (p *Parser) blockOrClosure(flags exprFlags) bool {
	if next := p.ahead(1).Kind; p.word(kw.Gen) && flags&noStruct != 0 && next == '{' {
		return p.pathExpr(flags)
	}
	const modifiers kw.Set = 1<<kw.Async | 1<<kw.Gen | 1<<kw.Move | 1<<kw.Static | 1<<kw.Use
	n := 1
	for modifiers.Has(p.ahead(n).Word) {
		n++
	}
	switch next := p.ahead(n); {
	case next.Kind == '{' || next.Kind == FragmentOpen && next.Fragment == Block:
		p.seek(p.pos + n)
		return p.block()
	case (next.Kind == '|' || next.Kind == lex.OrOr) && !p.word(kw.Gen):
		p.seek(p.pos + n)
		return p.closure(flags)
	}
	return p.pathExpr(flags)
}

// closure takes a closure with what may stand before its first bar.
func (p *Parser) closure(flags exprFlags) bool {
	p.loosely = true
	for p.eatWord(kw.Const) || p.eatWord(kw.Static) || p.eatWord(kw.Async) || p.eatWord(kw.Gen) || p.eatWord(kw.Move) || p.eatWord(kw.Use) {
	}
	if !p.eat(lex.OrOr) {
		if !p.expect('|') {
			return false
		}
		for !p.eatByte('|') {
			if !p.attributed((*Parser).closureParam) {
				return false
			}
			if !p.eat(',') {
				if !p.eatByte('|') {
					return p.failKind('|')
				}
				break
			}
		}
	}
	if p.eat(lex.Arrow) {
		return p.typ(false) && p.block()
	}
	return p.expr(flags &^ statement)
}

func (p *Parser) closureParam() bool { return p.pat() && (!p.eat(':') || p.typ(true)) }

// jump takes return, break and the like with the value that may follow, which may
// be a struct even behind `if`.
func (p *Parser) jump(flags exprFlags) bool {
	p.loosely = true
	word := p.tok.Word
	p.next()
	value := beginsExpr(&p.tok)
	switch word {
	case kw.Continue:
		p.eat(lex.Lifetime)
		return true
	case kw.Become:
		value = true
	case kw.Do:
		if !p.eatWord(kw.Yeet) {
			return p.fail("`yeet`")
		}
		value = beginsExpr(&p.tok)
	case kw.Break:
		if p.at(lex.Lifetime) && p.ahead(1).Kind != ':' {
			p.next()
		}
		value = beginsOperand(&p.tok, flags)
	}
	return !value || p.expr(0)
}
