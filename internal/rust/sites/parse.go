package sites

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// nodeKind is the kind of a node of an outline.
type nodeKind uint8

const (
	scopeNode nodeKind = iota // a block: names and macros defined in it end with it
	guardNode                 // what attributes apply to
	modNode                   // `mod name { … }`, or `mod name;`: without body
	useNode                   // `use …;`
	crateNode                 // `extern crate …;`
	rulesNode                 // `macro_rules! name { … }`
	callNode                  // a function-like macro call
)

// node is what a scan needs to know of a piece of source, whatever the
// configuration. Tokens that hold neither macro call nor declaration of a name
// have no node.
type node struct {
	kind  nodeKind
	body  bool       // of modNode: inline
	item  bool       // of callNode: where an item or statement may stand
	vis   visibility // of modNode, useNode, crateNode
	start int32      // the first token, in the outline's units
	open  int32      // of callNode and rulesNode: the opening bracket
	stop  int32      // behind the last token
	name  string     // of modNode and rulesNode; of crateNode the crate
	alias string     // of crateNode: the name in code
	path  []string   // of callNode
	uses  []use      // of useNode
	words []string   // of rulesNode: names of the macros that its arms call
	attrs []attr     // of guardNode; of an item also on the item itself
	kids  []*node
	heat  heat // of kids: what the macro calls in them may make
}

// visibility is who sees a module or an import.
type visibility uint8

const (
	private visibility = iota // its module and those below
	inCrate                   // pub(crate), pub(super), pub(in …): taken for the whole crate
	public
)

// visibility reads what stands before the keyword at i.
func (p *parser) visibility(i int) visibility {
	switch {
	case i > 0 && p.word(i-1, i, "pub"):
		return public
	case i > 1 && p.kind(i-1) == ')' && p.match(i-1) > 0 && p.word(p.match(i-1)-1, i, "pub"):
		return inCrate
	}
	return private
}

// use is one import: path as alias, or path::*. A path begins with "::", with
// dollarCrate, or with a name; "self" at the end is left out.
type use struct {
	path  []string
	alias string
	glob  bool
}

// outline is the nodes of a source or of an expansion.
type outline struct {
	stream stream // of an expansion; empty for a source, whose nodes count bytes
	inner  []attr // `#![…]` at the beginning
	kids   []*node
}

// setting is where a parser is: it decides what an attribute applies to.
type setting uint8

const (
	inBlock setting = iota // between braces, or a whole file
	inMatch                // between the braces of a match
	inList                 // between parentheses or square brackets
)

// parser makes nodes of tokens.
type parser struct {
	stream
	bytes bool // nodes count bytes
}

// parseSource makes the outline of a source.
func parseSource(src *source, tokens []lex.Token) *outline {
	p := parser{stream: stream{tokens: tokens, file: src}, bytes: true}
	return p.outline()
}

// parseStream makes the outline of an expansion.
func parseStream(s stream) *outline {
	p := parser{stream: s}
	o := p.outline()
	o.stream = s
	return o
}

func (p *parser) outline() *outline {
	o := &outline{}
	start := 0
	o.inner, start = p.innerAttrs(0, p.len())
	o.kids = p.seq(start, p.len(), inBlock)
	return o
}

func (p *parser) innerAttrs(i, end int) ([]attr, int) {
	var list []attr
	for i < end {
		switch {
		case p.kind(i) == lex.InnerDoc:
			i++
		case p.kind(i) == '#' && p.is(i+1, end, '!') && p.is(i+2, end, '['):
			list = p.attr(list, i+3, p.match(i+2))
			i = p.match(i+2) + 1
		default:
			return list, i
		}
	}
	return list, i
}

// at returns the position of token i in the outline's units.
func (p *parser) at(i int) int32 {
	if !p.bytes {
		return int32(i)
	}
	return int32(p.tokens[i].Start)
}

// behind returns the position behind token i in the outline's units.
func (p *parser) behind(i int) int32 {
	if !p.bytes {
		return int32(i + 1)
	}
	return int32(p.tokens[i].End)
}

