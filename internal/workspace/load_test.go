package workspace

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

// linux is a platform that needs no rustc.
func linux(t testing.TB) cfg.Platform {
	t.Helper()
	p, err := cfg.Builtin("linux", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write makes files below a new directory: "path\ncontent…", and a lock file
// where none is given. Cargo's home is the folder .home in it.
func write(t testing.TB, files ...string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CARGO_HOME", filepath.Join(root, ".home"))
	if !slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(f, "Cargo.lock\n") }) {
		files = append(files, "Cargo.lock\nversion = 4\n")
	}
	for _, f := range files {
		name, content, _ := strings.Cut(f, "\n")
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const hello = "[package]\nname = \"hello\"\nedition = \"2021\"\n"

// TestLoadProblems shows that what is wrong is named, and the rest read.
func TestLoadProblems(t *testing.T) {
	for _, c := range []struct {
		name     string
		files    []string
		members  string
		problems []string
	}{
		{"nothing", []string{"Cargo.toml\n" + hello, "src/lib.rs\n"}, "hello", nil},
		{"absent member", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\", \"b\"]\n", "a/Cargo.toml\n[package]\nname = \"a\"\n", "a/src/lib.rs\n"},
			"a", []string{"b/Cargo.toml: member is absent"}},
		{"syntax error", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\", \"b\"]\n", "a/Cargo.toml\n[package]\nname = \"a\"\n", "a/src/lib.rs\n", "b/Cargo.toml\n[package]\nname = \n"},
			"a", []string{"b/Cargo.toml:2:8: expected value but found '\\n' instead"}},
		{"wrong type", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\"]\n", "a/Cargo.toml\n[package]\nname = \"a\"\nlinks = 3\n"},
			"", []string{"a/Cargo.toml:3: `package.links` is a whole number; it must be a string, in quotes"}},
		{"wrong dependency", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\"]\n", "a/Cargo.toml\n[package]\nname = \"a\"\n\n[dependencies]\nx = { optional = 1 }\n"},
			"", []string{"a/Cargo.toml:5:6: optional: wrong type int64"}},
		{"no name", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\"]\n", "a/Cargo.toml\n[package]\nversion = \"1.0.0\"\n"},
			"", []string{"a/Cargo.toml: [package] has no name"}},
		{"inherits nothing", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\"]\n", "a/src/lib.rs\n",
			"a/Cargo.toml\n[package]\nname = \"a\"\nversion.workspace = true\n[dependencies]\nserde.workspace = true\n"},
			"a", []string{
				"a/Cargo.toml: version.workspace = true, but the workspace has no package.version",
				"a/Cargo.toml: dependency serde: workspace = true, but the workspace has no such dependency"}},
		{"no targets", []string{"Cargo.toml\n" + hello}, "hello",
			[]string{"Cargo.toml: no targets: neither src/lib.rs, src/main.rs, [lib] nor [[bin]]"}},
		{"target without file", []string{"Cargo.toml\n" + hello + "[[bin]]\nname = \"x\"\n[[test]]\nname = \"t\"\npath = \"t.rs\"\n[[bin]]\npath = \"y\"\n", "src/lib.rs\n"}, "hello",
			[]string{"Cargo.toml: bin x: no file for it; give its path", "Cargo.toml: [[bin]] without a name", "Cargo.toml: test t: no file ROOT/t.rs"}},
		{"absent path dependency", []string{"Cargo.toml\n" + hello + "[dependencies]\nx = { path = \"../x\" }\n", "src/lib.rs\n"}, "hello",
			[]string{"../x/Cargo.toml: dependency x is absent"}},
		{"damaged lock file", []string{"Cargo.toml\n" + hello, "src/lib.rs\n", "Cargo.lock\nversion = 4\n\n<<<<<<< ours\n"}, "hello",
			[]string{"Cargo.lock:3:1: expected '.' or '=', but got '<' instead"}},
		{"two of a name", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\", \"b\"]\n", "a/Cargo.toml\n" + hello, "a/src/lib.rs\n", "b/Cargo.toml\n" + hello, "b/src/lib.rs\n"},
			"hello hello", []string{"b/Cargo.toml: package hello is in the workspace twice, also as ROOT/a/Cargo.toml"}},
		{"unknown resolver", []string{"Cargo.toml\n[workspace]\nresolver = \"9\"\n" + hello, "src/lib.rs\n"}, "hello",
			[]string{`Cargo.toml: resolver "9" is not known`}},
		{"default member that is none", []string{"Cargo.toml\n[workspace]\nmembers = [\"a\"]\ndefault-members = [\"b\"]\n", "a/Cargo.toml\n" + hello, "a/src/lib.rs\n"},
			"hello", []string{"Cargo.toml: default-members: ROOT/b is no member"}},
		{"sqlx.toml", []string{"Cargo.toml\n" + hello, "src/lib.rs\n", "sqlx.toml\n[common]\nurl = 1\n"}, "hello",
			[]string{"sqlx.toml: unknown key common.url"}},
		{"configuration", []string{"Cargo.toml\n" + hello, "src/lib.rs\n", ".cargo/config.toml\nbuild = 1\n"}, "hello",
			[]string{".cargo/config.toml:1: build: type mismatch for struct { TargetDir string \"toml:\\\"target-dir\\\"\"; BuildDir string \"toml:\\\"build-dir\\\"\"; Target interface {}; Rustflags interface {} }: expected table but found int64"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := write(t, c.files...)
			w, err := Load(root)
			if err != nil {
				t.Fatal(err)
			}
			var names, problems []string
			for _, p := range w.Members {
				names = append(names, p.Name)
			}
			for _, p := range w.Problems {
				if rel, err := filepath.Rel(root, p.File); err == nil {
					p.File = filepath.ToSlash(rel)
				}
				problems = append(problems, strings.ReplaceAll(filepath.ToSlash(p.Error()), filepath.ToSlash(root), "ROOT"))
			}
			if diff := cmp.Diff(c.problems, problems); diff != "" {
				t.Error(diff)
			}
			if got := strings.Join(names, " "); got != c.members {
				t.Errorf("members %q, want %q", got, c.members)
			}
			if _, err := w.Plan(Args{Workspace: true}, root, linux(t)); (err != nil) != (c.members == "") {
				t.Errorf("plan: %v", err)
			}
		})
	}
}

