package expand

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// maxNesting limits how deep types, patterns and expressions nest outside of
// brackets.
const maxNesting = 500

// A parser finds where a piece of Rust ends. Its methods move forward over what
// they name and report whether it was there; only fragment's caller goes back.
// The content of brackets is skipped.
type parser struct {
	tokens []Token
	pos    int
	half   int // bytes of the token at pos that are taken already
	depth  int
}

// enter begins a nested construct; it is false where that is too deep, and
// stays so, because depth is not counted down then.
func (p *parser) enter() bool {
	p.depth++
	return p.depth <= maxNesting
}

func (p *parser) leave() {
	if p.depth <= maxNesting {
		p.depth--
	}
}

// kind returns the kind of the token here, or 0 at the end.
func (p *parser) kind() lex.Kind {
	if p.pos >= len(p.tokens) {
		return 0
	}
	kind := p.tokens[p.pos].Kind
	if p.half > 0 {
		return rest(kind, p.half)
	}
	return kind
}

// rest returns the kind of an operator without its first n bytes.
func rest(kind lex.Kind, n int) lex.Kind {
	switch text := kind.String()[n:]; text {
	case ">=":
		return lex.GreaterEq
	case "<=":
		return lex.LessEq
	default:
		return lex.Kind(text[0])
	}
}

// after returns the kind of the token behind the one here, or 0.
func (p *parser) after() lex.Kind { return p.ahead(1) }

func (p *parser) ahead(n int) lex.Kind {
	if p.pos+n >= len(p.tokens) {
		return 0
	}
	return p.tokens[p.pos+n].Kind
}

func (p *parser) next() {
	p.pos++
	p.half = 0
}

func (p *parser) eat(kind lex.Kind) bool {
	if p.kind() != kind {
		return false
	}
	p.next()
	return true
}

// eatByte takes an operator's first byte, for `<`, `>`, `&` and `|`.
func (p *parser) eatByte(c lex.Kind) bool {
	switch kind := p.kind(); {
	case kind == c:
		p.next()
	case kind >= lex.PathSep && kind <= lex.DotDotEq && lex.Kind(kind.String()[0]) == c:
		p.half++
	default:
		return false
	}
	return true
}

func (p *parser) word(word string) bool {
	return p.pos < len(p.tokens) && p.tokens[p.pos].Is(word)
}

func (p *parser) wordAhead(n int, word string) bool {
	return p.pos+n < len(p.tokens) && p.tokens[p.pos+n].Is(word)
}

func (p *parser) eatWord(word string) bool {
	if !p.word(word) {
		return false
	}
	p.next()
	return true
}

func (p *parser) eatGroup(open lex.Kind) bool {
	if p.kind() != open {
		return false
	}
	p.skipGroup()
	return true
}

func (p *parser) skipGroup() {
	p.pos += int(p.tokens[p.pos].Partner) + 1
	p.half = 0
}

// holds reports whether a substituted fragment of one of these kinds is here.
func (p *parser) holds(kinds ...FragmentKind) bool {
	if p.kind() != FragmentOpen {
		return false
	}
	for _, kind := range kinds {
		if p.tokens[p.pos].Fragment == kind {
			return true
		}
	}
	return false
}

func (p *parser) eatFragment(kinds ...FragmentKind) bool {
	if !p.holds(kinds...) {
		return false
	}
	p.skipGroup()
	return true
}

// tree takes one token, or brackets with their content.
func (p *parser) tree() bool {
	switch kind := p.kind(); {
	case kind == 0 || kind.IsClose() || kind == FragmentClose:
		return false
	case kind.IsOpen() || kind == FragmentOpen:
		p.skipGroup()
	default:
		p.next()
	}
	return true
}

// name takes an identifier that is no keyword, or one that begins paths.
func (p *parser) name() bool {
	if !p.atName() {
		return false
	}
	p.next()
	return true
}

func (p *parser) atName() bool { return p.pos < len(p.tokens) && isName(&p.tokens[p.pos]) }

func isName(t *Token) bool {
	if t.Kind == lex.RawIdent {
		return true
	}
	return t.Kind == lex.Ident && (!keyword[t.Text] || pathWord[t.Text] || editionWord[t.Text])
}

// editionWord has the keywords that are names in some edition.
var editionWord = words("async await dyn try gen")

