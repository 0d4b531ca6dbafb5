package diag

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestError(t *testing.T) {
	cause := errors.New("cause")
	for _, test := range []struct {
		name string
		d    Diagnostic
		want string
	}{
		{"without a place", Diagnostic{Message: "m"}, "m"},
		{"a file", Diagnostic{Message: "m", Place: Place{File: "a.sql"}}, "a.sql: m"},
		{"a line", Diagnostic{Message: "m", Place: Place{File: "a.sql", Line: 3}}, "a.sql:3: m"},
		{"all", Diagnostic{Message: "m", Detail: "d", Hint: "h", Place: Place{File: "a.sql", Line: 3, Column: 4}},
			"a.sql:3:4: m\n  detail: d\n  hint: h"},
		{"an error", Diagnostic{Message: "m", Err: cause}, "m"},
	} {
		if got := test.d.Error(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if errors.Is(&test.d, cause) != (test.d.Err != nil) {
			t.Errorf("%s: the cause is lost", test.name)
		}
	}
}

func TestNotesAreTextsInJSON(t *testing.T) {
	data, err := json.Marshal(Diagnostic{Message: "m", Notes: []Note{{Message: "alone"}, {Message: "in the call", Place: Place{File: "a.rs", Line: 1, Column: 2}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"message":"m","notes":["alone","in the call at a.rs:1:2"],"file":""}`
	if string(data) != want {
		t.Errorf("%s, want %s", data, want)
	}
}

func TestPositions(t *testing.T) {
	for _, text := range []string{"", "a", "a\nb", "äö\r\nc\n", "\uFEFFab\ncd", "\n\n"} {
		lines := NewLines(text)
		for offset := -1; offset <= len(text)+1; offset++ {
			if a, b := PositionOf(text, offset), lines.Position(text, offset); a != b {
				t.Errorf("%q at %d: %v and %v", text, offset, a, b)
			}
		}
	}
	src := "\uFEFFaé\r\nß b"
	for _, test := range []struct {
		offset int
		want   Position
	}{
		{-1, Position{1, 1}}, {3, Position{1, 1}}, {4, Position{1, 2}}, {6, Position{1, 3}},
		{8, Position{2, 1}}, {11, Position{2, 3}}, {99, Position{2, 4}},
	} {
		if got := PositionOf(src, test.offset); got != test.want {
			t.Errorf("offset %d: got %v, want %v", test.offset, got, test.want)
		}
	}
}

func TestShow(t *testing.T) {
	text := "one\n  twö three \r\n\uFEFFx"
	at := strings.Index(text, "three")
	for _, test := range []struct {
		name    string
		place   Place
		excerpt string
		column  int
		width   int
	}{
		{"a word", Place{Start: at, End: at + 5, Line: 2, Column: 7}, "  twö three ", 7, 5},
		{"more than a line", Place{Start: at, End: len(text), Line: 2, Column: 7}, "  twö three ", 7, 5},
		{"a point", Place{Start: 1, End: 1, Line: 1, Column: 2}, "one", 2, 1},
		{"a line alone", Place{Line: 2}, "  twö three ", 3, 9},
		{"a line that is not there", Place{Line: 9}, "\uFEFFx", 3, 1},
		{"no line", Place{}, "", 0, 0},
	} {
		d := Diagnostic{Place: test.place}
		d.Show([]byte(text))
		if d.Excerpt != test.excerpt || d.Column != test.column || d.Width != test.width {
			t.Errorf("%s: %q from %d, %d wide", test.name, d.Excerpt, d.Column, d.Width)
		}
	}
}

func TestClean(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"plain", "relation \"a::b\" does not exist", "relation \"a::b\" does not exist"},
		{"a GitHub command", "no\n::error file=x::y", "no\n| ::error file=x::y"},
		{"behind space", "  ##vso[task]", "|   ##vso[task]"},
		{"behind another end of line", "a\r::stop-commands::x", "a\uFFFD::stop-commands::x"},
		{"escapes", "\x1b[31mred\x1b]0;title\a", "\uFFFD[31mred\uFFFD]0;title\uFFFD"},
		{"direction", "a\u202Eb", "a\uFFFDb"},
		{"lines", "a\r\n\tb::c", "a\n\tb::c"},
	} {
		if got := Clean(test.text); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\r\n::error::b\x1b[0m")
	f.Fuzz(func(t *testing.T, text string) {
		got := Clean(text)
		if Clean(got) != got {
			t.Errorf("%q is cleaned to %q, and that to %q", text, got, Clean(got))
		}
		for _, line := range strings.Split(got, "\n") {
			if command(line) || strings.ContainsAny(line, "\x1b\r\a") {
				t.Errorf("%q is cleaned to %q", text, got)
			}
		}
	})
}

// TestDocument holds the document of the codes against them.
func TestDocument(t *testing.T) {
	data, err := os.ReadFile("../../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	got := map[Code]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (.*) \\|$").FindAllStringSubmatch(string(data), -1) {
		got[Code(row[1])] = row[2]
	}
	if diff := cmp.Diff(Codes(), got); diff != "" {
		t.Errorf("the codes (-) and docs/diagnostics.md (+) differ:\n%s", diff)
	}
}

// What is written as JSON is read as well, as benchmarks do.
func TestNoteJSON(t *testing.T) {
	written, err := json.Marshal(Note{Message: "defined", Place: Place{File: "a.rs", Line: 1, Column: 2}})
	if err != nil {
		t.Fatal(err)
	}
	var read Note
	if err := json.Unmarshal(written, &read); err != nil || read.String() != "defined at a.rs:1:2" {
		t.Errorf("%s is read as %+v, %v", written, read, err)
	}
}
