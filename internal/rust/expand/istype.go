package expand

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// IsType reports whether a text is a type and nothing else, as the fragment
// `ty` takes it: what is in brackets is not looked at.
func IsType(text string) bool {
	lexed, err := lex.Lex(text, nil)
	if err != nil || len(lexed) == 0 {
		return false
	}
	tokens := Tokens(&Source{Text: text}, lexed)
	end, half, why := fragmentEnd(Type, tokens, 0)
	return why == none && end == len(tokens) && half == 0
}
