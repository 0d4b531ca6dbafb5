package expand

import (
	"errors"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// hostile are macros that would never end, take minutes or all memory, or
// exhaust the stack. Calls within results are expanded too.
var hostile = []struct{ name, arms, args, want string }{
	{"doubling", "($($t:tt)*) => { m! { $($t)* $($t)* } }", "a b", "more than 3000000 steps"},
	{"doubling calls", "($($t:tt)*) => { m! { a $($t)* } m! { b $($t)* } }", "", "recursion limit 128"},
	{"endless", "($($t:tt)*) => { m! { $($t)* } }", "a", "recursion limit 128"},
	{"quadratic", "([$($a:tt)*] [$h:tt $($t:tt)*]) => { m! { [$($a)* $h $($a)*] [$($t)*] } }; ([$($a:tt)*] []) => { 1 };", "[] [" + strings.Repeat("a ", 1000) + "]", "more than 3000000 steps"},
	{"deep type", "($t:ty) => { 1 }", strings.Repeat("A<", 100_000) + "B" + strings.Repeat(">", 100_000), "nested too deeply"},
	{"deep pattern", "($p:pat) => { 1 }", strings.Repeat("&", 100_001) + "a", "nested too deeply"},
	{"deep closure", "($e:expr) => { 1 }", strings.Repeat("|a| ", 100_000) + "a", "nested too deeply"},
	{"deep bounds", "($t:ty) => { 1 }", strings.Repeat("dyn Fn() -> ", 100_000) + "a", "nested too deeply"},
	{"deep condition", "($e:expr) => { 1 }", strings.Repeat("if ", 100_000) + "a", "nested too deeply"},
}

// expandAll expands a call of m and all calls of m in its result.
func expandAll(e *Expander, m *Macro, args []Token, depth int) error {
	result, err := e.Expand(m, Call{Args: args, Depth: depth})
	if err != nil {
		return err
	}
	for i := 0; i+2 < len(result); i++ {
		if result[i].Is("m") && result[i+1].Kind == '!' && result[i+2].Kind.IsOpen() {
			if err := expandAll(e, m, result[i+3:i+2+int(result[i+2].Partner)], depth+1); err != nil {
				return err
			}
			i += 2 + int(result[i+2].Partner)
		}
	}
	return nil
}

func TestHostile(t *testing.T) {
	for _, test := range hostile {
		t.Run(test.name, func(t *testing.T) {
			var e Expander
			err := expandAll(&e, compile(t, test.arms, 2021), tokensOf(t, "call.rs", test.args), 0)
			var typed *Error
			if !errors.As(err, &typed) || typed.Kind != Limit || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestStepsCountAnew(t *testing.T) {
	m := compile(t, "($($t:tt)*) => { $($t)* }", 2021)
	args := tokensOf(t, "call.rs", strings.Repeat("a ", 100_000))
	var e Expander
	for range 50 {
		if _, err := e.Expand(m, Call{Args: args}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMaxDepth(t *testing.T) {
	m := compile(t, "() => { 1 }", 2021)
	e := Expander{MaxDepth: 200}
	if _, err := e.Expand(m, Call{Depth: 199}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Expand(m, Call{Depth: 200}); err == nil {
		t.Error("no error at the limit")
	}
}

func FuzzExpand(f *testing.F) {
	for _, c := range cases {
		f.Add(c.arms, c.args, c.year() >= 2024)
	}
	for _, h := range hostile {
		if len(h.args) < 100 {
			f.Add(h.arms, h.args, false)
		}
	}
	f.Fuzz(func(t *testing.T, arms, args string, newest bool) {
		armTokens, err := lex.Lex(arms, nil)
		if err != nil {
			return
		}
		argTokens, err := lex.Lex(args, nil)
		if err != nil {
			return
		}
		edition := 2018
		if newest {
			edition = 2024
		}
		m, err := Compile(Definition{Name: "m", Edition: edition, Body: Tokens(&Source{Text: arms}, armTokens)})
		if err != nil {
			checkError(t, err)
			return
		}
		input := Tokens(&Source{Text: args}, argTokens)
		e := Expander{MaxDepth: 8}
		for depth := 0; ; depth++ {
			before := show(input)
			result, err := e.Expand(m, Call{Args: input, Depth: depth})
			if show(input) != before {
				t.Fatalf("arguments changed from %s to %s", before, show(input))
			}
			if err != nil {
				checkError(t, err)
				return
			}
			checkPartners(t, result)
			checkPartners(t, Flatten(result))
			if pasted, err := PasteCall(result); err != nil {
				checkError(t, err)
			} else {
				checkPartners(t, pasted)
			}
			if len(result) > 100_000 {
				return
			}
			input = result
		}
	})
}

func checkError(t *testing.T, err error) {
	var typed *Error
	if !errors.As(err, &typed) || typed.Kind == 0 || typed.Msg == "" {
		t.Fatalf("error %#v", err)
	}
	_ = err.Error()
}

func BenchmarkExpand(b *testing.B) {
	m := compile(b, "($(#[$m:meta])* $v:vis struct $n:ident { $($fv:vis $f:ident : $t:ty),* $(,)? }) => { $(#[$m])* $v struct $n { $($fv $f: $t),* } impl $n { $(pub fn $f(&self) -> &$t { &self.$f })* } }", 2021)
	args := tokensOf(b, "call.rs", "#[derive(Debug)] /// A row.\n pub struct Row { pub id: i64, name: Option<String>, tags: Vec<Vec<String>>, at: DateTime<Utc>, }")
	var e Expander
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Expand(m, Call{Args: args}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHostile(b *testing.B) {
	for _, h := range hostile {
		b.Run(strings.ReplaceAll(h.name, " ", "-"), func(b *testing.B) {
			m := compile(b, h.arms, 2021)
			args := tokensOf(b, "call.rs", h.args)
			b.ReportAllocs()
			for b.Loop() {
				var e Expander
				if err := expandAll(&e, m, args, 0); err == nil {
					b.Fatal("no error")
				}
			}
		})
	}
}
