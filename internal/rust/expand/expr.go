package expand

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

type exprFlags int

const (
	noStruct  exprFlags = 1 << iota // `a {` is no struct, as behind `if`
	statement                       // an expression with a block is complete at its end
)

// expr takes an expression. Precedence does not matter for where it ends.
func (p *parser) expr(flags exprFlags) bool {
	if !p.enter() {
		return false
	}
	defer p.leave()
	for {
		complete, ok := p.operand(flags)
		if !ok {
			return false
		}
		if complete {
			return true
		}
		flags &^= statement
		if !p.operators(flags) {
			return true
		}
	}
}

// operators takes what joins the operand before with the next one, and reports
// whether there is a next one.
func (p *parser) operators(flags exprFlags) bool {
	for p.eatWord("as") {
		if !p.typ(false) {
			return false
		}
	}
	switch p.kind() {
	case '+', '-', '*', '/', '%', '^', '&', '|', '<', '>', '=', lex.EqEq, lex.NotEq, lex.LessEq, lex.GreaterEq,
		lex.AndAnd, lex.OrOr, lex.Shl, lex.Shr, lex.LeftArrow, lex.PlusEq, lex.MinusEq, lex.StarEq, lex.SlashEq,
		lex.PercentEq, lex.CaretEq, lex.AndEq, lex.OrEq, lex.ShlEq, lex.ShrEq:
		p.next()
		return true
	case lex.DotDot, lex.DotDotEq, lex.DotDotDot:
		p.next()
		return p.atRangeOperand(flags)
	}
	return false
}

func (p *parser) atRangeOperand(flags exprFlags) bool {
	if p.pos >= len(p.tokens) || p.kind() == '{' && flags&noStruct != 0 {
		return false
	}
	return beginsExpr(&p.tokens[p.pos])
}

// operand takes an operand with what stands before and behind it. complete
// says that the statement ends here.
func (p *parser) operand(flags exprFlags) (complete, ok bool) {
	for {
		switch p.kind() {
		case '!', '-', '*':
			p.next()
		case '&', lex.AndAnd:
			p.next()
			if p.word("raw") && (p.wordAhead(1, "const") || p.wordAhead(1, "mut")) {
				p.next()
				p.next()
			} else {
				p.eatWord("mut")
			}
		case lex.DotDot, lex.DotDotEq, lex.DotDotDot:
			p.next()
			if !p.atRangeOperand(flags) {
				return false, true
			}
		case '#':
			if !p.attributes() {
				return false, false
			}
			continue
		default:
			if !p.eatWord("let") {
				blockLike, ok := p.primary(flags)
				if !ok {
					return false, false
				}
				return p.postfix(blockLike && flags&statement != 0)
			}
			if !p.patAlternatives() || !p.eat('=') {
				return false, false
			}
		}
		flags &^= statement
	}
}

// postfix takes calls, fields, indices and `?`. complete says that the operand
// before is a complete statement, which a call or index would not continue.
func (p *parser) postfix(complete bool) (stillComplete, ok bool) {
	for {
		switch kind := p.kind(); {
		case kind == '?':
			p.next()
		case kind == '.':
			p.next()
			switch p.kind() {
			case lex.Int, lex.Float:
				p.next()
			case lex.Ident, lex.RawIdent:
				p.next()
				if p.kind() == lex.PathSep && (p.after() == '<' || p.after() == lex.Shl || p.after() == lex.LeftArrow) {
					p.next()
					if !p.generics() {
						return false, false
					}
				}
			case FragmentOpen:
				p.skipGroup()
			default:
				return false, false
			}
		case complete:
			return true, true
		case kind == '(' || kind == '[':
			p.skipGroup()
		default:
			return false, true
		}
		complete = false
	}
}

// primary takes an operand without what stands before and behind it. blockLike
// says that it is a statement without a semicolon.
func (p *parser) primary(flags exprFlags) (blockLike, ok bool) {
	switch kind := p.kind(); {
	case kind.IsLiteral():
		p.next()
		return false, true
	case kind == '(' || kind == '[':
		p.skipGroup()
		return false, true
	case kind == '{':
		p.skipGroup()
		return true, true
	case kind == '|' || kind == lex.OrOr:
		return false, p.closure(flags)
	case kind == lex.Lifetime:
		p.next()
		if !p.eat(':') {
			return false, false
		}
		return p.keywordExpr(flags)
	case kind == FragmentOpen:
		if p.eatFragment(Block) {
			return true, true
		}
		// A path is whole: no struct or call can follow it.
		return false, p.eatFragment(Expr, Expr2021, Literal, Stmt, Path)
	case kind == lex.Ident && exprWord[p.tokens[p.pos].Text]:
		return p.keywordExpr(flags)
	case p.eatWord("_"):
		return false, true
	}
	return false, p.pathExpr(flags)
}

