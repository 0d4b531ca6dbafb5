package trust

import "testing"

// Any text is read without a panic, and a text that calls a query macro in plain
// sight is never taken for harmless.
func FuzzRead(f *testing.F) {
	f.Add(`macro_rules! m { ($t:expr) => { $crate::sqlx::query!($t) }; () => [] }`)
	f.Add(`#[proc_macro_derive(Row, attributes(sqlx))] use sqlx::{a, b::*};`)
	f.Add("\"\\nsqlx\" b'\\'' r#\"sqlx::\"# macro_rules! m")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Read(files(text)); err != nil {
			t.Fatal(err)
		}
		r, err := Read(files(text, `sqlx::query!("SELECT 1")`))
		if err != nil || r.Whole == nil {
			t.Errorf("finding %v, error %v", r.Whole, err)
		}
	})
}
