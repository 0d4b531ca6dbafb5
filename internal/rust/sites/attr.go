package sites

import (
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// attr is an attribute that matters to the scan.
type attr struct {
	path  string // "cfg", "tokio::main"
	pred  string // of cfg and cfg_attr: the predicate's text
	value string // of path the file, of recursion_limit the number
	inner []attr // of cfg_attr: what applies where the predicate holds
	kids  []*node
	start int32 // in the outline's units
	stop  int32
}

// attrs reads the outer attributes at i and returns those that matter, and the
// index behind them.
func (p *parser) attrs(i, end int) ([]attr, int) {
	var list []attr
	for i < end {
		switch {
		case p.kind(i) == lex.OuterDoc:
			i++
		case p.is(i, end, '#') && p.is(i+1, end, '['):
			list = p.attr(list, i+2, p.match(i+1))
			i = p.match(i+1) + 1
		default:
			return list, i
		}
	}
	return list, i
}

// attr adds the attribute between i and end to the list, if it matters.
func (p *parser) attr(list []attr, i, end int) []attr {
	if p.word(i, end, "unsafe") && p.is(i+1, end, '(') {
		return p.attr(list, i+2, p.match(i+1))
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
		comma := i + 1
		last := p.match(i)
		for comma < last && p.kind(comma) != ',' {
			if p.kind(comma).IsOpen() {
				comma = p.match(comma)
			}
			comma++
		}
		a.pred = p.written(i+1, comma)
		for comma < last {
			next := comma + 1
			comma = next
			for comma < last && p.kind(comma) != ',' {
				if p.kind(comma).IsOpen() {
					comma = p.match(comma)
				}
				comma++
			}
			a.inner = p.attr(a.inner, next, comma)
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
	case inertAttribute(a.path):
		return list
	case a.path != "macro_use" && a.path != "macro_export" && i < end && p.kind(i).IsOpen():
		a.kids = p.seq(i+1, p.match(i), inList)
	}
	if start < end {
		a.start, a.stop = p.at(start), p.behind(end-1)
	}
	return append(list, a)
}

// testAttribute tells of an attribute other than cfg whether it makes a
// function a test, which vanishes outside of test mode: `#[test]` itself and
// the macros that put it on the function.
func testAttribute(path string) bool {
	last := path[strings.LastIndex(path, ":")+1:]
	return last == "bench" || last == "test_case" && path == last || strings.HasSuffix(last, "test")
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
