package syntax

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
)

var (
	randomSeed  = flag.Uint64("random.seed", 1, "what the random shapes begin with")
	randomFiles = flag.Int("random.files", 2000, "random files that rustc is asked about")
)

// filesACall is how many files one call of rustc gets.
const filesACall = 500

// TestRandom compares random items and statements with rustc: which of their
// markers `#[cfg(any())]` removes, and what is refused. A hundred files are
// recorded. For more of them, or others:
//
//	SQLXMAGE_ORACLE=live go test ./internal/rust/syntax -run TestRandom -random.seed 7 -random.files 1000000 -timeout 0
func TestRandom(t *testing.T) {
	record := oracle.Recorded(t, "random")
	count := randomCount{}
	files := randomTexts(0, 100)
	verdicts := oracle.Ask(t, record, "random files", files, func() []verdict { return rustcVerdicts(t, files) })
	count.compare(t, files, verdicts)
	for seed := *randomSeed; need.Live() && count.files < *randomFiles && !t.Failed(); seed++ {
		files := randomTexts(seed, filesACall)
		count.compare(t, files, rustcVerdicts(t, files))
	}
	t.Logf("%d files: %d alike, %d refused alike, %d refused by a later pass, %d taken though rustc refuses them",
		count.files, count.alike, count.refused, count.later, count.taken)
	if 1000*count.taken > count.files {
		t.Error("too much is taken that rustc refuses")
	}
	if count.refused+count.later > count.files/2 {
		t.Error("the generator makes too many files that rustc refuses")
	}
}

// lenient are messages of rustc's parser about what is taken here: `x.await()`,
// which is right in edition 2015, `let` wherever an expression is, and
// `break 'a: loop {}`.
var lenient = regexp.MustCompile("^incorrect use of `await`|^expected expression, found `let` statement|^parentheses are required around this expression")

// randomCount counts how files compare.
type randomCount struct {
	files, alike, refused, later int
	taken                        int // though rustc refuses them, for a reason that is not known to be of no matter
}

func (c *randomCount) compare(t *testing.T, files []string, verdicts []verdict) {
	for i, text := range files {
		c.files++
		got := verdictOf(t, text)
		switch msg := disagree(got, verdicts[i]); {
		case got.Refused == "" && verdicts[i].Refused != "" && (strings.Contains(text, "m! {") || lenient.MatchString(verdicts[i].Refused)):
			// Between the brackets of a macro call there are no errors here.
			c.refused++
		case msg != "" && got.Refused == "" && verdicts[i].Refused != "":
			// Perhaps of a later pass that no one met before.
			c.taken++
			t.Logf("%s\n%s", msg, text)
		case msg != "":
			t.Errorf("%s\n%s", msg, text)
		case got.Refused != "":
			c.refused++
		case verdicts[i].Later != "":
			c.later++
		default:
			c.alike++
		}
	}
}

func randomTexts(seed uint64, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		g := generator{Rand: rand.New(rand.NewPCG(seed, uint64(i)))}
		texts[i] = g.file()
	}
	return texts
}

// A generator makes Rust of the grammar. What it makes is mostly right; how it
// nests is at random.
type generator struct {
	*rand.Rand
	markers int
	depth   int
}

// one returns what one of the functions makes.
func (g *generator) one(forms ...func() string) string { return forms[g.IntN(len(forms))]() }

// of returns one of the texts.
func (g *generator) of(texts ...string) string { return texts[g.IntN(len(texts))] }

// maybe returns what the function makes, or nothing.
func (g *generator) maybe(form func() string) string {
	if g.IntN(2) == 0 {
		return ""
	}
	return form()
}

// some returns up to three of what the function makes, each with an end.
func (g *generator) some(form func() string, end string) string {
	var b strings.Builder
	for range g.IntN(4) {
		b.WriteString(form() + end)
	}
	return b.String()
}

// deep reports whether no more should nest; else what follows is one deeper.
func (g *generator) deep() bool { return g.depth > 4 || g.depth > 1 && g.IntN(4) == 0 }

func (g *generator) in(form func() string) string {
	g.depth++
	defer func() { g.depth-- }()
	return form()
}

func (g *generator) marker() string {
	g.markers++
	return fmt.Sprintf(g.of("compile_error!(%q)", "compile_error![%q]", "compile_error! { %q }"), fmt.Sprint(g.markers))
}

