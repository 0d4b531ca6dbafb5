package cfg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// Platform is what rustc compiles for.
type Platform struct {
	Triple string // "": none in particular
	Cfg    Set    // as `rustc --print cfg` says, debug_assertions included
	Asked  bool   // rustc said so; false: from the table, target_feature unknown
}

// Matches evaluates a dependency table's target: "cfg(…)" or a triple.
func (p Platform) Matches(target string) (Value, error) {
	inner, ok := strings.CutPrefix(target, "cfg(")
	if !ok {
		switch p.Triple {
		case target:
			return True, nil
		case "":
			return Unknown, nil
		}
		return False, nil
	}
	inner, ok = strings.CutSuffix(inner, ")")
	if !ok {
		return Unknown, fmt.Errorf("cfg %q: no closing parenthesis", target)
	}
	pred, err := Parse(inner)
	if err != nil {
		return Unknown, fmt.Errorf("%s: %w", target, err)
	}
	return pred.Eval(p.Cfg), nil
}

// Host asks the rustc that a build in dir uses ($RUSTC, else the one on PATH,
// which rustup may choose by dir) what it compiles for. It takes some 30 ms, so
// a caller may want to keep the answer. Where rustc is missing or does not
// answer, for instance because a pinned toolchain is not installed, the answer
// is [Builtin]'s; the error then is Builtin's, or the context's.
func Host(ctx context.Context, dir string) (Platform, error) {
	out, err := ask(ctx, dir, "--print", "cfg", "--print", "host-tuple")
	var failed *exec.ExitError
	if errors.As(err, &failed) && strings.Contains(string(failed.Stderr), "host-tuple") { // before rustc 1.84
		var version string
		out, err = ask(ctx, dir, "--print", "cfg")
		if err == nil {
			version, err = ask(ctx, dir, "-vV")
		}
		_, host, _ := strings.Cut(version, "\nhost: ")
		host, _, _ = strings.Cut(host, "\n")
		out += host
	}
	if ctx.Err() != nil {
		return Platform{}, fmt.Errorf("ask rustc for its cfg: %w", ctx.Err())
	}
	if err == nil {
		if p, err := parseHost(out); err == nil {
			return p, nil
		}
	}
	return Builtin(runtime.GOOS, runtime.GOARCH)
}

// ask runs rustc and returns its output with LF line ends.
func ask(ctx context.Context, dir string, args ...string) (string, error) {
	rustc := os.Getenv("RUSTC")
	if rustc == "" {
		rustc = "rustc"
	}
	cmd := exec.CommandContext(ctx, rustc, args...)
	cmd.Dir = dir
	// A toolchain that is not there must not be downloaded for a question.
	cmd.Env = append(proc.WithoutDatabases(cmd.Environ()), "RUSTUP_AUTO_INSTALL=0")
	out, err := cmd.Output()
	return strings.ReplaceAll(string(out), "\r\n", "\n"), err
}

// parseHost reads what `rustc --print cfg --print host-tuple` prints.
func parseHost(out string) (Platform, error) {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := len(lines) - 1
	var options []Option
	for _, line := range lines[:last] {
		o, err := ParseOption(line)
		if err != nil {
			return Platform{}, fmt.Errorf("rustc --print cfg: %w", err)
		}
		options = append(options, o)
	}
	if strings.Count(lines[last], "-") < 1 || len(options) == 0 {
		return Platform{}, fmt.Errorf("rustc --print host-tuple: %q", lines[last])
	}
	return Platform{Triple: lines[last], Cfg: Set{}.With(options...), Asked: true}, nil
}

// Builtin returns what rustc's default host toolchain for a system compiles
// for, by Go's names of it. Which target features are enabled differs between
// versions of rustc, so target_feature is unknown.
func Builtin(goos, goarch string) (Platform, error) {
	arch, ok := map[string]struct{ name, triple, width, atomics string }{
		"amd64":   {"x86_64", "x86_64", "64", "8 16 32 64 ptr"},
		"arm64":   {"aarch64", "aarch64", "64", "8 16 32 64 128 ptr"},
		"386":     {"x86", "i686", "32", "8 16 32 64 ptr"},
		"riscv64": {"riscv64", "riscv64gc", "64", "8 16 32 64 ptr"},
	}[goarch]
	system, ok2 := map[string]struct {
		vendor, os, env, family string
	}{
		"linux":   {"unknown", "linux", "gnu", "unix"},
		"darwin":  {"apple", "macos", "", "unix"},
		"windows": {"pc", "windows", "msvc", "windows"},
		"freebsd": {"unknown", "freebsd", "", "unix"},
	}[goos]
	if !ok || !ok2 {
		return Platform{}, fmt.Errorf("no rustc, and nothing known of %s/%s", goos, goarch)
	}
	set := Set{}.With(
		Name("debug_assertions"),
		Name(system.family),
		KeyValue("panic", "unwind"),
		KeyValue("target_abi", ""),
		KeyValue("target_arch", arch.name),
		KeyValue("target_endian", "little"),
		KeyValue("target_env", system.env),
		KeyValue("target_family", system.family),
		KeyValue("target_os", system.os),
		KeyValue("target_pointer_width", arch.width),
		KeyValue("target_vendor", system.vendor),
	)
	for _, width := range strings.Fields(arch.atomics) {
		set = set.With(KeyValue("target_has_atomic", width))
	}
	triple := strings.Join([]string{arch.triple, system.vendor, system.os}, "-")
	if goos == "darwin" {
		triple = arch.triple + "-apple-darwin"
	}
	if system.env != "" {
		triple += "-" + system.env
	}
	unknown := []string{"target_feature"}
	if goarch == "amd64" && goos != "linux" || goarch == "arm64" {
		unknown = append(unknown, "target_has_atomic") // 128 bits: depends on the version
	}
	return Platform{Triple: triple, Cfg: set.WithUnknown(unknown...)}, nil
}
