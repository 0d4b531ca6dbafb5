package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

// TestAgainstCargo compares members, targets and plans with cargo's own, for
// each workspace in testdata/cargo, each resolver, each directory and each list
// of arguments. Where cargo fails, so must we. A part of the combinations is
// tried where no outside programs are required.
func TestAgainstCargo(t *testing.T) {
	c := newCargo(t)
	everything := os.Getenv("SQLXMAGE_REQUIRE") != ""
	files, err := filepath.Glob("testdata/cargo/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range variants(string(txtar.Format(archive))) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+v.name, func(t *testing.T) {
				t.Parallel()
				root := unpack(t, archive, v.replace)
				dirs, args, refused := directives(string(archive.Comment))
				c.run(t, root, dirs[0], "generate-lockfile")
				for j, dir := range dirs {
					c.compareMetadata(t, root, dir)
					for k, a := range args {
						if !everything && (i+j+k)%10 != 0 {
							continue
						}
						t.Run(dir+" "+a, func(t *testing.T) { c.comparePlan(t, root, dir, strings.Fields(a)) })
					}
					for _, a := range refused {
						if _, err := planOf(filepath.Join(root, dir), strings.Fields(a), c.platform); err == nil {
							t.Errorf("%s %s: not refused", dir, a)
						}
					}
				}
			})
		}
	}
}

type variant struct {
	name    string
	replace *strings.Replacer
}

// variants returns what stands for $RESOLVER and $ROOT, where a workspace has
// them.
func variants(text string) []variant {
	if !strings.Contains(text, "$RESOLVER") {
		return []variant{{"", strings.NewReplacer()}}
	}
	const rootPackage = "[package]\nname = \"root\"\nversion = \"0.1.0\"\nedition = \"2018\"\n\n" +
		"[features]\npg = [\"app/pg\"]\n\n[dependencies]\napp = { path = \"app\" }\n" +
		"[dev-dependencies]\nleaf = { path = \"leaf\" }\n"
	var list []variant
	for _, resolver := range []string{"1", "2", "3"} {
		list = append(list, variant{"/resolver " + resolver, strings.NewReplacer("$RESOLVER", resolver, "$ROOT", "")})
	}
	for _, resolver := range []string{"1", "2"} {
		list = append(list, variant{"/root package, resolver " + resolver,
			strings.NewReplacer("$RESOLVER", resolver, "$ROOT", rootPackage)})
	}
	return list
}

// directives reads an archive's comment: directories, arguments, and arguments
// that are left to cargo.
func directives(comment string) (dirs, args, refused []string) {
	for line := range strings.Lines(comment) {
		line = strings.TrimSpace(line)
		if list, ok := strings.CutPrefix(line, "dirs:"); ok {
			dirs = strings.Fields(list)
		} else if list, ok := strings.CutPrefix(line, "args:"); ok {
			args = append(args, strings.TrimSpace(list))
		} else if list, ok := strings.CutPrefix(line, "refused:"); ok {
			refused = append(refused, strings.TrimSpace(list))
		}
	}
	return dirs, args, refused
}

// unpack writes an archive to a directory whose path has no symbolic links.
func unpack(t *testing.T, archive *txtar.Archive, replace *strings.Replacer) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(replace.Replace(string(f.Data))), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// cargo is the real one.
type cargo struct {
	path     string
	platform cfg.Platform
}

func newCargo(t testing.TB) cargo {
	path := need.Program(t, "cargo")
	for _, name := range []string{"RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			os.Unsetenv(name)
			t.Cleanup(func() { os.Setenv(name, v) })
		}
	}
	platform, err := cfg.Host(context.Background(), ".")
	if err != nil {
		t.Fatal(err)
	}
	return cargo{path, platform}
}

func (c cargo) command(root, dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(c.path, args...)
	cmd.Dir = filepath.Join(root, filepath.FromSlash(dir))
	cmd.Env = append(cmd.Environ(), "CARGO_NET_OFFLINE=true", "RUSTC_BOOTSTRAP=1", "CARGO_TERM_COLOR=never")
	return cmd
}

