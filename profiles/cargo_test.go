package profiles

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// tinyWorkspace is a workspace of two packages, one depending on the other by
// its path: nothing is downloaded.
func tinyWorkspace(t *testing.T, files map[string]string) string {
	all := map[string]string{
		"Cargo.toml":       "[workspace]\nresolver = \"2\"\nmembers = [\"app\", \"lib\"]\n",
		"app/Cargo.toml":   "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nlib = { path = \"../lib\" }\n",
		"app/build.rs":     "fn main() {}\n",
		"app/src/main.rs":  "fn main() { println!(\"{}\", lib::one()); }\n",
		"lib/Cargo.toml":   "[package]\nname = \"lib\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
		"lib/src/lib.rs":   "pub fn one() -> u8 { 1 }\n",
		".cargo/unrelated": "",
	}
	for name, text := range files {
		all[name] = text
	}
	return root(t, all)
}

// cargo runs cargo and returns the units it had to compile, by name and kind.
func cargo(t *testing.T, dir string, args ...string) (compiled []string) {
	t.Helper()
	cmd := exec.Command(need.Program(t, "cargo"), append(args, "--offline", "--message-format=json")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CARGO_TARGET_DIR="+filepath.Join(dir, "target"), "RUSTFLAGS=", "RUSTC_WRAPPER=")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("cargo %v: %v\n%s", args, err, &stderr)
	}
	if strings.Contains(stderr.String(), "warning") {
		t.Errorf("cargo %v warns:\n%s", args, &stderr)
	}
	units := 0
	for line := range strings.Lines(stdout.String()) {
		var message struct {
			Reason string
			Fresh  bool
			Target struct {
				Name string
				Kind []string
			}
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatal(err)
		}
		if message.Reason != "compiler-artifact" {
			continue
		}
		units++
		if !message.Fresh {
			compiled = append(compiled, message.Target.Name+" "+message.Target.Kind[0])
		}
	}
	if units == 0 {
		t.Fatalf("cargo %v reports no unit", args)
	}
	return compiled
}

// Neither the installation nor its removal makes cargo build anything anew,
// and cargo takes what is installed, in every form a file may have before.
func TestCargo(t *testing.T) {
	need.Program(t, "cargo")
	dir := tinyWorkspace(t, nil)
	p := load(t, "sqlx-prepare")
	fresh := func(when string) {
		t.Helper()
		for _, verb := range []string{"check", "build"} {
			if compiled := cargo(t, dir, verb); len(compiled) > 0 {
				t.Errorf("%s, cargo %s compiles %v", when, verb, compiled)
			}
		}
	}
	if len(cargo(t, dir, "check")) == 0 || len(cargo(t, dir, "build")) == 0 {
		t.Fatal("the first run compiles nothing")
	}
	install(t, dir, p, Installed)
	fresh("installed")
	compiled := cargo(t, dir, "check", "--profile", p.Name)
	slices.Sort(compiled)
	if diff := cmp.Diff([]string{"app bin", "build-script-build custom-build", "lib lib"}, compiled); diff != "" {
		t.Error(diff)
	}
	fresh("used")
	install(t, dir, with(t, p, map[string]any{"codegen-units": 16}), Updated)
	fresh("updated")
	remove(t, dir, p, RemoveOptions{}, Removed)
	fresh("removed")
	// Without the file, the arguments stand for it.
	if compiled := cargo(t, dir, append([]string{"check", "--profile", p.Name}, p.ConfigArgs()...)...); len(compiled) > 0 {
		t.Errorf("the arguments are another profile: compiled %v", compiled)
	}
	for _, name := range []string{"sqlx-check", "lint-only"} {
		install(t, dir, load(t, name), Installed)
		cargo(t, dir, "check", "--profile", name)
	}
}

// What cargo's own TOML parser makes of the file afterwards.
func TestCargoReads(t *testing.T) {
	need.Program(t, "cargo")
	p := load(t, "sqlx-prepare")
	for _, name := range []string{"BOM", "CRLF", "dotted profile", "profile table", "no newline", "other profiles"} {
		t.Run(name, func(t *testing.T) {
			dir := tinyWorkspace(t, map[string]string{config: reversible[name]})
			install(t, dir, p, Installed)
			cargo(t, dir, "check", "--profile", p.Name)
		})
	}
	t.Run("older config", func(t *testing.T) {
		dir := tinyWorkspace(t, map[string]string{".cargo/config": "# mine\n"})
		install(t, dir, p, Installed)
		cmd := exec.Command("cargo", "check", "--offline", "--profile", p.Name) // cargo warns of its name
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}