// cfg is an attribute now and then.
func (g *generator) cfg() string {
	switch g.IntN(8) {
	case 0:
		return "#[cfg(any())] "
	case 1:
		return g.of("#[allow(unused)] ", "/// doc\n", "#[cfg(all())] ")
	}
	return ""
}

// file begins with a thing that is removed, with a marker behind it.
func (g *generator) file() string {
	removed := func(thing string) string { return "#[cfg(any())] " + thing + "\n" }
	last := "compile_error!(\"0\")"
	return g.one(
		func() string { return "fn f() {\n" + removed(g.statement()) + last + ";\n}\n" },
		func() string { return "fn f() {\n" + removed(g.statement()) + last + ";\n}\n" },
		func() string { return removed(g.item()) + last + ";\n" },
		func() string { return "fn f() { match a {\n" + removed(g.arm()) + "_ => { " + last + "; }\n} }\n" },
		func() string { return "fn f() { g(\n" + removed(g.prefix()+",") + last + "); }\n" },
		func() string { return "fn f() { S {\n" + removed(g.fieldValue()+",") + "z: " + last + " }; }\n" },
		func() string { return "struct S {\n" + removed(g.field()+",") + "z: [u8; { " + last + " }] }\n" },
		func() string { return "enum E {\n" + removed(g.variant()+",") + "Z = { " + last + " } }\n" },
		func() string { return "impl S {\n" + removed(g.associated()) + "fn z() { " + last + " } }\n" },
		func() string { return "fn f(" + removed(g.param()+",") + "z: [u8; { " + last + " }]) {}\n" },
		func() string { return "fn f<" + removed(g.parameter()+",") + "const Z: X<{ " + last + " }>>() {}\n" },
		func() string { return "fn f() { m! {\n" + removed(g.statement()) + last + ";\n} }\n" },
	)
}

func (g *generator) block() string {
	return "{ " + g.in(func() string { return g.some(func() string { return g.cfg() + g.statement() }, "\n") + g.maybe(g.expr) }) + " }"
}

func (g *generator) statement() string {
	if g.deep() {
		return g.one(g.marker, g.name) + ";"
	}
	return g.in(func() string {
		return g.one(
			func() string { return "let " + g.pattern() + g.maybe(g.ascription) + g.maybe(g.initial) + ";" },
			func() string {
				return "let " + g.pattern() + " = " + g.name() + "(" + g.expr() + ") else " + g.block() + ";"
			},
			func() string { return g.blockLike() },
			func() string {
				return g.blockLike() + g.of(".x()", "?", ".y", ".z::<u8>()", ".await") + g.maybe(g.rest) + ";"
			},
			func() string { return g.prefix() + ";" },
			func() string { return g.expr() + ";" },
			g.item,
			func() string { return g.marker() + g.of(";", ".x();", " + 1;", "?;", "\n") },
			func() string { return "m! { " + g.statement() + " }" },
		)
	})
}

func (g *generator) ascription() string { return ": " + g.typ() }
func (g *generator) initial() string    { return " = " + g.expr() }
func (g *generator) rest() string       { return g.of(" + ", " == ", " && ", " .. ", " = ") + g.prefix() }
func (g *generator) name() string       { return g.of("a", "b", "c", "x", "y") }
func (g *generator) literal() string {
	return g.of("1", "2.5", "\"s\"", "'c'", "b'x'", "r#\"r\"#", "true", "0xff_u8", "1e3")
}
func (g *generator) label() string { return g.of("", "", "'a: ") }

// blockLike is an expression that needs no semicolon as a statement.
func (g *generator) blockLike() string {
	return g.one(
		func() string { return g.label() + g.block() },
		func() string { return g.of("unsafe ", "const ") + g.block() },
		func() string { return "if " + g.condition() + " " + g.block() + g.maybe(g.otherwise) },
		func() string { return "match " + g.head() + " { " + g.some(g.arm, " ") + "_ => {} }" },
		func() string { return g.label() + "loop " + g.block() },
		func() string { return g.label() + "while " + g.condition() + " " + g.block() },
		func() string { return g.label() + "for " + g.pattern() + " in " + g.head() + " " + g.block() },
	)
}

