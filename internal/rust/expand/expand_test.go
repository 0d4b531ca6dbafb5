package expand

import (
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
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
		case FragmentOpen:
			words = append(words, "«")
		case FragmentClose:
			words = append(words, "»")
		default:
			words = append(words, t.Text)
		}
	}
	return strings.Join(words, " ")
}

func TestExpand(t *testing.T) {
	for _, test := range []struct{ name, arms, args, want string }{
		{"plain", "() => { a + b }", "", "a + b"},
		{"second arm", "(a) => { 1 }; (b) => { 2 };", "b", "2"},
		{"fragments", "($e:expr, $i:ident, $t:ty, $l:literal) => { [$e $i $t $l] }", "1 + 2, x, Vec<Vec<u8>>, -5", "[ « 1 + 2 » x « Vec < Vec < u8 >> » « - 5 » ]"},
		{"repetition", "($($x:ident),* $(,)?) => { $($x;)* }", "a, b, c,", "a ; b ; c ;"},
		{"nested repetition", "($($k:ident: [$($v:expr),*]);*) => { $( $k($($v),*) )* }", "a: [1, 2]; b: []; c: [3]", "a ( « 1 » , « 2 » ) b ( ) c ( « 3 » )"},
		{"split operator", "(Vec<$t:ty>) => { $t }", "Vec<Vec<u8>>", "« Vec < u8 > »"},
		{"$crate", "() => { $crate::x }", "", "$crate :: x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := compile(t, test.arms, 2021)
			var e Expander
			got, err := e.Expand(m, Call{Args: tokensOf(t, "call.rs", test.args)})
			if err != nil {
				t.Fatal(err)
			}
			if show(got) != test.want {
				t.Errorf("got\n%s\nwant\n%s", show(got), test.want)
			}
		})
	}
}
