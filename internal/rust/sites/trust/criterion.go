package trust

import (
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// This file is the criterion: when a crate's text is suspected of writing a
// query macro's call into the code of others, a row a rule. Naming sqlx is not
// writing a query: a derive that implements sqlx::Type names it everywhere. So
// a text is suspect
//
//   - where it has one of the signs, which are the calls themselves and what
//     can be nothing else, or
//   - where it has one of the hints, which name sqlx or a query macro and are
//     not cleared, and besides one of the makers, which make a macro call of
//     whatever is named elsewhere.
//
// The rows were found and checked on the published crates whose purpose is to
// write or to wrap queries, and on 4,571 versions of 2,308 crates that have
// nothing to do with them. Two things no row shows: a name put together of
// pieces ("sq" and "lx"), and text that comes from elsewhere than Rust files.

// row is a row of the criterion: what is at the token i of a code.
type row struct {
	name string
	at   func(c code, i int) bool
}

var signs = []row{
	// query_as!(…), db::query_as!(…), #krate::query_as!(…)
	{"a query macro's call", func(c code, i int) bool { return isQueryMacro(c.name(i)) && c.kind(i+1) == '!' }},
	// "query_as!(…)".parse()
	{"a query macro's call in a string", func(c code, i int) bool { return stringCalls(c.str(i)) }},
	// use sqlx::query_as as ask
	{"a query macro's path", func(c code, i int) bool {
		return sqlxCrates[c.name(i)] && c.kind(i+1) == lex.PathSep && c.isMacro(i+2)
	}},
	// ::sqlx::#query!(…), sqlx::$name!(…)
	{"a path to what is named elsewhere", func(c code, i int) bool {
		return sqlxCrates[c.name(i)] && c.kind(i+1) == lex.PathSep && (c.kind(i+2) == '#' || c.kind(i+2) == '$') && c.kind(i+4) == '!'
	}},
	// use sqlx::{query_as, Pool}
	{"an import of a query macro", func(c code, i int) bool {
		return sqlxCrates[c.name(i)] && c.kind(i+1) == lex.PathSep && c.listHolds(i+2, func(j int) bool {
			return c.isMacro(j) || strings.Contains(c.name(j), macroWord)
		})
	}},
	// "sqlx::query_as"
	{"a query macro's path in a string", func(c code, i int) bool { return stringLeads(c.str(i)) }},
	// sqlx_macros_core::query::expand_input(…), sqlx::sqlx_macros::expand_query!(…)
	{"a path into sqlx's macros", func(c code, i int) bool { return hasWord(c.name(i)) && c.pathHolds(i, macroWord) }},
	// __sqlx_query_as!(…), sqlx_ext::ask!(…)
	{"a macro's call with sqlx in its name", func(c code, i int) bool {
		return hasWord(c.name(i)) && !sqlxCrates[c.name(i)] && c.pathCalls(i)
	}},
}

var hints = []row{
	// use sqlx as db, quote!(::sqlx)
	{"sqlx", func(c code, i int) bool { return sqlxCrates[c.name(i)] && !c.isCleared(i) }},
	// crate_name("sqlx")
	{"sqlx in a string", func(c code, i int) bool { return stringNames(c.str(i)) }},
	// Ident::new("query_as", …)
	{"a query macro's name in a string", func(c code, i int) bool { return isQueryMacro(c.str(i)) }},
}

var makers = []row{
	// quote!(#path!(…))
	{"a template of a call", func(c code, i int) bool {
		return c.kind(i) == '#' && c.name(i+1) != "" && c.kind(i+2) == '!' && c.kind(i+3).IsOpen()
	}},
	// format!("{path}!({text})"), path + "!(" + text
	{"a template of a call in a string", func(c code, i int) bool {
		switch text := strings.TrimSpace(c.str(i)); text {
		case "!", "!(", "![", "!{":
			return true
		default:
			return strings.Contains(text, "}!")
		}
	}},
	// Punct::new('!', Spacing::Alone)
	{"an exclamation mark", func(c code, i int) bool {
		return c.name(i) == "Punct" && c.name(i+2) == "new" && c.kind(i+4) == lex.Char && c.tokens[i+4].Text(c.text) == "'!'"
	}},
	// Token![!]
	{"an exclamation mark's token", func(c code, i int) bool {
		return c.name(i) == "Token" && c.kind(i+1) == '!' && c.kind(i+2).IsOpen() && c.kind(i+3) == '!'
	}},
	// syn::Macro { bang_token, … }
	{"a macro call's syntax tree", func(c code, i int) bool { return c.name(i) == "bang_token" }},
}

// clearings are what a crate of sqlx's is named for without more.
var clearings = []row{
	// sqlx::Type, sqlx::query::Query, sqlx::query(…), sqlx::query_as::<…>
	{"a path to something else", func(c code, i int) bool {
		return c.kind(i+1) == lex.PathSep && c.name(i+2) != "" && !c.isMacro(i+2)
	}},
	// use sqlx::{Pool, Row}
	{"imports of something else", func(c code, i int) bool {
		return c.kind(i+1) == lex.PathSep && c.kind(i+2) == '{' &&
			!c.listHolds(i+2, func(j int) bool { return c.kind(j) == '*' || c.name(j) == "self" })
	}},
	// #[sqlx(rename = "…")]
	{"an attribute", func(c code, i int) bool { return c.kind(i-1) == '[' && c.kind(i+1) == '(' }},
	// #[proc_macro_derive(Row, attributes(sqlx))]
	{"the name of an attribute", func(c code, i int) bool { return c.inAttributes(i) }},
	// mod sqlx;
	{"a module", func(c code, i int) bool { return c.name(i-1) == "mod" }},
}

// mayBe tells of the token at i whether any row may begin there: of most it is
// plain that none does.
func (c code) mayBe(i int) bool {
	switch kind := c.tokens[i].Kind; {
	case kind.IsName():
		text := c.tokens[i].Text(c.text)
		return strings.Contains(text, crateWord) || strings.Contains(text, "query") ||
			text == "Punct" || text == "Token" || text == "bang_token"
	case kind == '#':
		return c.kind(i+2) == '!'
	}
	return c.isString(i)
}

// Words of sqlx's names.
const (
	crateWord = "sqlx"
	macroWord = "macro" // of sqlx_macros, sqlx_macros_core and what they export
)

// sqlxCrates are sqlx's own.
var sqlxCrates = map[string]bool{
	"sqlx": true, "sqlx_core": true, "sqlx_macros": true, "sqlx_macros_core": true,
	"sqlx_mysql": true, "sqlx_postgres": true, "sqlx_sqlite": true,
}

// queryMacros are the macros of sqlx 0.8 and 0.9 (sqlx, macros/mod.rs).
var queryMacros = []string{
	"query", "query_unchecked", "query_file", "query_file_unchecked",
	"query_as", "query_as_unchecked", "query_file_as", "query_file_as_unchecked",
	"query_scalar", "query_scalar_unchecked", "query_file_scalar", "query_file_scalar_unchecked",
}

func isQueryMacro(name string) bool {
	for _, macro := range queryMacros {
		if name == macro {
			return true
		}
	}
	return false
}

// hasWord tells of an identifier whether `sqlx` is one of the words that `_`
// parts.
func hasWord(name string) bool {
	for word := range strings.SplitSeq(name, "_") {
		if word == crateWord {
			return true
		}
	}
	return false
}

// stringNames tells of a string whether it names sqlx.
func stringNames(text string) bool {
	for name := range identifiers(text) {
		if hasWord(name) {
			return true
		}
	}
	return false
}

// stringLeads tells of a string whether a path in it leads to a query macro, or
// into sqlx's macros.
func stringLeads(text string) bool {
	for name, rest := range identifiers(text) {
		if !hasWord(name) {
			continue
		}
		if strings.Contains(name, macroWord) {
			return true
		}
		next, ok := strings.CutPrefix(strings.TrimSpace(rest), "::")
		next = strings.TrimSpace(next)
		next = next[:identifierEnd(next)]
		if ok && (isQueryMacro(next) || strings.Contains(next, macroWord)) {
			return true
		}
	}
	return false
}

// stringCalls tells of a string whether a query macro is called in it.
func stringCalls(text string) bool {
	for name, rest := range identifiers(text) {
		if isQueryMacro(name) && strings.HasPrefix(strings.TrimSpace(rest), "!") {
			return true
		}
	}
	return false
}

// identifiers yields what looks like identifiers in a text, with what follows.
// What a backslash escapes is part of none.
func identifiers(text string) func(yield func(name, rest string) bool) {
	return func(yield func(name, rest string) bool) {
		for text != "" {
			end := identifierEnd(text)
			if end == 0 {
				skip := 1
				if text[0] == '\\' {
					skip = min(2, len(text))
				}
				text = text[skip:]
				continue
			}
			if !yield(text[:end], text[end:]) {
				return
			}
			text = text[end:]
		}
	}
}

func identifierEnd(text string) int {
	end := 0
	for end < len(text) && (text[end] == '_' || '0' <= text[end] && text[end] <= '9' || 'a' <= text[end]|0x20 && text[end]|0x20 <= 'z') {
		end++
	}
	return end
}
