package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// maxNesting limits how deep types, patterns, expressions and brackets nest.
const maxNesting = 5000

// A Parser moves over an input. The methods of the grammar take what they name
// and report whether it was there; where it was not, Parser.want and the
// position say what is missing. It keeps nothing but memory between two uses.
// The zero value is ready; it is not safe for concurrent use.
type Parser struct {
	in     Input
	source []lex.Token // of in where it is a Source, whose tokens are taken without a call
	tree   *Tree       // nil: no nodes are wanted

	tok      Token // at pos; the zero Token at the end
	pos, end int   // of the brackets around, or of all
	half     int   // bytes of the token at pos that are taken already
	depth    int
	cast     int // see Expr, of the expression that ended last
	// behindAttributes is the index behind the outer attributes that were taken
	// last.
	behindAttributes int

	joined bool // the bounds that ended last are joined with `+`
	joining
	shallow bool // brackets are taken whole
	trial   bool // the first error ends the parse

	// What was missing, for messages: a token, unless that is 0.
	want     string
	wantKind lex.Kind
}

// joining is what was seen of the operators of the expression around.
type joining struct {
	loosely bool // something binds less tightly than `as`
	ranged  bool // there is a range, which neither `..` nor `=` follows
}

func (p *Parser) begin(in Input, tree *Tree, pos, end int) {
	*p = Parser{in: in, tree: tree, end: end, behindAttributes: -1, shallow: tree == nil, trial: tree == nil}
	if src, ok := in.(*Source); ok {
		p.source = src.Tokens
	}
	p.seek(pos)
}

// enter begins a nested construct; it is false where that is too deep.
func (p *Parser) enter() bool {
	if p.depth >= maxNesting {
		return p.fail(tooDeep)
	}
	p.depth++
	return true
}

func (p *Parser) leave() { p.depth-- }

const tooDeep = "less nesting"

// fail notes what is missing here.
func (p *Parser) fail(want string) bool {
	p.want, p.wantKind = want, 0
	return false
}

// failAt fails before what is taken already.
func (p *Parser) failAt(pos int, want string) bool {
	p.seek(pos)
	return p.fail(want)
}

func (p *Parser) failKind(want lex.Kind) bool {
	p.wantKind = want
	return false
}

// report makes an error of the last failure.
func (p *Parser) report() {
	want := p.want
	if p.wantKind == FragmentClose {
		want = "the end of a macro's argument"
	} else if p.wantKind != 0 {
		want = "`" + p.wantKind.String() + "`"
	}
	p.tree.Errors = append(p.tree.Errors, Error{Token: p.pos, Want: want})
}

func (p *Parser) seek(pos int) {
	p.pos, p.half = pos, 0
	switch {
	case pos >= p.end:
		p.tok = Token{}
	case pos < len(p.source):
		t := &p.source[pos]
		p.tok = Token{Kind: t.Kind, Word: t.Word, Close: t.Match}
	default:
		p.tok = p.in.Token(pos)
	}
}

func (p *Parser) next() { p.seek(p.pos + 1) }

// ahead returns the n-th token behind the one here; the zero Token at the end.
func (p *Parser) ahead(n int) Token {
	if p.pos+n < p.end {
		return p.in.Token(p.pos + n)
	}
	return Token{}
}

func (p *Parser) at(kind lex.Kind) bool { return p.tok.Kind == kind }

func (p *Parser) eat(kind lex.Kind) bool {
	if p.tok.Kind != kind {
		return false
	}
	p.next()
	return true
}

func (p *Parser) expect(kind lex.Kind) bool {
	return p.eat(kind) || p.failKind(kind)
}

// eatByte takes an operator's first byte, for `<`, `>`, `&` and `|`.
func (p *Parser) eatByte(c lex.Kind) bool {
	switch kind := p.tok.Kind; {
	case kind == c:
		p.next()
	case kind >= lex.PathSep && kind <= lex.DotDotEq && lex.Kind(kind.String()[0]) == c:
		p.half++
		p.tok.Kind = Rest(kind, 1)
	default:
		return false
	}
	return true
}

