package expand

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// A FragmentKind is what a variable stands for.
type FragmentKind uint8

const (
	Block FragmentKind = iota + 1
	Expr               // since edition 2024
	Expr2021
	Ident
	Item
	LifetimeName
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
	LifetimeName: "lifetime", Literal: "literal", Meta: "meta", Pat: "pat", PatParam: "pat_param",
	Path: "path", Stmt: "stmt", TokenTree: "tt", Type: "ty", Vis: "vis",
}

// String returns the name in the edition that the kind is of.
func (k FragmentKind) String() string {
	switch k {
	case Expr2021:
		return "expr"
	case PatParam:
		return "pat"
	}
	return fragmentNames[k]
}

// fragmentKind returns the kind of a fragment's name in an edition, or 0.
func fragmentKind(name string, edition int) FragmentKind {
	switch {
	case name == "expr" && edition < 2024:
		return Expr2021
	case name == "pat" && edition < 2021:
		return PatParam
	}
	for kind, known := range fragmentNames {
		if known == name && name != "" {
			return FragmentKind(kind)
		}
	}
	return 0
}

// canBegin reports whether the token at pos can be the first one of a fragment.
// These sets decide between arms (rustc_parse, Parser::nonterminal_may_begin_with).
func canBegin(kind FragmentKind, tokens []Token, pos int) bool {
	if pos >= len(tokens) {
		return false
	}
	t := &tokens[pos]
	inner := t.Fragment
	switch kind {
	case TokenTree, Item, Stmt:
		return !t.Kind.IsClose() && t.Kind != FragmentClose
	case Ident:
		return t.Kind.IsName() && t.Text != "_"
	case LifetimeName:
		return t.Kind == lex.Lifetime
	case Literal:
		return beginsLiteral(tokens, pos)
	case Block:
		if t.Kind == FragmentOpen {
			return inner == Block || inner == Stmt || inner == Expr || inner == Expr2021 || inner == Literal
		}
		return t.Kind == '{'
	case Path, Meta:
		if t.Kind == FragmentOpen {
			return inner != Item && inner != Block && inner != Vis
		}
		return t.Kind == lex.PathSep || t.Kind.IsName()
	case Vis:
		return t.Kind == ',' || t.Kind == FragmentOpen || t.Kind.IsName() || beginsType(t)
	case Type:
		return beginsType(t)
	case Expr:
		return (beginsExpr(t) || t.Is("_")) && !t.Is("let")
	case Expr2021:
		return beginsExpr(t) && !t.Is("let") && !t.Is("const")
	case Pat, PatParam:
		return beginsPat(t) || t.Kind == '|' && kind == Pat
	}
	return false
}

func beginsLiteral(tokens []Token, pos int) bool {
	switch t := &tokens[pos]; t.Kind {
	case '-':
		return true
	case FragmentOpen:
		isExpr := t.Fragment == Expr || t.Fragment == Expr2021
		return t.Fragment == Literal || isExpr && isLiteral(tokens[pos+1:pos+int(t.Partner)])
	default:
		return t.Kind.IsLiteral() || t.Is("true") || t.Is("false")
	}
}

// isLiteral reports whether an expression is a literal, perhaps a negative one.
func isLiteral(tokens []Token) bool {
	if len(tokens) > 0 && tokens[0].Kind == FragmentOpen && int(tokens[0].Partner) == len(tokens)-1 {
		return isLiteral(tokens[1 : len(tokens)-1])
	}
	if len(tokens) > 0 && tokens[0].Kind == '-' {
		tokens = tokens[1:]
	}
	return len(tokens) == 1 && (tokens[0].Kind.IsLiteral() || tokens[0].Is("true") || tokens[0].Is("false"))
}

