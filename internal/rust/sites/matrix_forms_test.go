package sites

import (
	"fmt"
	"strings"
)

// formAttributes stand before each of the forms.
var formAttributes = []string{
	`#[cfg(feature = "off")]`, `#[cfg(not(feature = "off"))]`, "#[cfg(false)]", "#[cfg(true)]", "#[allow(unused)]",
	"#[cfg(all())] #[cfg(not(test))]", `#[cfg_attr(all(), allow(unused), cfg(feature = "off"))]`,
}

// forms are things that an attribute may stand on where its end takes some
// reading: what is behind it stays. %[2]s is the attribute, %[3]s the same as an
// inner one, all others are calls.
var forms = []string{
	"fn f%[1]d() { %[2]s id(%[4]s).me(%[5]s); let _ = %[6]s; }",
	"fn f%[1]d() { %[2]s unsafe { let _ = %[4]s; } let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s loop { drop(%[4]s); break; } let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s 'a: loop { drop(%[4]s); break 'a; } let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s while 1 == { 2 } { drop(%[4]s); } let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s match 1 { 1 => drop(%[4]s), _ => {} } let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s match (S { a: (), b: () }) { S { .. } => drop(%[4]s) }; let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s println!(\"{}\", { drop(%[4]s); 1 }); let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s pass! { let _ = %[4]s; } let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s return drop(%[4]s); let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s let Some(_) = Some(drop(%[4]s)) else { drop(%[5]s); return }; let _ = %[6]s; }",
	"fn f%[1]d() { %[2]s let _: Vec<Option<u8>> = { drop(%[4]s); vec![] }; let _ = %[5]s; }",
	"fn f%[1]d() { %[2]s if 1 > { 1 } { drop(%[4]s) } drop(%[5]s) }",
	"fn f%[1]d() { %[2]s if 1 < { 2 } { drop(%[4]s) } else if 2 == { 1 } { drop(%[5]s) } drop(%[6]s) }",
	"fn f%[1]d() { %[2]s if 3 & { 1 } == 1 { drop(%[4]s) } drop(%[5]s) }",
	"fn f%[1]d() { let _ = [ %[2]s drop(%[4]s), drop(%[5]s), %[2]s drop(%[6]s) ]; }",
	"fn f%[1]d() { %[2]s (drop)(%[4]s); drop(%[5]s) }",
	"fn f%[1]d() { let _ = async move { %[2]s let _ = %[4]s; drop(%[5]s) }; }",
	"fn f%[1]d() { %[2]s const { fn g() { drop(%[4]s) } } drop(%[5]s) }",
	"fn f%[1]d() { %[2]s println!(\"{}\", { drop(%[4]s); 1 }) }\nfn g%[1]d() { drop(%[5]s) }",
	"fn f%[1]d() { match 1 { %[2]s 1 if true => { drop(%[4]s) } 2 => drop(%[5]s), %[2]s 3 | 4 => if true { drop(%[6]s) } else { drop(%[7]s) } _ => drop(%[8]s) } }",
	"fn f%[1]d() { match 1 { %[2]s 1 => match 2 { _ => drop(%[4]s) } %[2]s 2 => unsafe { drop(%[5]s) } %[2]s 3 => loop { drop(%[6]s); break } 4 => { }.me(drop(%[7]s)), _ => drop(%[8]s) } }",
	"%[2]s fn f%[1]d() -> [u8; { 1 }] { drop(%[4]s); [0] }\nfn g%[1]d() { drop(%[5]s) }",
	"struct X%[1]d<const A: u8, const B: u8>; %[2]s impl X%[1]d<1, { 2 }> { fn f() { drop(%[4]s) } }\nfn g%[1]d() { drop(%[5]s) }",
	"%[2]s static S%[1]d: fn() = || { drop(%[4]s) };\nfn g%[1]d() { drop(%[5]s) }",
	"%[2]s type T%[1]d = [u8; { fn f() { drop(%[4]s) } 1 }];\nfn g%[1]d() { drop(%[5]s) }",
	"%[2]s pub(crate) async fn f%[1]d<'a, T: Fn(u8) -> u8>(_: &'a T) where T: Send, { drop(%[4]s) }\nfn g%[1]d() { drop(%[5]s) }",
	"%[2]s extern \"C\" fn f%[1]d() { drop(%[4]s) }\nfn g%[1]d() { drop(%[5]s) }",
	"trait U%[1]d {} %[2]s unsafe impl<T> Sync for Y%[1]d<T> where T: Send { }\nstruct Y%[1]d<T>(T);\nfn g%[1]d() { drop(%[4]s) }",
	"enum E%[1]d { %[2]s A = { fn f() { drop(%[4]s) } 1 }, B = { fn f() { drop(%[5]s) } 2 } }",
	"struct F%[1]d { %[2]s a: [u8; { fn f() { drop(%[4]s) } 1 }], b: [u8; { fn f() { drop(%[5]s) } 2 }] }",
	"struct F%[1]d( %[2]s [u8; { fn f() { drop(%[4]s) } 1 }], [u8; { fn f() { drop(%[5]s) } 2 }] );",
	"fn f%[1]d( %[2]s a: [u8; { fn g() { drop(%[4]s) } 1 }], b: u8) { drop(%[5]s) }",
	"%[2]s pass! { fn f%[1]d() { drop(%[4]s) } }\nfn g%[1]d() { drop(%[5]s) }",
	"%[2]s pass!( fn f%[1]d() { drop(%[4]s) } );\nfn g%[1]d() { drop(%[5]s) }",
	"mod m%[1]d { %[3]s fn f() { drop(%[4]s) } }\nfn g%[1]d() { drop(%[5]s) }",
	"%[2]s macro_rules! y%[1]d { () => { } }\n#[cfg(all())] macro_rules! z%[1]d { () => { drop(%[4]s) } } fn g%[1]d() { z%[1]d!() }",
	"trait V%[1]d { %[2]s const N: fn() = || drop(%[4]s); %[2]s fn f(&self) { drop(%[5]s) } fn g(&self); }",
}

