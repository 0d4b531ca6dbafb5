package expand

import (
	"errors"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// tokensOf lexes a text of its own.
func tokensOf(t testing.TB, name, text string) []Token {
	t.Helper()
	lexed, err := lex.Lex(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return Tokens(&Source{Name: name, Text: text}, lexed)
}

func compile(t testing.TB, arms string, edition int) *Macro {
	t.Helper()
	m, err := Compile(Definition{Name: "m", Crate: "here", Edition: edition, Body: tokensOf(t, "def.rs", arms)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// show writes tokens with spaces in between and fragments in «».
func show(tokens []Token) string {
	var words []string
	for _, t := range tokens {
		switch t.Kind {
		case syntax.FragmentOpen:
			words = append(words, "«")
		case syntax.FragmentClose:
			words = append(words, "»")
		default:
			words = append(words, t.Text)
		}
	}
	return strings.Join(words, " ")
}

// steps expands m!{args}, and again as long as the result is a call of m alone.
// It returns the result of each step.
func steps(t testing.TB, m *Macro, args []Token) ([][]Token, error) {
	t.Helper()
	var e Expander
	var results [][]Token
	for depth := 0; ; depth++ {
		result, err := e.Expand(m, Call{Args: args, Depth: depth})
		if err != nil {
			return results, err
		}
		checkPartners(t, result)
		results = append(results, result)
		if len(result) < 4 || !result[0].Is("m") || result[1].Kind != '!' || int(result[2].Partner) != len(result)-3 {
			return results, nil
		}
		args = result[3 : len(result)-1]
	}
}

// checkPartners fails unless each bracket has its partner at the right distance.
func checkPartners(t testing.TB, tokens []Token) {
	t.Helper()
	var open []int
	for i, token := range tokens {
		switch {
		case token.Kind.IsOpen() || token.Kind == syntax.FragmentOpen:
			open = append(open, i)
		case token.Kind.IsClose() || token.Kind == syntax.FragmentClose:
			if len(open) == 0 {
				t.Fatalf("token %d %s closes nothing: %s", i, token.Kind, show(tokens))
			}
			partner := open[len(open)-1]
			open = open[:len(open)-1]
			if int(token.Partner) != partner-i || tokens[partner].Partner != -token.Partner {
				t.Fatalf("tokens %d and %d: distances %d and %d: %s", partner, i, tokens[partner].Partner, token.Partner, show(tokens))
			}
		case token.Partner != 0:
			t.Fatalf("token %d %s has a partner", i, token.Kind)
		}
	}
	if len(open) > 0 {
		t.Fatalf("token %d is not closed: %s", open[0], show(tokens))
	}
}

func TestExpand(t *testing.T) {
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			results, err := steps(t, compile(t, test.arms, test.year()), tokensOf(t, "call.rs", test.args))
			var typed *Error
			switch {
			case err != nil && !errors.As(err, &typed):
				t.Fatalf("error %#v", err)
			case err != nil && test.fails == 0:
				t.Fatal(err)
			case err == nil && test.fails != 0:
				t.Fatalf("no error, got %s", show(results[len(results)-1]))
			case err != nil:
				if typed.Kind != test.fails || err.Error() != test.want {
					t.Errorf("got kind %d: %s\nwant kind %d: %s", typed.Kind, err, test.fails, test.want)
				}
				return
			}
			if got := show(results[len(results)-1]); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// textOf returns tokens as text with a space between each two.
func textOf(tokens []Token) string {
	var b strings.Builder
	for _, t := range tokens {
		if t.Text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
	}
	return b.String()
}
