package syntax

import "testing"

func TestIsType(t *testing.T) {
	for text, want := range map[string]bool{
		"i32": true, "_": true, "()": true, "(i32)": true, "(i32,)": true, "(Vec<(A, B)>, [u8; 4], &'static str)": true, "[[u8; 2 + 2]]": true, "[Vec<A>; f(1, 2)]": true,
		"fn(a: i32, _: u8) -> (u8, u8)": true, "Box<dyn Fn(i32, (u8,)) -> i32 + Send>": true, "m!(1, ,)": true, "m![;]": true, "Foo<{ 1 + 1 }>": true, "impl Copy + 'static": true,
		"<Vec<i32> as IntoIterator>::Item": true, "r#type": true, "!": true, "for<'a> fn(&'a u8)": true, "&'static mut [(A, B)]": true,
		"": false, "'static": false, "'a + 'b": false, "(i32,,)": false, "(,)": false, "(i32 u8)": false, "[]": false, "[u8; ]": false, "[u8, 4]": false, "[(i32,,)]": false,
		"Vec<": false, "Vec<i32>>": false, "Vec<(,)>": false, "i32,": false, "i32; 4": false, "type": false, "1": false, "i32::": false, "Box<dyn Fn(1)>": false, "\"a\"": false, "(": false,
	} {
		if IsType(text) != want {
			t.Errorf("%q: not %v", text, want)
		}
	}
}

func FuzzIsType(f *testing.F) {
	for _, text := range []string{"i32", "(A, [B; 1], fn(_: u8))", "((((", "[;]", "m!{}", "'a", "<<A as B>::C as D>::E"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if IsType(text) && (!IsType("("+text+"\n,)") || !IsType("["+text+"\n]")) {
			t.Errorf("%q is a type, but not within brackets", text)
		}
	})
}
