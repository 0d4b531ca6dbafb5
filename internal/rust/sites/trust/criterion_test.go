package trust

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// files is a package of these texts.
func files(texts ...string) iter.Seq2[crates.File, error] {
	return func(yield func(crates.File, error) bool) {
		for i, text := range texts {
			if !yield(crates.File{Name: "src/" + string(rune('a'+i)) + ".rs", Text: text}, nil) {
				return
			}
		}
	}
}

// Each row of the criterion has its cases here, in the forms that published
// crates are written in.

var signCases = map[string][]string{
	"a query macro's call": {
		`quote! { query!(#text) }`,
		`quote! { #krate::query_as!(#ty, #text) }`,
		`quote! { query_file_scalar_unchecked ! [#text] }`,
		`r#query!("")`,
	},
	"a query macro's call in a string": {
		`"query!(\"SELECT 1\")".parse()`,
		`format!("{krate}::query_as ! ({ty})")`,
	},
	"a query macro's path": {
		`use sqlx::query_as as ask;`,
		`pub use sqlx::query_scalar;`,
		`quote! { sqlx::query #bang (#text) }`,
	},
	"a path to what is named elsewhere": {
		`quote! { ::sqlx::#query!(#text) }`,
		`macro_rules! m { ($name:ident) => { sqlx::$name!("") } }`,
	},
	"an import of a query macro": {
		`use sqlx::{Pool, query_as};`,
		`use ::sqlx_core::{a::{query}};`,
		`use sqlx::{a::{b, some_macros::c}};`,
	},
	"a query macro's path in a string": {
		`"::sqlx::query(…)".parse()`,
		`r#"sqlx::query_as"#`,
		`"let a;\nsqlx_macros::x"`,
		`b"sqlx::some_macros::x"`,
		"let text = \"\n\tsqlx::\n\tquery_as\";",
	},
	"a path into sqlx's macros": {
		`sqlx_macros_core::query::expand_input(input, drivers)`,
		`sqlx::sqlx_macros::expand_query!()`,
		`sqlx::postgres::some_macro!()`,
		`use sqlx_macros as m;`,
	},
	"a macro's call with sqlx in its name": {
		`$crate::exports::__sqlx_query_as!($ty)`,
		`sqlx_ext::ask!()`,
		`sqlx_ext::deep::ask![]`,
	},
}

var hintCases = map[string][]string{
	"sqlx": {
		`quote! { ::sqlx::#query_func::<_, #ty>(#text) }`,
		`use sqlx;`,
		`use sqlx as db;`,
		`pub use sqlx::*;`,
		`use sqlx::{self, Pool};`,
		`pub extern crate sqlx;`,
		`let path = quote!(#sqlx);`,
		`r#sqlx;`,
	},
	"sqlx in a string": {
		`proc_macro_crate::crate_name("sqlx")`,
		`b"sqlx"`,
		`"\nsqlx"`,
		`concat!("sqlx", "::", NAME)`,
		`"_sqlx_migrations"`,
	},
	"a query macro's name in a string": {
		`Ident::new("query_as", span)`,
		`const NAMES: &[&str] = &["query"];`,
	},
}

var makerCases = map[string][]string{
	"a template of a call":             {`quote! { db::#name!(#text) }`, `quote! { #macro_name![] }`},
	"a template of a call in a string": {`format!("{path}!({text})")`, `"{}!"`, `path + "!(" + text`},
	"an exclamation mark":              {`Punct::new('!', Spacing::Alone)`},
	"an exclamation mark's token":      {`<Token![!]>::default()`},
	"a macro call's syntax tree":       {`syn::Macro { path, bang_token, delimiter, tokens }`},
}

var clearingCases = map[string][]string{
	"a path to something else": {
		`impl sqlx::Type<sqlx::Postgres> for #name {}`,
		`::sqlx::encode::IsNull::No`,
		`sqlx_core::error::Error`,
		`use sqlx::postgres::PgRow as Row;`,
		`sqlx::migrate!("migrations")`,
		`use sqlx::query::QueryAs;`,
		`quote! { sqlx::query(#text).bind(x) }`,
		`::sqlx::query_as::<_, Self>(#text)`,
	},
	"imports of something else": {
		`use sqlx::{Pool, Row, postgres::{PgPool, PgRow}};`,
		`use sqlx_core::{Error, query::Query};`,
	},
	"an attribute": {
		`#[sqlx(rename = "x")] struct A;`,
		`quote! { #[sqlx(transparent)] }`,
	},
	"the name of an attribute": {
		`#[proc_macro_derive(Row, attributes(sqlx))] pub fn f() {}`,
		`#[proc_macro_derive(Row, attributes(orm, sqlx, col))] pub fn f() {}`,
	},
	"a module": {
		`#[cfg(x)] mod sqlx;`,
		`pub mod sqlx {}`,
	},
}

