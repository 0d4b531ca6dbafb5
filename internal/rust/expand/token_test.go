package expand

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// TestOrigin follows tokens through fragments and calls of calls to the place
// where they were written.
func TestOrigin(t *testing.T) {
	m := compile(t, "(@ $($e:expr),*) => { query!($($e + )* \"def\") }; ($a:literal, $($t:tt)*) => { m!(@ $a, $($t)*) };", 2021)
	results, err := steps(t, m, tokensOf(t, "call.rs", "\"one\",\n  \"t\\two\" + \"three\""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, token := range Flatten(results[1]) {
		if token.Kind == lex.Str {
			value, err := lex.Unquote(token.Text)
			if err != nil {
				t.Fatal(err)
			}
			pos := diag.PositionOf(token.Source.Text, token.Offset(value.Offset(2)))
			got = append(got, fmt.Sprintf("%s:%d:%d %v", token.Source.Name, pos.Line, pos.Column, token.Mark != nil))
		}
	}
	if want := "[call.rs:1:4 false call.rs:2:7 false call.rs:2:16 false def.rs:1:43 true]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestHygiene checks that a macro's variable differs from the caller's of the
// same name, as in rustc's own test of macros that define macros.
func TestHygiene(t *testing.T) {
	outer := compile(t, "($d:tt $n:ident) => { ($d $n:expr, $d y:expr) => { [$d $n, $d y] } }", 2021)
	var e Expander
	body, err := e.Expand(outer, Call{Args: tokensOf(t, "call.rs", "$ y")})
	if err != nil {
		t.Fatal(err)
	}
	inner, err := Compile(Definition{Name: "inner", Crate: "there", Body: body})
	if err != nil {
		t.Fatal(err)
	}
	result, err := e.Expand(inner, Call{Args: tokensOf(t, "call.rs", "1, 2")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(result), "[ « 1 » , « 2 » ]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCrate checks that $crate stays the crate of the macro that wrote it.
func TestCrate(t *testing.T) {
	outer := compile(t, "() => { () => { $crate::a } }", 2021)
	var e Expander
	body, err := e.Expand(outer, Call{})
	if err != nil {
		t.Fatal(err)
	}
	inner, err := Compile(Definition{Name: "inner", Crate: "there", Body: body})
	if err != nil {
		t.Fatal(err)
	}
	result, err := e.Expand(inner, Call{})
	if err != nil {
		t.Fatal(err)
	}
	if result[0].Text != "$crate" || result[0].Crate() != "here" {
		t.Errorf("%s is %q, want here", result[0].Text, result[0].Crate())
	}
	if crate := result[2].Crate(); crate != "here" {
		t.Errorf("the first macro that wrote %s is of %q, want here", result[2].Text, crate)
	}
}

func TestTokensOfAPart(t *testing.T) {
	text := "a { (b) [c] } d"
	lexed, err := lex.Lex(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	part := Tokens(&Source{Text: text}, lexed[2:8])
	checkPartners(t, part)
	if got := textOf(part); got != "( b ) [ c ]" {
		t.Errorf("got %s", got)
	}
	// A part with only one of two brackets has none.
	for _, token := range Tokens(&Source{Text: text}, lexed[1:4]) {
		if token.Partner != 0 {
			t.Errorf("%s has a partner", token.Text)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, test := range []struct {
		name, arms string
		kind       ErrorKind
		want       string
	}{
		{"no bracket", "a => b", BadMacro, "def.rs:1:1: macro m: expected an arm in brackets"},
		{"no arrow", "() {}", BadMacro, "def.rs:1:4: macro m: expected => behind a pattern"},
		{"no template", "() =>", BadMacro, "def.rs:1:4: macro m: expected an arm in brackets"},
		{"no semicolon", "() => {} () => {}", BadMacro, "def.rs:1:10: macro m: expected ; between arms"},
		{"no fragment", "($a) => {}", BadMacro, "def.rs:1:3: macro m: variable $a without a fragment"},
		{"unknown fragment", "($a:b) => {}", BadMacro, "def.rs:1:5: macro m: unknown fragment b"},
		{"bound twice", "($a:tt $a:tt) => {}", BadMacro, "def.rs:1:9: macro m: variable $a is bound twice"},
		{"no repetition", "($(a)) => {}", BadMacro, "def.rs:1:3: macro m: repetition without *, + or ?"},
		{"no repetition in brackets", "() => { [$(a)]* }", BadMacro, "def.rs:1:11: macro m: repetition without *, + or ?"},
		{"? with separator", "($(a),?) => {}", BadMacro, "def.rs:1:3: macro m: repetition ? with a separator"},
		{"empty repetition", "($($v:vis)*) => {}", BadMacro, "def.rs:1:3: macro m: repetition of what may be empty"},
		{"empty repetition in a repetition", "($($(a)?)*) => {}", BadMacro, "def.rs:1:3: macro m: repetition of what may be empty"},
		{"count", "($($a:tt)*) => { ${count($a)} }", Unsupported, "def.rs:1:19: macro m: metavariable expressions are not supported"},
		{"two dollars", "() => { $$x }", Unsupported, "def.rs:1:10: macro m: metavariable expressions are not supported"},
		{"dollar before a number", "() => { $1 }", BadMacro, "def.rs:1:10: macro m: expected a name behind $"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Compile(Definition{Name: "m", Edition: 2021, Body: tokensOf(t, "def.rs", test.arms)})
			var typed *Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
