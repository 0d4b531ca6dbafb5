package sites

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// TestMatrix compares the scan with the query files that sqlx's own macros
// write in a real `cargo check` of one generated package: targets × features ×
// ways to name the macro × what stands around the call × forms of modules.
func TestMatrix(t *testing.T) {
	c := newChecked(t, "crate")
	m := &matrix{sql: make(map[string]string)}
	m.write(t, c.dir)
	c.putLock(t)
	for _, args := range [][]string{
		nil,
		{"--all-targets"},
		{"--all-targets", "--features", "off"},
		{"--no-default-features", "--tests"},
		{"--lib", "--bins", "--examples"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			result := c.compare(t, m, args, "matrix")
			for _, b := range result.Blind {
				if b.Kind != NoSource {
					t.Errorf("blind: %s", b)
				}
			}
		})
	}
}

// checked is a generated package or workspace of which cargo's record says what
// query files its checks write.
type checked struct {
	name   string
	dir    string
	target string // live
	record *oracle.Answers
}

// newChecked finds a place: live always the same, since the paths of packages
// tell cargo what it has compiled. Published crates have their sources only then.
func newChecked(t *testing.T, name string) *checked {
	t.Helper()
	c := &checked{name: name, record: oracle.Recorded(t, "matrix-"+name)}
	if need.Live() {
		kept := need.Kept(t, "sites-matrix")
		c.dir, c.target = filepath.Join(kept, name), filepath.Join(kept, "target")
		return c
	}
	c.dir = filepath.Join(t.TempDir(), name)
	t.Setenv("CARGO_HOME", t.TempDir())
	return c
}