func (g *generator) otherwise() string {
	return " else " + g.one(g.block, func() string { return "if " + g.condition() + " " + g.block() + g.maybe(g.otherwise) })
}

func (g *generator) condition() string {
	let := func() string { return "let " + g.pattern() + " = " + g.operandNoStruct() }
	return g.one(g.head, g.head, let, func() string { return let() + " && " + g.operandNoStruct() }, func() string { return g.operandNoStruct() + " && " + let() })
}

// head is an expression in front of braces: no struct.
func (g *generator) head() string {
	if g.deep() {
		return g.name()
	}
	return g.in(func() string {
		return g.one(
			g.operandNoStruct,
			g.operandNoStruct,
			func() string { return g.operandNoStruct() + " " + g.operator() + " " + g.operandNoStruct() },
			func() string { return g.operandNoStruct() + g.of("..", "..=") + g.operandNoStruct() },
			func() string { return g.operandNoStruct() + ".." },
			func() string {
				return g.operandNoStruct() + " as u8" + g.maybe(func() string { return " > " + g.operandNoStruct() })
			},
			func() string { return "|" + g.name() + "| " + g.operandNoStruct() },
			func() string { return g.of("return ", "break ", "&", "-", "*", "!") + g.operandNoStruct() },
		)
	})
}

func (g *generator) operandNoStruct() string {
	return g.one(g.name, g.name, g.block, g.postfix, g.blockLike, g.marker,
		func() string { return "(" + g.expr() + ")" }, func() string { return "S::<{ 3 }>::X" }, func() string { return "async " + g.block() })
}

func (g *generator) operator() string {
	return g.of("+", "-", "*", "/", "%", "^", "&", "|", "<<", ">>", "==", "!=", "<=", ">=", "<", ">", "&&", "||", "=", "+=", ">>=", "..", "..=")
}

func (g *generator) expr() string {
	if g.deep() {
		return g.one(g.name, g.literal, g.marker)
	}
	return g.in(func() string {
		return g.one(
			g.prefix,
			g.prefix,
			func() string { return g.prefix() + " " + g.operator() + " " + g.prefix() },
			func() string { return g.prefix() + " && " + g.prefix() + " || " + g.prefix() },
			func() string {
				return g.prefix() + " as " + g.typ() + g.maybe(func() string { return " + " + g.prefix() })
			},
			func() string { return g.prefix() + g.of("..", "..=") + g.prefix() },
			func() string { return g.of("..", "..=") + g.prefix() },
			func() string { return g.prefix() + ".." },
			func() string { return g.of("return", "break", "break 'a", "continue", "continue 'a") },
			func() string { return g.of("return ", "break ", "break 'a ") + g.expr() },
			g.closure,
		)
	})
}

func (g *generator) closure() string {
	head := g.of("", "move ", "static ", "async ", "async move ", "for<'a> ") + g.of("||", "|_|", "|"+g.pat()+": "+g.typ()+"|", "|"+g.pat()+", &"+g.name()+"|")
	return head + g.one(func() string { return " " + g.expr() }, func() string { return " -> " + g.typeNoBounds() + " " + g.block() })
}

// prefix is an expression without operators between operands.
func (g *generator) prefix() string {
	return g.of("", "", "", "", "", "&", "&mut ", "-", "!", "*", "&raw const ", "&&") + g.postfix()
}

func (g *generator) postfix() string {
	if g.deep() {
		return g.name()
	}
	return g.in(func() string {
		return g.one(g.primary, g.primary,
			func() string { return g.postfix() + "." + g.of("x", "0", "0.1", "await") },
			func() string {
				return g.postfix() + ".x" + g.of("", "::<u8>", "::<{ 3 }, X<-1>>") + "(" + g.values() + ")"
			},
			func() string { return g.postfix() + "(" + g.values() + ")" },
			func() string { return g.postfix() + "[" + g.expr() + "]" },
			func() string { return g.postfix() + "?" },
		)
	})
}

func (g *generator) values() string {
	return g.some(func() string { return g.cfg() + g.prefix() }, ", ") + g.maybe(g.expr)
}

