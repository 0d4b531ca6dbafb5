package lex

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// show writes tokens as `kind|text`, with the kind left out where the text says it.
func show(src string, tokens []Token) string {
	var words []string
	for _, t := range tokens {
		text := t.Text(src)
		if kind := t.Kind.String(); kind != text && kind != "identifier" {
			text = kind + "|" + text
		}
		words = append(words, text)
	}
	return strings.Join(words, "  ")
}

func TestLex(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"nothing", "", ""},
		{"names", "fn _ r#type x1 größe", "fn  _  raw identifier|r#type  x1  größe"},
		{"byte order mark", "\uFEFFa", "a"},
		{"shebang", "#!/usr/bin/env cargo\na", "a"},
		{"shebang after byte order mark", "\uFEFF#!x\na", "a"},
		{"only a shebang", "#!x", ""},
		{"inner attribute", "#![a]", "#  !  [  a  ]"},
		{"inner attribute behind comments", "#! // x\n /* [ */ [a]", "#  !  [  a  ]"},
		{"comments", "a // b\n/* c /* d */ e */ f //// g\n/*** h */ /**/ /***/ i", "a  f  i"},
		{"doc comments", "/// a\r\n//! b\n/** c\n */ /*! d */", "doc comment|/// a  inner doc comment|//! b  doc comment|/** c\n */  inner doc comment|/*! d */"},
		{"nested doc comment", "/** /* */ */ a", "doc comment|/** /* */ */  a"},
		{"strings", `"" "a\"b" "\\" b"a" c"b" "a"suffix`, `string|""  string|"a\"b"  string|"\\"  byte string|b"a"  C string|c"b"  string|"a"suffix`},
		{"raw strings", `r"\" r#"a"b"# r##""#"## br#"""# cr"x"`, `raw string|r"\"  raw string|r#"a"b"#  raw string|r##""#"##  raw byte string|br#"""#  raw C string|cr"x"`},
		{"no raw strings", `br#a r b c`, `br  #  a  r  b  c`},
		{"comment within a string", `"// /*" x`, `string|"// /*"  x`},
		{"string over lines", "\"a\n  b\\\n c\"", "string|\"a\n  b\\\n c\""},
		{"characters", `'a' '\'' '\\' '\u{1F600}' '"' '{' b'x' b'\'' 'é' '_'`, `character|'a'  character|'\''  character|'\\'  character|'\u{1F600}'  character|'"'  character|'{'  byte|b'x'  byte|b'\''  character|'é'  character|'_'`},
		{"lifetimes", `'a 'static '_ 'r#fn <'a>'b`, `lifetime|'a  lifetime|'static  lifetime|'_  lifetime|'r#fn  <  lifetime|'a  >  lifetime|'b`},
		{"a lifetime before a character", `'a'a'`, `character|'a'a  unterminated`},
		{"integers", "1 1_000u64 0xFFe1 0b1 0o7 1usize 1_", "integer|1  integer|1_000u64  integer|0xFFe1  integer|0b1  integer|0o7  integer|1usize  integer|1_"},
		{"floats", "1.0 1. 1e5 1E-5f32 1.5e+3 1_e_5 2.0f64", "float|1.0  float|1.  float|1e5  float|1E-5f32  float|1.5e+3  float|1_e_5  float|2.0f64"},
		{"points that are operators", "1..2 1.max(2) t.0.1 1..=2", "integer|1  ..  integer|2  integer|1  .  max  (  integer|2  )  t  .  float|0.1  integer|1  ..=  integer|2"},
		{"exponent without digits", "1em 1e", "integer|1em  integer|1e"},
		{"operators", "::->=><-==!=<=>=&&||<<>>+=-=*=/=%=^=&=|=<<=>>=.. ... ..=", "::  ->  =>  <-  ==  !=  <=  >=  &&  ||  <<  >>  +=  -=  *=  /=  %=  ^=  &=  |=  <<=  >>=  ..  ...  ..="},
		{"greedy operators", "a<<<b;a>>>=b;:::;=== &&&=|||", "a  <<  <  b  ;  a  >>  >=  b  ;  ::  :  ;  ==  =  &&  &=  ||  |"},
		{"single operators", "+-*/%^!&|=<>@.,;:#$?~", "+  -  *  /  %  ^  !  &  |=  <  >  @  .  ,  ;  :  #  $  ?  ~"},
		{"space", "a\u2028b\u00850\u200e\v\fc", "a  b  integer|0  c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tokens, err := Lex(test.src, nil)
			if strings.HasSuffix(test.want, "unterminated") {
				if err == nil {
					t.Fatalf("no error: %s", show(test.src, tokens))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := show(test.src, tokens); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	tokens, err := Lex("a { ( ) [ x ] } ( )", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []int32
	for _, token := range tokens {
		got = append(got, token.Match)
	}
	if want := "[-1 7 3 2 6 -1 4 1 9 8]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"invalid UTF-8", "a\n b\xff", "2:3: invalid UTF-8"},
		{"unterminated string", "a\n\"b", "2:1: unterminated string"},
		{"backslash at the end", `"\`, "1:1: unterminated string"},
		{"unterminated raw string", `r##"a"#`, "1:1: unterminated raw string"},
		{"unterminated byte string", `b"`, "1:1: unterminated string"},
		{"unterminated character", "'\\", "1:1: unterminated character"},
		{"lone tick", "'", "1:1: unterminated character"},
		{"empty character", "''", "1:1: empty character"},
		{"long character", "'ab'", "1:1: more than one character between single quotes"},
		{"unterminated comment", "é/* /* */", "1:2: unterminated block comment"},
		{"unclosed bracket", "a (\n{}", "1:3: unclosed bracket"},
		{"unopened bracket", "a )", "1:3: unexpected closing bracket ')'"},
		{"mismatched bracket", "a (\n]", "2:1: closing bracket ']' does not fit '(' of 1:3"},
		{"unknown character", "\uFEFFa `", "1:3: unknown start of token '`'"},
		{"null", "\x00", `1:1: unknown start of token '\x00'`},
		{"too long", strings.Repeat(" ", MaxSize+1), "1:1: text of 67108865 bytes is longer than 67108864"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tokens, err := Lex(test.src, nil)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if tokens != nil {
				t.Errorf("tokens beside an error: %v", tokens)
			}
		})
	}
}

func TestUnquote(t *testing.T) {
	for _, test := range []struct {
		name, literal, want string
		offsets             string // of each byte of the value and of its end
	}{
		{"empty", `""`, "", "[1]"},
		{"plain", `"ab"`, "ab", "[1 2 3]"},
		{"escapes", `"\n\r\t\\\0\'\"a"`, "\n\r\t\\\x00'\"a", "[1 3 5 7 9 11 13 15 16]"},
		{"numbers", `"\x41\u{e9}\u{1_F6_00}"`, "Aé😀", "[1 5 5 11 11 11 11 22]"},
		{"continued line", "\"a \\\n   \t\r\n  b\"", "a b", "[1 2 13 14]"},
		{"continued line of Windows", "\"a\\\r\n  b\"", "ab", "[1 7 8]"},
		{"lines of Windows", "\"a\r\nb\"", "a\nb", "[1 2 4 5]"},
		{"raw", `r"\n"`, `\n`, "[2 3 4]"},
		{"raw with guard", `r#"a"b"#`, `a"b`, "[3 4 5 6]"},
		{"raw lines of Windows", "r\"a\r\n\\\"", "a\n\\", "[2 3 5 6]"},
		{"suffix", `"a"x`, "a", "[1 2]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			value, err := Unquote(test.literal)
			if err != nil {
				t.Fatal(err)
			}
			if value.Text != test.want {
				t.Errorf("got %q, want %q", value.Text, test.want)
			}
			var offsets []int
			for i := range len(value.Text) + 1 {
				offsets = append(offsets, value.Offset(i))
			}
			if fmt.Sprint(offsets) != test.offsets {
				t.Errorf("offsets %v, want %s", offsets, test.offsets)
			}
		})
	}
}

func TestUnquoteErrors(t *testing.T) {
	for _, test := range []struct {
		name, literal, want string
	}{
		{"no literal", `a`, "1:1: no string literal"},
		{"byte string", `b"a"`, "1:1: no string literal"},
		{"unknown escape", `"a\q"`, "1:3: unknown escape"},
		{"bare carriage return", "\"a\rb\"", "1:3: carriage return without line feed in a string"},
		{"large byte", `"\x80"`, `1:2: escape \x needs two digits, at most 7f`},
		{"short byte", `"\x8"`, `1:2: escape \x needs two digits`},
		{"surrogate", `"\u{d800}"`, `1:2: escape \u names no character`},
		{"no digits", `"\u{}"`, `1:2: escape \u names no character`},
		{"open brace", `"\u{1"`, `1:2: escape \u needs hexadecimal digits in braces`},
		{"escaped quote at the end", `"\"`, `1:2: escape without character`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Unquote(test.literal)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

var seeds = []string{
	"", "a", "#!/bin/x\n#![a]", "\uFEFF#!x", "fn f<'a>(x: &'a str) -> u8 { x.0.1 + 1e-5 }",
	`r#"a"# r#type br"b" c"c" b'\'' '\u{1f}' "a\
	b\n"`, "/// a\r\n/** b /* c */ */ //! d", "macro_rules! m { ($($x:expr),* $(,)?) => { [$($x),*] } }",
	"'", "\"", "r#\"", "/*", "(]", "\xff", "a..=b>>=c<-d", "'r#", "0x 1e 1._", "1.e", "\u2028é\u0301",
}

func FuzzLex(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tokens, err := Lex(src, nil)
		if err != nil {
			var typed *Error
			if !errors.As(err, &typed) || typed.Offset < 0 || typed.Offset > len(src) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		end := uint32(0)
		for i, token := range tokens {
			if token.Start < end || token.End <= token.Start || int(token.End) > len(src) {
				t.Fatalf("token %d: span %d–%d after %d", i, token.Start, token.End, end)
			}
			end = token.End
			if token.Kind.IsOpen() != (token.Match > int32(i)) || token.Kind.IsClose() != (token.Match >= 0 && token.Match < int32(i)) {
				t.Fatalf("token %d %s: match %d", i, token.Kind, token.Match)
			}
			if token.Match >= 0 && tokens[token.Match].Match != int32(i) {
				t.Fatalf("token %d: partner %d has another partner", i, token.Match)
			}
			if !utf8.ValidString(token.Text(src)) {
				t.Fatalf("token %d splits a character", i)
			}
		}
	})
}

func FuzzUnquote(f *testing.F) {
	for _, seed := range []string{`""`, `"a\n\u{1_f}\x41"`, "\"\\\r\n a\"", "r#\"\r\n\"#", `"\`, `b"a"`, "\"\r\"", `r"`, `"\u{}"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, literal string) {
		value, err := Unquote(literal)
		if err != nil {
			return
		}
		last := 0
		for i := range len(value.Text) + 1 {
			offset := value.Offset(i)
			if offset < last || offset >= len(literal) {
				t.Fatalf("byte %d is at %d, after %d", i, offset, last)
			}
			last = offset
		}
		if literal[last] != '"' {
			t.Fatalf("the end is at %d", last)
		}
	})
}

// rustText is a text like a project's: names, comments, strings, brackets.
var rustText = strings.Repeat(`
/// Finds what was sold on a day, newest first.
pub async fn sold_on(pool: &PgPool, day: NaiveDate) -> Result<Vec<Order>, sqlx::Error> {
    // One query, no matter how many orders there are.
    let rows = sqlx::query_as!(
        Order,
        r#"SELECT id AS "id!: Uuid", price_cents, created_at
           FROM orders WHERE created_at::date = $1 ORDER BY created_at DESC"#,
        day,
    )
    .fetch_all(pool)
    .await?;
    let total: i64 = rows.iter().map(|row| row.price_cents).sum();
    if total > 1_000_000 && !rows.is_empty() {
        tracing::info!("sold {} orders for {:.2}", rows.len(), total as f64 / 100.0);
    }
    Ok(rows.into_iter().filter(|row| row.price_cents >= 0).collect())
}
`, 1000)

func BenchmarkLex(b *testing.B) {
	tokens, err := Lex(rustText, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(rustText)))
	b.ReportAllocs()
	for b.Loop() {
		if tokens, err = Lex(rustText, tokens); err != nil {
			b.Fatal(err)
		}
	}
}
