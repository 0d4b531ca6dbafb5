package trust

import (
	"iter"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/crates"
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

func whole(t *testing.T, texts ...string) string {
	t.Helper()
	r, err := Read(files(texts...))
	if err != nil {
		t.Fatal(err)
	}
	if r.Whole == nil {
		return ""
	}
	return r.Whole.Sign
}

// Each row of the criterion has a test here, whose cases are the forms that
// published crates are written in.
func TestSigns(t *testing.T) {
	tests := map[string][]string{
		"sqlx in a name": {
			`quote! { ::sqlx::#query!(#text) }`,
			`sqlx_macros_core::query::expand_input(input, drivers)`,
			`use sqlx;`,
			`use sqlx as db;`,
			`pub use sqlx::*;`,
			`use sqlx::{self, Pool};`,
			`use sqlx::{Pool, query_as};`,
			`use sqlx::query_as as ask;`,
			`use ::sqlx_core::{query::Query};`,
			`pub use sqlx::query_scalar;`,
			`pub extern crate sqlx;`,
			`let path = quote!(#sqlx);`,
			`sqlx::macros::x!()`,
			`sqlx::postgres::some_macro!()`,
			`let sqlx_crate = 1;`,
			`r#sqlx;`,
		},
		"sqlx in a string": {
			`proc_macro_crate::crate_name("sqlx")`,
			`"::sqlx::query(…)".parse()`,
			`r#"sqlx::query_as"#`,
			`b"sqlx"`,
			`"let a;\nsqlx_macros::x"`,
			`"sqlx::some_macros::x"`,
			`concat!("sqlx", "::query")`,
			`let text = "
				sqlx::
				query_as";`,
		},
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
		"a template of a call": {
			`let name = Ident::new("query_as", span); quote! { db::#name!(#text) }`,
			`const NAMES: &[&str] = &["query"]; quote! { #macro_name![] }`,
		},
	}
	for _, s := range signs {
		if len(tests[s.name]) == 0 {
			t.Errorf("%s: no test", s.name)
		}
	}
	for sign, texts := range tests {
		for _, text := range texts {
			if got := whole(t, text); got != sign {
				t.Errorf("%s: sign %q, want %q", text, got, sign)
			}
		}
	}
}

func TestClearings(t *testing.T) {
	tests := map[string][]string{
		"": {
			`// sqlx::query!("SELECT 1")`,
			`/// Like sqlx::query!("SELECT 1").
			 pub fn f() {}`,
			`let query = 1; if query != 2 {}`,
			`let mysqlx = sqlxml();`,
			`"SQLX"`,
			`quote! { #name!() }`, // without a name in a string
			`"query_as"`,          // without a template
			`"a query"`,
		},
		"a path to something else": {
			`impl sqlx::Type<sqlx::Postgres> for #name {}`,
			`::sqlx::encode::IsNull::No`,
			`sqlx_core::error::Error`,
			`use sqlx::postgres::PgRow as Row;`,
			`sqlx::migrate!("migrations")`,
			`format!("use sqlx::Row; {}", 1)`,
		},
		"the function of that name": {
			`quote! { sqlx::query(#text).bind(x) }`,
			`::sqlx::query_as::<_, Self>(#text)`,
		},
		"imports of something else": {
			`use sqlx::{Pool, Row, postgres::{PgPool, PgRow}};`,
			`use sqlx_core::{Error};`,
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
	for _, c := range clearings {
		if len(tests[c.name]) == 0 {
			t.Errorf("%s: no test", c.name)
		}
	}
	for clearing, texts := range tests {
		for _, text := range texts {
			if got := whole(t, text); got != "" {
				t.Errorf("%s: %s: sign %q, want none", clearing, text, got)
			}
		}
	}
}

// A template in one file and the name in another are one crate's.
func TestTemplateOverFiles(t *testing.T) {
	if got := whole(t, `quote! { #name!(#text) }`, `Ident::new("query_file", span)`); got != template.name {
		t.Errorf("sign %q, want %q", got, template.name)
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
	if got := whole(t, `fn {{name}} { "unclosed`); got != "" {
		t.Errorf("sign %q, want none", got)
	}
	if got := whole(t, `fn {{name}} { sqlx::query_as!({{type}}, "unclosed`); got != "a text that is no Rust" {
		t.Errorf("sign %q, want that it is no Rust", got)
	}
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
