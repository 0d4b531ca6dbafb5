package sites

import (
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// rules makes a node of a macro_rules! definition.
func (p *parser) rules(n syntax.Node) {
	made, open := p.start(rulesNode, n), p.flat(n.Open)
	close := p.match(open)
	made.name = p.name(open - 1)
	for j := open + 1; j < close; j++ {
		if !p.kind(j).IsOpen() {
			continue
		}
		first := j + 1
		j = p.match(j)
		if !p.is(j+1, close, lex.FatArrow) { // what stands before that only matches
			made.words = p.words(made.words, first, j)
		}
	}
}

// macro makes a node of a declarative macro 2.0.
func (p *parser) macro(n syntax.Node) {
	if n.Open < 0 {
		return // rustc refuses it
	}
	made, open := p.start(macroNode, n), p.flat(n.Open)
	made.name = p.name(p.flat(n.Start) + 1)
	made.words = p.words(nil, open+1, p.match(open))
}

// words adds what the tokens from i up to end of a macro_rules! body say about
// the macros that it can reach.
func (p *parser) words(list []string, i, end int) []string {
	for ; i < end; i++ {
		for _, word := range []string{p.macroWord(i, end), p.pathWord(i, end)} {
			if word != "" && !slices.Contains(list, word) {
				list = append(list, word)
			}
		}
	}
	return list
}

// Words of a macro_rules! body that are no names of macros.
const (
	anyMacro = "$" // it calls what an argument names
	anyItems = "*" // it makes modules, imports or macros

	pathMark = "::" // ends the name that the path of a call begins with
)

// pathWord returns the first name of the path of a macro call, or of an import,
// at i of a macro_rules! body; "" where none begins there.
func (p *parser) pathWord(i, end int) string {
	if !p.pathStart(i) || !p.is(i+1, end, lex.PathSep) {
		return ""
	}
	first := i
	if first > 0 && p.kind(first-1) == lex.PathSep {
		first--
	}
	if p.callBang(i, end) < 0 && (first == 0 || !p.word(first-1, end, "use")) {
		return ""
	}
	return p.name(i) + pathMark
}

// pathStart tells whether a path begins with the name at i, or with a `::`
// before it.
func (p *parser) pathStart(i int) bool {
	switch {
	case !p.kind(i).IsName() || p.noCall(i):
		return false
	case i == 0:
		return true
	case p.kind(i-1) != lex.PathSep:
		return p.kind(i-1) != '$'
	}
	return i == 1 || !p.kind(i-2).IsName() || p.noCall(i-2)
}

// notCallable are the keywords behind which `!` is a negation.
var notCallable = set(`if while match return in else break let mut move ref as loop for yield become fn impl
	struct enum trait type where dyn const static unsafe async extern pub await`)

// noCall tells of the name at i whether it is a keyword that no path begins with.
func (p *parser) noCall(i int) bool { return p.kind(i) == lex.Ident && notCallable[p.text(i)] }

// macroWord returns what the token at i of a macro_rules! body says about the
// macros that it can reach.
func (p *parser) macroWord(i, end int) string {
	switch kind := p.kind(i); {
	case kind == '!' && i > 0 && i+1 < end && p.kind(i+1).IsOpen():
		switch p.kind(i - 1) {
		case ')', '*', '+', '?': // of $(…)
			return anyMacro
		}
		return ""
	case !kind.IsName():
		return ""
	}
	switch text := p.text(i); {
	case text == "macro_rules" || text == "mod" || text == "use":
		return anyItems
	case p.is(i+1, end, '!') && i+2 < end && p.kind(i+2) != '=':
		first := i
		for first > 1 && p.kind(first-1) == lex.PathSep && p.kind(first-2).IsName() {
			first -= 2
		}
		if first > 0 && p.kind(first-1) == '$' && p.text(first) != "crate" {
			return anyMacro
		}
		return p.name(i)
	}
	return ""
}