func (g *generator) primary() string {
	return g.one(
		g.name, g.literal, g.marker, g.blockLike, g.closure,
		func() string { return "(" + g.values() + ")" },
		func() string { return "[" + g.values() + "]" },
		func() string { return "[" + g.expr() + "; " + g.expr() + "]" },
		func() string {
			return g.of("S", "a::S", "S::<{ 3 }>", "<S as T>::U", "Self") + " { " + g.some(g.fieldValue, ", ") + g.of("", "..s", "..", "x") + " }"
		},
		func() string {
			return g.of("f::<Vec<Vec<u8>>>", "<S as T<{ 3 }>>::f", "a::b", "crate::x", "<X<-1>>::f") + "(" + g.values() + ")"
		},
		func() string { return "async " + g.of("", "move ") + g.block() },
	)
}

func (g *generator) fieldValue() string {
	return g.cfg() + g.of("x", "0", "y") + ": " + g.expr()
}

func (g *generator) arm() string {
	head := g.cfg() + g.pattern() + g.maybe(func() string { return " if " + g.one(g.expr, g.condition) }) + " => "
	return head + g.one(
		func() string { return g.expr() + "," },
		func() string { return g.prefix() + "," },
		func() string { return g.blockLike() + g.of("", ",") },
		func() string { return g.blockLike() + ".x()," },
		func() string { return g.block() },
	)
}

func (g *generator) pattern() string {
	return g.of("", "", "", "| ") + g.pat() + g.of("", "", "", " | "+g.pat())
}

func (g *generator) pat() string {
	if g.deep() {
		return g.of("a", "_", "1", "S::X", "None")
	}
	return g.in(func() string {
		return g.one(
			func() string {
				return g.of("a", "_", "mut a", "ref a", "ref mut a", "-1", "\"s\"", "1..=3", "..=3", "1..", "A::B", "A..=B", "<S>::X")
			},
			func() string {
				return g.of("S", "a::B", "S::<u8>") + " { " + g.some(func() string { return g.cfg() + g.of("x", "ref y", "z: "+g.pattern(), "0: _") }, ", ") + g.of("", "..", "a") + " }"
			},
			func() string {
				return g.of("S", "a::B", "") + "(" + g.some(g.pattern, ", ") + g.of("", "..", "a") + ")"
			},
			func() string { return "[" + g.some(g.pattern, ", ") + g.of("", "..", "b @ ..", "a") + "]" },
			func() string { return g.of("&", "&mut ", "&&") + g.of("a", "_", "(a, b)") },
			func() string { return "a @ " + g.of("1..=3", "S { .. }", "(1 | 2)") },
			g.marker,
		)
	})
}

func (g *generator) typ() string {
	return g.one(g.typeNoBounds, g.typeNoBounds, func() string {
		return g.of("dyn A + Send", "impl Fn(u8) -> "+g.typeNoBounds()+" + 'static", "dyn for<'a> Fn(&'a u8)")
	})
}

func (g *generator) typeNoBounds() string {
	if g.deep() {
		return g.of("u8", "S", "Self", "()")
	}
	return g.in(func() string {
		return g.one(
			func() string {
				return g.of("u8", "_", "!", "()", "a::B", "X<-1>", "X<{ N }>", "<S as T>::U", "&'static str", "*const u8", "(u8,)")
			},
			func() string { return "Vec<" + g.typ() + ">" },
			func() string {
				return "X<'a, " + g.typ() + ", " + g.of("{ "+g.marker()+" }", "3", "-1", "T = "+g.typ(), "U: A + 'a") + ">"
			},
			func() string { return "[" + g.typ() + "; " + g.expr() + "]" },
			func() string { return "[" + g.typ() + "]" },
			func() string { return "(" + g.typ() + ", " + g.typ() + ")" },
			func() string { return "&" + g.of("", "'a ", "mut ") + g.typeNoBounds() },
			func() string {
				return g.of("", "unsafe ", "extern \"C\" ", "for<'a> ") + "fn(" + g.of("", "a: ") + g.typ() + ") -> " + g.typeNoBounds()
			},
			g.marker,
		)
	})
}

func (g *generator) generics() string {
	if g.IntN(2) == 0 {
		return ""
	}
	return "<" + g.some(func() string { return g.cfg() + g.parameter() }, ", ") + ">"
}

func (g *generator) parameter() string {
	return g.of("'a", "'a: 'b", "T", "T: A + 'a", "T: Fn(u8) -> X<-1>", "T: ?Sized", "const N: usize", "const N: u8 = { 3 }", "const N: i8 = -1", "T: A<u8> = Vec<Vec<u8>>", "T: A<{ 3 }>")
}

