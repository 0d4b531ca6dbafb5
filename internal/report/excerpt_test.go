package report

import (
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 300) + "HERE" + strings.Repeat("b", 300)
	for _, test := range []struct {
		name          string
		line          string
		column, width int
		shown, marker string
	}{
		{"plain", "SELECT nam FROM t", 8, 3, "SELECT nam FROM t", "       ^^^"},
		{"nothing to mark", "SELECT", 7, 1, "SELECT", "      ^"},
		{"far behind the end", "SELECT", 70, 9, "SELECT", "      ^"},
		{"no width", "SELECT", 1, 0, "SELECT", "^"},
		{"tabs", "\t\tx\ty", 3, 3, "        x    y", "        ^^^^^^"},
		{"wide characters before", "'日本' nam", 6, 3, "'日本' nam", "       ^^^"},
		{"wide characters marked", "a 日本 b", 3, 2, "a 日本 b", "  ^^^^"},
		{"combining characters", "e\u0301e\u0301 x", 6, 1, "e\u0301e\u0301 x", "   ^"},
		{"an emoji", "'🦀' nam", 5, 3, "'🦀' nam", "     ^^^"},
		{"an escape", "a\x1b[31m b", 8, 1, "a\uFFFD[31m b", "       ^"},
		{"what turns the direction", "a\u202Eb c", 5, 1, "a\uFFFDb c", "    ^"},
		{"a carriage return", "a\rb", 3, 1, "a\uFFFDb", "  ^"},
		{"long", long, 301, 4, "…" + strings.Repeat("a", 46) + "HERE" + strings.Repeat("b", 90) + "…", strings.Repeat(" ", 47) + "^^^^"},
		{"long, marked to the end", long, 301, 304, "…" + strings.Repeat("a", 46) + "HERE" + strings.Repeat("b", 90) + "…", strings.Repeat(" ", 47) + strings.Repeat("^", 94)},
		{"long, marked at the end", long, 604, 1, "…" + strings.Repeat("b", 47), strings.Repeat(" ", 47) + "^"},
		{"long, marked at the beginning", long, 1, 2, strings.Repeat("a", 140) + "…", "^^"},
	} {
		t.Run(test.name, func(t *testing.T) {
			shown, marker := excerpt(test.line, test.column, test.width)
			if shown != test.shown || marker != test.marker {
				t.Errorf("got\n%q\n%q, want\n%q\n%q", shown, marker, test.shown, test.marker)
			}
		})
	}
}

func TestFailureText(t *testing.T) {
	var out strings.Builder
	p := &printer{w: &out}
	p.failure(&diag.Diagnostic{
		Message: "syntax error\nin two lines", Detail: "first\nsecond", Hint: "write it right\n",
		Notes: []diag.Note{{Message: "in the call of my_query! at src/main.rs:3:5"}},
		Place: diag.Place{File: "src/db.rs", Line: 107, Column: 9}, Excerpt: `        "SELECT"`, Width: 8,
	})
	p.failure(&diag.Diagnostic{Message: "no place", Hint: "none"})
	p.failure(&diag.Diagnostic{Message: "a file", Place: diag.Place{File: "Cargo.toml"}})
	want := `error: syntax error
       in two lines
   --> src/db.rs:107:9
    |
107 |         "SELECT"
    |         ^^^^^^^^
    = detail: first
              second
    = note: in the call of my_query! at src/main.rs:3:5
    = hint: write it right

error: no place
  = hint: none
error: a file
 --> Cargo.toml
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}
