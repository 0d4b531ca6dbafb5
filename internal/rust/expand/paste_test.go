package expand

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
)

func TestPaste(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"nothing", "fn f() -> [u8; 4] { a[<T as U>::C] }", "fn f ( ) -> [ u8 ; 4 ] { a [ < T as U > :: C ] }"},
		{"names", "fn [<get_ a>]() { [<a b c>]::[<d _ e>] }", "fn get_a ( ) { abc :: d_e }"},
		{"modifiers", "[<AbCd:snake>] [<ab_cd:camel>] [<Ab:upper>] [<Ab:lower>] [<get_ AbCd:snake:upper>] [<HTTPServer:camel>]", "ab_cd AbCd AB ab get_AB_CD Httpserver"},
		{"raw identifier", "[<r#fn _ x>]", "fn_x"},
		{"literals", `[<"a-b" _ 1 'c'>] [<r"x">]`, "a_b_1c x"},
		{"lifetime", "&[<'a _b>] T", "& 'a_b T"},
		{"number", "[<1 u8>]", "1u8"},
		{"nested brackets", "[[<a b>], ([<c d>])]", "[ ab , ( cd ) ]"},
		{"arrow", "[<F = fn() -> u8>]", "[ < F = fn ( ) -> u8 > ]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := PasteCall(tokensOf(t, "call.rs", test.args))
			if err != nil {
				t.Fatal(err)
			}
			checkPartners(t, got)
			if show(got) != test.want {
				t.Errorf("got %s, want %s", show(got), test.want)
			}
		})
	}
}

func TestPasteErrors(t *testing.T) {
	for _, test := range []struct {
		name, args string
		kind       ErrorKind
		want       string
	}{
		{"modifier", "[<a:title>]", BadPaste, "call.rs:1:5: paste!: unknown modifier title"},
		{"operator", "[<a + b>]", BadPaste, "call.rs:1:5: paste!: unexpected +"},
		{"bytes", `[<a b"c">]`, BadPaste, `call.rs:1:5: paste!: cannot paste b"c"`},
		{"no identifier", `[<"a b">]`, BadPaste, `call.rs:1:1: paste!: "a b" is no identifier`},
		{"two lifetimes", "[<'a 'b>]", BadPaste, "call.rs:1:6: paste!: unexpected 'b"},
		{"case outside of ASCII", "[<größe:upper>]", Unsupported, "call.rs:1:8: paste!: modifiers are supported for ASCII only"},
		{"env", `[<env!("A")>]`, Unsupported, "call.rs:1:3: paste!: env! is not supported"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := PasteCall(tokensOf(t, "call.rs", test.args))
			var typed *Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestPasteFragments checks that names which came as fragments are pasted.
func TestPasteFragments(t *testing.T) {
	m := compile(t, "($i:ident $l:literal $t:ty) => { [<$i _ $l _ $t:lower>] }", 2021)
	var e Expander
	result, err := e.Expand(m, Call{Args: tokensOf(t, "call.rs", `get "x" User`)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := PasteCall(result)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Text != "get_x_user" || !strings.HasPrefix(got[0].Source.Text[got[0].Start:], "get") {
		t.Errorf("got %v", got)
	}
}

// TestPasteCrate compares names with those that the paste crate makes.
func TestPasteCrate(t *testing.T) {
	operations := []string{
		"a b", "get_ x _ y", "AbCdEf:snake", "ab_cd_ef:camel", "HTTPServer:snake", "HTTPServer:camel", "aB1_c2:camel",
		"_ab__cd:camel", "Ab_Cd:snake", "größe x:upper", "Ab:snake:upper _ Cd", "Ab Cd:lower", "r#fn _ r#type",
		`"a-b" _ "c"`, `x r"y"`, "x 'y'", "x 1u8", "x _1 2", "get_ SomeName:snake s", "A b:camel:lower:upper C",
	}
	var program strings.Builder
	program.WriteString("#![allow(dead_code, non_snake_case)]\n")
	for i, operation := range operations {
		fmt.Fprintf(&program, "mod m%d { paste::paste! { fn [<%s>]() {} } }\n", i, operation)
	}
	text := oracle.Ask(t, oracle.Recorded(t, "paste"), "paste 1.0.15", program.String(), func() string { return expandPaste(t, program.String()) })
	expanded := strings.Fields(text)
	for _, operation := range operations {
		got, err := PasteCall(tokensOf(t, "call.rs", "[<"+operation+">]"))
		if err != nil {
			t.Errorf("%s: %v", operation, err)
			continue
		}
		for len(expanded) > 0 && expanded[0] != "fn" {
			expanded = expanded[1:]
		}
		if len(expanded) < 2 {
			t.Fatal("rustc made fewer functions")
		}
		if want := strings.TrimSuffix(expanded[1], "()"); show(got) != want {
			t.Errorf("%s: got %s, paste makes %s", operation, show(got), want)
		}
		expanded = expanded[1:]
	}
}

// expandPaste returns a program that uses paste after rustc's expansion.
func expandPaste(t *testing.T, program string) string {
	need.Program(t, "rustc")
	cargo := need.Program(t, "cargo")
	dir := need.Kept(t, "expand-paste")
	manifest := "[package]\nname = \"pasted\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n[dependencies]\npaste = \"=1.0.15\"\n"
	for name, text := range map[string]string{"Cargo.toml": manifest, "lib.rs": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(cargo, "rustc", "--quiet", "--profile=check", "--", "-Zunpretty=expanded")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RUSTC_BOOTSTRAP=1", "CARGO_TARGET_DIR="+filepath.Join(dir, "target"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		need.Missing(t, "rustc", fmt.Sprintf("cargo rustc: %v\n%s", err, stderr.String()))
	}
	return string(out)
}