// TestLoadErrors shows what makes a workspace impossible to load.
func TestLoadErrors(t *testing.T) {
	for _, c := range []struct {
		name, dir, want string
		files           []string
	}{
		{"no manifest", ".", "no Cargo.toml in ", []string{"x\n"}},
		{"syntax", ".", "Cargo.toml:1:", []string{"Cargo.toml\n[package\n"}},
		{"empty", ".", "neither [package] nor [workspace]", []string{"Cargo.toml\n"}},
		{"stray", "a", "neither in its members nor in its exclude", []string{"Cargo.toml\n[workspace]\n", "a/Cargo.toml\n" + hello, "a/src/lib.rs\n"}},
		{"broken ancestor", "a", "look for the workspace of", []string{"Cargo.toml\n[\n", "a/Cargo.toml\n" + hello, "a/src/lib.rs\n"}},
		{"pointer to nothing", ".", "package.workspace: ", []string{"Cargo.toml\n[package]\nname = \"a\"\nworkspace = \"../b\"\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := write(t, c.files...)
			_, err := Load(filepath.Join(root, c.dir))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
		})
	}
}

// TestSum shows that a workspace's sum depends on the content of what was read
// and not on where it lies.
func TestSum(t *testing.T) {
	sum := func(files ...string) [32]byte {
		w, err := Load(write(t, append(files, "src/lib.rs\n")...))
		if err != nil {
			t.Fatal(err)
		}
		return w.Sum
	}
	first := sum("Cargo.toml\n" + hello)
	if sum("Cargo.toml\n"+hello) != first {
		t.Error("the same files elsewhere have another sum")
	}
	for name, files := range map[string][]string{
		"manifest":      {"Cargo.toml\n" + hello + "# more\n"},
		"lock file":     {"Cargo.toml\n" + hello, "Cargo.lock\nversion = 3\n"},
		"configuration": {"Cargo.toml\n" + hello, ".cargo/config.toml\n[env]\n"},
	} {
		if sum(files...) == first {
			t.Errorf("another %s has the same sum", name)
		}
	}
}

