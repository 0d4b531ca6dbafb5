package sites

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// outlineOf makes the outline of a text, if that lexes.
func outlineOf(text string) (*outline, bool) {
	tokens, err := lex.Lex(text, nil)
	if err != nil {
		return nil, false
	}
	o, _ := parseSource(&source{origin: expand.Source{Name: "fuzz.rs", Text: text}}, tokens)
	return o, true
}

// FuzzScan scans a package of one source. Every site must be where it says,
// and what is kept must give the same.
func FuzzScan(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) == ".rs" {
				f.Add(string(file.Data))
			}
		}
	}
	f.Add(syntheticFile(1)[:3000])
	common, err := txtar.ParseFile(filepath.Join("testdata", "common.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// Whatever the text includes, it must not read the machine.
		if bytes.Contains([]byte(text), []byte("..")) || bytes.Contains([]byte(text), []byte("\"/")) {
			return
		}
		dir := unpack(t, common)
		if err := os.WriteFile(filepath.Join(dir, "src", "lib.rs"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		plan := planOf(t, dir, []string{"--all-targets"})
		store := newStore(t)
		first := scanPlan(t, plan, Options{Kept: store})
		second := scanPlan(t, plan, Options{Kept: store})
		if a, b := render(dir, first), render(dir, second); a != b {
			t.Fatalf("first:\n%s\nsecond:\n%s", a, b)
		}
		for _, s := range first.Sites {
			if s.Start < 0 || s.End > len(text) || s.Start >= s.End || s.Line < 1 || s.Column < 1 {
				t.Fatalf("site at %+v", s.Place)
			}
			for at := range len(s.SQL) + 1 {
				if p := s.Locate(at); p.Start < 0 || p.Start > len(text) {
					t.Fatalf("byte %d of the text is at %+v", at, p)
				}
			}
		}
	})
}
