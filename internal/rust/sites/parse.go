package sites

import (
	"slices"
	"sort"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
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
	macroNode                 // `macro name { … }`, which is not expanded
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
	open  int32      // of callNode, rulesNode and macroNode: the opening bracket
	stop  int32      // behind the last token
	name  string     // of modNode, rulesNode and macroNode; of crateNode the crate
	alias string     // of crateNode: the name in code
	path  []string   // of callNode
	uses  []use      // of useNode
	words []string   // of rulesNode and macroNode: names of the macros that its arms call
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

// parser makes nodes of what the grammar finds in tokens.
type parser struct {
	stream
	bytes bool // nodes count bytes

	made []*node // of the lists that are not complete
	// Room for nodes, for lists of them, and for paths: an outline has many small
	// ones.
	block []node
	list  []*node
	names []string
}

// cut returns count places of a room, which loses them; of a new one where it
// is too small.
func cut[T any](room *[]T, count, size int) []T {
	if len(*room) < count {
		*room = make([]T, max(count, size))
	}
	taken := (*room)[:count:count]
	*room = (*room)[count:]
	return taken
}

// trees are for what the grammar finds in one file, which its outline outlives.
var trees = sync.Pool{New: func() any { return new(syntax.Tree) }}

// parseSource makes the outline of a source, and the errors of its grammar,
// behind each of which it goes on.
func parseSource(src *source, tokens []lex.Token) (*outline, []syntax.Error) {
	tree := trees.Get().(*syntax.Tree)
	defer trees.Put(tree)
	tree.Reset()
	p := parser{stream: stream{tokens: tokens, file: src}, bytes: true}
	var grammar syntax.Parser
	grammar.File(&syntax.Source{Text: src.origin.Text, Tokens: tokens}, tree)
	return p.outline(tree.Nodes), slices.Clone(tree.Errors)
}

// parseExpression makes the outline of a source that stands in an expression's
// place; false where it cannot.
func parseExpression(src *source, tokens []lex.Token) (*outline, bool) {
	var tree syntax.Tree
	var grammar syntax.Parser
	ok := grammar.Statements(&syntax.Source{Text: src.origin.Text, Tokens: tokens}, &tree)
	p := parser{stream: stream{tokens: tokens, file: src}, bytes: true}
	return p.outline(tree.Nodes), ok
}

// parseStream makes the outline of an expansion, which stands where items,
// statements or an expression may stand. Of one that is no such code, as of the
// arguments of an unknown macro, it is what looks like it.
func parseStream(s stream) *outline {
	tree := trees.Get().(*syntax.Tree)
	defer trees.Put(tree)
	tree.Reset()
	p := parser{stream: s}
	raw := expand.Input(s.raw)
	var grammar syntax.Parser
	if !grammar.Statements(&raw, tree) {
		tree.Reset()
		grammar.Loose(&raw, tree, true)
	}
	o := p.outline(tree.Nodes)
	o.stream = s
	return o
}

func (p *parser) outline(nodes []syntax.Node) *outline {
	o := &outline{}
	o.inner, nodes = p.attrs(nodes, syntax.InnerAttribute)
	o.kids = p.nodes(nodes)
	return o
}

// flat returns the index of the token that has the index i for the grammar,
// which sees the brackets around fragments as well.
func (p *parser) flat(i int32) int {
	if p.raw == nil {
		return int(i)
	}
	found, _ := slices.BinarySearch(p.index, i)
	return found
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

// nodes makes nodes of those of the grammar.
func (p *parser) nodes(list []syntax.Node) []*node {
	first := len(p.made)
	p.push(list)
	return p.pop(first)
}

// push makes nodes of those of the grammar, for pop.
func (p *parser) push(list []syntax.Node) {
	for len(list) > 0 {
		n := list[0]
		inside := list[1 : 1+n.Size]
		list = list[1+n.Size:]
		switch n.Kind {
		case syntax.Scope:
			p.scope(inside)
		case syntax.Attributed:
			attrs, thing := p.attrs(inside, syntax.Attribute)
			p.guard(attrs, thing)
		case syntax.Module:
			p.module(n, inside)
		case syntax.Use:
			p.use(n)
		case syntax.ExternCrate:
			p.externCrate(n)
		case syntax.Rules:
			p.rules(n)
		case syntax.Macro:
			p.macro(n)
		case syntax.Call:
			p.call(n, inside)
		}
	}
}

// pop returns the nodes that were made since there were first of them.
func (p *parser) pop(first int) []*node {
	made := p.made[first:]
	if len(made) == 0 {
		return nil
	}
	list := cut(&p.list, len(made), 64)
	copy(list, made)
	p.made = p.made[:first]
	return list
}

// add makes a node.
func (p *parser) add(kind nodeKind) *node {
	n := &cut(&p.block, 1, 16)[0]
	n.kind = kind
	p.made = append(p.made, n)
	return n
}

func (p *parser) scope(list []syntax.Node) {
	first := len(p.made)
	p.guard(p.attrs(list, syntax.InnerAttribute))
	if kids := p.pop(first); kids != nil {
		p.add(scopeNode).kids = kids
	}
}

// guard makes nodes of what attributes apply to.
func (p *parser) guard(attrs []attr, list []syntax.Node) {
	first := len(p.made)
	p.push(list)
	if attrs == nil || len(p.made) == first {
		return
	}
	if n := p.made[first]; n.kind.named() {
		n.attrs = attrs
	}
	kids := p.pop(first)
	n := p.add(guardNode)
	n.attrs, n.kids = attrs, kids
}

// start makes a node of the kind that stands where n does.
func (p *parser) start(kind nodeKind, n syntax.Node) *node {
	made := p.add(kind)
	made.start, made.stop = p.at(p.flat(n.Start)), p.behind(p.flat(n.End)-1)
	if n.Open >= 0 {
		made.open = p.at(p.flat(n.Open))
	}
	return made
}

func (p *parser) use(n syntax.Node) {
	made, i := p.start(useNode, n), p.flat(n.Start)
	made.vis = p.visibility(i)
	made.uses = p.useTree(nil, i+1, p.flat(n.End), nil)
}

func (p *parser) externCrate(n syntax.Node) {
	made, i := p.start(crateNode, n), p.flat(n.Start)
	made.vis = p.visibility(i)
	made.name = p.name(i + 2)
	made.alias = made.name
	if p.word(i+3, p.len(), "as") {
		made.alias = p.text(i + 4)
	}
}

func (p *parser) module(n syntax.Node, inside []syntax.Node) {
	made, i := p.start(modNode, n), p.flat(n.Start)
	made.open, made.body = 0, n.Open >= 0
	made.vis, made.name = p.visibility(i), p.name(i+1)
	inner, inside := p.attrs(inside, syntax.InnerAttribute)
	made.kids = p.nodes(inside)
	if inner != nil {
		kids := p.pop(len(p.made) - 1)
		guard := p.add(guardNode)
		guard.attrs, guard.kids = inner, kids
	}
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
				comma := p.comma(j, last)
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

// call makes a node of a macro call.
func (p *parser) call(n syntax.Node, inside []syntax.Node) {
	made, start, open := p.start(callNode, n), p.flat(n.Start), p.flat(n.Open)
	made.item = n.Item
	path := cut(&p.names, open-1-start, 64)[:0]
	for i := start; i < open-1; i++ {
		switch {
		case p.kind(i) != lex.PathSep:
			path = append(path, p.segment(i))
		case len(path) == 0:
			path = append(path, "::")
		}
	}
	made.path = path
	if path[len(path)-1] == "cfg_if" {
		made.kids = p.cfgIf(open+1, p.match(open), inside)
	} else {
		made.kids = p.nodes(inside)
	}
}

// between returns the nodes of the list that lie between the brackets at i.
func (p *parser) between(list []syntax.Node, i int) []syntax.Node {
	first := sort.Search(len(list), func(n int) bool { return p.flat(list[n].Start) > i })
	last := sort.Search(len(list), func(n int) bool { return p.flat(list[n].Start) >= p.match(i) })
	return list[first:last]
}

// cfgIf reads the arms of cfg_if!, each as what `#[cfg]` applies to. An arm
// counts only where those before it do not.
func (p *parser) cfgIf(i, end int, list []syntax.Node) []*node {
	first := len(p.made)
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
			break
		}
		cond := "not(any(" + before + "))"
		if pred != "" {
			cond = "all(" + pred + ", " + cond + ")"
			before += pred + ", "
		}
		a := attr{path: "cfg", pred: cond, start: p.at(i), stop: p.behind(i)}
		p.guard([]attr{a}, p.between(list, i))
		i = p.match(i) + 1
	}
	return p.pop(first)
}
