package sites

import (
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// attr is an attribute that matters to the scan.
type attr struct {
	path  string // "cfg", "tokio::main"
	pred  string // of cfg and cfg_attr: the predicate's text
	value string // of path the file, of recursion_limit the number, of macro_use and macro_export what is in brackets
	inner []attr // of cfg_attr: what applies where the predicate holds
	kids  []*node
	start int32 // in the outline's units
	stop  int32
}

// attrs reads the attributes that a list of nodes begins with, and returns those
// that matter, and the nodes behind them.
func (p *parser) attrs(list []syntax.Node, kind syntax.NodeKind) (attrs []attr, rest []syntax.Node) {
	for len(list) > 0 && list[0].Kind == kind {
		n := list[0]
		open := p.flat(n.Start) + 1
		if kind == syntax.InnerAttribute {
			open++
		}
		attrs = p.attr(attrs, open+1, p.match(open), list[1:1+n.Size])
		list = list[1+n.Size:]
	}
	return attrs, list
}

// attr adds the attribute between i and end to the list, if it matters; nodes
// are those in it.
func (p *parser) attr(list []attr, i, end int, nodes []syntax.Node) []attr {
	if p.word(i, end, "unsafe") && p.is(i+1, end, '(') {
		return p.attr(list, i+2, p.match(i+1), nodes)
	}
	start, path := i, ""
	for i < end && (p.kind(i).IsName() || p.kind(i) == lex.PathSep) {
		if p.kind(i) == lex.PathSep {
			path += "::"
		} else {
			path += p.name(i)
		}
		i++
	}
	a := attr{path: strings.TrimPrefix(path, "::")}
	switch {
	case a.path == "cfg" && p.is(i, end, '('):
		a.pred = p.written(i+1, p.match(i))
	case a.path == "cfg_attr" && p.is(i, end, '('):
		last := p.match(i)
		comma := p.comma(i+1, last)
		a.pred = p.written(i+1, comma)
		for comma < last {
			next := comma + 1
			comma = p.comma(next, last)
			a.inner = p.attr(a.inner, next, comma, nodes)
		}
		if a.inner == nil {
			return list
		}
	case (a.path == "path" || a.path == "recursion_limit") && p.is(i, end, '=') && i+1 < end && p.kind(i+1).IsString():
		value, err := lex.Unquote(p.text(i + 1))
		if err != nil {
			return list
		}
		a.value = value.Text
	case (a.path == "macro_use" || a.path == "macro_export") && p.is(i, end, '('):
		a.value = p.written(i+1, p.match(i))
	case inertAttribute(a.path):
		return list
	case a.path != "macro_use" && a.path != "macro_export" && i < end && p.kind(i).IsOpen():
		a.kids = p.nodes(p.between(nodes, i))
	}
	if start < end {
		a.start, a.stop = p.at(start), p.behind(end-1)
	}
	return append(list, a)
}

// testAttribute tells of an attribute other than cfg whether it makes a
// function a test, which vanishes outside of test mode: `#[test]` itself and
// the macros that put it on the function. Another whose name ends so may make
// something else of it there, but hands it on in test mode.
func testAttribute(path string) bool {
	last := path[strings.LastIndex(path, ":")+1:]
	return last == "test" || last == "bench" || last == "rstest" || last == "test_case" && path == last
}

// inertAttribute tells of an attribute whether it is none that a macro
// implements: the compiler's own, tools', and those that only derive macros
// read. They change nothing in what they stand on.
func inertAttribute(path string) bool {
	if at := strings.Index(path, "::"); at >= 0 {
		switch path[:at] {
		case "rustfmt", "clippy", "diagnostic", "miri", "rust_analyzer", "rustdoc":
			return true
		}
		return false
	}
	return inertAttributes[path]
}

// passAttribute tells of an attribute macro whether it hands on what it
// stands on, with every macro call in it.
func passAttribute(path string) bool {
	return passAttributes[path[strings.LastIndex(path, ":")+1:]]
}