// putLock pins the published crates.
func (c *checked) putLock(t *testing.T) {
	t.Helper()
	lock, err := os.ReadFile(filepath.Join("testdata", "matrix", c.name+".lock"))
	if err == nil {
		err = os.WriteFile(filepath.Join(c.dir, "Cargo.lock"), lock, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// hashLength is how much of a query's hash is recorded.
const hashLength = 10

// compare compares the queries of the scan with what a cargo check writes for
// packages.
func (c *checked) compare(t *testing.T, m *matrix, args []string, packages ...string) *Result {
	t.Helper()
	question := []any{args, packages, treeOf(t, c.dir)}
	recorded := oracle.Ask(t, c.record, strings.Join(append([]string{"check"}, args...), " "), question, func() []string {
		return c.check(t, args, packages)
	})
	want, got := make(map[string]bool), make(map[string]bool)
	for _, hash := range recorded {
		want[hash] = true
	}
	result := scanDir(t, c.dir, args, Options{})
	for _, q := range queries(result) {
		got[q.Hash[:hashLength]] = true
		if !want[q.Hash[:hashLength]] {
			t.Errorf("the scan has it, cargo has not: %s: %s", q.Sites[0].Place, q.SQL)
		}
	}
	for hash, sql := range m.sql {
		if want[hash[:hashLength]] && !got[hash[:hashLength]] {
			t.Errorf("cargo has it, the scan has not: %s", sql)
		}
	}
	if len(got) != len(want) {
		t.Errorf("cargo has %d queries, the scan %d", len(want), len(got))
	}
	for _, p := range result.Problems {
		t.Errorf("problem: %v", p)
	}
	t.Logf("%d queries of %d", len(want), len(m.sql))
	return result
}

// treeOf returns the files of a folder.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// check returns the hashes of the query files that the packages write. Only
// their own check is forgotten, so that it runs again: the others of a workspace
// have been checked before.
func (c *checked) check(t *testing.T, args, packages []string) []string {
	t.Helper()
	if c.name == "packages" {
		c.cargo(t, args)
	}
	for _, name := range packages {
		units, err := filepath.Glob(filepath.Join(c.target, "*", ".fingerprint", name+"-*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range units {
			if err := os.RemoveAll(unit); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c.cargo(t, args)
}

// cargo runs cargo check and returns the hashes of the query files that it
// writes.
func (c *checked) cargo(t *testing.T, args []string) []string {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command(need.Program(t, "cargo"), append([]string{"check", "--locked", "--quiet", "--message-format=short"}, args...)...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "CARGO_TARGET_DIR="+c.target, "SQLX_OFFLINE=false", "SQLX_OFFLINE_DIR="+out,
		"DATABASE_URL=sqlite:"+filepath.ToSlash(filepath.Join(t.TempDir(), "empty.db"))+"?mode=rwc")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cargo check: %v\n%s", err, errorsOf(string(output)))
	}
	names, err := filepath.Glob(filepath.Join(out, "query-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var hashes []string
	for _, name := range names {
		hashes = append(hashes, strings.TrimPrefix(filepath.Base(name), "query-")[:hashLength])
	}
	return hashes
}

// errorsOf returns the lines of cargo's output that are no warnings.
func errorsOf(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if !strings.Contains(line, "warning") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// matrix makes the package. Each query has a text of its own, which says what
// it tests.
type matrix struct {
	sql map[string]string // by hash
}

// q returns a string literal with a new query.
func (m *matrix) q(format string, args ...any) string {
	text := fmt.Sprintf("SELECT %d AS v /* %s */", len(m.sql), fmt.Sprintf(format, args...))
	m.sql[sqlxdata.Hash(text)] = text
	return fmt.Sprintf("%q", text)
}

func (m *matrix) write(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put("Cargo.toml", `[package]
name = "matrix"
version = "0.1.0"
edition = "2021"

[features]
default = ["on"]
on = []
off = []
missing = []

[dependencies]
sqlx = { version = "=0.8.6", default-features = false, features = ["sqlite", "macros", "runtime-tokio"] }
tokio = { version = "1", features = ["macros", "rt"] }
async-trait = "0.1"
cfg-if = "1"
paste = "1"

[[test]]
name = "bare"
harness = false

[[example]]
name = "gated"
required-features = ["off"]

[workspace]
`)
	for _, f := range []struct{ name, main string }{
		{"src/lib.rs", ""}, {"src/main.rs", "fn main() {}\n"}, {"src/bin/more.rs", "fn main() {}\n"},
		{"tests/it.rs", ""}, {"tests/folder/main.rs", ""}, {"tests/bare.rs", "fn main() {}\n"},
		{"examples/ex.rs", "fn main() {}\n"}, {"examples/gated.rs", "fn main() {}\n"}, {"benches/be.rs", ""},
	} {
		text := "#![allow(unused, dead_code)]\n" + f.main + m.conditions(f.name) + m.names(f.name)
		if f.name == "src/lib.rs" {
			text += m.modules(put) + m.macros() + m.calls(put) + m.forms() + m.others(put)
		}
		put(f.name, text)
	}
}

// conditions are attributes × what they stand on.
func (m *matrix) conditions(file string) string {
	attributes := []string{
		"", "#[cfg(test)]", "#[cfg(not(test))]", `#[cfg(feature = "on")]`, `#[cfg(feature = "off")]`,
		`#[cfg(all(feature = "on", not(feature = "off")))]`, `#[cfg(any(windows, feature = "off"))]`,
		`#[cfg_attr(feature = "on", cfg(feature = "off"))]`, "#[allow(unused)]",
		"#[cfg(debug_assertions)]", `#[cfg(target_pointer_width = "7")]`,
	}
	things := []string{
		"fn f%[1]d() { let _ = %[3]s; }",
		"async fn f%[1]d<T>(_: T) -> Option<Vec<T>> where T: Clone, { let _ = %[3]s; None }",
		"mod f%[1]d { fn f() { let _ = %[3]s; } }",
		"impl S { fn f%[1]d(&self) { let _ = %[3]s; } }",
		"impl S { %[2]s fn f%[1]d(&self) { let _ = %[3]s; } }",
		"const _: fn() = || { let _ = %[3]s; };",
		"trait T%[1]d { fn f(&self) { let _ = %[3]s; } }",
		"fn f%[1]d() { %[2]s let _ = %[3]s; }",
		"fn f%[1]d() { %[2]s { let _ = %[3]s; } }",
		"fn f%[1]d() { %[2]s if true { let _ = %[3]s; } else { let _ = %[4]s; } let _ = %[5]s; }",
		"fn f%[1]d() { %[2]s if let S { a, .. } = S::default() { let _ = %[3]s; } let _ = %[5]s; }",
		"fn f%[1]d() { %[2]s for S { .. } in [S::default()] { let _ = %[3]s; } let _ = %[5]s; }",
		"fn f%[1]d() { match 1 { %[2]s 2 => { let _ = %[3]s; } %[2]s 3 => drop(%[4]s), _ => drop(%[5]s) } }",
		"fn f%[1]d() { let _ = S { %[2]s a: drop(%[3]s), ..S::default() }; }",
		"fn f%[1]d() { let _ = ( || { %[2]s drop(%[3]s); drop(%[4]s) } )(); }",
		"fn f%[1]d() { %[2]s fn inner() { let _ = %[3]s; } let _ = %[5]s; }",
	}
	var b strings.Builder
	b.WriteString("#[derive(Default)] struct S { a: (), b: () }\n")
	n := 0
	for _, attribute := range attributes {
		for i, thing := range things {
			n++
			call := func(k int) string { return "sqlx::query!(" + m.q("%s: %s, thing %d.%d", file, attribute, i, k) + ")" }
			outer := attribute
			if strings.Contains(thing, "%[2]s") {
				outer = ""
			}
			fmt.Fprintf(&b, outer+" "+thing+"\n", n, attribute, call(0), call(1), call(2))
		}
	}
	for i, attribute := range []string{"#[test]", "#[tokio::test]", "#[sqlx::test]", `#[cfg_attr(feature = "on", test)]`, "#[cfg(test)] #[test]", "#[ignore] #[test]"} {
		async := ""
		if strings.Contains(attribute, "::") {
			async = "async "
		}
		fmt.Fprintf(&b, "%s %sfn t%d() { let _ = sqlx::query!(%s); }\n", attribute, async, i, m.q("%s: %s", file, attribute))
	}
	fmt.Fprintf(&b, `cfg_if::cfg_if! {
	if #[cfg(feature = "off")] { fn ci() { let _ = sqlx::query!(%s); } }
	else if #[cfg(test)] { fn ci() { let _ = sqlx::query!(%s); } }
	else { fn ci() { let _ = sqlx::query!(%s); } }
}
`, m.q("%s: cfg_if off", file), m.q("%s: cfg_if test", file), m.q("%s: cfg_if else", file))
	return b.String()
}

// names are ways to name the macro; those that are another macro use the
// query's text otherwise.
func (m *matrix) names(file string) string {
	var b strings.Builder
	n := 0
	add := func(format string) {
		n++
		args := []any{n}
		for i := range strings.Count(format, "%s") {
			args = append(args, m.q("%s: name %d.%d", file, n, i))
		}
		fmt.Fprintf(&b, "mod n%d {\n"+format+"\n}\n", args...)
	}
	add(`fn f() { let _ = sqlx::query!(%s); let _ = ::sqlx::query_scalar!(%s); }`)
	add(`use sqlx::query; fn f() { let _ = query!(%s); }`)
	add(`use sqlx::query as q; fn f() { let _ = q!(%s); }`)
	add(`use sqlx::{self, query_scalar as query}; fn f() { let _ = query!(%s); let _ = sqlx::query!(%s); }`)
	add(`use sqlx as x; fn f() { let _ = x::query!(%s); }`)
	add(`use sqlx::*; fn f() { let _ = query!(%s); }`)
	add(`extern crate sqlx as y; fn f() { let _ = y::query!(%s); let _ = self::y::query!(%s); }`)
	add(`fn f() { use sqlx::query; let _ = query!(%s); { use sqlx::query_scalar as query; let _ = query!(%s); } }`)
	add(`macro_rules! query { ($e:expr) => { $e }; } fn f() { let _ = query!(%s); let _ = sqlx::query!(%s); }`)
	add(`fn f() { macro_rules! query { ($e:expr) => { $e }; } let _ = query!(%s); } use sqlx::query; fn g() { let _ = query!(%s); }`)
	add(`pub mod sqlx { macro_rules! query { ($e:expr) => { $e }; } pub(crate) use query; pub use ::sqlx::*; }
	fn f() { let _ = self::sqlx::query!(%s); let _ = ::sqlx::query!(%s); }`)
	add(`pub mod p { pub use sqlx::query; pub(crate) mod deep { pub use sqlx; } }
	use p::query as again; fn f() { let _ = again!(%s); let _ = p::deep::sqlx::query!(%s); }
	mod i { use super::p::*; fn f() { let _ = query!(%s); let _ = deep::sqlx::query!(%s); } }`)
	add(`pub mod p { mod hidden { pub use sqlx::query; } pub use hidden::*; } use p::*; fn f() { let _ = query!(%s); }`)
	add(`use self::m as sqlx2; mod m { pub use sqlx::query_scalar; } fn f() { let _ = sqlx2::query_scalar!(%s); }`)
	return b.String()
}

// modules are forms of modules and include!.
func (m *matrix) modules(put func(name, text string)) string {
	leaf := func(name string) {
		put(name, fmt.Sprintf("fn f() { let _ = sqlx::query!(%s); }\n", m.q("%s", name)))
	}
	for _, name := range []string{
		"src/flat.rs", "src/nested/mod.rs", "src/odd/place.rs", "src/inline/leaf.rs", "src/inline/by.rs",
		"src/via.rs", "src/elsewhere/leaf.rs", "src/elsewhere/x/leaf.rs", "src/when_on.rs", "src/default.rs",
		"src/type.rs", "src/unreached.rs", "src/parent/child.rs", "src/parent/inner/leaf.rs", "src/beside.rs",
		"src/generated.rs", "src/off.rs", "src/through/unreached.rs",
	} {
		leaf(name)
	}
	put("src/parent.rs", "mod child;\nmod inner { mod leaf; }\n#[path = \"beside.rs\"] mod beside;\n")
	put("src/part.inc", fmt.Sprintf("fn in_part() { let _ = sqlx::query!(%s); }\n", m.q("include!")))
	put("src/crlf.rs", "fn f() {\r\n    let _ = sqlx::query!(\"SELECT 1 AS v,\r\n        2 AS w\");\r\n    let _ = sqlx::query!(r#\"SELECT 3 AS v,\r\n 4 AS w\"#);\r\n    let _ = sqlx::query!(\"SELECT 5 AS v, \\\r\n   6 AS w\");\r\n}\r\n")
	for _, sql := range []string{"SELECT 1 AS v,\n        2 AS w", "SELECT 3 AS v,\n 4 AS w", "SELECT 5 AS v, 6 AS w"} {
		m.sql[sqlxdata.Hash(sql)] = sql
	}
	return `
mod flat;
mod nested;
#[path = "odd/place.rs"] mod place;
mod inline { mod leaf; #[path = "by.rs"] mod by; }
#[path = "elsewhere"] mod moved { mod leaf; mod x { mod leaf; } }
#[cfg_attr(feature = "on", path = "when_on.rs")] mod default;
mod r#type;
mod parent;
include!("part.inc");
mod crlf;
#[cfg(feature = "off")] mod off;
macro_rules! module { ($n:ident) => { mod $n; }; }
module!(generated);
mod through { #[path = "../via.rs"] mod via; }
`
}

// macros are forms of macro_rules!.
func (m *matrix) macros() string {
	const text = `
mod macros {
	macro_rules! lit { ($q:literal) => { sqlx::query!($q) }; }
	macro_rules! expr { ($q:expr) => { sqlx::query!($q) }; }
	macro_rules! tts { ($($t:tt)*) => { sqlx::query!($($t)*) }; }
	macro_rules! join { ($a:literal, $b:literal) => { sqlx::query!("SELECT " + $a + " AS v, " + $b + " AS w") }; }
	macro_rules! items { ($($name:ident = $q:literal),* $(,)?) => { $( fn $name() { let _ = sqlx::query!($q); } )* }; }
	macro_rules! count { () => { }; ($q:literal $($rest:tt)*) => { let _ = sqlx::query!($q); count!($($rest)*); }; }
	macro_rules! callback { ($m:ident, $q:literal) => { sqlx::$m!($q) }; }
	macro_rules! define { ($name:ident, $q:literal) => { macro_rules! $name { () => { sqlx::query!($q) }; } }; }
	macro_rules! pasted { ($k:ident, $q:literal) => { paste::paste! { fn [<made_by_ $k>]() { let _ = sqlx::query!($q); } } }; }
	macro_rules! pass { ($($t:tt)*) => { $($t)* }; }
	macro_rules! unused { () => { sqlx::query!(%s) }; }
	#[macro_export] macro_rules! exported { ($q:literal) => { $crate::macros::inner_query!($q) }; }
	macro_rules! inner_query { ($q:literal) => { sqlx::query_scalar!($q) }; }
	pub(crate) use inner_query;
	fn f() {
		let _ = lit!(%s);
		let _ = expr!(%s);
		let _ = expr!("SELECT 'two' AS v " + "/* literals */");
		let _ = tts!(%s,);
		let _ = join!("1", "2");
		let _ = callback!(query, %s);
		let _ = callback!(query_scalar, %s);
		count!(%s %s %s);
		define!(made, %s);
		let _ = made!();
		let _ = crate::exported!(%s);
		macro_rules! lit { ($q:literal) => { $q }; }
		let _ = lit!(%s);
		pass! { let _ = sqlx::query!(%s); }
		println!("{:?}", { let _ = sqlx::query!(%s); 1 });
		assert!({ let _ = sqlx::query!(%s); true });
		let _ = vec![{ let _ = sqlx::query!(%s); 1 }];
		let _ = stringify!(sqlx::query!(%s));
		let _ = matches!({ let _ = sqlx::query!(%s); 1 }, 1 | 2);
		let _ = async { tokio::join!(async { let _ = sqlx::query!(%s); }, async { }) };
		thread_local! { static T: () = { let _ = sqlx::query!(%s); } }
	}
	items! { one = %s, two = %s }
	pasted!(p, %s);
	pass! { fn passed() { let _ = sqlx::query!(%s); } }
}
`
	return fmt.Sprintf(text, m.list("macro", strings.Count(text, "%s"))...)
}

func (m *matrix) list(what string, n int) []any {
	var list []any
	for i := range n {
		list = append(list, m.q("%s %d", what, i))
	}
	for _, sql := range []string{"SELECT 'two' AS v /* literals */", "SELECT 1 AS v, 2 AS w", "SELECT 'summed' AS v", "SELECT 'opt' AS v WHERE ? > 0"} {
		m.sql[sqlxdata.Hash(sql)] = sql
	}
	return list
}

// calls are forms of the call itself.
func (m *matrix) calls(put func(name, text string)) string {
	put("sql/file.sql", "SELECT 'a file' AS v\n")
	put("sql/crlf.sql", "SELECT 'a file'\r\nAS v\r\n")
	put("sql/bom.sql", "SELECT 'no newline' AS v")
	for _, sql := range []string{"SELECT 'a file' AS v\n", "SELECT 'a file'\r\nAS v\r\n", "SELECT 'no newline' AS v",
		"SELECT 'tab\t' AS v, '\"' AS w, 'é😀' AS x", "SELECT '\\n' AS \"raw\"", "SELECT 1 AS v WHERE ? + ? + ? + ? > 0", "SELECT 1 AS v WHERE ? > 0"} {
		m.sql[sqlxdata.Hash(sql)] = sql
	}
	const text = `
mod calls {
	struct R { v: i64 }
	const X: i64 = 1;
	fn one<A, B>(_: A, _: B) -> &'static i64 { &1 }
	fn f() {
		let _ = sqlx::query![%s];
		let _ = sqlx::query!{%s};
		let _ = sqlx::query!(%s,);
		let _ = sqlx::query_as!(R, %s);
		let _ = sqlx::query_as!(super::calls::R, %s,);
		let _ = sqlx::query_scalar!(%s);
		let _ = sqlx::query_unchecked!(%s);
		let _ = sqlx::query_as_unchecked!(R, %s);
		let _ = sqlx::query_scalar_unchecked!(%s);
		let _ = sqlx::query_file!("sql/file.sql");
		let _ = sqlx::query_file_scalar!("sql/crlf.sql");
		let _ = sqlx::query_file_unchecked!("./sql/bom.sql");
		let _ = sqlx::query!("SELECT 'tab\t' AS v, '\"' AS w, 'é\u{1F600}' AS x");
		let _ = sqlx::query!(r##"SELECT '\n' AS "raw""##);
		let _ = sqlx::query!("SELECT 1 AS v WHERE ? + ? + ? + ? > 0", X, X as i64, *(|a: u8, b: u8| one(a, b))(1, 2), *one::<(u8, u8), Vec<(u8, u8)>>((1, 2), vec![]));
		let _ = async { sqlx::query!("SELECT 1 AS v WHERE ? > 0", { let _ = sqlx::query!(%s); 1i64 }); };
	}
}
`
	return fmt.Sprintf(text, m.list("call", strings.Count(text, "%s"))...)
}

// TestMatrixTexts guards the generator: no two queries may be the same.
func TestMatrixTexts(t *testing.T) {
	m := &matrix{sql: make(map[string]string)}
	var all bytes.Buffer
	for range 3 {
		all.WriteString(m.q("the same"))
	}
	if len(m.sql) != 3 {
		t.Errorf("%d texts: %s", len(m.sql), all.String())
	}
}
