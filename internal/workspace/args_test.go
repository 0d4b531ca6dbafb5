package workspace

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseArgs(t *testing.T) {
	for _, c := range []struct {
		args string
		want Args
	}{
		{"", Args{}},
		{"--workspace --all-targets --all-features", Args{Workspace: true, AllTargets: true, AllFeatures: true}},
		{"--all --exclude a --exclude=b*", Args{Workspace: true, Exclude: []string{"a", "b*"}}},
		{"-p a -pb --package c --package=d@1.0", Args{Packages: []string{"a", "b", "c", "d@1.0"}}},
		{"-p=a", Args{Packages: []string{"a"}}},
		{"--lib --bins --examples --tests --benches", Args{Lib: true, Bins: true, Examples: true, Tests: true, Benches: true}},
		{"--bin x --bin=y --example e --test t* --bench b", Args{Bin: []string{"x", "y"}, Example: []string{"e"}, Test: []string{"t*"}, Bench: []string{"b"}}},
		{"-F a,b --features c/d --features=e,,f --no-default-features", Args{Features: []string{"a", "b", "c/d", "e", "f"}, NoDefaultFeatures: true}},
		{"-Fa", Args{Features: []string{"a"}}},
		{"--release", Args{Profile: "release"}},
		{"-r", Args{Profile: "release"}},
		{"--profile sqlx-prepare", Args{Profile: "sqlx-prepare"}},
		{"--target x86_64-unknown-linux-gnu --target-dir t --manifest-path a/Cargo.toml", Args{
			Target: []string{"x86_64-unknown-linux-gnu"}, TargetDir: "t", ManifestPath: "a/Cargo.toml"}},
		{"--config a=1 --config b.toml", Args{Config: []string{"a=1", "b.toml"}}},
		{"--locked --offline --frozen -q --quiet -v -vv --verbose -j 2 -j4 --jobs=1 --keep-going --timings=html " +
			"--color never --message-format=json --ignore-rust-version --future-incompat-report", Args{}},
	} {
		t.Run(c.args, func(t *testing.T) {
			got, err := ParseArgs(strings.Fields(c.args))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got, err := ParseArgs([]string{"--features", "a b, c"}); err != nil || len(got.Features) != 3 {
		t.Errorf("features with spaces: %q, %v", got.Features, err)
	}
}

func TestParseArgsErrors(t *testing.T) {
	for args, want := range map[string]string{
		"--frob":             `cargo check argument "--frob" is not understood`,
		"+nightly":           `cargo check argument "+nightly" is not understood`,
		"package":            `cargo check argument "package" is not understood`,
		"-Z build-std":       `cargo check argument "-Z" is not understood`,
		"-Zbuild-std":        `cargo check argument "-Zbuild-std" is not understood`,
		"-- x":               `cargo check argument "--" is not understood`,
		"--package":          `cargo check argument "--package" needs a value`,
		"--test --lib":       `cargo check argument "--test" needs a value`,
		"--lib=true":         `cargo check argument "--lib" takes no value`,
		"--exclude a":        `--exclude can only be used together with --workspace`,
		"--features dep:a":   `--features dep:a: not a feature of a package`,
		"--features a/b/c":   `--features a/b/c: not a feature of a package`,
		"--workspace=a":      `cargo check argument "--workspace" takes no value`,
		"-":                  `cargo check argument "-" is not understood`,
		"--unit-graph --lib": `cargo check argument "--unit-graph" is not understood`,
	} {
		if _, err := ParseArgs(strings.Fields(args)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", args, err, want)
		}
	}
}

func FuzzParseArgs(f *testing.F) {
	for _, seed := range []string{"", "--workspace\x00-p\x00a", "-Fa,b\x00--bin=x", "-vv\x00-j\x00-1", "--=\x00-=", "--features\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		args := strings.Split(joined, "\x00")
		a, err := ParseArgs(args)
		if err != nil {
			return
		}
		// What is understood stays understood, and the same, when repeated.
		again, err := ParseArgs(append(args, args...))
		if err != nil || a.Workspace != again.Workspace || len(again.Packages) != 2*len(a.Packages) || a.Profile != again.Profile {
			t.Fatalf("%q: %+v, twice %+v, %v", args, a, again, err)
		}
	})
}
