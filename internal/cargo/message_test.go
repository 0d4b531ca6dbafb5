package cargo

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestPackageName(t *testing.T) {
	for _, c := range []struct{ id, want string }{
		{"registry+https://example.org/index#sqlx-core@0.8.6", "sqlx-core"},
		{"path+file:///home/user/shop/crates/notes#0.1.0", "notes"},
		{"path+file:///home/user/shop/crates/notes-v2#notes@0.1.0", "notes"},
		{"git+https://example.org/sqlx?branch=main#0.9.0", "sqlx"},
		{"git+https://example.org/repo?rev=1234#sqlx@0.9.0", "sqlx"},
		{"sqlx 0.8.6 (registry+https://example.org/index)", "sqlx"}, // before cargo 1.77
		{"", ""},
	} {
		if got := packageName(c.id); got != c.want {
			t.Errorf("%s: got %q, want %q", c.id, got, c.want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	build := filepath.FromSlash("/t/debug")
	for _, c := range []struct{ name, kind, file, want string }{
		{"check", "lib", "deps/libmy_notes-db28f750ecbf1ee7.rmeta", ".fingerprint/my-notes-db28f750ecbf1ee7"},
		{"procedural macro", "proc-macro", "deps/libmy_notes-a80b10bf4f1d9a12.so", ".fingerprint/my-notes-a80b10bf4f1d9a12"},
		{"build script", "custom-build", "build/my-notes-03ff8046689e86d0/build-script-build", ".fingerprint/my-notes-03ff8046689e86d0"},
		{"new layout", "lib", "build/my-notes/2f9d24feb381b759/out/libmy_notes-2f9d24feb381b759.rmeta", "build/my-notes/2f9d24feb381b759/fingerprint"},
		{"build script, new layout", "custom-build", "build/my-notes/1da4ef7301fa3b68/out/build_script_build", "build/my-notes/1da4ef7301fa3b68/fingerprint"},
		{"no hash", "lib", "deps/libmy_notes.rmeta", ""},
		{"another hash", "lib", "deps/libmy_notes-db28f750.rmeta", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a artifact
			a.PackageID = "path+file:///shop/my-notes#0.1.0"
			a.Target.Kind = []string{c.kind}
			a.Filenames = []string{filepath.Join(build, filepath.FromSlash(c.file))}
			got, err := a.fingerprint()
			if c.want == "" {
				if err == nil {
					t.Errorf("got %s", got)
				}
				return
			}
			if want := filepath.Join(build, filepath.FromSlash(c.want)); err != nil || got != want {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
		})
	}
}

// TestDiagnostic: the place of an error is where the user's own sources call
// for it.
func TestDiagnostic(t *testing.T) {
	root := t.TempDir()
	registry := filepath.Join(t.TempDir(), "sqlx-0.8.6", "mod.rs")
	elsewhere := t.TempDir() // a path dependency outside of the workspace
	outside := filepath.Join(elsewhere, "src", "lib.rs")
	type place struct {
		file  string
		line  int
		macro string // that expanded there
	}
	for _, c := range []struct {
		name  string
		chain []place
		file  string
		line  int
		query bool
	}{
		{"plain error", []place{{"src/a.rs", 3, ""}}, filepath.Join(root, "src/a.rs"), 3, false},
		{"query", []place{
			{registry, 576, "$crate::sqlx_macros::expand_query!"}, {registry, 570, "sqlx::query!"}, {"src/a.rs", 7, ""},
		}, filepath.Join(root, "src/a.rs"), 7, true},
		{"query by a macro of the user's", []place{
			{registry, 576, "$crate::sqlx_macros::expand_query!"}, {registry, 570, "sqlx::query!"},
			{"src/a.rs", 7, "select!"}, {"src/b.rs", 9, ""},
		}, filepath.Join(root, "src/b.rs"), 9, true},
		{"query by a macro of another package", []place{
			{registry, 576, "$crate::sqlx_macros::expand_query!"}, {registry, 570, "sqlx::query!"},
			{filepath.Join(filepath.Dir(registry), "helper.rs"), 1, "helper!"}, {"src/b.rs", 9, ""},
		}, filepath.Join(root, "src/b.rs"), 9, true},
		{"package outside", []place{
			{registry, 576, "$crate::sqlx_macros::expand_query!"}, {registry, 570, "sqlx::query!"}, {outside, 4, ""},
		}, outside, 4, true},
		{"another macro", []place{{"src/a.rs", 7, "println!"}, {"src/a.rs", 7, ""}}, filepath.Join(root, "src/a.rs"), 7, false},
		{"no place", nil, "", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var span string
			for i := len(c.chain) - 1; i >= 0; i-- {
				expansion := "null"
				if span != "" {
					expansion = fmt.Sprintf(`{"span":%s,"macro_decl_name":%q}`, span, c.chain[i].macro)
				}
				span = fmt.Sprintf(`{"file_name":%q,"line_start":%d,"column_start":5,"is_primary":%v,"expansion":%s}`,
					c.chain[i].file, c.chain[i].line, i == 0, expansion)
			}
			line := fmt.Sprintf(`{"reason":"compiler-message","package_id":"path+file:///x/notes#0.1.0","manifest_path":%q,`+
				`"message":{"level":"error","message":"no","rendered":"error: no\n","spans":[%s]}}`,
				filepath.Join(elsewhere, "Cargo.toml"), span)
			var m compilerMessage
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				t.Fatal(err)
			}
			d := m.diagnostic(root)
			if d.File != filepath.FromSlash(c.file) || d.Line != c.line || d.InMacro != c.query || d.Package != "notes" {
				t.Errorf("got %+v", d)
			}
		})
	}
}

// FuzzMessages: in whatever pieces the stream arrives, no message is lost, and
// what is none comes out as it is.
func FuzzMessages(f *testing.F) {
	const finished = `{"reason":"build-finished","success":true}` + "\n"
	const done = `{"reason":"compiler-artifact","package_id":"a#b@1","target":{"kind":["lib"]},"filenames":["x.rmeta"],"fresh":true}` + "\n"
	f.Add(done+"printed by a macro\n"+done+finished, 7)
	f.Add(`{"reason":"compiler-message","message":{"level":"error","spans":[{"expansion":{"span":{"file_name":"a"}}}]}}`+"\n", 1)
	f.Add(`{"reason":"compiler-artifact","fresh":3}`+"\n{}\nnull\n\n", 2)
	f.Add(`{"reason":"build-script-executed","env":[["A","B"]],"out_dir":"/t/out"}`+"\r\n", 100)
	f.Fuzz(func(t *testing.T, stream string, size int) {
		if size < 1 {
			t.Skip()
		}
		receive := func(size int) string {
			var got strings.Builder
			to := &messages{
				artifact:    func(a artifact) { fmt.Fprintf(&got, "%+v\n", a) },
				buildScript: func(b buildScript) { fmt.Fprintf(&got, "%+v %s\n", b, b.output()) },
				compiler:    func(m compilerMessage) { fmt.Fprintf(&got, "%+v\n", m.diagnostic("root")) },
				other:       func(line []byte) { got.Write(line) },
			}
			for rest := stream; rest != ""; {
				n := min(size, len(rest))
				if m, err := to.Write([]byte(rest[:n])); m != n || err != nil {
					t.Fatal(m, err)
				}
				rest = rest[n:]
			}
			return got.String()
		}
		if whole, pieces := receive(len(stream)+1), receive(size); whole != pieces {
			t.Errorf("whole %q, in pieces of %d %q", whole, size, pieces)
		}
	})
}
