package macros

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// declaration is what a column's name says: `field`, `field!`, `field?`, each
// with `: Type` or without.
type declaration struct {
	field string
	mark  string // "!", "?" or ""
	typed bool   // with a type, the wildcard `_` included
	open  bool   // with `_` in the type, which needs a type elsewhere to infer it
}

// nameError is why a column's name cannot be used.
type nameError struct{ message, hint string }

// parseColumn follows ColumnDecl::parse (sqlx-macros-core, query/output.rs).
func parseColumn(name string) (declaration, *nameError) {
	field, rest := name, ""
	if i := strings.IndexAny(name, ":!?"); i >= 0 {
		field, rest = name[:i], name[i:]
	}
	d := declaration{field: field}
	if why := notAField(field); why != "" {
		return d, &nameError{fmt.Sprintf("has the name %q, %s", name, why), `give it a name: ` + "`AS name`, or with an override, `AS \"name!: T\"`"}
	}
	if rest == "" {
		return d, nil
	}
	if rest[0] != ':' {
		d.mark, rest = rest[:1], strings.TrimSpace(rest[1:])
	}
	if rest == "" {
		return d, nil
	}
	typ, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return d, badOverride(name, fmt.Sprintf("%q does not belong behind `%s`", rest, d.mark))
	}
	typ = strings.TrimSpace(typ)
	d.typed, d.open = true, holdsWildcard(typ)
	if !syntax.IsType(typ) {
		return d, badOverride(name, fmt.Sprintf("%q is no Rust type", typ))
	}
	return d, nil
}

// holdsWildcard reports whether `_` stands for a type within typ, and not for a
// name as in `fn(_: i32)`.
func holdsWildcard(typ string) bool {
	tokens, err := lex.Lex(typ, nil)
	if err != nil {
		return false
	}
	for i, t := range tokens {
		if t.Text(typ) == "_" && (i+1 == len(tokens) || tokens[i+1].Kind != ':') {
			return true
		}
	}
	return false
}

func badOverride(name, why string) *nameError {
	return &nameError{fmt.Sprintf("has the name %q, but %s", name, why),
		"an override is `!`, `?`, `: T`, `!: T` or `?: T` behind the name"}
}

// notAField says why a struct's field cannot have the name, or nothing
// (parse_ident: letters, digits and underscores that make a raw identifier).
func notAField(name string) string {
	switch name {
	case "":
		return "which has no name in it"
	case "_", "self", "Self", "super", "crate":
		return "which is reserved in Rust"
	}
	for i, c := range name {
		letter := c == '_' || isAlphabetic(c)
		switch {
		case i == 0 && !letter:
			return fmt.Sprintf("which is no Rust identifier: it begins with %q", c)
		case !letter && !unicode.IsNumber(c):
			return fmt.Sprintf("which is no Rust identifier: it holds %q", c)
		}
	}
	if !lex.IsIdentifier(name) {
		return "which is no Rust identifier"
	}
	return ""
}

// isAlphabetic is Unicode's derived property, Rust's char::is_alphabetic.
func isAlphabetic(c rune) bool {
	return unicode.IsLetter(c) || unicode.In(c, unicode.Nl, unicode.Other_Alphabetic)
}