// TestPlanProblems shows what a plan says of itself when not all is known.
func TestPlanProblems(t *testing.T) {
	root := write(t,
		"Cargo.toml\n"+hello+"[dependencies]\nserde = \"1\"\nopt = { version = \"1\", optional = true }\n"+
			"[target.'cfg(target_feature = \"avx\")'.dependencies]\nfast = \"1\"\n[target.'cfg(nonsense(1))'.dependencies]\nodd = \"1\"\n",
		"src/lib.rs\n")
	w, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Plan(Args{}, root, linux(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, problem := range p.Problems {
		got = append(got, filepath.Base(problem.File)+": "+problem.Message)
	}
	want := []string{
		`Cargo.toml: dependencies for cfg(nonsense(1)): cannot tell whether that is this platform`,
		`Cargo.toml: dependencies for cfg(target_feature = "avx"): cannot tell whether that is this platform`,
		`Cargo.lock: holds no fast, which hello depends on`,
		`Cargo.lock: holds no odd, which hello depends on`,
		`Cargo.lock: holds no serde, which hello depends on`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := sortedKeys(p.Compilations[0].Externs); !slices.Equal(got, []string{"fast", "odd", "serde"}) {
		t.Errorf("externs %q", got)
	}
}

func TestPlanErrors(t *testing.T) {
	root := write(t, "Cargo.toml\n"+hello+"[features]\nf = []\n[[bin]]\nname = \"b\"\npath = \"b.rs\"\nrequired-features = [\"f\"]\n", "b.rs\n", "elsewhere/Cargo.toml\n[package]\nname = \"e\"\n[workspace]\n", "elsewhere/src/lib.rs\n")
	w, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, dir, want string }{
		{"-p x", ".", `package "x" is not in the workspace`},
		{"-p https://example.org/x#1", ".", `package spec "https://example.org/x#1" is not understood`},
		{"--features x", ".", "no selected package has the feature x"},
		{"--lib", ".", "no library in the selected packages"},
		{"--bin x", ".", "no bin x in the selected packages"},
		{"--bin b", ".", "bin b of package hello requires the features f"},
		{"--target wasm32-unknown-unknown", ".", "compiling for wasm32-unknown-unknown: only x86_64-unknown-linux-gnu is understood"},
		{"--profile x", ".", "profile x is not defined"},
		{"--config x.toml", ".", "--config: open "},
		{"--config a=[", ".", "--config:1:"},
		{"--exclude hello --workspace", ".", "no packages to compile in "},
		{"", "elsewhere", "is no member of the workspace"},
		{"--manifest-path elsewhere/Cargo.toml", ".", "is no member of the workspace"},
	} {
		t.Run(c.args, func(t *testing.T) {
			args, err := ParseArgs(strings.Fields(c.args))
			if err == nil {
				_, err = w.Plan(args, filepath.Join(root, c.dir), linux(t))
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
		})
	}
}

// TestBuildScriptCfg shows which cfgs a build script makes unknown.
func TestBuildScriptCfg(t *testing.T) {
	for _, c := range []struct {
		name, manifest, script string
		named, other, feature  cfg.Value
	}{
		{"prints none", "", `fn main() { println!("cargo:rerun-if-changed=x"); }`, cfg.False, cfg.False, cfg.False},
		{"prints one", "", `fn main() { println!("cargo:rustc-cfg=named"); }`, cfg.Unknown, cfg.False, cfg.False},
		{"two colons, with a value", "", `fn main() { println!("cargo::rustc-cfg=named=\"1\""); }`, cfg.Unknown, cfg.False, cfg.False},
		{"only declares it", "", `fn main() { println!("cargo::rustc-check-cfg=cfg(named)"); }`, cfg.False, cfg.False, cfg.False},
		{"computed", "", `fn main() { println!("cargo:rustc-cfg={}", x()); }`, cfg.Unknown, cfg.Unknown, cfg.Unknown},
		{"partly computed", "", `fn main() { println!("cargo:rustc-cfg=has_{}", x()); }`, cfg.Unknown, cfg.Unknown, cfg.Unknown},
		{"feature", "", `fn main() { println!("cargo:rustc-cfg=feature=\"x\""); }`, cfg.False, cfg.False, cfg.Unknown},
		{"helper crate", "[build-dependencies]\nautocfg = \"1\"\n", `fn main() { autocfg::new(); }`, cfg.Unknown, cfg.Unknown, cfg.False},
		{"module", "", "mod more;\nfn main() {}", cfg.Unknown, cfg.Unknown, cfg.False},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := write(t, "Cargo.toml\n"+hello+c.manifest, "src/lib.rs\n", "build.rs\n"+c.script)
			p, err := planOf(root, nil, linux(t))
			if err != nil {
				t.Fatal(err)
			}
			set := p.Compilations[0].Cfg
			got := [3]cfg.Value{set.Value(cfg.Name("named")), set.Value(cfg.Name("other")), set.Value(cfg.KeyValue("feature", "x"))}
			if got != [3]cfg.Value{c.named, c.other, c.feature} {
				t.Errorf("named, other, feature: %v", got)
			}
			if script := p.Compilations[len(p.Compilations)-1]; script.Target.Kind != BuildScript || script.Cfg.Value(cfg.Name("named")) != cfg.False {
				t.Errorf("the script itself: %+v", script)
			}
		})
	}
}

func TestRustFlags(t *testing.T) {
	t.Setenv("RUSTFLAGS", `--cfg tokio_unstable --cfg=level="3" -Ctarget-cpu=native -C panic=abort -C debug-assertions=off`)
	root := write(t, "Cargo.toml\n"+hello, "src/lib.rs\n")
	p, err := planOf(root, nil, linux(t))
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[string]cfg.Value{
		"tokio_unstable": cfg.True, `level="3"`: cfg.True, `level="4"`: cfg.False, "loom": cfg.False,
		`target_feature="avx"`: cfg.Unknown, `panic="abort"`: cfg.Unknown, "debug_assertions": cfg.Unknown, "unix": cfg.True,
	} {
		o, err := cfg.ParseOption(option)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Compilations[0].Cfg.Value(o); got != want {
			t.Errorf("%s: %v, want %v", option, got, want)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, name := range []string{"CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "RUSTFLAGS"} {
		t.Setenv(name, "") // restored after the test
		os.Unsetenv(name)
	}
	root := write(t, "Cargo.toml\n[workspace]\nmembers = [\"a\"]\n", "a/Cargo.toml\n"+hello, "a/src/lib.rs\n",
		"a/.cargo/config\n[env]\nNEAR = \"1\"\nBOTH = { value = \"near\", force = true }\n[build]\nrustflags = \"--cfg near\"\n",
		"a/.cargo/config.toml\n[env]\nHIDDEN = \"1\"\n",
		".cargo/config.toml\n[env]\nBOTH = \"far\"\nDIR = { value = \"sub\", relative = true }\n[build]\ntarget-dir = \"out\"\nrustflags = [\"--cfg\", \"far\"]\n"+
			"[target.'cfg(windows)']\nrustflags = [\"--cfg\", \"windows_only\"]\n")
	w, err := Load(filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]EnvVar{"NEAR": {Value: "1"}, "BOTH": {Value: "near", Force: true}, "DIR": {Value: filepath.Join(root, "sub")}}
	if diff := cmp.Diff(want, w.Config.Env); diff != "" {
		t.Error(diff)
	}
	if w.Config.TargetDir != filepath.Join(root, "out") || w.Config.BuildDir != w.Config.TargetDir {
		t.Errorf("target %s, build %s", w.Config.TargetDir, w.Config.BuildDir)
	}
	if got := fmt.Sprint(w.Config.RustFlags(linux(t))); got != "[--cfg near --cfg far]" {
		t.Errorf("rustflags %s", got)
	}
	windows, _ := cfg.Builtin("windows", "amd64")
	if got := fmt.Sprint(w.Config.RustFlags(windows)); got != "[--cfg windows_only]" {
		t.Errorf("rustflags for Windows %s", got)
	}
	t.Setenv("CARGO_TARGET_DIR", "env-dir")
	if w, err = Load(root); err != nil || w.Config.TargetDir != filepath.Join(root, "env-dir") || !slices.Contains(w.Config.Files, filepath.Join(root, ".cargo", "config.toml")) {
		t.Errorf("%v: target %s, files %s", err, w.Config.TargetDir, w.Config.Files)
	}
}

// TestUnits walks a tree with nested workspaces and what must be left out.
func TestUnits(t *testing.T) {
	withSqlx := func(name, features string) string {
		return "[package]\nname = \"" + name + "\"\n[dependencies]\nsqlx = { version = \"0.8\", default-features = false, features = [" + features + "] }\n"
	}
	root := write(t,
		"Cargo.toml\n[workspace]\nmembers = [\"a\", \"b\", \"c\"]\nexclude = [\"alone\"]\n",
		"a/Cargo.toml\n"+withSqlx("a", `"macros"`), "a/src/lib.rs\n", "a/.sqlx/query-1.json\n{}",
		"b/Cargo.toml\n"+withSqlx("b", `"macros"`), "b/src/lib.rs\n",
		"c/Cargo.toml\n"+withSqlx("c", ``), "c/src/lib.rs\n", "c/.sqlx-not/x\n", "c/target/Cargo.toml\n"+withSqlx("t", `"macros"`),
		"alone/Cargo.toml\n"+withSqlx("alone", `"macros"`), "alone/src/main.rs\n", "alone/.sqlx/x\n",
		"whole/Cargo.toml\n[workspace]\nmembers = [\"d\"]\n", "whole/.sqlx/x\n", "whole/d/Cargo.toml\n"+withSqlx("d", `"macros"`), "whole/d/src/lib.rs\n",
		"stray/Cargo.toml\n"+withSqlx("stray", `"macros"`), "stray/src/lib.rs\n",
		"node_modules/m/Cargo.toml\n"+withSqlx("m", `"macros"`), ".hidden/Cargo.toml\n"+withSqlx("h", `"macros"`),
		"out/CACHEDIR.TAG\n", "out/Cargo.toml\n"+withSqlx("o", `"macros"`))
	if runtime.GOOS != "windows" {
		if err := os.Symlink(root, filepath.Join(root, "a", "loop")); err != nil {
			t.Fatal(err)
		}
	}
	units, problems, err := Units(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range units {
		dir, _ := filepath.Rel(root, u.Dir)
		ws, _ := filepath.Rel(root, u.Workspace.Root)
		name := ""
		if u.Package != nil {
			name = u.Package.Name
		}
		got = append(got, fmt.Sprintf("%s %v in %s: %s", filepath.ToSlash(dir), u.HasData, filepath.ToSlash(ws), name))
	}
	want := []string{"a true in .: a", "alone true in alone: alone", "b false in .: b", "whole true in whole: "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "neither in its members nor in its exclude") {
		t.Errorf("problems %v", problems)
	}
	if _, _, err := Units(filepath.Join(root, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent root: %v", err)
	}
}

// TestEverything plans every target, whatever required features, `test = false`
// and platforms say, with all dependencies and nothing decided.
func TestEverything(t *testing.T) {
	root := write(t,
		"Cargo.toml\n"+hello+"[lib]\ntest = false\n[features]\nf = [\"dep:opt\"]\n[[bin]]\nname = \"b\"\npath = \"b.rs\"\nrequired-features = [\"f\"]\n"+
			"[dependencies]\nopt = { path = \"opt\", optional = true }\n[target.'cfg(windows)'.dependencies]\nwin = { path = \"win\" }\n[dev-dependencies]\ndev = { path = \"dev\" }\n"+
			"[workspace]\nexclude = [\"opt\", \"win\", \"dev\"]\n",
		"src/lib.rs\n", "b.rs\n", "tests/t.rs\n", "benches/p.rs\n",
		"opt/Cargo.toml\n[package]\nname = \"opt\"\n", "opt/src/lib.rs\n", "opt/tests/none.rs\n",
		"win/Cargo.toml\n[package]\nname = \"win\"\n", "win/src/lib.rs\n",
		"dev/Cargo.toml\n[package]\nname = \"dev\"\n", "dev/src/lib.rs\n")
	w, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	p := w.Everything(append(slices.Clone(w.Members), w.Outside...))
	var got []string
	for _, c := range p.Compilations {
		if v := c.Cfg.Value(cfg.Name("windows")); v != cfg.Unknown {
			t.Errorf("%s %s: windows is %s", c.Package.Name, c.Target.Name, v)
		}
		line := fmt.Sprintf("%s: %s %s, %v", c.Package.Name, c.Target.Kind, c.Target.Name, slices.Sorted(maps.Keys(c.Externs)))
		if !slices.Contains(got, line) { // a library is there with and without cfg(test)
			got = append(got, line)
		}
	}
	slices.Sort(got)
	want := []string{
		"dev: lib dev, []",
		"hello: bench p, [dev hello opt win]",
		"hello: bin b, [dev hello opt win]",
		"hello: lib hello, [dev opt win]",
		"hello: lib hello, [opt win]",
		"hello: test t, [dev hello opt win]",
		"opt: lib opt, []",
		"win: lib win, []",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(p.Problems) > 0 {
		t.Errorf("problems: %v", p.Problems)
	}
}