func beginsExpr(t *Token) bool {
	switch t.Kind {
	case lex.Ident:
		return !keyword[t.Text] || pathWord[t.Text] || exprWord[t.Text]
	case lex.RawIdent, lex.Lifetime, '(', '[', '{', '!', '-', '*', '|', lex.OrOr, '&', lex.AndAnd,
		lex.DotDot, lex.DotDotDot, lex.DotDotEq, '<', lex.Shl, lex.PathSep, '#':
		return true
	case FragmentOpen:
		switch t.Fragment {
		case Block, Expr, Expr2021, Literal, Path:
			return true
		}
		return false
	}
	return t.Kind.IsLiteral()
}

func beginsType(t *Token) bool {
	switch t.Kind {
	case lex.Ident:
		return !keyword[t.Text] || pathWord[t.Text] || typeWord[t.Text]
	case lex.RawIdent, lex.Lifetime, '(', '[', '!', '*', '&', lex.AndAnd, '?', '<', lex.Shl, lex.PathSep:
		return true
	case FragmentOpen:
		return t.Fragment == Type || t.Fragment == Path
	}
	return false
}

func beginsPat(t *Token) bool {
	switch t.Kind {
	case lex.Ident, lex.RawIdent, '(', '[', '&', '-', lex.AndAnd, lex.DotDot, lex.DotDotDot, lex.PathSep, '<', lex.Shl:
		return true
	case FragmentOpen:
		switch t.Fragment {
		case Expr, Expr2021, Literal, Meta, Pat, PatParam, Path, Type:
			return true
		}
		return false
	}
	return t.Kind.IsLiteral()
}

// Words that are no names (rustc_span::symbol, Symbol::is_reserved, newest
// edition), those of them that begin paths, expressions and types. `async`,
// `await`, `dyn`, `try` and `gen` are names in older editions, which no macro of
// those can tell: they begin what names begin.
var (
	keyword  = words("_ as break const continue crate else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while abstract become box do final macro override priv typeof unsized virtual yield async await dyn try gen $crate")
	pathWord = words("super self Self crate $crate")
	exprWord = words("async do box break const continue false for gen if let loop match move return true try unsafe while yield safe static become builtin await dyn")
	typeWord = words("_ for impl fn unsafe extern typeof dyn async await try gen")
)

func words(s string) map[string]bool {
	set := map[string]bool{}
	start := 0
	for i := range len(s) + 1 {
		if i == len(s) || s[i] == ' ' {
			set[s[start:i]] = true
			start = i + 1
		}
	}
	return set
}

// A failure says why there is no fragment.
type failure int

const (
	none failure = iota
	noFragment
	tooDeep
)

// fragmentEnd returns where the fragment that begins at pos ends. If it ends
// within an operator, half is the number of bytes that belong to the fragment.
// If there is no fragment, end is the token that does not fit.
func fragmentEnd(kind FragmentKind, tokens []Token, pos int) (end, half int, why failure) {
	p := parser{tokens: tokens, pos: pos}
	switch {
	case p.fragment(kind):
		return p.pos, p.half, none
	case p.depth > maxNesting:
		return p.pos, 0, tooDeep
	}
	return p.pos, 0, noFragment
}

func (p *parser) fragment(kind FragmentKind) bool {
	switch kind {
	case TokenTree:
		return p.tree()
	case Ident, LifetimeName:
		p.pos++
		return true
	case Literal:
		return p.literal()
	case Block:
		return p.eatGroup('{') || p.eatFragment(Block) || p.eatFragment(Stmt) || p.eatFragment(Expr) || p.eatFragment(Expr2021)
	case Vis:
		return p.vis()
	case Meta:
		return p.meta()
	case Path:
		return p.path(typePath)
	case Type:
		return p.typ(true)
	case Pat:
		return p.patAlternatives()
	case PatParam:
		return p.pat()
	case Expr, Expr2021:
		return p.attributes() && p.expr(0)
	case Stmt:
		return p.stmt()
	case Item:
		return p.attributes() && p.item()
	}
	return false
}