func (p *parser) literal() bool {
	if p.holds(Literal, Expr, Expr2021) && beginsLiteral(p.tokens, p.pos) {
		p.skipGroup()
		return true
	}
	p.eat('-')
	if p.kind().IsLiteral() || p.word("true") || p.word("false") {
		p.next()
		return true
	}
	return p.eatFragment(Literal)
}

// attributes takes all that are here.
func (p *parser) attributes() bool {
	for p.kind() == '#' {
		p.next()
		p.eat('!')
		if !p.eatGroup('[') {
			return false
		}
	}
	return true
}

// vis takes a visibility, which may be nothing.
func (p *parser) vis() bool {
	if p.eatFragment(Vis) || !p.eatWord("pub") || p.kind() != '(' {
		return true
	}
	inside := p.tokens[p.pos+1 : p.pos+int(p.tokens[p.pos].Partner)]
	if len(inside) > 0 && inside[0].Is("in") || len(inside) == 1 && (inside[0].Is("crate") || inside[0].Is("self") || inside[0].Is("super")) {
		p.skipGroup()
	}
	return true
}

// meta takes what stands within an attribute's brackets.
func (p *parser) meta() bool {
	if p.eatFragment(Meta) {
		return true
	}
	if p.word("unsafe") && p.after() == '(' {
		p.next()
		p.skipGroup()
		return true
	}
	if !p.path(modPath) {
		return false
	}
	if p.eat('=') {
		return p.expr(0)
	}
	_ = p.eatGroup('(') || p.eatGroup('[') || p.eatGroup('{')
	return true
}

// A pathStyle says how generic arguments are written.
type pathStyle int

const (
	modPath  pathStyle = iota // not at all
	exprPath                  // a::<T>
	typePath                  // a<T>, Fn(T) -> U
)

// path takes a path, also one that begins with `<T as Trait>::`.
func (p *parser) path(style pathStyle) bool {
	if p.eatFragment(Path, Type, Meta, Expr, Expr2021, Literal, Stmt, Pat, PatParam) {
		return true
	}
	if p.eatByte('<') {
		if !p.typ(true) || p.eatWord("as") && !p.path(typePath) || !p.eatByte('>') || !p.eat(lex.PathSep) {
			return false
		}
	} else {
		p.eat(lex.PathSep)
	}
	for {
		if !p.name() || !p.arguments(style) {
			return false
		}
		if p.kind() != lex.PathSep || p.pos+1 >= len(p.tokens) || !isName(&p.tokens[p.pos+1]) {
			return true
		}
		p.next()
	}
}

// arguments takes the generic arguments of a path's segment, if it has any.
func (p *parser) arguments(style pathStyle) bool {
	if style == modPath {
		return true
	}
	if p.kind() == lex.PathSep {
		switch p.after() {
		case '<', lex.Shl, lex.LeftArrow, '(':
			p.next()
		default:
			return true
		}
	} else if style == exprPath {
		return true
	}
	switch p.kind() {
	case '<', lex.Shl, lex.LeftArrow:
		return p.generics()
	case '(':
		p.skipGroup()
		return !p.eat(lex.Arrow) || p.typ(false)
	}
	return true
}

// generics takes `<…>` with arguments.
func (p *parser) generics() bool {
	if !p.enter() || !p.eatByte('<') {
		return false
	}
	defer p.leave()
	for !p.eatByte('>') {
		if !p.generic() {
			return false
		}
		if !p.eat(',') {
			return p.eatByte('>')
		}
	}
	return true
}

func (p *parser) generic() bool {
	switch {
	case p.constArgument():
		return true
	case p.kind() == lex.Lifetime && p.after() != '+':
		p.next()
		return true
	case !p.typ(true):
		return false
	case p.eat('='):
		return p.constArgument() || p.typ(true)
	case p.eat(':'):
		return p.bounds()
	}
	return true
}

func (p *parser) constArgument() bool {
	switch {
	case p.kind() == '-' || p.kind().IsLiteral() || p.word("true") || p.word("false"):
		return p.literal()
	}
	return p.eatGroup('{') || p.eatFragment(Expr, Expr2021, Literal, Block)
}

// angles takes `<…>` whatever is in it.
func (p *parser) angles() bool {
	if !p.eatByte('<') {
		return false
	}
	for depth := 1; depth > 0; {
		switch {
		case p.eatByte('<'):
			depth++
		case p.eatByte('>'):
			depth--
		case !p.tree():
			return false
		}
	}
	return true
}
