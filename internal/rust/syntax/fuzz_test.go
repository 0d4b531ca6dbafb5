package syntax

import (
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// FuzzFile parses any text as a file, as statements and as what stands in a
// macro call: it ends, and nodes lie within each other.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		"fn f() { if a < b { c } else { d }; m!(x) }", "#[a] struct S<T: X = 1>(#[b] pub T);", "impl<const N: u8> A<-1> for B where [(); N]: C { }",
		"use a::{b as c, *}; mod m { extern crate x; macro_rules! y { () => {} } }", "fn f(a: for<'a> fn(&'a u8) -> impl A + 'a) { match a { B | C if d => e, _ => {} } }",
		"m!{ #[a] b => c, #[d] e = f }", "fn f() { let x = |a, &b| async move { 'a: loop { break 'a 1..=2 } } else { return }; }", "<<<<<<< HEAD", "fn f() { ) }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := lex.Lex(text, nil)
		if err != nil {
			return
		}
		src := &Source{text, tokens}
		var p Parser
		var tree Tree
		p.File(src, &tree)
		nested(t, tree.Nodes, 0, len(tokens))
		for _, e := range tree.Errors {
			if offset, _ := src.Explain(e); offset < 0 || offset > len(text) || e.Want == "" {
				t.Fatalf("error %+v", e)
			}
		}
		tree.Reset()
		if !p.Statements(src, &tree) && len(tree.Nodes) > 0 {
			t.Fatal("nodes of no statements")
		}
		nested(t, tree.Nodes, 0, len(tokens))
		tree.Reset()
		p.Loose(src, &tree, true)
		nested(t, tree.Nodes, 0, len(tokens))
		if len(tree.Errors) > 0 {
			t.Fatalf("errors in a macro call: %+v", tree.Errors)
		}
		for kind := Block; kind <= Vis; kind++ {
			if len(tokens) == 0 || !Begins(kind, src, 0) {
				continue
			}
			if end, half, ok, _ := p.End(kind, src, 0); ok && (end > len(tokens) || half > 2) {
				t.Fatalf("%v ends at %d, %d", kind, end, half)
			}
		}
	})
}

// nested fails unless each node lies between start and end, behind the one
// before, and those inside of it lie in it.
func nested(t *testing.T, nodes []Node, start, end int) {
	for i := 0; i < len(nodes); {
		n := nodes[i]
		if int(n.Start) < start || n.End < n.Start || int(n.End) > end || n.Size < 0 || i+int(n.Size) >= len(nodes) {
			t.Fatalf("node %+v between %d and %d", n, start, end)
		}
		nested(t, nodes[i+1:i+1+int(n.Size)], int(n.Start), int(n.End))
		start = int(n.End)
		i += 1 + int(n.Size)
	}
}
