package cfg

import (
	"context"
	"flag"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
)

func TestEval(t *testing.T) {
	closed := Set{}.With(Name("unix"), Name("test"), KeyValue("feature", "default"),
		KeyValue("feature", "a b"), KeyValue("target_os", "linux"), KeyValue("v", ""), Name("true"))
	some := closed.WithUnknown("maybe")
	open := closed.Opened()
	for _, c := range []struct {
		src                string
		closed, some, open Value
	}{
		{`unix`, True, True, True},
		{`windows`, False, False, False},
		{`foo`, False, False, Unknown},
		{`maybe`, False, Unknown, Unknown},
		{`maybe = "x"`, False, Unknown, Unknown},
		{`not(maybe)`, True, Unknown, Unknown},
		{`any(maybe, unix)`, True, True, True},
		{`all(maybe, windows)`, False, False, False},
		{`all(maybe, unix)`, False, Unknown, Unknown},
		{`any(maybe, windows)`, False, Unknown, Unknown},
		{`feature = "default"`, True, True, True},
		{`feature = "other"`, False, False, False},
		{`feature = "a\u{20}b"`, True, True, True},
		{`feature = r"a b"`, True, True, True},
		{`feature = r##"a b"##`, True, True, True},
		{"feature = \"a \\\n   b\"", True, True, True},
		{`feature=/* "x" /* y */ */"default" // end`, True, True, True},
		{`v`, False, False, Unknown},
		{`v = ""`, True, True, True},
		{`all()`, True, True, True},
		{`any()`, False, False, False},
		{`not(all())`, False, False, False},
		{`all(unix, test,)`, True, True, True},
		{`unix,`, True, True, True},
		{`true`, True, True, True},
		{`false`, False, False, False},
		{`r#true`, True, True, True},
		{`r#false`, False, False, Unknown},
		{`r#unix`, True, True, True},
		{"all(\n  not(any(windows, target_os = \"macos\")),\r\n\tany(test))", True, True, True},
	} {
		t.Run(c.src, func(t *testing.T) {
			p, err := Parse(c.src)
			if err != nil {
				t.Fatal(err)
			}
			if got := [3]Value{p.Eval(closed), p.Eval(some), p.Eval(open)}; got != [3]Value{c.closed, c.some, c.open} {
				t.Errorf("got %v, want %v", got, [3]Value{c.closed, c.some, c.open})
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for src, want := range map[string]string{
		``:                          `cfg: offset 0: expected a name, found ""`,
		`all(unix`:                  "cfg: offset 8: expected `,` or `)`",
		`all(,)`:                    `cfg: offset 4: expected a name, found ",)"`,
		`all(unix,,)`:               `cfg: offset 9: expected a name, found ",)"`,
		`not(unix, test)`:           `cfg: offset 4: not() takes one predicate`,
		`not()`:                     `cfg: offset 4: not() takes one predicate`,
		`feature = default`:         `cfg: offset 10: expected a string, found "default"`,
		`feature = "x`:              `cfg: offset 10: unterminated string`,
		`feature = "\q"`:            `cfg: offset 10: unknown escape in "\q"`,
		`feature = "\xff"`:          `cfg: offset 10: unknown escape in "\xff"`,
		`unix windows`:              `cfg: offset 5: unexpected "windows"`,
		`accessible(std::mem)`:      "cfg: offset 14: expected `,` or `)`",
		`version("1.2")`:            `cfg: offset 8: expected a name, found "\"1.2\")"`,
		`some(unix)`:                `cfg: offset 5: unknown predicate some()`,
		`"x"`:                       `cfg: offset 0: expected a name, found "\"x\""`,
		strings.Repeat("not(", 200): `cfg: offset 516: nested too deeply`,
	} {
		if _, err := Parse(src); err == nil || err.Error() != want {
			t.Errorf("%.20s: got %v, want %s", src, err, want)
		}
	}
}

func TestSetIsAValue(t *testing.T) {
	a := Set{}.With(Name("a"), KeyValue("k", "1"), KeyValue("k", "2"))
	b := a.With(Name("b"))
	c := b.Without("k").WithUnknown("u")
	if a.Value(Name("b")) != False || b.Value(KeyValue("k", "1")) != True || b.Value(Name("u")) != False ||
		c.Value(KeyValue("k", "2")) != False || c.Value(Name("u")) != Unknown {
		t.Errorf("a %v, b %v, c %v", a.Options(), b.Options(), c.Options())
	}
}

func TestMatches(t *testing.T) {
	p := Platform{Triple: "x86_64-unknown-linux-gnu", Cfg: Set{}.With(Name("unix"))}
	for target, want := range map[string]Value{
		"x86_64-unknown-linux-gnu": True, "x86_64-pc-windows-msvc": False,
		"cfg(unix)": True, "cfg(not(unix))": False, `cfg(any(windows, unix))`: True,
	} {
		if got, err := p.Matches(target); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", target, got, err, want)
		}
	}
	for _, target := range []string{"cfg(unix", "cfg()", "cfg(unix))"} {
		if got, err := p.Matches(target); err == nil || got != Unknown {
			t.Errorf("%s: %v, %v, want unknown and an error", target, got, err)
		}
	}
}

func TestHost(t *testing.T) {
	need.Program(t, "rustc")
	p, err := Host(context.Background(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Asked || p.Cfg.Value(KeyValue("panic", "unwind")) != True || !strings.Contains(p.Triple, "-") {
		t.Errorf("%+v", p)
	}
	t.Setenv("RUSTC", "no-such-program")
	if p, err := Host(context.Background(), "."); err != nil || p.Asked {
		t.Errorf("without rustc: %+v, %v", p, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Host(ctx, "."); err == nil {
		t.Error("cancelled: no error")
	}
}

var _ = flag.Bool("update", false, "write what rustc answers into the record")

// TestBuiltin compares the table with rustc: no known answer may differ.
func TestBuiltin(t *testing.T) {
	record := oracle.Recorded(t, "rustc-cfg")
	for _, c := range []struct{ goos, goarch, triple string }{
		{"linux", "amd64", "x86_64-unknown-linux-gnu"},
		{"linux", "arm64", "aarch64-unknown-linux-gnu"},
		{"linux", "386", "i686-unknown-linux-gnu"},
		{"linux", "riscv64", "riscv64gc-unknown-linux-gnu"},
		{"darwin", "amd64", "x86_64-apple-darwin"},
		{"darwin", "arm64", "aarch64-apple-darwin"},
		{"windows", "amd64", "x86_64-pc-windows-msvc"},
		{"windows", "arm64", "aarch64-pc-windows-msvc"},
		{"windows", "386", "i686-pc-windows-msvc"},
		{"freebsd", "amd64", "x86_64-unknown-freebsd"},
	} {
		t.Run(c.triple, func(t *testing.T) {
			p, err := Builtin(c.goos, c.goarch)
			if err != nil || p.Triple != c.triple {
				t.Fatalf("triple %s, %v", p.Triple, err)
			}
			options := oracle.Ask(t, record, c.triple, []string{"--print", "cfg"}, func() []string {
				out, err := exec.Command(need.Program(t, "rustc"), "--print", "cfg", "--target", c.triple).Output()
				if err != nil {
					t.Fatal(err)
				}
				return strings.Split(string(out), "\n")
			})
			real, err := parseHost(strings.Join(options, "\n") + c.triple)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range real.Cfg.Options() {
				if p.Cfg.Value(o) == False {
					t.Errorf("%s: set in rustc, false in the table", o)
				}
			}
			for _, o := range p.Cfg.Options() {
				if real.Cfg.Value(o) != True {
					t.Errorf("%s: true in the table, not set in rustc", o)
				}
			}
		})
	}
	if _, err := Builtin("plan9", "amd64"); err == nil {
		t.Errorf("plan9: no error (on %s)", runtime.GOOS)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`unix`, `all(unix, feature = "x")`, `not(any(a = r#"b"#, r#c))`,
		`feature = "\u{1F600}\n\x41"`, "a /* /* */ */ = \"b\\\n c\"", `all(true,)`, `r#"`, `é`, `a="\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		p, err := Parse(src)
		if err != nil {
			return
		}
		again, err := Parse(p.String())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q prints as %q, which reads as %q, %v", src, p, again, err)
		}
	})
}
