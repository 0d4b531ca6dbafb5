package cargo

import (
	"slices"
	"strings"
	"testing"
)

// TestHistory: each run is "directory: units", with a unit in capitals where
// the run compiled it, and "+" where a stranger was compiled as well.
func TestHistory(t *testing.T) {
	for _, c := range []struct{ name, runs, pending, dirs string }{
		{"all at once", "1 AB", "", "1"},
		{"all fresh", "1 ab", "ab", ""},
		{"in two runs", "1 Ab, 2 aB", "", "1 2"},
		{"fresh, then all", "1 ab, 2 AB", "", "2"},
		{"compiled again with another", "1 Ab, 2 AB", "", "2"},
		{"compiled again alone: the other one's run holds an old form", "1 AB, 2 Ab", "b", "1 2"},
		{"and done", "1 AB, 2 Ab, 3 aB", "", "2 3"},
		{"a stranger wrote too", "1 AB+", "ab", "1"},
		{"a stranger at first", "1 AB+, 2 AB", "", "2"},
		{"a unit that is no longer", "1 AB, 2 A", "", "2"},
		{"no units", "1 ", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h history
			for _, text := range strings.Split(c.runs, ", ") {
				dir, units, _ := strings.Cut(text, " ")
				r := &run{writes: dir}
				for _, letter := range units {
					if letter == '+' {
						r.strangers = []string{"stranger"}
						continue
					}
					name := strings.ToLower(string(letter))
					r.units = append(r.units, unit{Package: name, Fingerprint: name, compiled: name != string(letter)})
				}
				h = append(h, r)
			}
			var pending string
			for _, u := range h.pending() {
				pending += u.Package
			}
			if pending != c.pending {
				t.Errorf("pending %q, want %q", pending, c.pending)
			}
			if dirs := h.directories(); pending == "" && !slices.Equal(dirs, strings.Fields(c.dirs)) {
				t.Errorf("directories %q, want %q", dirs, c.dirs)
			}
		})
	}
}
