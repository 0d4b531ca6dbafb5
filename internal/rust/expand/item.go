package expand

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// stmt takes a statement, without its semicolon unless it is an item's or alone.
func (p *parser) stmt() bool {
	if p.eatFragment(Stmt) || p.eat(';') {
		return true
	}
	if !p.attributes() {
		return false
	}
	if p.eatWord("let") {
		return p.let()
	}
	if p.atItem() {
		return p.item()
	}
	start := p.pos
	if p.atPath() && p.path(exprPath) && p.kind() == '!' && p.after() == '{' {
		p.next()
		p.skipGroup()
		if p.kind() != '.' && p.kind() != '?' {
			return true
		}
	}
	p.pos, p.half = start, 0
	return p.expr(statement)
}

// let takes what stands behind `let` in a statement.
func (p *parser) let() bool {
	if !p.patAlternatives() || p.eat(':') && !p.typ(true) {
		return false
	}
	if !p.eat('=') {
		return true
	}
	return p.expr(0) && (!p.eatWord("else") || p.block())
}

func (p *parser) atPath() bool {
	return p.kind() == lex.PathSep || p.atName() || p.holds(Path)
}

// atItem reports whether a statement is an item other than a macro call.
func (p *parser) atItem() bool {
	if p.holds(Item, Vis) {
		return true
	}
	if p.kind() != lex.Ident {
		return false
	}
	next := p.after()
	nextText := ""
	if p.pos+1 < len(p.tokens) {
		nextText = p.tokens[p.pos+1].Text
	}
	switch p.tokens[p.pos].Text {
	case "pub", "use", "fn", "struct", "enum", "trait", "impl", "mod", "type", "extern":
		return true
	case "static":
		return next == lex.RawIdent || next == lex.Ident && nextText != "move" && nextText != "async"
	case "const":
		return next == lex.RawIdent || next == lex.Ident && nextText != "move" && (nextText != "async" || p.wordAhead(2, "fn") || p.wordAhead(2, "unsafe") || p.wordAhead(2, "extern"))
	case "unsafe":
		return next == lex.Ident
	case "async":
		return nextText == "fn" || nextText == "unsafe" || nextText == "extern"
	case "gen", "safe":
		return nextText == "fn" || nextText == "static" && next == lex.Ident
	case "auto":
		return nextText == "trait"
	case "default":
		return next == lex.Ident && nextText != "as"
	case "union", "macro":
		return next == lex.Ident && isName(&p.tokens[p.pos+1]) || next == lex.RawIdent
	case "macro_rules":
		return next == '!' && p.ahead(2).IsName()
	}
	return false
}

// item takes an item whose attributes are taken already.
func (p *parser) item() bool {
	if p.eatFragment(Item) {
		return true
	}
	p.vis()
	if p.kind() != lex.Ident && p.kind() != lex.RawIdent || !p.atItem() {
		return p.itemCall()
	}
	for {
		switch {
		case p.eatWord("use"), p.eatWord("type"), p.eatWord("static"):
			return p.semicolon()
		case p.word("const"):
			p.next()
			if p.word("fn") || p.word("async") || p.word("unsafe") || p.word("extern") || p.word("gen") || p.word("trait") || p.word("impl") {
				continue
			}
			return p.semicolon()
		case p.word("macro_rules"):
			p.next()
			p.next()
			p.next()
			return p.callArguments()
		case p.eatWord("macro"):
			return p.name() && (p.eatGroup('{') || p.eatGroup('(') && p.eatGroup('{'))
		case p.word("extern"):
			p.next()
			p.abi()
			if p.eatGroup('{') {
				return true
			}
			if p.word("crate") {
				return p.semicolon()
			}
		case p.eatWord("fn"), p.eatWord("struct"), p.eatWord("enum"), p.eatWord("trait"), p.eatWord("impl"), p.eatWord("mod"):
			return p.body()
		case p.word("union"):
			p.next()
			return p.body()
		case p.eatWord("unsafe"), p.eatWord("async"), p.eatWord("gen"), p.eatWord("safe"), p.eatWord("auto"), p.eatWord("default"):
		default:
			return false
		}
	}
}

// itemCall takes a macro call in an item's place.
func (p *parser) itemCall() bool {
	if !p.atPath() || !p.path(modPath) || !p.eat('!') {
		return false
	}
	return p.callArguments()
}

// callArguments takes a macro call's brackets, and the semicolon that must
// stand behind all but braces.
func (p *parser) callArguments() bool {
	if p.eatGroup('{') {
		return true
	}
	return (p.eatGroup('(') || p.eatGroup('[')) && p.eat(';')
}

// semicolon takes everything up to a semicolon.
func (p *parser) semicolon() bool {
	for !p.eat(';') {
		if !p.tree() {
			return false
		}
	}
	return true
}

// body takes everything up to braces or a semicolon; both may also stand
// within generic arguments.
func (p *parser) body() bool {
	for depth := 0; ; {
		switch {
		case depth <= 0 && (p.eat(';') || p.eatGroup('{')):
			return true
		case p.eatByte('<'):
			depth++
		case p.eatByte('>'):
			depth--
		case !p.tree():
			return false
		}
	}
}