// forms returns the forms × attributes, as a module.
func (m *matrix) forms() string {
	var b strings.Builder
	b.WriteString(`mod forms {
	#[derive(Default)] struct S { a: (), b: () }
	trait Me: Sized { fn me<T>(self, _: T) {} }
	impl<T> Me for T {}
	fn id<T>(t: T) -> T { t }
	macro_rules! pass { ($($t:tt)*) => { $($t)* }; }
`)
	n := 0
	for _, attribute := range formAttributes {
		inner := strings.ReplaceAll(attribute, "#[", "#![")
		for _, form := range forms {
			n++
			args := []any{n, attribute, inner}
			for i := range 5 {
				if strings.Contains(form, fmt.Sprintf("%%[%d]s", 4+i)) {
					args = append(args, "sqlx::query!("+m.q("form %s: %s %d", attribute, form[:min(40, len(form))], i)+")")
				}
			}
			fmt.Fprintf(&b, "	"+form+"\n", args...)
		}
	}
	for i, predicate := range []string{
		"any()", "not(any())", "unix", "windows", `target_os = "linux"`, `not(target_env = "msvc")`, `panic = "unwind"`,
		`target_has_atomic = "64"`, "doc", "doctest", "miri", "proc_macro", `feature = r"on"`,
		`all(unix, not(windows), any(test, not(test)),)`, `feature = "nothing"`,
	} {
		fmt.Fprintf(&b, "	#[cfg(%s)] fn p%d() { drop(sqlx::query!(%s)) }\n", predicate, i, m.q("cfg(%s)", predicate))
	}
	b.WriteString("}\n")
	return b.String()
}

