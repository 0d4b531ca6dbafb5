package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// A Fragment is what a variable of a macro stands for.
type Fragment uint8

// The fragments.
const (
	Block Fragment = iota + 1
	Expr           // since edition 2024
	Expr2021
	Ident
	Item
	Lifetime
	Literal
	Meta
	Pat // since edition 2021, with `|`
	PatParam
	Path
	Stmt
	TokenTree
	Type
	Vis
)

var fragmentNames = [...]string{
	Block: "block", Expr: "expr", Expr2021: "expr_2021", Ident: "ident", Item: "item",
	Lifetime: "lifetime", Literal: "literal", Meta: "meta", Pat: "pat", PatParam: "pat_param",
	Path: "path", Stmt: "stmt", TokenTree: "tt", Type: "ty", Vis: "vis",
}

// String returns the name in the edition that the fragment is of.
func (f Fragment) String() string {
	switch f {
	case Expr2021:
		return "expr"
	case PatParam:
		return "pat"
	}
	return fragmentNames[f]
}

// FragmentOf returns the fragment of that name in an edition, or 0.
func FragmentOf(name string, edition int) Fragment {
	switch {
	case name == "expr" && edition < 2024:
		return Expr2021
	case name == "pat" && edition < 2021:
		return PatParam
	}
	for f, known := range fragmentNames {
		if known == name && name != "" {
			return Fragment(f)
		}
	}
	return 0
}

// A fragmentSet is a set of fragments.
type fragmentSet uint32

func (s fragmentSet) has(f Fragment) bool { return s>>f&1 != 0 }

// The fragments that may be substituted where the grammar wants something.
const (
	exprFragments    fragmentSet = 1<<Expr | 1<<Expr2021 | 1<<Literal | 1<<Stmt | 1<<Path
	blockFragments   fragmentSet = 1<<Block | 1<<Expr | 1<<Expr2021 | 1<<Stmt
	valueFragments   fragmentSet = 1<<Expr | 1<<Expr2021 | 1<<Literal | 1<<Block
	literalFragments fragmentSet = 1<<Literal | 1<<Expr | 1<<Expr2021
	typeFragments    fragmentSet = 1<<Type | 1<<Path
	patFragments     fragmentSet = 1<<Pat | 1<<PatParam
	pathFragments    fragmentSet = 1<<Path | 1<<Type | 1<<Meta | 1<<Expr | 1<<Expr2021 | 1<<Literal | 1<<Stmt | 1<<Pat | 1<<PatParam
)

// eatFragment takes a substituted fragment of one of these kinds.
func (p *Parser) eatFragment(set fragmentSet) bool {
	return p.tok.Kind == FragmentOpen && p.eatFragmentHere(set)
}

func (p *Parser) eatFragmentHere(set fragmentSet) bool {
	return set.has(p.tok.Fragment) && p.group(FragmentOpen, (*Parser).substituted)
}

// substituted takes what stands in the fragment whose bracket was taken last.
func (p *Parser) substituted() bool { return p.fragment(p.in.Token(p.pos - 1).Fragment) }

// End returns where the fragment that begins at pos ends, looking at its
// outermost level only. If it ends within an operator, half is the number of
// bytes that belong to the fragment. If there is no fragment, end is the token
// that does not fit; deep says that it nests too deeply to tell.
func (p *Parser) End(f Fragment, in Input, pos int) (end, half int, ok, deep bool) {
	p.begin(in, nil, pos, in.Len())
	ok = p.fragment(f)
	return p.pos, p.half, ok, !ok && p.want == tooDeep
}

func (p *Parser) fragment(f Fragment) bool {
	switch f {
	case TokenTree:
		return p.tokenTree()
	case Ident, Lifetime:
		p.next()
		return true
	case Literal:
		return p.literal()
	case Block:
		return p.block()
	case Vis:
		p.visibility()
		return true
	case Meta:
		return p.meta()
	case Path:
		return p.path(typePath)
	case Type:
		return p.typ(true)
	case Pat:
		return p.pattern()
	case PatParam:
		return p.pat()
	case Expr, Expr2021:
		return p.attributes() && p.expr(0)
	case Stmt:
		if !p.attributes() {
			return false
		}
		_, ok := p.stmt()
		return ok
	case Item:
		return p.attributes() && p.item()
	}
	return false
}

