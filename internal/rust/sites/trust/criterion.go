package trust

import (
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// This file is the criterion: by which signs a text is suspected of writing a
// query macro's call into the code of others, and what clears a sign. A sign is
// one row of one of the two tables. They were found and checked on the
// published crates whose purpose it is to write or to wrap queries, and on
// 4,571 versions of 2,308 crates that have nothing to do with them.
//
// Two things no sign shows: a name put together of pieces ("sq" and "lx"), and
// text that comes from elsewhere than Rust files. Naming sqlx is not writing a
// query: a derive that implements sqlx::Type names it everywhere.

// sign is a row of the criterion.
type sign struct {
	name string
	at   func(c code, i int) bool // whether it is at the token i
}

// signs make a text suspect.
var signs = []sign{
	{"sqlx in a name", func(c code, i int) bool { return hasWord(c.name(i)) }},
	{"sqlx in a string", func(c code, i int) bool { return stringNames(c.str(i)) }},
	{"a query macro's call", func(c code, i int) bool { return isQueryMacro(c.name(i)) && c.kind(i+1) == '!' }},
	{"a query macro's call in a string", func(c code, i int) bool { return stringCalls(c.str(i)) }},
}

// clearings are what a name with sqlx in it may be without more.
var clearings = []sign{
	// sqlx::Type, sqlx_core::Error
	{"a path to something else", func(c code, i int) bool { return sqlxCrates[c.name(i)] && c.leadsAside(i+1) }},
	// sqlx::query(…), sqlx::query_as::<…>
	{"the function of that name", func(c code, i int) bool {
		return c.name(i) == "sqlx" && c.kind(i+1) == lex.PathSep && isQueryMacro(c.name(i+2)) &&
			(c.kind(i+3) == '(' || c.kind(i+3) == lex.PathSep && c.kind(i+4) == '<')
	}},
	// use sqlx::{Pool, Row}
	{"imports of something else", func(c code, i int) bool {
		return sqlxCrates[c.name(i)] && c.kind(i+1) == lex.PathSep && c.kind(i+2) == '{' && c.importsAside(i+2)
	}},
	// #[sqlx(rename = "…")]
	{"an attribute", func(c code, i int) bool {
		return c.name(i) == "sqlx" && c.kind(i+1) == '(' && c.kind(i-1) == '['
	}},
	// #[proc_macro_derive(Row, attributes(sqlx))]
	{"the name of an attribute", func(c code, i int) bool { return c.name(i) == "sqlx" && c.inAttributes(i) }},
	// mod sqlx;
	{"a module", func(c code, i int) bool { return c.name(i) == "sqlx" && c.name(i-1) == "mod" }},
}

// A template that calls what a variable names, and the name as a string: each
// alone is nothing, both in one crate are a sign.
var (
	// quote!(sqlx::#name!(…))
	template = sign{"a template of a call", func(c code, i int) bool {
		return c.kind(i) == '#' && c.name(i+1) != "" && c.kind(i+2) == '!' && c.kind(i+3).IsOpen()
	}}
	// Ident::new("query_as", …)
	templateName = sign{"a query macro's name in a string", func(c code, i int) bool { return isQueryMacro(c.str(i)) }}
)

const (
	crateWord = "sqlx"
	macroWord = "macro" // of sqlx_macros, sqlx_macros_core and what they export
)

// sqlxCrates are those of sqlx's crates in which the macros are none of the
// exports but those of their own names.
var sqlxCrates = map[string]bool{"sqlx": true, "sqlx_core": true, "sqlx_mysql": true, "sqlx_postgres": true, "sqlx_sqlite": true}

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

// stringNames tells of a string whether it names sqlx, other than in a path to
// something that is no macro.
func stringNames(text string) bool {
	for name, rest := range identifiers(text) {
		if !hasWord(name) {
			continue
		}
		next, ok := strings.CutPrefix(strings.TrimSpace(rest), "::")
		end := identifierEnd(strings.TrimSpace(next))
		next = strings.TrimSpace(next)[:end]
		if !ok || !sqlxCrates[name] || next == "" || isQueryMacro(next) || strings.Contains(next, macroWord) {
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