// harmlessCases are near to a row, and none.
var harmlessCases = []string{
	`// sqlx::query!("SELECT 1")`,
	"/// Like sqlx::query!(\"SELECT 1\").\npub fn f() {}",
	`let query = 1; if query != 2 {}`,
	`let mysqlx = sqlxml();`,
	`"SQLX"`,
	`"a query"`,
	`fn sqlx_postgres_query(input: TokenStream) {}`,
	`sqlx_ext::Type`,
	`let c = '!';`,
	`"!( {} ) for {:?}"`,
}

// aMaker is a text that makes a call of what is named elsewhere.
const aMaker = "quote! { #name!() }"

func TestSigns(t *testing.T) {
	eachCase(t, signs, signCases, func(text string) {
		want(t, text, true, text)
	})
}

// A hint is nothing without a maker, which may be in another file.
func TestHints(t *testing.T) {
	eachCase(t, hints, hintCases, func(text string) {
		want(t, text, false, text)
		want(t, text, true, text, aMaker)
	})
}

func TestMakers(t *testing.T) {
	eachCase(t, makers, makerCases, func(text string) {
		want(t, text, false, text)
		want(t, text, true, text, "use sqlx;")
	})
}

func TestClearings(t *testing.T) {
	eachCase(t, clearings, clearingCases, func(text string) {
		want(t, text, false, text, aMaker)
	})
	for _, text := range harmlessCases {
		want(t, text, false, text, aMaker)
	}
}

// eachCase runs the cases of a table, each row of which must have one, and whose
// row must be what is found in it.
func eachCase(t *testing.T, table []row, cases map[string][]string, run func(text string)) {
	t.Helper()
	isClearing := table[0].name == clearings[0].name
	for _, r := range table {
		if len(cases[r.name]) == 0 {
			t.Errorf("%s: no test", r.name)
		}
		for _, text := range cases[r.name] {
			tokens, err := lex.Lex(text, nil)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			c := code{text, tokens}
			if !slices.ContainsFunc(indexes(tokens), func(i int) bool { return r.at(c, i) && (isClearing || c.mayBe(i)) }) {
				t.Errorf("%s: %s is not in it", text, r.name)
			}
			run(text)
		}
	}
	if len(cases) > len(table) {
		t.Error("there are cases of rows that are not there")
	}
}

func indexes(tokens []lex.Token) []int {
	list := make([]int, len(tokens))
	for i := range list {
		list[i] = i
	}
	return list
}

func want(t *testing.T, name string, suspect bool, texts ...string) {
	t.Helper()
	r, err := Read(files(texts...))
	if err != nil {
		t.Fatal(err)
	}
	if (r.Whole != nil) != suspect {
		t.Errorf("%s: %v, want suspect: %t", name, r.Whole, suspect)
	}
}

// Of a crate that is no procedural macro only what its macro_rules! make counts.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		whole, rules bool
	}{
		{"outside", `fn f() { sqlx::query!("SELECT 1"); } macro_rules! m { () => { 1 } }`, true, false},
		{"in a body", `macro_rules! m { ($t:expr) => { $crate::sqlx::query!($t) } }`, true, true},
		{"in the second arm", `macro_rules! m { () => { 1 }; (a) => [ query_as!(A, "") ] }`, true, true},
		{"in a pattern", `macro_rules! m { (query!($t:expr)) => { $t } }`, true, false},
		{"in a macro of a body", `macro_rules! m { () => { macro_rules! n { () => { query!("") } } } }`, true, true},
		{"in a function", `fn f() { macro_rules! m { () => { query!("") } } }`, true, true},
	} {
		r, err := Read(files(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if (r.Whole != nil) != c.whole || (r.Rules != nil) != c.rules {
			t.Errorf("%s: whole %v, rules %v, want %t, %t", c.name, r.Whole, r.Rules, c.whole, c.rules)
		}
	}
}

func TestNoRust(t *testing.T) {
	want(t, "a template", false, `fn {{name}} { "unclosed`)
	want(t, "a template with a query", true, `fn {{name}} { sqlx::query_as!({{type}}, "unclosed`)
}

func TestBesideTheLibrary(t *testing.T) {
	for name, want := range map[string]bool{
		"tests/a.rs": false, "examples/deep/a.rs": false, "benches/a.rs": false, ".hidden/a.rs": false,
		"build.rs": true, "src/tests/a.rs": true, "tests.rs": true, "README.md": false,
	} {
		r, err := Read(func(yield func(crates.File, error) bool) {
			yield(crates.File{Name: name, Text: `sqlx::query!("")`}, nil)
		})
		if err != nil || (r.Whole != nil) != want {
			t.Errorf("%s: %v, error %v, want suspect: %t", name, r.Whole, err, want)
		}
	}
}

func TestFinding(t *testing.T) {
	r, err := Read(files("fn f() {\n\tquery!(\"" + strings.Repeat("a", 100) + "\")\n}"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Whole.String(), `src/a.rs:2: a query macro's call: query!("`+strings.Repeat("a", 52); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