// others are forms of macros, names and attributes beside those of macros and
// names.
func (m *matrix) others(put func(name, text string)) string {
	put("src/with/defs.inc", "macro_rules! from_include { ($q:literal) => { sqlx::query!($q) }; }\nmod sub;\n")
	put("src/with/sub.rs", fmt.Sprintf("fn f() { drop(sqlx::query!(%s)) }\n", m.q("mod of an included file")))
	put("src/others/unreached.rs", "")
	put("src/blk.rs", fmt.Sprintf("fn f() { drop(sqlx::query!(%s)) }\n", m.q("mod in a block")))
	put("src/inner_off.rs", fmt.Sprintf("#![cfg(feature = \"off\")]\nfn f() { drop(sqlx::query!(%s)) }\n", m.q("inner cfg of a file")))
	put("src/bom.rs", fmt.Sprintf("\uFEFFfn f() { drop(sqlx::query!(%s)) }\n", m.q("byte order mark")))
	const text = `
mod others {
	// Macros whose names only macros give.
	macro_rules! define { ($name:ident, $q:literal) => { macro_rules! $name { () => { sqlx::query!($q) }; } }; }
	macro_rules! exporter { ($name:ident, $q:literal) => { macro_rules! $name { () => { sqlx::query!($q) }; } pub(crate) use $name; }; }
	fn early() { drop(later::by_path!()); }
	mod later { exporter!(by_path, %s); }
	define!(item_made, %s);
	fn a() { drop(item_made!()); define!(block_made, %s); drop(block_made!()); { define!(inner_made, %s); drop(inner_made!()); } }
	macro_rules! import { () => { use sqlx::query_scalar as imported; }; }
	fn b() { import!(); drop(imported!(%s)); }
	macro_rules! import_as { ($n:ident) => { use sqlx::query_scalar as $n; }; }
	import_as!(at_module); fn c() { drop(at_module!(%s)); }
	macro_rules! sum { ($first:literal $($rest:literal)*) => { sqlx::query!($first $(+ $rest)*) }; }
	fn d() { drop(sum!("SELECT " "'summed' " "AS v")); }
	macro_rules! nested { ($($n:ident { $($q:literal),* })*) => { $( fn $n() { $( drop(sqlx::query!($q)); )* } )* }; }
	nested! { n1 { %s, %s } n2 { } n3 { %s } }
	macro_rules! by_tt { (@go [$($done:tt)*]) => { $($done)* }; (@go [$($done:tt)*] q $q:literal; $($r:tt)*) => { by_tt!(@go [$($done)* drop(sqlx::query!($q));] $($r)*) }; ($($t:tt)*) => { by_tt!(@go [] $($t)*) }; }
	fn e() { by_tt!(q %s; q %s;); }
	macro_rules! opt { ($q:literal $(, $a:expr)? $(; $t:ty)*) => { sqlx::query!($q $(, $a)?) }; }
	fn g() { drop(opt!(%s)); drop(opt!("SELECT 'opt' AS v WHERE ? > 0", 1i64; u8; Vec<u8>)); }
	mod with_include { include!("with/defs.inc"); fn f() { drop(from_include!(%s)); } }
	fn in_block() { #[path = "../blk.rs"] mod blk; }
	macro_rules! in_type { ($q:literal) => { [u8; { fn f() { drop(sqlx::query!($q)) } 1 }] }; }
	type InType = in_type!(%s);
	macro_rules! in_pattern { ($q:literal) => { _ }; }
	fn h() { let in_pattern!(%s) = 1; }
	macro_rules! in_impl { ($q:literal) => { fn in_impl() { drop(sqlx::query!($q)) } }; }
	struct T; impl T { in_impl!(%s); }
	trait Tr { in_impl!(%s); }
	macro_rules! unchecked { ($k:ident) => { paste::paste! { sqlx::[<$k _unchecked>]!(%s) } }; }
	fn i() { drop(unchecked!(query)); }
	macro_rules! dollar { ($($t:tt)*) => { define_more!(($) $($t)*); }; }
	macro_rules! define_more { (($d:tt) $n:ident $q:literal) => { macro_rules! $n { ($d($d x:tt)*) => { sqlx::query!($q) }; } }; }
	dollar!(with_dollar %s);
	fn j() { drop(with_dollar!(a b c)); }
	// Names.
	fn k() { drop(sqlx::r#query!(%s)); drop(r#sqlx::query!(%s)); drop(sqlx :: query ! (%s)); }
	/// ~~~
	/// sqlx::query!(%s);
	/// ~~~
	fn l() { if cfg!(feature = "off") { drop(sqlx::query!(%s)); } }
	mod r#mod { pub use sqlx::query as r#fn; } fn m() { drop(r#mod::r#fn!(%s)); }
	fn n() { use {sqlx::{query_scalar as s, query as t}}; drop(s!(%s)); drop(t!(%s)); }
	mod o { pub(in crate::others) use sqlx::query; pub mod deep { use super::query; fn f() { drop(query!(%s)); } } }
	fn o2() { use o::query; drop(query!(%s)); }
	#[macro_use] mod used { macro_rules! of_used { ($q:literal) => { sqlx::query!($q) }; } } fn p() { drop(of_used!(%s)); }
	mod not_used { macro_rules! of_used { ($q:literal) => { $q }; } } fn q() { drop(of_used!(%s)); }
	// What passes its tokens on.
	#[async_trait::async_trait] trait At { async fn at(&self) { drop(sqlx::query!(%s)); } }
	async fn r() { tokio::select! { _ = async { drop(sqlx::query!(%s)); } => { drop(sqlx::query!(%s)); } else => { drop(sqlx::query!(%s)); } } }
	fn s() { let _ = format!("{}", { drop(sqlx::query!(%s)); 1 }); debug_assert_eq!({ drop(sqlx::query!(%s)); 1 }, 1); let _ = std::matches!(1, 1 if { drop(sqlx::query!(%s)); true }); }
	fn t() { let _ = line!(); let _ = concat!("sqlx::query!(\"", "\")"); let _: &str = include_str!("lib.rs"); }
	fn u() -> impl Fn() { const C: fn() = || drop(sqlx::query!(%s)); static D: fn() = { fn d() { drop(sqlx::query!(%s)) } d }; move || { drop(sqlx::query!(%s)) } }
	fn v() { let closure = |x: i64| -> () { drop(sqlx::query!(%s)) }; let _ = [(); { fn w() { drop(sqlx::query!(%s)) } 1 }]; 'a: { drop(sqlx::query!(%s)); break 'a } }
	fn w<const N: usize>() where [(); 1]: Sized { struct Inner; impl Drop for Inner { fn drop(&mut self) { let _ = sqlx::query!(%s); } } }
}
#[path = "inner_off.rs"] mod inner_off;
mod bom;
#[cfg(feature = "missing")] mod not_there;
#[cfg(not(feature = "missing"))] mod twice { fn f() { drop(sqlx::query!(%s)) } }
#[cfg(feature = "missing")] mod twice { fn f() { drop(sqlx::query!(%s)) } }
`
	list := m.list("other", strings.Count(text, "%s"))
	return fmt.Sprintf(text, list...)
}
