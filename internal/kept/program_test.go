package kept

import (
	"encoding/binary"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// TestProgram: a program knows itself, and each process of it says the same.
func TestProgram(t *testing.T) {
	first := program()
	if first == "" {
		t.Fatal("this program is unknown")
	}
	if !strings.HasPrefix(first, "build ") {
		t.Errorf("a test's program should be known by its build ID: %q", first)
	}
	cmd := command(t, "identity", filepath.Join(t.TempDir(), "store"))
	out, err := cmd.Output()
	if err != nil || strings.TrimSpace(string(out)) != first {
		t.Errorf("%q and %q, %v", first, out, err)
	}
}

// TestProgramBuilds: what is built of other sources, or otherwise, is another
// program; the same is the same, wherever it lies.
func TestProgramBuilds(t *testing.T) {
	goTool := need.Program(t, "go")
	build := func(how ...string) string {
		path := filepath.Join(t.TempDir(), "program")
		args := append(append([]string{"build", "-o", path}, how...), "./testdata/identity")
		if out, err := proc.Command(t.Context(), goTool, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		out, err := proc.Command(t.Context(), path).Output()
		if err != nil || len(out) == 0 {
			t.Fatalf("%q, %v", out, err)
		}
		return string(out)
	}
	seen := map[string]string{}
	for name, how := range map[string][]string{
		"plain":            nil,
		"another constant": {"-ldflags=-X main.behaviour=other"},
		"without build ID": {"-ldflags=-buildid="},
	} {
		id := build(how...)
		if other, twice := seen[id]; twice {
			t.Errorf("%s is taken for %s", name, other)
		}
		seen[id] = name
	}
	if again := build(); seen[again] != "plain" {
		t.Errorf("the same build is another program: %q", again)
	}
}

func TestBuildID(t *testing.T) {
	note := func(order binary.AppendByteOrder) string {
		b := order.AppendUint32([]byte("\x7fELF…"), 4)
		b = order.AppendUint32(b, 9)
		b = order.AppendUint32(b, 4)
		return string(b) + "Go\x00\x00" + "abc/d_-/e" + "\x00rest"
	}
	for _, test := range []struct{ name, begin, want string }{
		{"nothing", "", ""},
		{"no program", "#!/bin/sh\necho Go\x00\x00", ""},
		{"ELF, little end first", note(binary.LittleEndian), "abc/d_-/e"},
		{"ELF, big end first", note(binary.BigEndian), "abc/d_-/e"},
		{"a cut note", note(binary.LittleEndian)[:len(note(binary.LittleEndian))-10], ""},
		{"quoted", "MZ…\xff Go build ID: \"abc/d_-/e\"\n \xffcode", "abc/d_-/e"},
		{"quoted, and empty", "MZ…\xff Go build ID: \"\"\n \xffcode", ""},
		{"quoted, and cut", "MZ…\xff Go build ID: \"abc", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := buildID([]byte(test.begin)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestPublished(t *testing.T) {
	own := &debug.Module{Path: module, Version: "v0.2.0", Sum: "h1:own="}
	dep := &debug.Module{Path: "example.com/dep", Version: "v1.0.0", Sum: "h1:dep="}
	local := &debug.Module{Path: "example.com/dep", Version: "v1.0.0", Replace: &debug.Module{Path: "../dep"}}
	user := debug.Module{Path: "example.com/shop", Version: "(devel)"}
	info := func(main debug.Module, deps ...*debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26", Main: main, Deps: deps}
	}
	for _, test := range []struct {
		name string
		info *debug.BuildInfo
		ok   bool
	}{
		{"installed by version", info(*own, dep), true},
		{"a magefile that takes the targets", info(user, own, dep), true},
		{"a checkout", info(debug.Module{Path: module, Version: "v0.2.1-0.2026+dirty"}, dep), false},
		{"with a folder in place of a module", info(user, own, local), false},
		{"ourselves from a folder", info(user, &debug.Module{Path: module, Replace: &debug.Module{Path: "../sqlxmage"}}, dep), false},
		{"another program", info(user, dep), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := published(test.info); (got != "") != test.ok {
				t.Errorf("%q", got)
			}
		})
	}
	base := published(info(user, own, dep))
	newer := *dep
	newer.Version, newer.Sum = "v1.1.0", "h1:newer="
	other := info(user, own, dep)
	other.GoVersion = "go1.27"
	tagged := info(user, own, dep)
	tagged.Settings = []debug.BuildSetting{{Key: "-tags", Value: "x"}}
	stamped := info(debug.Module{Path: "example.com/other"}, own, dep)
	stamped.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}}
	for name, test := range map[string]struct {
		info *debug.BuildInfo
		same bool
	}{
		"a newer module":                      {info(user, own, &newer), false},
		"another compiler":                    {other, false},
		"another setting":                     {tagged, false},
		"another magefile of another project": {stamped, true},
	} {
		if (published(test.info) == base) != test.same {
			t.Errorf("%s: the same program: %v", name, !test.same)
		}
	}
}

// BenchmarkProgram: that a program finds out what it is takes no time that
// counts.
func BenchmarkProgram(b *testing.B) {
	for b.Loop() {
		if info, ok := debug.ReadBuildInfo(); ok {
			published(info)
		}
		if executable() == "" {
			b.Fatal("unknown")
		}
	}
}