// pathExpr takes a path, a macro call or a struct.
func (p *parser) pathExpr(flags exprFlags) bool {
	if !p.path(exprPath) {
		return false
	}
	switch {
	case p.kind() == '!' && p.after().IsOpen():
		p.next()
		p.skipGroup()
	case p.kind() == '{' && flags&noStruct == 0:
		p.skipGroup()
	}
	return true
}

// keywordExpr takes an expression that begins with a keyword, or the block
// behind a label.
func (p *parser) keywordExpr(flags exprFlags) (blockLike, ok bool) {
	if p.eatGroup('{') || p.eatFragment(Block) {
		return true, true
	}
	if p.pos >= len(p.tokens) {
		return false, false
	}
	word, next := p.tokens[p.pos].Text, p.after()
	switch word {
	case "true", "false":
		p.next()
		return false, true
	case "if":
		return true, p.ifExpr()
	case "match":
		p.next()
		return true, p.expr(noStruct) && p.eatGroup('{')
	case "while":
		p.next()
		return true, p.expr(noStruct) && p.block()
	case "loop":
		p.next()
		return true, p.block()
	case "for":
		if next == '<' {
			p.next()
			return false, p.angles() && p.closure(flags)
		}
		p.next()
		return true, p.patAlternatives() && p.eatWord("in") && p.expr(noStruct) && p.block()
	case "unsafe":
		p.next()
		return true, p.block()
	case "const", "try":
		if next == '{' || p.ahead(1) == FragmentOpen {
			p.next()
			return true, p.block()
		}
		if word == "try" {
			return false, p.pathExpr(flags)
		}
		return false, p.closure(flags)
	case "async", "gen", "move", "static":
		return false, p.blockOrClosure(flags)
	case "return", "break", "continue", "yield", "become", "do":
		return false, p.jump(flags)
	case "builtin":
		if next == '#' {
			p.next()
			p.next()
			return false, p.name() && p.eatGroup('(')
		}
	}
	return false, p.pathExpr(flags)
}

func (p *parser) block() bool {
	return p.eatGroup('{') || p.eatFragment(Block, Expr, Expr2021, Stmt)
}

func (p *parser) ifExpr() bool {
	for p.eatWord("if") {
		if !p.expr(noStruct) || !p.block() {
			return false
		}
		if !p.eatWord("else") {
			return true
		}
	}
	return p.block()
}

// blockOrClosure takes what begins with async, gen, move or static; in older
// editions the first two may be names.
func (p *parser) blockOrClosure(flags exprFlags) bool {
	start := p.pos
	for p.word("async") || p.word("gen") || p.word("move") || p.word("static") {
		p.next()
	}
	switch p.kind() {
	case '{':
		p.skipGroup()
		return true
	case '|', lex.OrOr:
		return p.closure(flags)
	}
	if p.eatFragment(Block) {
		return true
	}
	p.pos = start
	return p.pathExpr(flags)
}

// closure takes a closure with what may stand before its first bar.
func (p *parser) closure(flags exprFlags) bool {
	for p.eatWord("const") || p.eatWord("static") || p.eatWord("async") || p.eatWord("gen") || p.eatWord("move") {
	}
	if !p.eat(lex.OrOr) {
		if !p.eat('|') {
			return false
		}
		for !p.eatByte('|') {
			if !p.attributes() || !p.pat() || p.eat(':') && !p.typ(true) {
				return false
			}
			if !p.eat(',') {
				if !p.eatByte('|') {
					return false
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

// jump takes return, break and the like with the value that may follow.
func (p *parser) jump(flags exprFlags) bool {
	word := p.tokens[p.pos].Text
	p.next()
	switch word {
	case "continue":
		p.eat(lex.Lifetime)
		return true
	case "do":
		if !p.eatWord("yeet") {
			return false
		}
	case "break":
		if p.kind() == lex.Lifetime && p.after() != ':' {
			p.next()
		}
	}
	if word == "become" || p.atRangeOperand(flags) && !(p.kind() == '{' && flags&noStruct != 0) {
		return p.expr(flags &^ statement)
	}
	return true
}
