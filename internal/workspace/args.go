package workspace

import (
	"fmt"
	"slices"
	"strings"
)

// Args are the arguments of `cargo check` that have a say in what is compiled.
type Args struct {
	Workspace bool     // --workspace, --all
	Packages  []string // -p, --package: package specs and glob patterns
	Exclude   []string // --exclude

	Lib        bool
	Bins       bool
	Examples   bool
	Tests      bool
	Benches    bool
	AllTargets bool
	Bin        []string // names and glob patterns
	Example    []string
	Test       []string
	Bench      []string

	Features          []string // one a value, split at commas and spaces
	AllFeatures       bool
	NoDefaultFeatures bool

	Profile      string   // --profile; "release" for --release; "" is dev
	Target       []string // --target
	TargetDir    string   // --target-dir
	ManifestPath string   // --manifest-path
	Config       []string // --config
}

// argument says how an argument is read: one of the two is set.
type argument struct {
	flag  func(*Args)         // without a value
	value func(*Args, string) // with one
}

func list(field func(*Args) *[]string) argument {
	return argument{value: func(a *Args, v string) { f := field(a); *f = append(*f, v) }}
}

func flag(field func(*Args) *bool) argument {
	return argument{flag: func(a *Args) { *field(a) = true }}
}

// lookup returns how to read an argument of `cargo check` (cargo 1.95, `cargo
// help check`).
func lookup(name string) (argument, bool) {
	switch name {
	case "--workspace", "--all":
		return flag(func(a *Args) *bool { return &a.Workspace }), true
	case "-p", "--package":
		return list(func(a *Args) *[]string { return &a.Packages }), true
	case "--exclude":
		return list(func(a *Args) *[]string { return &a.Exclude }), true
	case "--lib":
		return flag(func(a *Args) *bool { return &a.Lib }), true
	case "--bins":
		return flag(func(a *Args) *bool { return &a.Bins }), true
	case "--examples":
		return flag(func(a *Args) *bool { return &a.Examples }), true
	case "--tests":
		return flag(func(a *Args) *bool { return &a.Tests }), true
	case "--benches":
		return flag(func(a *Args) *bool { return &a.Benches }), true
	case "--all-targets":
		return flag(func(a *Args) *bool { return &a.AllTargets }), true
	case "--bin":
		return list(func(a *Args) *[]string { return &a.Bin }), true
	case "--example":
		return list(func(a *Args) *[]string { return &a.Example }), true
	case "--test":
		return list(func(a *Args) *[]string { return &a.Test }), true
	case "--bench":
		return list(func(a *Args) *[]string { return &a.Bench }), true
	case "-F", "--features":
		return argument{value: func(a *Args, v string) {
			a.Features = append(a.Features, strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })...)
		}}, true
	case "--all-features":
		return flag(func(a *Args) *bool { return &a.AllFeatures }), true
	case "--no-default-features":
		return flag(func(a *Args) *bool { return &a.NoDefaultFeatures }), true
	case "-r", "--release":
		return argument{flag: func(a *Args) { a.Profile = "release" }}, true
	case "--profile":
		return argument{value: func(a *Args, v string) { a.Profile = v }}, true
	case "--target":
		return list(func(a *Args) *[]string { return &a.Target }), true
	case "--target-dir":
		return argument{value: func(a *Args, v string) { a.TargetDir = v }}, true
	case "--manifest-path":
		return argument{value: func(a *Args, v string) { a.ManifestPath = v }}, true
	case "--config":
		return list(func(a *Args) *[]string { return &a.Config }), true
	case "--locked", "--offline", "--frozen", "-q", "--quiet", "-v", "--verbose", "-vv",
		"--keep-going", "--ignore-rust-version", "--future-incompat-report", "--timings":
		return argument{flag: func(*Args) {}}, true // no influence
	case "-j", "--jobs", "--color", "--message-format":
		return argument{value: func(*Args, string) {}}, true // no influence
	}
	return argument{}, false
}

// ParseArgs reads arguments as after `cargo check`. An argument that is not
// understood is an error that names it; arguments without influence on what
// is compiled (--locked, -j, --quiet, …) are read and dropped. Values may
// follow as `--name value`, `--name=value`, `-pvalue` or `-p=value`.
func ParseArgs(args []string) (Args, error) {
	var a Args
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, value, attached := strings.Cut(arg, "=")
		if len(arg) > 2 && arg[0] == '-' && arg[1] != '-' && arg != "-vv" {
			name, value, attached = arg[:2], strings.TrimPrefix(arg[2:], "="), true
		}
		how, ok := lookup(name)
		switch {
		case !ok:
			return Args{}, fmt.Errorf("cargo check argument %q is not understood", arg)
		case how.flag != nil && attached && name == "--timings":
		case how.flag != nil && attached:
			return Args{}, fmt.Errorf("cargo check argument %q takes no value", name)
		case how.flag != nil:
			how.flag(&a)
		case attached:
			how.value(&a, value)
		case len(args) == 0 || strings.HasPrefix(args[0], "-") && args[0] != "-":
			return Args{}, fmt.Errorf("cargo check argument %q needs a value", arg)
		default:
			how.value(&a, args[0])
			args = args[1:]
		}
	}
	return a, a.check()
}

// check refuses what cargo refuses, and what only it can answer.
func (a *Args) check() error {
	switch {
	case len(a.Exclude) > 0 && !a.Workspace:
		return fmt.Errorf("--exclude can only be used together with --workspace")
	case slices.Contains(a.Features, ""):
		return fmt.Errorf("--features: an empty name")
	}
	for _, f := range a.Features {
		if strings.HasPrefix(f, "dep:") || strings.Count(f, "/") > 1 {
			return fmt.Errorf("--features %s: not a feature of a package", f)
		}
	}
	return nil
}

// named reports whether the arguments choose targets, so that not the default
// ones are built.
func (a *Args) named() bool {
	return a.AllTargets || a.Lib || a.Bins || a.Examples || a.Tests || a.Benches ||
		len(a.Bin)+len(a.Example)+len(a.Test)+len(a.Bench) > 0
}

// testProfile reports whether `--profile test` makes cargo check build
// everything with cfg(test) (cargo, bin/cargo/commands/check.rs).
func (a *Args) testProfile() bool { return a.Profile == "test" }

// devUnits reports whether something is built that sees dev-dependencies
// (cargo, ops/cargo_compile/compile_filter.rs, need_dev_deps).
func (a *Args) devUnits() bool {
	return a.testProfile() || a.AllTargets || a.Examples || a.Tests || a.Benches ||
		len(a.Example)+len(a.Test)+len(a.Bench) > 0
}