// seq returns the nodes of the tokens from i up to end.
func (p *parser) seq(i, end int, in setting) []*node {
	var kids []*node
	for i < end {
		if p.kind(i) != '#' || !p.is(i+1, end, '[') {
			i = p.step(i, end, in, &kids)
			continue
		}
		attrs, thing := p.attrs(i, end)
		if attrs == nil {
			i = max(thing, i+1)
			continue
		}
		stop := max(p.extent(thing, end, in), thing)
		inner := p.seq(thing, stop, in)
		if len(inner) > 0 {
			if first := inner[0]; first.kind != scopeNode && first.kind != guardNode {
				first.attrs = attrs
			}
			kids = append(kids, &node{kind: guardNode, attrs: attrs, kids: inner})
		}
		i = max(stop, i+1)
	}
	return kids
}

// block returns the nodes between the brackets at i, as a scope.
func (p *parser) block(i int, in setting, kids *[]*node) int {
	inner, start := p.innerAttrs(i+1, p.match(i))
	list := p.seq(start, p.match(i), in)
	if len(list) > 0 {
		if inner != nil {
			list = []*node{{kind: guardNode, attrs: inner, kids: list}}
		}
		*kids = append(*kids, &node{kind: scopeNode, kids: list})
	}
	return p.match(i) + 1
}

// step reads one thing at i that has no attributes, and returns the index
// behind it.
func (p *parser) step(i, end int, in setting, kids *[]*node) int {
	switch kind := p.kind(i); kind {
	case '{':
		return p.block(i, inBlock, kids)
	case '(', '[':
		*kids = append(*kids, p.seq(i+1, p.match(i), inList)...)
		return p.match(i) + 1
	case lex.Ident:
		if next := p.keyword(i, end, in, kids); next > 0 {
			return next
		}
		return p.path(i, end, in, kids)
	case lex.RawIdent, lex.PathSep:
		return p.path(i, end, in, kids)
	}
	return i + 1
}

// keyword reads what a keyword begins; 0 when the identifier at i begins
// nothing of its own.
func (p *parser) keyword(i, end int, in setting, kids *[]*node) int {
	text := p.text(i)
	switch text {
	case "mod":
		if i+2 < end && p.kind(i+1).IsName() {
			return p.module(i, kids)
		}
	case "use":
		if !p.is(i+1, end, '<') && in != inList {
			stop := p.toSemicolon(i, end)
			n := &node{kind: useNode, vis: p.visibility(i), start: p.at(i), stop: p.behind(stop - 1)}
			n.uses = p.useTree(nil, i+1, stop, nil)
			*kids = append(*kids, n)
			return stop
		}
	case "extern":
		if p.word(i+1, end, "crate") && i+2 < end && p.kind(i+2).IsName() {
			n := &node{kind: crateNode, vis: p.visibility(i), start: p.at(i), name: p.name(i + 2), alias: p.name(i + 2)}
			if p.word(i+3, end, "as") && i+4 < end {
				n.alias = p.text(i + 4)
			}
			stop := p.toSemicolon(i, end)
			n.stop = p.behind(stop - 1)
			*kids = append(*kids, n)
			return stop
		}
	case "macro_rules":
		if p.is(i+1, end, '!') && i+3 < end && p.kind(i+2).IsName() && p.kind(i+3).IsOpen() {
			return p.rules(i, kids)
		}
	case "match":
		if body := p.bodyBrace(i+1, end); body < end {
			*kids = append(*kids, p.seq(i+1, body, inList)...)
			return p.block(body, inMatch, kids)
		}
	}
	return 0
}

// notCallable are the keywords behind which `!` is a negation.
var notCallable = set(`if while match return in else break let mut move ref as loop for yield become fn impl
	struct enum trait type where dyn const static unsafe async extern pub await`)

func (p *parser) module(i int, kids *[]*node) int {
	n := &node{kind: modNode, vis: p.visibility(i), start: p.at(i), name: p.name(i + 1)}
	switch p.kind(i + 2) {
	case ';':
		n.stop = p.behind(i + 2)
		*kids = append(*kids, n)
		return i + 3
	case '{':
		close := p.match(i + 2)
		inner, start := p.innerAttrs(i+3, close)
		n.body = true
		n.stop = p.behind(close)
		n.kids = p.seq(start, close, inBlock)
		if inner != nil {
			n = &node{kind: guardNode, attrs: inner, kids: []*node{n}}
		}
		*kids = append(*kids, n)
		return close + 1
	}
	return i + 1
}