func (g *generator) where() string {
	return g.of("", "", "", " where T: A", " where T: Fn(u8) -> Vec<u8>, [(); { N }]: Sized,", " where for<'a> &'a T: A<{ 3 }>", " where S<{ N > 2 }>: A, 'a: 'b")
}

func (g *generator) param() string { return g.cfg() + g.pat() + ": " + g.typ() }

func (g *generator) function() string {
	head := g.of("", "const ", "unsafe ", "async ", "extern \"C\" ", "const unsafe extern \"C\" ", "async unsafe ", "pub ", "pub(crate) ")
	return head + "fn f" + g.generics() + "(" + g.some(g.param, ", ") + ")" + g.maybe(func() string { return " -> " + g.typ() }) + g.where() + " " + g.block()
}

func (g *generator) field() string {
	return g.cfg() + g.of("", "pub ", "pub(super) ") + g.of("a", "b") + ": " + g.typ()
}

func (g *generator) variant() string {
	return g.cfg() + g.of("A", "B") + g.one(
		func() string { return g.maybe(func() string { return " = " + g.expr() }) },
		func() string {
			return "(" + g.some(func() string { return g.cfg() + g.of("", "pub ") + g.typ() }, ", ") + ")"
		},
		func() string { return " { " + g.some(g.field, ", ") + "}" },
	)
}

func (g *generator) associated() string {
	return g.one(g.function,
		func() string { return "const X: " + g.typ() + " = " + g.expr() + ";" },
		func() string { return "type X" + g.generics() + " = " + g.typ() + g.where() + ";" },
		func() string { return g.marker() + g.of(";", "\n") },
	)
}

func (g *generator) item() string {
	if g.deep() {
		return g.of("struct S;", "use a::b;", "fn f() {}")
	}
	associated := func() string { return "{ " + g.some(func() string { return g.cfg() + g.associated() }, " ") + "}" }
	return g.in(func() string {
		return g.one(
			g.function, g.function,
			func() string { return "struct S" + g.generics() + g.where() + " { " + g.some(g.field, ", ") + "}" },
			func() string {
				return "struct S" + g.generics() + "(" + g.some(func() string { return g.cfg() + g.typ() }, ", ") + ")" + g.where() + ";"
			},
			func() string { return "enum E" + g.generics() + g.where() + " { " + g.some(g.variant, ", ") + "}" },
			func() string { return "union U" + g.generics() + " { " + g.some(g.field, ", ") + "}" },
			func() string {
				return g.of("", "unsafe ", "pub ") + "trait T" + g.generics() + g.of("", ": A", ": Fn() -> X<-1> + 'a") + g.where() + " " + associated()
			},
			func() string {
				return g.of("impl ", "unsafe impl ", "impl<T> ") + g.typeNoBounds() + g.where() + " " + associated()
			},
			func() string {
				return "impl" + g.of("", "<T: A>", "<const N: usize>") + " " + g.of("A", "T<{ N + 1 }>", "a::B<-1>", "!Send") + " for " + g.typeNoBounds() + g.where() + " " + associated()
			},
			func() string { return "mod n { " + g.some(func() string { return g.cfg() + g.item() }, " ") + "}" },
			func() string {
				return g.of("", "pub ") + g.of("const X", "const _", "static X", "static mut X") + ": " + g.typ() + " = " + g.expr() + ";"
			},
			func() string { return "type X" + g.generics() + " = " + g.typ() + ";" },
			func() string {
				return "use " + g.of("a::b", "a::{b, c as d, *}", "::a::*", "{a, b::{self}}", "crate::x as _") + ";"
			},
			func() string {
				return g.of("", "unsafe ") + "extern " + g.of("", "\"C\" ") + "{ " + g.of("", "fn g(a: u8);", "static X: u8;", "type T;") + " }"
			},
			func() string { return "extern crate " + g.of("core", "core as c") + ";" },
			func() string { return "macro_rules! n { ($e:expr) => { " + g.marker() + " } }" },
			func() string { return g.marker() + g.of(";", "\n") },
			func() string { return "m! { " + g.item() + " }" },
		)
	})
}
