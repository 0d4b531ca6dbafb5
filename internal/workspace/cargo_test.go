package workspace

import (
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
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

// TestAgainstCargo compares members, targets and plans with cargo's own, for
// each workspace in testdata/cargo, each resolver, each directory and each list
// of arguments. Where cargo fails, so must we.
func TestAgainstCargo(t *testing.T) {
	platform := platformOf(t)
	files, err := filepath.Glob("testdata/cargo/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		record := oracle.Recorded(t, "cargo-"+name)
		for _, v := range variants(string(txtar.Format(archive))) {
			t.Run(name+v.name, func(t *testing.T) {
				t.Parallel()
				c := cargo{
					root: unpack(t, archive, v.replace), platform: platform,
					record: record, variant: strings.TrimPrefix(v.name, "/"), sources: v.replace.Replace(string(txtar.Format(archive))),
				}
				dirs, args, refused := directives(string(archive.Comment))
				c.putLock(t, dirs[0])
				for _, dir := range dirs {
					c.compareMetadata(t, dir)
					for _, a := range args {
						t.Run(dir+" "+a, func(t *testing.T) { c.comparePlan(t, dir, strings.Fields(a)) })
					}
					for _, a := range refused {
						if _, err := c.plan(dir, strings.Fields(a)); err == nil {
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

// cargo is the real one on a workspace, or what is recorded of it.
type cargo struct {
	root     string
	platform cfg.Platform
	record   *oracle.Answers // nil: it is asked each time
	variant  string          // for people
	sources  string          // all of the workspace's files
}

// platformOf returns the host's platform, for which cargo plans, and without
// cargo the one that the record was made on.
func platformOf(t testing.TB) cfg.Platform {
	t.Helper()
	if !need.Live() {
		return linux(t)
	}
	for _, name := range []string{"RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"} {
		if v, ok := os.LookupEnv(name); ok {
			os.Unsetenv(name)
			t.Cleanup(func() { os.Setenv(name, v) })
		}
	}
	platform, err := cfg.Host(context.Background(), ".")
	if err != nil {
		t.Fatal(err)
	}
	return platform
}

// answer is what cargo says, in lines, without the place of the workspace.
type answer struct {
	Failed bool     `json:"failed,omitempty"`
	Lines  []string `json:"lines,omitempty"`
}

// ask runs cargo in a directory of the workspace, where that is not recorded,
// and reads its output.
func (c cargo) ask(t *testing.T, dir string, args []string, read func(out []byte) []string) answer {
	t.Helper()
	real := func() answer {
		out, err := c.command(t, dir, args...).Output()
		if err != nil {
			return answer{Failed: true}
		}
		return answer{Lines: read(out)}
	}
	if c.record == nil {
		return real()
	}
	about := strings.TrimSpace(c.variant + " in " + dir + ": cargo " + strings.Join(args, " "))
	return oracle.Ask(t, c.record, about, []any{c.sources, dir, args}, real)
}

func (c cargo) command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(need.Program(t, "cargo"), args...)
	cmd.Dir = filepath.Join(c.root, filepath.FromSlash(dir))
	cmd.Env = append(cmd.Environ(), "CARGO_NET_OFFLINE=true", "RUSTC_BOOTSTRAP=1", "CARGO_TERM_COLOR=never")
	return cmd
}

// putLock makes the lock file that cargo makes.
func (c cargo) putLock(t *testing.T, dir string) {
	t.Helper()
	path := ""
	made := c.ask(t, dir, []string{"generate-lockfile"}, func([]byte) []string {
		w, err := Load(filepath.Join(c.root, filepath.FromSlash(dir)))
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(w.Root, "Cargo.lock")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(string(data), "\n")
	})
	if made.Failed {
		t.Fatal("cargo makes no lock file")
	}
	if path == "" {
		w, err := Load(filepath.Join(c.root, filepath.FromSlash(dir)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(w.Root, "Cargo.lock"), []byte(strings.Join(made.Lines, "\n")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// placeless takes the place of the workspace out of lines, and puts them in
// order.
func (c cargo) placeless(lines []string) []string {
	for i, line := range lines {
		lines[i] = filepath.ToSlash(strings.ReplaceAll(line, c.root, "$ROOT"))
	}
	slices.Sort(lines)
	return lines
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
func (c cargo) compareMetadata(t *testing.T, dir string) {
	t.Helper()
	// Elsewhere cargo takes the package it runs in for the only default member.
	full := filepath.Join(c.root, filepath.FromSlash(dir))
	want := c.ask(t, dir, strings.Fields("metadata --no-deps --format-version=1 --offline"), func(out []byte) []string {
		var m metadata
		if err := json.Unmarshal(out, &m); err != nil {
			t.Fatal(err)
		}
		return c.placeless(describeMetadata(&m, full == m.Root))
	})
	w, err := Load(full)
	switch {
	case want.Failed:
		if err == nil && len(w.Problems) == 0 {
			t.Errorf("%s: cargo metadata fails, Load finds no problem", dir)
		}
	case err != nil:
		t.Errorf("%s: %v", dir, err)
	default:
		if diff := cmp.Diff(want.Lines, c.placeless(describeWorkspace(w, full == w.Root))); diff != "" {
			t.Errorf("%s: (-cargo +Load)\n%s", dir, diff)
		}
	}
}

func describeMetadata(m *metadata, atRoot bool) []string {
	lines := []string{"root " + m.Root + " target " + m.TargetDir}
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
	return lines
}

func describeWorkspace(w *Workspace, atRoot bool) []string {
	lines := []string{"root " + w.Root + " target " + w.Config.TargetDir}
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
func (c cargo) comparePlan(t *testing.T, dir string, args []string) {
	t.Helper()
	want := c.ask(t, dir, append(strings.Fields("check --unit-graph -Zunstable-options"), args...), func(out []byte) []string {
		var g unitGraph
		if err := json.Unmarshal(out, &g); err != nil {
			t.Fatal(err)
		}
		return c.placeless(describeGraph(&g, c.root))
	})
	plan, err := c.plan(dir, args)
	if (err != nil) != want.Failed {
		t.Fatalf("cargo fails: %v; plan: %v", want.Failed, err)
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(want.Lines, c.placeless(describePlan(plan, c.root))); diff != "" {
		t.Errorf("(-cargo +Plan)\n%s", diff)
	}
}

func (c cargo) plan(dir string, args []string) (*Plan, error) {
	return planOf(filepath.Join(c.root, filepath.FromSlash(dir)), args, c.platform)
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
	need.LiveOracle(t, "compares features of published crates, which cargo downloads")
	root, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(need.Program(t, "cargo"), "fetch", "--locked")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := cargo{root: root, platform: platformOf(t)}
	c.compareMetadata(t, ".")
	for _, args := range []string{"", "--workspace --all-targets", "-p notes", "-p orders --tests", "-p notes --bins"} {
		t.Run(args, func(t *testing.T) {
			c.comparePlan(t, ".", strings.Fields(args))
			c.compareExterns(t, ".", strings.Fields(args))
		})
	}
}

// compareExterns compares the features of all externs, and of sqlx's macros.
func (c cargo) compareExterns(t *testing.T, dir string, args []string) {
	t.Helper()
	plan, err := c.plan(dir, args)
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.command(t, dir, append(strings.Fields("check --unit-graph -Zunstable-options"), args...)...).Output()
	var g unitGraph
	if err == nil {
		err = json.Unmarshal(out, &g)
	}
	if err != nil {
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
	archive, err := txtar.ParseFile("testdata/cargo/features.txtar")
	if err != nil {
		t.Fatal(err)
	}
	replace := strings.NewReplacer("$RESOLVER", "2", "$ROOT", "")
	c := cargo{
		root: unpack(t, archive, replace), platform: platformOf(t),
		record: oracle.Recorded(t, "cargo-rustc"), sources: replace.Replace(string(txtar.Format(archive))),
	}
	c.putLock(t, ".")
	for _, args := range []string{"--workspace --all-targets", "-p app --benches"} {
		t.Run(args, func(t *testing.T) {
			want := oracle.Ask(t, c.record, "cargo check -v "+args, c.sources, func() []string {
				cmd := c.command(t, ".", append([]string{"check", "-v", "--target-dir", t.TempDir()}, strings.Fields(args)...)...)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				return invocations(string(out))
			})
			plan, err := c.plan(".", strings.Fields(args))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, comp := range slices.Concat(plan.Compilations, plan.Others) {
				rel, _ := filepath.Rel(c.root, comp.Target.Path)
				got[fmt.Sprintf("%s %q test %v", filepath.ToSlash(rel), comp.Features, comp.Cfg.Value(cfg.Name("test")))] = true
			}
			if diff := cmp.Diff(want, sortedKeys(got)); diff != "" {
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