// useTree adds the imports of the tree at i, below prefix.
func (p *parser) useTree(uses []use, i, end int, prefix []string) []use {
	path := prefix[:len(prefix):len(prefix)]
	for i < end {
		switch kind := p.kind(i); {
		case kind == lex.PathSep:
			if len(path) == 0 {
				path = append(path, "::")
			}
		case kind == '*':
			return append(uses, use{path: path, glob: true})
		case kind == '{':
			for j, last := i+1, p.match(i); j < last; {
				comma := j
				for comma < last && p.kind(comma) != ',' {
					if p.kind(comma).IsOpen() {
						comma = p.match(comma)
					}
					comma++
				}
				if comma > j {
					uses = p.useTree(uses, j, comma, path)
				}
				j = comma + 1
			}
			return uses
		case kind.IsName() && p.word(i, end, "as") && i+1 < end:
			return append(uses, use{path: path, alias: p.name(i + 1)})
		case kind.IsName():
			if !p.word(i, end, "self") || len(path) == 0 {
				path = append(path, p.segment(i))
			}
		default: // `;`
			i = end
			continue
		}
		i++
	}
	if len(path) == 0 {
		return uses
	}
	return append(uses, use{path: path, alias: path[len(path)-1]})
}

// path reads a path at i, and the macro call that it may name.
func (p *parser) path(i, end int, in setting, kids *[]*node) int {
	if p.is(i+1, end, lex.PathSep) && p.noCall(i) {
		return i + 1 // `return ::a::b!()`
	}
	bang := p.callBang(i, end)
	if bang < 0 {
		return p.pathEnd(i, end)
	}
	if bang == i+1 && p.noCall(i) {
		return i + 1
	}
	n := &node{kind: callNode, start: p.at(i), open: p.at(bang + 1), item: in == inBlock}
	for j := i; j < bang; j++ {
		if p.kind(j) != lex.PathSep {
			n.path = append(n.path, p.segment(j))
		} else if j == i {
			n.path = append(n.path, "::")
		}
	}
	open := bang + 1
	close := p.match(open)
	n.stop = p.behind(close)
	if n.path[len(n.path)-1] == "cfg_if" {
		n.kids = p.cfgIf(open+1, close)
	} else {
		inner := inList
		if p.kind(open) == '{' {
			inner = inBlock
		}
		n.kids = p.seq(open+1, close, inner)
	}
	*kids = append(*kids, n)
	return close + 1
}

// pathEnd returns the index behind the names and `::` at i.
func (p *parser) pathEnd(i, end int) int {
	for i < end && (p.kind(i).IsName() || p.kind(i) == lex.PathSep) {
		if p.kind(i).IsName() && !p.is(i+1, end, lex.PathSep) {
			return i + 1
		}
		i++
	}
	return i
}

// cfgIf reads the arms of cfg_if!, each as what `#[cfg]` applies to. An arm
// counts only where those before it do not.
func (p *parser) cfgIf(i, end int) []*node {
	var kids []*node
	before := ""
	for i < end {
		pred := ""
		if p.word(i, end, "else") {
			i++
		}
		if p.word(i, end, "if") && p.is(i+1, end, '#') && p.is(i+2, end, '[') {
			open, close := i+2, p.match(i+2)
			if p.word(open+1, close, "cfg") && p.is(open+2, close, '(') {
				pred = p.written(open+3, p.match(open+2))
			}
			i = close + 1
		}
		if !p.is(i, end, '{') {
			return kids
		}
		cond := "not(any(" + before + "))"
		if pred != "" {
			cond = "all(" + pred + ", " + cond + ")"
			before += pred + ", "
		}
		a := attr{path: "cfg", pred: cond, start: p.at(i), stop: p.behind(i)}
		if inner := p.seq(i+1, p.match(i), inBlock); len(inner) > 0 {
			kids = append(kids, &node{kind: guardNode, attrs: []attr{a}, kids: inner})
		}
		i = p.match(i) + 1
	}
	return kids
}
