package kw

import "testing"

// TestWords looks each word up: no two may have one hash.
func TestWords(t *testing.T) {
	for word, text := range wordTexts {
		if got := Of(text); text != "" && got != Word(word) {
			t.Errorf("%q: %d, want %d", text, got, word)
		}
	}
	for _, text := range []string{"abstract", "final", "override", "priv", "unsized", "virtual"} {
		if got := Of(text); got != Other {
			t.Errorf("%q: %d, want %d", text, got, Other)
		}
	}
	for _, text := range []string{"", "a", "Fn", "fnn", "macro_rulesx", "é"} {
		if got := Of(text); got != 0 {
			t.Errorf("%q: %d, want 0", text, got)
		}
	}
}
