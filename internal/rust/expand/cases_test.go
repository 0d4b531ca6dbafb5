package expand

// A testCase is a call m!{args}. TestExpand compares with want; TestRustcCases
// compares with rustc, step by step.
type testCase struct {
	name, arms, args, want string
	fails                  ErrorKind // then want is the error
	edition                int       // 2021 unless given
}

func (c testCase) year() int {
	if c.edition == 0 {
		return 2021
	}
	return c.edition
}

var cases = []testCase{
	// Arms and literal tokens.
	{name: "plain", arms: "() => { a + b }", want: "a + b"},
	{name: "brackets of an arm", arms: "[a] => ( 1 ); {b} => [ 2 ];", args: "b", want: "2"},
	{name: "second arm", arms: "(a) => { 1 }; (b) => { 2 };", args: "b", want: "2"},
	{name: "no arm", arms: "(a) => { 1 }; (b c) => { 2 };", args: "b d", fails: NoArm, want: `call.rs:1:3: no arm of m! fits: unexpected "d"`},
	{name: "no arm at the end", arms: "(a b) => { 1 }", args: "a", fails: NoArm, want: `no arm of m! fits: unexpected end`},
	{name: "glued operators", arms: "(> >) => { 1 }; (>>) => { 2 };", args: ">>", want: "2"},
	{name: "brackets differ", arms: "((a)) => { 1 }; ([a]) => { 2 };", args: "[a]", want: "2"},
	{name: "raw identifier is another", arms: "(a) => { 1 }; (r#a) => { 2 };", args: "r#a", want: "2"},
	{name: "strings", arms: `("a") => { 1 }; (r"a") => { 2 };`, args: `r"a"`, want: "2"},
	{name: "doc comment", arms: "($(#[$m:meta])* $i:ident) => { $(#[$m])* $i }", args: "/// a \"quoted\" word\n#[b] c", want: "# [ « doc = r#\" a \"quoted\" word\"# » ] # [ « b » ] c"},
	{name: "inner doc comment", arms: "($($t:tt)*) => { $($t)* }", args: "//! a\n", want: `# ! [ doc = r" a" ]`},
	{name: "block doc comment", arms: "($($t:tt)*) => { $($t)* }", args: "/** a */", want: `# [ doc = r" a " ]`},
	{name: "doc comment in a pattern", arms: "(/// a\n $i:ident //! b\n) => { /// c\n $i }", args: "d", want: `# [ doc = r" c" ] d`},
	{name: "doc comment as an argument of a pattern with one", arms: "(/// a\n $i:ident) => { 1 }; ($($t:tt)*) => { 2 };", args: "/// a\nb", want: "2"},
	{name: "recursion", arms: "(@ $n:tt) => { $n }; ($($t:tt)*) => { m! { @ [$($t)*] } };", args: "a b", want: "[ a b ]"},
	{name: "muncher", arms: "(=> $($o:tt)*) => { $($o)* }; ($h:tt $($t:tt)* => $($o:tt)*) => { m! { $($t)* => $h $($o)* } };", args: "a b => c", fails: NoArm, want: "call.rs:1:5: m!: more than one way to go on"},
	{name: "muncher in brackets", arms: "([] $($o:tt)*) => { $($o)* }; ([$h:tt $($t:tt)*] $($o:tt)*) => { m! { [$($t)*] $h $($o)* } };", args: "[a (b) c] d", want: "c ( b ) a d"},

	// Repetitions.
	{name: "list", arms: "($($x:ident),* $(,)?) => { $($x;)* }", args: "a, b, c,", want: "a ; b ; c ;"},
	{name: "empty list", arms: "($($x:ident),*) => { [$($x)*] }", want: "[ ]"},
	{name: "one or more", arms: "($($x:ident)+) => { $($x)-+ }", args: "a b", want: "a - b"},
	{name: "not one", arms: "($($x:ident)+) => { $($x)+ }", fails: NoArm, want: "no arm of m! fits: unexpected end"},
	{name: "optional", arms: "($a:ident $(= $v:expr)?) => { $a $(is $v)? }", args: "a = 1", want: "a is « 1 »"},
	{name: "optional twice", arms: "($a:ident $(= $v:ident)?) => { $a }", args: "a = b = c", fails: NoArm, want: `call.rs:1:7: no arm of m! fits: unexpected "="`},
	{name: "trailing separator", arms: "($($x:ident),*) => { $($x)* }", args: "a,", fails: NoArm, want: "no arm of m! fits: unexpected end"},
	{name: "separator of a template", arms: "($($x:ident)*) => { $($x)=>* }", args: "a b c", want: "a => b => c"},
	{name: "nested", arms: "($($k:ident: [$($v:expr),*]);*) => { $( $k($($v),*) )* }", args: "a: [1, 2]; b: []; c: [3]", want: "a ( « 1 » , « 2 » ) b ( ) c ( « 3 » )"},
	{name: "three deep", arms: "($([$($($x:ident)* ;)*])*) => { $({$(($($x)*))*})* }", args: "[a b; ; c;] []", want: "{ ( a b ) ( ) ( c ) } { }"},
	{name: "outer variable in a repetition", arms: "($f:ident; $($x:ident)*) => { $($f($x))* }", args: "f; a b", want: "f ( a ) f ( b )"},
	{name: "outer list in a nested repetition", arms: "($($f:ident [$($x:ident)*])*) => { $($($f $x,)*)* }", args: "f [a b] g [c]", want: "f a , f b , g c ,"},
	{name: "two lists in step", arms: "($($a:ident)*; $($b:ident)*) => { $($a $b)* }", args: "a b; c d", want: "a c b d"},
	{name: "lists out of step", arms: "($($a:ident)*; $($b:ident)*) => { $($a $b)* }", args: "a b; c", fails: Uneven, want: "def.rs:1:36: m!: $a repeats 2 times, but $b 1 times"},
	{name: "still repeating", arms: "($($a:ident)*) => { $a }", args: "a b", fails: Uneven, want: "def.rs:1:22: m!: $a is still repeating here"},
	{name: "nothing repeats", arms: "($a:ident) => { $($a)* }", args: "a", fails: Uneven, want: "def.rs:1:18: m!: repetition without a variable that repeats"},
	{name: "same variable twice", arms: "($($a:ident)*) => { $($a $a)* $([$a])* }", args: "a b", want: "a a b b [ a ] [ b ]"},
	{name: "ambiguous", arms: "($($a:ident)* $b:ident) => { $b }", args: "a", fails: NoArm, want: "call.rs:1:1: m!: more than one way to go on"},
	{name: "fragment or token", arms: "($(a)? $b:ident) => { $b }", args: "a b", fails: NoArm, want: "call.rs:1:1: m!: more than one way to go on"},
	{name: "lists until a token", arms: "($($a:tt)* ) => { 1 }", args: "a ; b", want: "1"},
	{name: "repetition in brackets", arms: "($( ( $($x:tt)* ) )*) => { $([$($x)*])* }", args: "(a b) () ((c))", want: "[ a b ] [ ] [ ( c ) ]"},

	// Which fragments begin decides between arms.
	{name: "ident is not _", arms: "($i:ident) => { 1 }; (_) => { 2 };", args: "_", want: "2"},
	{name: "ident may be a keyword", arms: "($i:ident) => { $i }", args: "fn", want: "fn"},
	{name: "ident may be raw", arms: "($i:ident) => { $i }", args: "r#fn", want: "r#fn"},
	{name: "lifetime", arms: "($l:lifetime) => { $l }", args: "'a", want: "'a"},
	{name: "literal", arms: "($($l:literal)*) => { $($l),* }", args: `1 "a" 'b' true -2.5 b"c" r#"d"#`, want: `« 1 » , « "a" » , « 'b' » , « true » , « - 2.5 » , « b"c" » , « r#"d"# »`},
	{name: "no literal behind minus", arms: "($l:literal) => { 1 }; ($($t:tt)*) => { 2 };", args: "-a", fails: NoFragment, want: "call.rs:1:2: m!: no $l:literal"},
	{name: "expression and more", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "a b", want: "2"},
	{name: "expression that is none", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "a +", fails: NoFragment, want: "m!: no $e:expr"},
	{name: "no expression at all", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "struct", want: "2"},
	{name: "let is no expression", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "let x = 1", want: "2"},
	{name: "const in 2021", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "const { 1 }", want: "2"},
	{name: "const in 2024", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "const { 1 }", want: "1", edition: 2024},
	{name: "_ in 2021", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "_", want: "2"},
	{name: "_ in 2024", arms: "($e:expr) => { 1 }; ($($t:tt)*) => { 2 };", args: "_", want: "1", edition: 2024},
	{name: "expr_2021 in 2024", arms: "($e:expr_2021) => { 1 }; ($($t:tt)*) => { 2 };", args: "_", want: "2", edition: 2024},
	{name: "type that is none", arms: "($t:ty) => { 1 }; ($($t:tt)*) => { 2 };", args: "+", want: "2"},
	{name: "block", arms: "($b:block) => { $b }; ($($t:tt)*) => { 2 };", args: "{ a b }", want: "« { a b } »"},
	{name: "no block", arms: "($b:block) => { $b }; ($($t:tt)*) => { 2 };", args: "a", want: "2"},
	{name: "labelled block is no block", arms: "($b:block) => { 1 }; ($($t:tt)*) => { 2 };", args: "'a: {}", want: "2"},
	{name: "path", arms: "($p:path) => { $p }; ($($t:tt)*) => { 2 };", args: "::a::B<C>::d", want: "« :: a :: B < C > :: d »"},
	{name: "meta", arms: "($($m:meta),*) => { $($m);* }", args: `a, b(c), d = "e", f::g, unsafe(no_mangle)`, want: `« a » ; « b ( c ) » ; « d = "e" » ; « f :: g » ; « unsafe ( no_mangle ) »`},
	{name: "item begins with anything", arms: "($i:item) => { 1 }; ($($t:tt)*) => { 2 };", args: "1", fails: NoFragment, want: "call.rs:1:1: m!: no $i:item"},

	// Expressions end where they end.
	{name: "operators", arms: "($($e:expr),*) => { $($e);* }", args: "a + b * -c, !d && e || f, a = b, a += 1, a..b, ..=c, .., d.., a as u8 as u16 + 1, x <- y, *p, &mut q, &raw const r, &&s", want: "« a + b * - c » ; « ! d && e || f » ; « a = b » ; « a += 1 » ; « a .. b » ; « ..= c » ; « .. » ; « d .. » ; « a as u8 as u16 + 1 » ; « x <- y » ; « * p » ; « & mut q » ; « & raw const r » ; « && s »"},
	{name: "calls", arms: "($($e:expr),*) => { $($e);* }", args: `f(a, b)[0].c.0.1?.d::<E, F<G>>(h).await, m!(x, y), a::b!{z}, <T as U<V>>::w(), a::<b>::c, T::<{ 1 }>::x, x.y::<-1>(), vec![1]`, want: `« f ( a , b ) [ 0 ] . c . 0.1 ? . d :: < E , F < G >> ( h ) . await » ; « m ! ( x , y ) » ; « a :: b ! { z } » ; « < T as U < V >> :: w ( ) » ; « a :: < b > :: c » ; « T :: < { 1 } > :: x » ; « x . y :: <- 1 > ( ) » ; « vec ! [ 1 ] »`},
	{name: "structs", arms: "($e:expr, $($t:tt)*) => { $e [$($t)*] }", args: "A { b: 1, ..c }.d, e", want: "« A { b : 1 , .. c } . d » [ e ]"},
	{name: "closures", arms: "($($e:expr),*) => { $($e);* }", args: "|a, (b, c): (u8, Vec<u8>)| a + b, || 1, move |x| { y }, |x: &u8| -> u8 { *x }, async move { 1 }, async |x| x, static || 1, |a|| b | c", want: "« | a , ( b , c ) : ( u8 , Vec < u8 > ) | a + b » ; « || 1 » ; « move | x | { y } » ; « | x : & u8 | -> u8 { * x } » ; « async move { 1 } » ; « async | x | x » ; « static || 1 » ; « | a || b | c »"},
	{name: "blocks", arms: "($($e:expr),*) => { $($e);* }", args: "if a { b } else if let Some(c) = d && e { f } else { g } + 1, match h { _ => i }.j, loop { break 'a 1 }, 'a: while x {}, for (k, l) in m..n {}, unsafe { o }, { p } - q, 'b: { r }", want: "« if a { b } else if let Some ( c ) = d && e { f } else { g } + 1 » ; « match h { _ => i } . j » ; « loop { break 'a 1 } » ; « 'a : while x { } » ; « for ( k , l ) in m .. n { } » ; « unsafe { o } » ; « { p } - q » ; « 'b : { r } »"},
	{name: "jumps", arms: "($($e:expr),*) => { $($e);* }", args: "return, return a + b, break, break 'a, break 'a c, continue 'd, return || 1", want: "« return » ; « return a + b » ; « break » ; « break 'a » ; « break 'a c » ; « continue 'd » ; « return || 1 »"},
	{name: "no struct in a condition", arms: "($($e:expr),*) => { $($e);* }", args: "if a {} , match b {}, while c == d {}, for x in y {}, if (A {} == b) {}", want: "« if a { } » ; « match b { } » ; « while c == d { } » ; « for x in y { } » ; « if ( A { } == b ) { } »"},
	{name: "attributes", arms: "($($e:expr),*) => { $($e);* }", args: "#[a] { b }", want: "« # [ a ] { b } »"},
	{name: "followed by =>", arms: "($($p:pat => $e:expr),*) => { $($p, $e);* }", args: "a => b, Some(1..=2) => c", want: "« a » , « b » ; « Some ( 1 ..= 2 ) » , « c »"},
	{name: "SQL joined", arms: "($($e:expr),* ; $x:literal) => { $($e +)* $x }", args: `"a" + "b", "c"; "d"`, want: `« "a" + "b" » + « "c" » + « "d" »`},

	// Types.
	{name: "types", arms: "($($t:ty),*) => { $($t);* }", args: "u8, &'a mut [u8; 4], *const T, (A, B), !, _, fn(u8, &str) -> Vec<u8>, unsafe extern \"C\" fn(), for<'a> fn(&'a u8), dyn A + 'a + Send, impl Fn(u8) -> u8 + 'static, <A as B>::C, a::b<'c, D = E, 3, { F }, -1>, Box<dyn for<'x> Fn(&'x u8)>, m!(x), ?Sized, Vec<Vec<u8>>, &&u8, A<B: C>", want: "« u8 » ; « & 'a mut [ u8 ; 4 ] » ; « * const T » ; « ( A , B ) » ; « ! » ; « _ » ; « fn ( u8 , & str ) -> Vec < u8 > » ; « unsafe extern \"C\" fn ( ) » ; « for < 'a > fn ( & 'a u8 ) » ; « dyn A + 'a + Send » ; « impl Fn ( u8 ) -> u8 + 'static » ; « < A as B > :: C » ; « a :: b < 'c , D = E , 3 , { F } , - 1 > » ; « Box < dyn for < 'x > Fn ( & 'x u8 ) > » ; « m ! ( x ) » ; « ? Sized » ; « Vec < Vec < u8 >> » ; « && u8 » ; « A < B : C > »"},
	{name: "operator split behind a type", arms: "(Vec<$t:ty> $($r:tt)*) => { $t [$($r)*] }", args: "Vec<Vec<u8>> x", want: "« Vec < u8 > » [ x ]"},
	{name: "operator split twice", arms: "({A<B<$t:ty>>} $($r:tt)*) => { $t }; ({A<$t:ty>} $($r:tt)*) => { $t [$($r)*] };", args: "{A<B<C<u8>>>} y", want: "« B < C < u8 >> » [ y ]"},
	{name: "type before =", arms: "($t:ty = $e:expr) => { $t, $e }", args: "Vec<u8>= 1", want: "« Vec < u8 > » , « 1 »"},
	{name: "type in brackets", arms: "([$($n:ident: $t:ty),* $(,)?]) => { $($n $t;)* }", args: "[a: Vec<Vec<u8>>, b: Option<&'a str>,]", want: "a « Vec < Vec < u8 >> » ; b « Option < & 'a str > » ;"},

	// Patterns.
	{name: "patterns", arms: "($($p:pat),*) => { $($p);* }", args: "a, _, ref mut b, mut c, d @ 1..=5, A(..), B { x, .. }, [h, .., t], &e, &mut f, -1..=2, 'a'..='z', ..9, 3.., A::B, <T as U>::C, m!(x), (a | b), true, \"s\", A | B, Some(A::C..=D)", want: "« a » ; « _ » ; « ref mut b » ; « mut c » ; « d @ 1 ..= 5 » ; « A ( .. ) » ; « B { x , .. } » ; « [ h , .. , t ] » ; « & e » ; « & mut f » ; « - 1 ..= 2 » ; « 'a' ..= 'z' » ; « .. 9 » ; « 3 .. » ; « A :: B » ; « < T as U > :: C » ; « m ! ( x ) » ; « ( a | b ) » ; « true » ; « \"s\" » ; « A | B » ; « Some ( A :: C ..= D ) »"},
	{name: "no pattern begins with ..=", arms: "($p:pat) => { 1 }; ($($t:tt)*) => { 2 };", args: "..=1", want: "2"},
	{name: "pat in 2018", arms: "($($p:pat)|* => $e:expr) => { $($p);* }", args: "A | B => 1", want: "« A » ; « B »", edition: 2018},
	{name: "pat_param", arms: "($($p:pat_param)|* $(if $c:expr)?) => { $($p);* }", args: "A | B if c", want: "« A » ; « B »"},
	{name: "leading bar", arms: "($p:pat) => { $p }", args: "| A | B", want: "« | A | B »"},
	{name: "pattern before if", arms: "($p:pat if $c:expr) => { $p, $c }", args: "Some(x) if x > 1", want: "« Some ( x ) » , « x > 1 »"},
	{name: "pattern before =", arms: "($p:pat = $e:expr) => { $p, $e }", args: "0.. = x", want: "« 0 .. » , « x »"},

	// Statements and items.
	{name: "statements", arms: "($($s:stmt;)*) => { $([$s])* }", args: "let a: u8 = 1 + 2; let Some(b) = c else { return }; d(); e = f; if g {} else {}; let h; ", want: "[ « let a : u8 = 1 + 2 » ] [ « let Some ( b ) = c else { return } » ] [ « d ( ) » ] [ « e = f » ] [ « if g { } else { } » ] [ « let h » ]"},
	{name: "statement with a block ends", arms: "($a:stmt; $b:stmt) => { $a, $b }", args: "match a { _ => b }; -c", want: "« match a { _ => b } » , « - c »"},
	{name: "statement is an item", arms: "($s:stmt) => { $s }", args: "fn f<T: A>(x: u8) -> B where T: C { x }", want: "« fn f < T : A > ( x : u8 ) -> B where T : C { x } »"},
	{name: "statement is a call", arms: "($s:stmt) => { $s }", args: "m! { a }", want: "« m ! { a } »"},
	{name: "statement goes on behind a call", arms: "($s:stmt) => { $s }", args: "m! { a }.b()", want: "« m ! { a } . b ( ) »"},
	{name: "statement is a semicolon", arms: "($s:stmt) => { [$s] }", args: ";", want: "[ « ; » ]"},
	{name: "items", arms: "($($i:item)*) => { $([$i])* }", args: "pub fn f() {} struct A(u8); #[a] pub(crate) struct B<const N: u8 = { 1 }> where T: C { d: u8 } enum E { F } const G: u8 = if a < b { 1 } else { 2 }; use a::{b, c}; impl<T> A for B<T> {} unsafe impl C for D {} mod x; mod y {} extern crate z; extern \"C\" { fn g(); } type T = U; static mut S: u8 = 1; trait Q: R {} macro_rules! w { () => {} } v! { a } u!(b); const fn h() {} async fn i() {} pub unsafe extern \"C\" fn j() {}", want: "[ « pub fn f ( ) { } » ] [ « struct A ( u8 ) ; » ] [ « # [ a ] pub ( crate ) struct B < const N : u8 = { 1 } > where T : C { d : u8 } » ] [ « enum E { F } » ] [ « const G : u8 = if a < b { 1 } else { 2 } ; » ] [ « use a :: { b , c } ; » ] [ « impl < T > A for B < T > { } » ] [ « unsafe impl C for D { } » ] [ « mod x ; » ] [ « mod y { } » ] [ « extern crate z ; » ] [ « extern \"C\" { fn g ( ) ; } » ] [ « type T = U ; » ] [ « static mut S : u8 = 1 ; » ] [ « trait Q : R { } » ] [ « macro_rules ! w { ( ) => { } } » ] [ « v ! { a } » ] [ « u ! ( b ) ; » ] [ « const fn h ( ) { } » ] [ « async fn i ( ) { } » ] [ « pub unsafe extern \"C\" fn j ( ) { } » ]"},
	{name: "visibility", arms: "($($v:vis $i:ident),*) => { $([$v] $i)* }", args: "pub a, pub(crate) b, pub(in c::d) e, f, pub(super) g", want: "[ « pub » ] a [ « pub ( crate ) » ] b [ « pub ( in c :: d ) » ] e [ « » ] f [ « pub ( super ) » ] g"},
	{name: "visibility before a type in brackets", arms: "($v:vis $t:ty) => { [$v] $t }", args: "pub (A, B)", want: "[ « pub » ] « ( A , B ) »"},
	{name: "no visibility at the end", arms: "($v:vis) => { 1 }; () => { 2 };", args: "", want: "2"},

	// Fragments handed on are opaque, except ident, lifetime and tt.
	{name: "opaque expression", arms: "($e:expr) => { m! { @ $e } }; (@ 1) => { literal }; (@ $e:expr) => { opaque };", args: "1", want: "opaque", edition: 2018},
	{name: "transparent ident", arms: "(@ a) => { seen }; ($i:ident) => { m! { @ $i } };", args: "a", want: "seen"},
	{name: "transparent tt", arms: "(@ (a b)) => { seen }; ($i:tt) => { m! { @ $i } };", args: "(a b)", want: "seen"},
	{name: "literal again", arms: "(@ $l:literal) => { [$l] }; ($e:expr) => { m! { @ $e } };", args: "-1", want: "[ « « - 1 » » ]"},
	{name: "no literal again", arms: "(@ $l:literal) => { 1 }; (@ $e:expr) => { 2 }; ($e:expr) => { m! { @ $e } };", args: "a", want: "2"},
	{name: "expression as part", arms: "(@ $e:expr) => { [$e] }; ($e:expr) => { m! { @ $e * 2 + f($e) } };", args: "1 + 2", want: "[ « « 1 + 2 » * 2 + f ( « 1 + 2 » ) » ]"},
	{name: "expression is no ident", arms: "(@ $i:ident) => { 1 }; (@ $e:expr) => { 2 }; ($e:expr) => { m! { @ $e } };", args: "a", want: "2"},
	{name: "expression as tt", arms: "(@ $t:tt) => { [$t] }; ($e:expr) => { m! { @ $e } };", args: "a + b", want: "[ « a + b » ]"},
	{name: "type again", arms: "(@ $t:ty) => { [$t] }; ($t:ty) => { m! { @ Vec<$t> } };", args: "A<B>", want: "[ « Vec < « A < B > » > » ]"},
	{name: "type is no path to an ident", arms: "(@ $i:ident) => { 1 }; (@ $t:ty) => { 2 }; ($t:ty) => { m! { @ $t } };", args: "A", want: "2"},
	{name: "path as a type", arms: "(@ $t:ty) => { [$t] }; ($p:path) => { m! { @ $p } };", args: "a::b", want: "[ « « a :: b » » ]"},
	{name: "path as an expression", arms: "(@ $e:expr) => { [$e] }; ($p:path) => { m! { @ $p } };", args: "a::b", want: "[ « « a :: b » » ]"},
	{name: "path of a struct", arms: "(@ $e:expr) => { [$e] }; ($p:path) => { m! { @ $p { a: 1 } } };", args: "a::B", fails: NoArm, want: `def.rs:1:51: no arm of m! fits: unexpected "{"`},
	{name: "pattern again", arms: "(@ $p:pat => $e:expr) => { [$p $e] }; ($p:pat) => { m! { @ $p => 1 } };", args: "A | B", want: "[ « A | B » « 1 » ]"},
	{name: "block again", arms: "(@ $b:block) => { [$b] }; ($b:block) => { m! { @ $b } };", args: "{ a }", want: "[ « { a } » ]"},
	{name: "block as an expression", arms: "(@ $e:expr) => { [$e] }; ($b:block) => { m! { @ if a $b else $b } };", args: "{ b }", want: "[ « if a « { b } » else « { b } » » ]"},
	{name: "item again", arms: "(@ $i:item) => { [$i] }; ($i:item) => { m! { @ #[a] $i } };", args: "fn f() {}", want: "[ « # [ a ] « fn f ( ) { } » » ]"},
	{name: "statement again", arms: "(@ $($s:stmt;)*) => { [$($s)*] }; ($s:stmt) => { m! { @ $s; $s; } };", args: "let a = 1", want: "[ « let a = 1 » « let a = 1 » ]"},
	{name: "visibility again", arms: "(@ $v:vis fn) => { [$v] }; ($v:vis struct) => { m! { @ $v fn } };", args: "pub struct", want: "[ « pub » ]"},
	{name: "no visibility again", arms: "(@ $v:vis fn) => { [$v] }; ($v:vis struct) => { m! { @ $v fn } };", args: "struct", want: "[ « » ]"},
	{name: "visibility of an item", arms: "(@ $i:item) => { [$i] }; ($v:vis $n:ident) => { m! { @ $v struct $n; } };", args: "pub A", want: "[ « « pub » struct A ; » ]"},
	{name: "meta again", arms: "(@ $m:meta) => { [$m] }; ($m:meta) => { m! { @ $m } };", args: "a(b)", want: "[ « a ( b ) » ]"},
	{name: "doc comment again", arms: "(@ $(#[$m:meta])*) => { [$($m)*] }; ($(#[$m:meta])*) => { m! { @ $(#[$m])* } };", args: "/// a\n", want: `[ « doc = r" a" » ]`},
	{name: "lifetime again", arms: "(@ $l:lifetime) => { [$l] }; ($l:lifetime) => { m! { @ $l } };", args: "'a", want: "[ 'a ]"},
	{name: "literal as an expression", arms: "(@ $e:expr) => { [$e] }; ($l:literal) => { m! { @ $l + $l } };", args: `"a"`, want: `[ « « "a" » + « "a" » » ]`},
	{name: "literal in a pattern", arms: "(@ $p:pat) => { [$p] }; ($a:literal $b:literal) => { m! { @ $a..=$b } };", args: "1 2", want: "[ « « 1 » ..= « 2 » » ]"},

	// Definitions by macros.
	{name: "inner macro", arms: "($n:ident) => { macro_rules! $n { ($x:expr) => { $x } } }", args: "a", want: "macro_rules ! a { ( $ x : expr ) => { $ x } }"},
	{name: "dollar handed on", arms: "($d:tt $n:ident) => { macro_rules! $n { ($d($d x:expr),*) => { [$d($d x),*] } } }", args: "$ a", want: "macro_rules ! a { ( $ ( $ x : expr ) , * ) => { [ $ ( $ x ) , * ] } }"},
	{name: "$crate", arms: "() => { $crate::a::b!($crate) }", want: "$crate :: a :: b ! ( $crate )"},
	{name: "$crate handed on", arms: "(@ $p:path) => { [$p] }; (@@ $($t:tt)*) => { $($t)* }; () => { m! { @ $crate::a } };", want: "[ « $crate :: a » ]"},
	{name: "dollar at the end of brackets", arms: "(a [$]) => { [b $] c ($) }", args: "a [$]", want: "[ b $ ] c ( $ )"},
	{name: "dollar at the end", arms: "(a) => { b $ }", args: "a", want: "b $"},
}