func (c cargo) run(t *testing.T, root, dir string, args ...string) []byte {
	t.Helper()
	cmd := c.command(root, dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cargo %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// metadata is what `cargo metadata --no-deps` says, as far as it is compared.
type metadata struct {
	Packages []struct {
		ID       string
		Name     string
		Version  string
		Edition  string
		Manifest string `json:"manifest_path"`
		Links    string
		Features map[string][]string
		Targets  []struct {
			Kind             []string
			Name             string
			Path             string `json:"src_path"`
			Edition          string
			Test             bool
			RequiredFeatures []string `json:"required-features"`
		}
		Dependencies []struct {
			Name            string
			Req             string
			Rename          string
			Kind            string
			Optional        bool
			DefaultFeatures bool `json:"uses_default_features"`
			Features        []string
			Target          string
			Path            string
		}
	}
	Members        []string `json:"workspace_members"`
	DefaultMembers []string `json:"workspace_default_members"`
	Root           string   `json:"workspace_root"`
	TargetDir      string   `json:"target_directory"`
}

// compareMetadata compares a workspace with `cargo metadata --no-deps`.
func (c cargo) compareMetadata(t *testing.T, root, dir string) {
	t.Helper()
	out, err := c.command(root, dir, "metadata", "--no-deps", "--format-version=1", "--offline").Output()
	w, loadErr := Load(filepath.Join(root, filepath.FromSlash(dir)))
	if err != nil {
		if loadErr == nil && len(w.Problems) == 0 {
			t.Errorf("%s: cargo metadata fails, Load finds no problem: %v", dir, err)
		}
		return
	}
	if loadErr != nil {
		t.Errorf("%s: %v", dir, loadErr)
		return
	}
	var m metadata
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	if m.Root != w.Root || m.TargetDir != w.Config.TargetDir {
		t.Errorf("%s: root %s, target %s; want %s, %s", dir, w.Root, w.Config.TargetDir, m.Root, m.TargetDir)
	}
	// Elsewhere cargo takes the package it runs in for the only default member.
	atRoot := filepath.Join(root, filepath.FromSlash(dir)) == w.Root
	if diff := cmp.Diff(describeMetadata(&m, atRoot), describeWorkspace(w, atRoot)); diff != "" {
		t.Errorf("%s: (-cargo +Load)\n%s", dir, diff)
	}
}

func describeMetadata(m *metadata, atRoot bool) []string {
	var lines []string
	for _, p := range m.Packages {
		lines = append(lines, fmt.Sprintf("%s %s edition %s links %q in %s", p.Name, p.Version, p.Edition, p.Links, p.Manifest))
		for _, t := range p.Targets {
			kind := t.Kind[0]
			switch kind {
			case "rlib", "cdylib", "staticlib", "dylib", "proc-macro":
				kind = "lib"
			}
			if kind == "lib" {
				t.RequiredFeatures = nil // metadata gives them, the build ignores them
			}
			lines = append(lines, fmt.Sprintf("%s: %s %s %s edition %s test %v required %q", p.Name, kind, t.Name, t.Path, t.Edition, t.Test, t.RequiredFeatures))
		}
		for _, d := range p.Dependencies {
			if d.Rename == "" {
				d.Rename = d.Name
			}
			if d.Kind == "" {
				d.Kind = "normal"
			}
			slices.Sort(d.Features)
			lines = append(lines, fmt.Sprintf("%s: %s dependency %s is %s optional %v default %v features %q target %q path %s",
				p.Name, d.Kind, d.Rename, d.Name, d.Optional, d.DefaultFeatures, slices.Compact(d.Features), strings.ReplaceAll(d.Target, " ", ""), d.Path))
		}
		for f, values := range p.Features {
			lines = append(lines, fmt.Sprintf("%s: feature %s = %q", p.Name, f, values))
		}
		if atRoot && slices.Contains(m.DefaultMembers, p.ID) {
			lines = append(lines, p.Name+": default member")
		}
	}
	slices.Sort(lines)
	return lines
}

func describeWorkspace(w *Workspace, atRoot bool) []string {
	var lines []string
	for _, p := range w.Members {
		lines = append(lines, fmt.Sprintf("%s %s edition %s links %q in %s", p.Name, p.Version, p.Edition, p.Links, p.ManifestPath))
		for _, t := range p.Targets {
			lines = append(lines, fmt.Sprintf("%s: %s %s %s edition %s test %v required %q", p.Name, t.Kind, t.Name, t.Path, t.Edition, t.Test, t.RequiredFeatures))
		}
		for _, d := range p.Dependencies {
			features := slices.Clone(d.Features)
			slices.Sort(features)
			lines = append(lines, fmt.Sprintf("%s: %s dependency %s is %s optional %v default %v features %q target %q path %s",
				p.Name, [...]string{"normal", "dev", "build"}[d.Kind], d.Name, d.Package, d.Optional, d.DefaultFeatures, slices.Compact(features), strings.ReplaceAll(d.Target, " ", ""), d.Path))
		}
		for f, values := range p.Features {
			lines = append(lines, fmt.Sprintf("%s: feature %s = %q", p.Name, f, values))
		}
		if atRoot && slices.Contains(w.DefaultMembers, p) {
			lines = append(lines, p.Name+": default member")
		}
	}
	slices.Sort(lines)
	return lines
}

// unitGraph is what `cargo check --unit-graph` says.
type unitGraph struct {
	Units []struct {
		ID     string `json:"pkg_id"`
		Target struct {
			Kind []string
			Name string
			Path string `json:"src_path"`
		}
		Mode     string
		Features []string
		Profile  struct {
			DebugAssertions bool `json:"debug_assertions"`
		}
		Dependencies []struct {
			Name string `json:"extern_crate_name"`
			Unit int    `json:"index"`
		}
	}
	Roots []int
}

// comparePlan compares a plan with `cargo check --unit-graph`. The graph does
// not say which units are built with cfg(test): the dev-dependencies among
// their externs do.
func (c cargo) comparePlan(t *testing.T, root, dir string, args []string) {
	t.Helper()
	cmd := c.command(root, dir, append([]string{"check", "--unit-graph", "-Zunstable-options"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, cargoErr := cmd.Output()
	full := filepath.Join(root, filepath.FromSlash(dir))
	plan, err := planOf(full, args, c.platform)
	if (err == nil) != (cargoErr == nil) {
		t.Fatalf("cargo: %v\n%s\nplan: %v", cargoErr, stderr.String(), err)
	}
	if err != nil {
		return
	}
	var g unitGraph
	if err := json.Unmarshal(out, &g); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(describeGraph(&g, root), describePlan(plan, root)); diff != "" {
		t.Errorf("(-cargo +Plan)\n%s", diff)
	}
}

func planOf(dir string, args []string, platform cfg.Platform) (*Plan, error) {
	w, err := Load(dir)
	if err != nil {
		return nil, err
	}
	a, err := ParseArgs(args)
	if err != nil {
		return nil, err
	}
	return w.Plan(a, dir, platform)
}

// describeGraph gives a line for each compilation of a package below root. What
// is built again for build scripts and procedural macros, with the same
// features and code, counts once. Packages named leaf are left out.
func describeGraph(g *unitGraph, root string) []string {
	count := map[string]int{}
	for i, u := range g.Units {
		if u.Mode == "run-custom-build" || !strings.HasPrefix(u.Target.Path, root) || u.Target.Name == "leaf" {
			continue
		}
		externs := map[string]bool{}
		for _, d := range u.Dependencies {
			dep := g.Units[d.Unit]
			if kind := dep.Target.Kind[0]; dep.Mode == "run-custom-build" || kind == "bin" || kind == "cdylib" || kind == "staticlib" {
				continue
			}
			externs[d.Name] = true
		}
		line := fmt.Sprintf("%s %q debug %v sees %q", strings.TrimPrefix(u.Target.Path, root), u.Features,
			u.Profile.DebugAssertions, sortedKeys(externs))
		if slices.Contains(g.Roots, i) {
			count[line]++
		} else {
			count[line] += 0
		}
	}
	for line, n := range count {
		count[line] = max(n, 1)
	}
	return lines(count)
}

func describePlan(p *Plan, root string) []string {
	count := map[string]int{}
	for _, c := range slices.Concat(p.Compilations, p.Others) {
		if c.Package.Name == "leaf" {
			continue
		}
		count[fmt.Sprintf("%s %q debug %v sees %q", strings.TrimPrefix(c.Target.Path, root), c.Features,
			c.Cfg.Value(cfg.Name("debug_assertions")), sortedKeys(c.Externs))]++
	}
	return lines(count)
}

func lines(count map[string]int) []string {
	var lines []string
	for line, n := range count {
		lines = append(lines, fmt.Sprintf("%d× %s", n, line))
	}
	slices.Sort(lines)
	return lines
}

// TestExamplesAgainstCargo compares plans of the repository's own example,
// which depends on published crates, down to the features of each extern.
func TestExamplesAgainstCargo(t *testing.T) {
	c := newCargo(t)
	root, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.command(root, ".", "fetch", "--locked").CombinedOutput(); err != nil {
		cmd := exec.Command(c.path, "fetch", "--locked")
		cmd.Dir = root
		if more, err := cmd.CombinedOutput(); err != nil {
			need.Missing(t, "network", string(out)+string(more))
		}
	}
	c.compareMetadata(t, root, ".")
	for _, args := range []string{"", "--workspace --all-targets", "-p notes", "-p orders --tests", "-p notes --bins"} {
		t.Run(args, func(t *testing.T) {
			c.comparePlan(t, root, ".", strings.Fields(args))
			c.compareExterns(t, root, ".", strings.Fields(args))
		})
	}
}

// compareExterns compares the features of all externs, and of sqlx's macros.
func (c cargo) compareExterns(t *testing.T, root, dir string, args []string) {
	t.Helper()
	plan, err := planOf(filepath.Join(root, filepath.FromSlash(dir)), args, c.platform)
	if err != nil {
		t.Fatal(err)
	}
	var g unitGraph
	out := c.run(t, root, dir, append([]string{"check", "--unit-graph", "-Zunstable-options"}, args...)...)
	if err := json.Unmarshal(out, &g); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{} // target and extern → its features, in each role
	macros := map[string]bool{}   // features of sqlx-macros-core
	for _, u := range g.Units {
		for _, d := range u.Dependencies {
			key := u.Target.Path + " sees " + d.Name
			want[key] = append(want[key], fmt.Sprintf("%q", g.Units[d.Unit].Features))
		}
		if u.Target.Name == "sqlx_macros_core" {
			macros[fmt.Sprintf("%q", u.Features)] = true
		}
	}
	for _, comp := range plan.Compilations {
		for _, name := range sortedKeys(comp.Externs) {
			features, known := plan.Features(comp.Externs[name])
			key := comp.Target.Path + " sees " + name
			if got := fmt.Sprintf("%q", features); !known || !slices.Contains(want[key], got) {
				t.Errorf("%s: features %s (known %v), want %s", key, got, known, want[key])
			}
		}
		if s := plan.Sqlx(comp); s != nil && len(macros) > 0 && !macros[fmt.Sprintf("%q", s.MacroFeatures)] {
			t.Errorf("%s: sqlx-macros-core has %q, want %s", comp.Target.Path, s.MacroFeatures, sortedKeys(macros))
		}
	}
}

// TestAgainstRustc compares a plan with the command lines that cargo gives to
// rustc: which sources, which features, and whether cfg(test) is set.
func TestAgainstRustc(t *testing.T) {
	c := newCargo(t)
	archive, err := txtar.ParseFile("testdata/cargo/features.txtar")
	if err != nil {
		t.Fatal(err)
	}
	root := unpack(t, archive, strings.NewReplacer("$RESOLVER", "2", "$ROOT", ""))
	for _, args := range []string{"--workspace --all-targets", "-p app --benches"} {
		t.Run(args, func(t *testing.T) {
			cmd := c.command(root, ".", append(strings.Fields("check -v --offline --target-dir"),
				append([]string{t.TempDir()}, strings.Fields(args)...)...)...)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			plan, err := planOf(root, strings.Fields(args), c.platform)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, comp := range slices.Concat(plan.Compilations, plan.Others) {
				rel, _ := filepath.Rel(root, comp.Target.Path)
				got[fmt.Sprintf("%s %q test %v", filepath.ToSlash(rel), comp.Features, comp.Cfg.Value(cfg.Name("test")))] = true
			}
			if diff := cmp.Diff(invocations(string(out)), sortedKeys(got)); diff != "" {
				t.Errorf("(-rustc +Plan)\n%s", diff)
			}
		})
	}
}

// invocations reads the rustc command lines that `cargo check -v` shows.
func invocations(output string) []string {
	found := map[string]bool{}
	for line := range strings.Lines(output) {
		_, command, ok := strings.Cut(strings.TrimSpace(line), "rustc --crate-name ")
		if !ok || strings.HasPrefix(line, "error") {
			continue
		}
		source, test := "", false
		features := []string{}
		words := strings.Fields(command)
		for i, word := range words {
			switch {
			case strings.HasSuffix(word, ".rs") && source == "":
				source = filepath.ToSlash(word)
			case word == "--test", word == "test" && words[i-1] == "--cfg":
				test = true
			case strings.Contains(word, "feature=") && words[i-1] == "--cfg":
				features = append(features, strings.Trim(strings.Split(word, "=")[1], `'"\`))
			}
		}
		found[fmt.Sprintf("%s %q test %v", source, features, test)] = true
	}
	return sortedKeys(found)
}