// Begins reports whether the token at pos can be the first one of a fragment.
// These sets decide between the arms of a macro (rustc_parse,
// Parser::nonterminal_may_begin_with).
func Begins(f Fragment, in Input, pos int) bool {
	if pos >= in.Len() {
		return false
	}
	t := in.Token(pos)
	inner := t.Fragment
	switch f {
	case TokenTree, Item, Stmt:
		return !t.Kind.IsClose() && t.Kind != FragmentClose
	case Ident:
		return t.Kind.IsName() && t.Word != kw.Underscore
	case Lifetime:
		return t.Kind == lex.Lifetime
	case Literal:
		return beginsLiteral(in, pos)
	case Block:
		if t.Kind == FragmentOpen {
			return (blockFragments | 1<<Literal).has(inner)
		}
		return t.Kind == '{'
	case Path, Meta:
		if t.Kind == FragmentOpen {
			return inner != Item && inner != Block && inner != Vis
		}
		return t.Kind == lex.PathSep || t.Kind.IsName()
	case Vis:
		return t.Kind == ',' || t.Kind == FragmentOpen || t.Kind.IsName() || beginsType(&t)
	case Type:
		return beginsType(&t)
	case Expr:
		return (beginsExpr(&t) || t.Word == kw.Underscore) && t.Word != kw.Let
	case Expr2021:
		return beginsExpr(&t) && t.Word != kw.Let && t.Word != kw.Const
	case Pat, PatParam:
		return beginsPat(&t) || t.Kind == '|' && f == Pat
	}
	return false
}

func beginsLiteral(in Input, pos int) bool {
	switch t := in.Token(pos); t.Kind {
	case '-':
		return true
	case FragmentOpen:
		return t.Fragment == Literal || (t.Fragment == Expr || t.Fragment == Expr2021) && isLiteral(in, pos+1, int(t.Close))
	default:
		return t.Kind.IsLiteral() || t.Word == kw.True || t.Word == kw.False
	}
}

// isLiteral reports whether the tokens from pos up to end are a literal,
// perhaps a negative one.
func isLiteral(in Input, pos, end int) bool {
	if pos < end {
		if t := in.Token(pos); t.Kind == FragmentOpen && int(t.Close) == end-1 {
			return isLiteral(in, pos+1, end-1)
		} else if t.Kind == '-' {
			pos++
		}
	}
	if pos != end-1 {
		return false
	}
	t := in.Token(pos)
	return t.Kind.IsLiteral() || t.Word == kw.True || t.Word == kw.False
}

func beginsExpr(t *Token) bool {
	switch t.Kind {
	case lex.Ident:
		return !t.Word.IsReserved() || (pathWords | exprWords).Has(t.Word)
	case lex.RawIdent, lex.Lifetime, '(', '[', '{', '!', '-', '*', '|', lex.OrOr, '&', lex.AndAnd,
		lex.DotDot, lex.DotDotDot, lex.DotDotEq, '<', lex.Shl, lex.PathSep, '#':
		return true
	case FragmentOpen:
		return (valueFragments | 1<<Path).has(t.Fragment)
	}
	return t.Kind.IsLiteral()
}

func beginsType(t *Token) bool {
	switch t.Kind {
	case lex.Ident:
		return !t.Word.IsReserved() || (pathWords | typeWords).Has(t.Word)
	case lex.RawIdent, lex.Lifetime, '(', '[', '!', '*', '&', lex.AndAnd, '?', '<', lex.Shl, lex.PathSep:
		return true
	case FragmentOpen:
		return typeFragments.has(t.Fragment)
	}
	return false
}

func beginsPat(t *Token) bool {
	switch t.Kind {
	case lex.Ident, lex.RawIdent, '(', '[', '&', '-', lex.AndAnd, lex.DotDot, lex.DotDotDot, lex.PathSep, '<', lex.Shl:
		return true
	case FragmentOpen:
		return (pathFragments &^ (1 << Stmt)).has(t.Fragment)
	}
	return t.Kind.IsLiteral()
}