// Rest returns the kind of an operator without its first n bytes.
func Rest(kind lex.Kind, n int) lex.Kind {
	switch text := kind.String()[n:]; text {
	case ">=":
		return lex.GreaterEq
	case "<=":
		return lex.LessEq
	default:
		return lex.Kind(text[0])
	}
}

// atAngle reports whether generic arguments begin here.
func (p *Parser) atAngle() bool { return isAngle(p.tok.Kind) }

func isAngle(kind lex.Kind) bool { return kind == '<' || kind == lex.Shl || kind == lex.LeftArrow }

// word reports whether the word is here; it is 0 for all that is no Ident.
func (p *Parser) word(word kw.Word) bool { return p.tok.Word == word }

func (p *Parser) eatWord(word kw.Word) bool {
	if p.tok.Word != word {
		return false
	}
	p.next()
	return true
}

func (p *Parser) atName() bool { return p.tok.isName() }

// name takes an identifier that is no keyword, or one that begins paths.
func (p *Parser) name() bool {
	if !p.tok.isName() {
		return p.fail("an identifier")
	}
	p.next()
	return true
}

// group takes brackets, whose content must be what content takes. What is wrong
// between them does not reach out.
func (p *Parser) group(open lex.Kind, content func(*Parser) bool) bool {
	if p.tok.Kind != open {
		return p.failKind(open)
	}
	if p.shallow {
		p.skipGroup()
		return true
	}
	depth := p.depth
	if !p.enter() {
		return false
	}
	outer, closing := p.end, int(p.tok.Close)
	p.end = closing
	p.next()
	if !content(p) || p.pos < closing && !p.failKind(p.in.Token(closing).Kind) {
		if p.trial {
			return false
		}
		p.report()
	}
	p.end, p.depth = outer, depth
	p.seek(closing + 1)
	return true
}

func (p *Parser) skipGroup() { p.seek(int(p.tok.Close) + 1) }

// tokens takes all up to the end of the brackets around.
func (p *Parser) tokens() bool {
	p.seek(p.end)
	return true
}

// tokenTree takes one token, or brackets with their content.
func (p *Parser) tokenTree() bool {
	switch kind := p.tok.Kind; {
	case kind == 0 || kind.IsClose() || kind == FragmentClose:
		return p.fail("a token")
	case kind.IsOpen() || kind == FragmentOpen:
		p.skipGroup()
	default:
		p.next()
	}
	return true
}

// list takes what item takes, with commas between, up to the end.
func (p *Parser) list(item func(*Parser) bool) bool {
	for p.pos < p.end {
		if !item(p) {
			return false
		}
		if !p.eat(',') {
			return p.pos == p.end || p.failKind(',')
		}
	}
	return true
}

// looksLike reports whether what the function takes stands here, looking at
// its outermost level, and goes nowhere.
func (p *Parser) looksLike(what func(*Parser) bool) bool {
	_, ok := p.endOf(what)
	return ok
}

// endOf returns where what the function takes would end, and goes nowhere.
func (p *Parser) endOf(what func(*Parser) bool) (end int, ok bool) {
	saved := *p
	p.tree, p.shallow, p.trial = nil, true, true
	ok = what(p)
	end = p.pos
	*p = saved
	return end, ok
}

// open begins a node; what it returns is for close.
func (p *Parser) open(kind NodeKind) int {
	if p.tree == nil {
		return -1
	}
	p.tree.Nodes = append(p.tree.Nodes, Node{Kind: kind, Start: int32(p.pos), Open: -1})
	return len(p.tree.Nodes) - 1
}

// close ends a node before the token here, and returns what is of open.
func (p *Parser) close(node int) {
	if node < 0 {
		return
	}
	n := &p.tree.Nodes[node]
	n.End, n.Size = int32(p.pos), int32(len(p.tree.Nodes)-1-node)
}
