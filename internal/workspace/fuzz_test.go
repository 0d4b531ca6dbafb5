package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// inText wants a problem to lie in the text.
func inText(t *testing.T, text string, err error) {
	t.Helper()
	var p *diag.Diagnostic
	if !errors.As(err, &p) || p.Message == "" || p.Line < 0 || p.Line > 1+strings.Count(text, "\n") || p.Column < 0 || p.Column > 1+len(text) {
		t.Errorf("%#v", err)
	}
}

// FuzzManifest loads a package by its manifest, and plans its compilation.
func FuzzManifest(f *testing.F) {
	f.Add("[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[features]\ndefault = [\"b\"]\nb = [\"dep:c\", \"c?/d\"]\n[dependencies]\nc = { version = \"1\", optional = true }\n")
	f.Add("[workspace]\nmembers = [\"*\", \"b/[ac]\"]\nexclude = [\"c\"]\nresolver = \"2\"\n[workspace.package]\nedition = \"2024\"\n[workspace.dependencies]\nd = \"1\"\n")
	f.Add("[package]\nname = \"a\"\nedition.workspace = true\n[lib]\nname = \"b\"\npath = \"src/c.rs\"\nproc-macro = true\n[[bin]]\nname = \"d\"\nrequired-features = [\"e\"]\n[build-dependencies]\nf.workspace = true\n")
	f.Add("[package]\nname = \"a\"\nbuild = false\n[target.'cfg(unix)'.dependencies]\nb = { path = \"../b\", package = \"c\" }\n[profile.dev]\npanic = \"abort\"\n[profile.dev.package.\"*\"]\ndebug-assertions = false\n[patch.crates-io]\nd = { path = \"d\" }\n")
	f.Add("[project]\nname = 1")
	f.Add("\a")
	f.Fuzz(func(t *testing.T, text string) {
		dir := write(t, "Cargo.toml\n"+text, "src/lib.rs\n", "src/main.rs\n", "b/Cargo.toml\n[package]\nname = \"b\"\n", "b/src/lib.rs\n")
		w, err := Load(dir)
		if err != nil {
			if !strings.Contains(err.Error(), dir) {
				t.Errorf("%v does not say which file", err)
			}
			return
		}
		for _, p := range w.Problems {
			if p.File == filepath.Join(dir, "Cargo.toml") {
				inText(t, text, p)
			}
		}
		again, err := Load(dir)
		if err != nil || again.Sum != w.Sum || cmp.Diff(w.Problems, again.Problems) != "" {
			t.Fatalf("first %q, then %q, %v", w.Problems, again.Problems, err)
		}
		plan, err := w.Plan(Args{}, dir, linux(t))
		if err != nil {
			return
		}
		for _, c := range plan.Compilations {
			if c.Target.Path == "" || c.Target.CrateName == "" {
				t.Errorf("a target without a name or a source: %+v", c.Target)
			}
		}
	})
}

// FuzzPublished holds the quick reader of published manifests against the TOML
// decoder.
func FuzzPublished(f *testing.F) {
	f.Add("[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[lib]\nname = \"b\"\npath = \"src/lib.rs\"\nproc-macro = true\n")
	f.Add("[package]\nname = \"a\"\r\nversion = \"1.0.0\"\r\n[lib]\ncrate-type = [\"proc-macro\"]\n")
	f.Add("[package]\nversion = \"\\u0031\"\n[lib]\nname = \"\"")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "Cargo.toml")
		if err := os.WriteFile(path, []byte(generated+text), 0o666); err != nil {
			t.Fatal(err)
		}
		quick, ok := scanPublished(path)
		m, err := readManifest(path, filepath.Dir(path))
		if !ok || err != nil || m.Package == nil {
			return
		}
		if quick.version != m.Package.Version.text {
			t.Errorf("version %q, decoded %q", quick.version, m.Package.Version.text)
		}
	})
}

// FuzzSqlxTOML reads the sqlx.toml of a package.
func FuzzSqlxTOML(f *testing.F) {
	f.Add("[common]\ndatabase-url-var = \"URL\"\n[migrate]\ntable-name = \"a\"\ncreate-schemas = [\"b\"]\nignored-chars = [\"\\r\", \"\\n\"]\n")
	f.Add("[macros.preferred-crates]\ndate-time = \"chrono\"\nnumeric = \"rust_decimal\"\n[macros.type-overrides]\nuuid = \"a::B\"\n[macros.table-overrides.'t']\nc = \"d\"\n")
	f.Add("[drivers.sqlite]\nunsafe-load-extensions = []\n[drivers.external]\na = 1\n")
	f.Add("[macros.preferred-crates]\ndate-time = \"x\"")
	f.Add("\a")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseSqlxTOML("sqlx.toml", text)
		if err != nil {
			inText(t, text, err)
			return
		}
		if c.Macros.DateTime == "" || c.Macros.Numeric == "" || c.Path != "sqlx.toml" {
			t.Errorf("%+v", c)
		}
	})
}

// FuzzConfig reads a configuration of cargo, with a reading of all its keys
// that does not hang on the order of maps.
func FuzzConfig(f *testing.F) {
	f.Add("[build]\nrustflags = [\"--cfg\", \"a\"]\ntarget-dir = \"t\"\n[target.'cfg(unix)']\nrustflags = \"-Cb\"\n[env]\nA = { value = \"1\", force = true, relative = true }\n")
	f.Add("[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"vendor\"\n[profile.x]\ninherits = \"dev\"\n")
	f.Add("build = 1")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		t.Setenv("CARGO_HOME", filepath.Join(dir, ".home"))
		path := filepath.Join(dir, ".cargo", "config.toml")
		if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
		read := func() (Config, []string, []*diag.Diagnostic) {
			var problems []*diag.Diagnostic
			c := readConfig(dir, dir, func(p *diag.Diagnostic) { problems = append(problems, p) })
			return c, c.RustFlags(linux(t)), problems
		}
		c, flags, problems := read()
		again, flagsAgain, problemsAgain := read()
		if diff := cmp.Diff(flags, flagsAgain) + cmp.Diff(problems, problemsAgain) + cmp.Diff(c.TargetDir, again.TargetDir); diff != "" {
			t.Error(diff)
		}
		for _, p := range problems {
			if p.File == path {
				inText(t, text, p)
			}
		}
	})
}
