package expand

import (
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// IsType reports whether a text is a type and nothing else, as the parser of
// procedural macros takes it (syn, Type::parse). Expressions within, arguments
// of macros and of `fn` types are not looked at.
func IsType(text string) bool {
	lexed, err := lex.Lex(text, nil)
	if err != nil {
		return false
	}
	tokens := Tokens(&Source{Text: text}, lexed)
	end, ok := typeEnd(tokens, 0)
	return ok && end == len(tokens)
}

// typeEnd returns the index behind the type at pos.
func typeEnd(tokens []Token, pos int) (end int, ok bool) {
	end, half, why := fragmentEnd(Type, tokens, pos)
	if why != none || half > 0 || end == pos {
		return end, false
	}
	typ := tokens[pos:end]
	onlyLifetimes := !slices.ContainsFunc(typ, func(t Token) bool { return t.Kind != lex.Lifetime && t.Kind != '+' })
	return end, !onlyLifetimes && bracketsHoldTypes(typ)
}

// bracketsHoldTypes looks into the brackets of a type, which the parser of
// fragments skips.
func bracketsHoldTypes(tokens []Token) bool {
	for i := 0; i < len(tokens); i++ {
		t := &tokens[i]
		if !t.Kind.IsOpen() {
			continue
		}
		inner := tokens[i+1 : i+int(t.Partner)]
		other := t.Kind == '{' || i > 0 && (tokens[i-1].Kind == '!' || tokens[i-1].Is("fn"))
		if !other && (t.Kind == '(' && !isTypeList(inner) || t.Kind == '[' && !isElement(inner)) {
			return false
		}
		i += int(t.Partner)
	}
	return true
}

// isTypeList reports whether the tokens are types with commas between.
func isTypeList(tokens []Token) bool {
	for pos := 0; pos < len(tokens); pos++ {
		end, ok := typeEnd(tokens, pos)
		if !ok || end < len(tokens) && tokens[end].Kind != ',' {
			return false
		}
		pos = end
	}
	return true
}

// isElement reports whether the tokens are `Type` or `Type; expression`.
func isElement(tokens []Token) bool {
	end, ok := typeEnd(tokens, 0)
	return ok && (end == len(tokens) || tokens[end].Kind == ';' && end+1 < len(tokens))
}
