package profiles

import (
	"errors"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

func TestNames(t *testing.T) {
	for _, name := range Names() {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.About == "" || !strings.Contains(p.Text, "What it costs: ") {
			t.Errorf("%s does not say what it is for and what it costs", p.Name)
		}
		if p.Fields[0].Key() != "inherits" {
			t.Errorf("%s: the first field is %s", p.Name, p.Fields[0].Key())
		}
		if same, err := p.With(p.tree()); err != nil || !equal(same.tree(), p.tree()) {
			t.Errorf("%s does not pass its own check: %v", p.Name, err)
		}
		var tree map[string]map[string]any
		if _, err := toml.Decode(p.TOML(), &tree); err != nil || !equal(tree["profile"][p.Name], p.tree()) {
			t.Errorf("%s: its table is %v, %v", p.Name, tree, err)
		}
	}
	if diff := cmp.Diff([]string{"lint-only", "sqlx-check", "sqlx-prepare"}, Names()); diff != "" {
		t.Error(diff)
	}
}

// The values that were audited.
func TestSqlxPrepare(t *testing.T) {
	want := "[profile.sqlx-prepare]\ninherits = \"dev\"\nopt-level = 0\ncodegen-units = 256\nincremental = false\n"
	if diff := cmp.Diff(want, load(t, "sqlx-prepare").TOML()); diff != "" {
		t.Error(diff)
	}
}

func TestLoadUnknown(t *testing.T) {
	for _, name := range []string{"fast", "", ".", "../x"} {
		_, err := Load(name)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || !strings.HasSuffix(err.Error(), "there is lint-only, sqlx-check, sqlx-prepare") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestWith(t *testing.T) {
	p := load(t, "sqlx-prepare")
	changed := with(t, p, map[string]any{
		"codegen-units":  16,
		"debug":          "line-tables-only",
		"build-override": map[string]any{"opt-level": int64(1)},
		"package":        map[string]any{"*": map[string]any{"opt-level": "s"}},
	})
	want := []string{
		"--config", `profile.sqlx-prepare.inherits="dev"`,
		"--config", `profile.sqlx-prepare.opt-level=0`,
		"--config", `profile.sqlx-prepare.codegen-units=16`,
		"--config", `profile.sqlx-prepare.incremental=false`,
		"--config", `profile.sqlx-prepare.build-override.opt-level=1`,
		"--config", `profile.sqlx-prepare.debug="line-tables-only"`,
		"--config", `profile.sqlx-prepare.package."*".opt-level="s"`,
	}
	if diff := cmp.Diff(want, changed.ConfigArgs()); diff != "" {
		t.Error(diff)
	}
	if p.tree()["codegen-units"] != int64(256) {
		t.Error("the original changed")
	}
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"codgen-units", 16, "codgen-units: no such field; there is codegen-units, "},
		{"codegen-units", 0, "codegen-units: 0: want 1 or more"},
		{"codegen-units", "16", "codegen-units: 16: want integer"},
		{"opt-level", 4, "opt-level: 4: want 0 to 3"},
		{"incremental", "yes", "incremental: yes: want boolean"},
		{"inherits", "a\nb", "inherits: a control character"},
		{"debug", map[string]any{"x": 1}, "debug.x: no such field"},
		{"package", map[string]any{"a": 1}, "package.a: no such field"},
		{"rustflags", []any{"-g"}, "rustflags: no such field"},
	} {
		if _, err := p.With(map[string]any{test.key: test.value}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s = %v: error %v, want %q in it", test.key, test.value, err, test.want)
		}
	}
}
