// Package syntax is the one grammar of Rust: where items, statements,
// expressions, types, patterns and paths begin and end. It is fed by the tokens
// of a source or by those of macros (Input), copies neither, and makes no tree
// of all that it sees: only of what its callers ask for, see NodeKind.
//
// A file is parsed to its depth, because whatever rustc's parser refuses in one
// is an error here (Parser.File). A macro's fragment is parsed at its outermost
// level only: inside of brackets rustc can but succeed or refuse the program
// (Parser.End). What stands between the brackets of a macro call follows no
// grammar that is known here; it is searched for what looks like code
// (Parser.Loose).
//
// The rules are those of rustc 1.95 (rustc_parse::parser), in all editions at
// once and with the unstable forms that its parser takes. What only later
// passes refuse is taken: a function without a body, chained comparisons.
package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// The brackets around a fragment that a macro substituted, which the grammar
// sees and the text does not have.
const (
	FragmentOpen  lex.Kind = 250
	FragmentClose lex.Kind = 251
)

// A Token is what the grammar sees of a token.
type Token struct {
	Kind lex.Kind
	Word kw.Word // of an Ident
	// Fragment is for FragmentOpen the fragment in between.
	Fragment Fragment
	// Close is for an opening bracket the index of its partner.
	Close int32
}

// An Input is a sequence of tokens. Its brackets are balanced.
type Input interface {
	Len() int
	// Token returns the token with an index below Len.
	Token(i int) Token
}

// A NodeKind is the kind of a node.
type NodeKind uint8

const (
	// Attributed is outer attributes, which are its first nodes, with what they
	// apply to: what rustc removes when one is `#[cfg(any())]`.
	Attributed     NodeKind = iota + 1
	Attribute               // `#[…]`
	InnerAttribute          // `#![…]`, of the node around
	Scope                   // braces: names declared in them end with them
	Module                  // from `mod` on
	Use                     // from `use` to the `;`
	ExternCrate             // from `extern` to the `;`
	Rules                   // from `macro_rules` on
	Macro                   // a declarative macro 2.0, from `macro` on
	Call                    // of a macro, from its path to its closing bracket
)

// A Node is a piece of the input.
type Node struct {
	Kind NodeKind
	// Item is of a Call: it stands where an item or statement may stand.
	Item bool
	// Start is the index of its first token, End that behind its last.
	Start, End int32
	// Open is of Module with a body, Rules, Macro and Call the index of the opening
	// bracket, else -1.
	Open int32
	// Size is the number of nodes inside, which follow it.
	Size int32
}

// An Error says why an input is no Rust.
type Error struct {
	Token int    // the index of the first token that does not fit, or Len
	Want  string // what would: "an expression"
}

// A Tree is what a parse finds: nodes in the order of their beginnings, each
// followed by those inside of it, and errors.
type Tree struct {
	Nodes  []Node
	Errors []Error
}

// Reset empties the tree and keeps its memory.
func (t *Tree) Reset() { t.Nodes, t.Errors = t.Nodes[:0], t.Errors[:0] }

// File parses a whole file, or what stands in the place of items. Behind an
// error the parse goes on with the next item or statement.
func (p *Parser) File(in Input, tree *Tree) {
	p.begin(in, tree, 0, in.Len())
	p.items()
}

// Statements parses the whole input as what stands between the braces of a
// block, and reports whether it is. If not the tree is as it was.
func (p *Parser) Statements(in Input, tree *Tree) bool {
	nodes := len(tree.Nodes)
	p.begin(in, tree, 0, in.Len())
	p.trial = true
	if p.statements() && p.pos == p.end {
		return true
	}
	tree.Nodes = tree.Nodes[:nodes]
	return false
}

// Expr returns the end of the expression that begins at pos. cast is the index
// of the `as` if the whole expression is a cast, else -1. If there is none end
// is the token that does not fit.
func (p *Parser) Expr(in Input, pos, limit int) (end, cast int, ok bool) {
	p.begin(in, nil, pos, limit)
	ok = p.attributes() && p.expr(0)
	return p.pos, p.cast, ok
}

// Type returns the end of the type that begins at pos.
func (p *Parser) Type(in Input, pos, limit int) (end int, ok bool) {
	p.begin(in, nil, pos, limit)
	ok = p.typ(true) && p.half == 0
	return p.pos, ok
}

// IsType reports whether a text is a type and nothing else, as the parser of
// procedural macros takes it (syn, Type::parse).
func IsType(text string) bool {
	tokens, err := lex.Lex(text, nil)
	if err != nil || len(tokens) == 0 {
		return false
	}
	bound := false
	for _, t := range tokens {
		bound = bound || t.Kind != lex.Lifetime && t.Kind != '+'
	}
	var p Parser
	p.begin(&Source{text, tokens}, nil, 0, len(tokens))
	p.shallow, p.trial = false, true
	return bound && p.typ(true) && p.pos == p.end
}
