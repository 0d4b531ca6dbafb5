package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, text string) (*File, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return Load(dir)
}

func TestLoadComplete(t *testing.T) {
	file, err := load(t, `
engine = "cargo"
postgres-version = "17"
postgres-download = false
install-profile = false
[profile]
default = "dev"
[profile.sqlx-prepare]
codegen-units = 16
[[database]]
name = "remote"
kind = "postgres"
migrations = "crates/remote/migrations"
setup = ["a.sql"]
[[unit]]
path = "crates/remote"
database = "remote"
cargo-args = ["--all-features"]
generated-queries = false
[[unit]]
path = "crates/relay"
database = "remote"
variants = [["--features", "a"], ["--features", "b"]]
`)
	if err != nil {
		t.Fatal(err)
	}
	if file.Engine != EngineCargo || file.Profile != "dev" || file.Installs() || file.Downloads(Options{}) || file.PostgresVersion != "17" {
		t.Errorf("top-level keys: %+v", file)
	}
	if diff := cmp.Diff(map[string]Override{"sqlx-prepare": {"codegen-units": int64(16)}}, file.Profiles); diff != "" {
		t.Error(diff)
	}
	if d := file.Database("remote"); d == nil || d.Migrations != "crates/remote/migrations" || len(d.Setup) != 1 {
		t.Errorf("database: %+v", d)
	}
	if len(file.Units) != 2 || file.Units[0].GeneratedQueries.By("serde", true) || len(file.Units[1].Variants) != 2 {
		t.Errorf("units: %+v", file.Units)
	}
}

// TestGeneratedQueries shows whose macros may write queries, of a package in the
// repository and of two from outside it.
func TestGeneratedQueries(t *testing.T) {
	for line, want := range map[string]string{
		``:                                      "own serde writer",
		`generated-queries = true`:              "own serde writer",
		`generated-queries = false`:             "own",
		`generated-queries = ["writer"]`:        "writer",
		`generated-queries = ["own", "writer"]`: "own writer",
		`generated-queries = []`:                "",
	} {
		file, err := load(t, "[[unit]]\npath = \"a\"\n"+line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		var got []string
		for _, name := range []string{"own", "serde", "writer"} {
			if file.Units[0].GeneratedQueries.By(name, name != "own") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestLoadProfileByName(t *testing.T) {
	file, err := load(t, `profile = "dev"`)
	if err != nil || file.Profile != "dev" {
		t.Errorf("profile %q, error %v", file.Profile, err)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	file, err := Load(t.TempDir())
	if err != nil || !file.Installs() || !file.Downloads(Options{}) {
		t.Errorf("%+v, %v", file, err)
	}
}

func TestLoadMistakes(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"no TOML", "a = = 1", []string{"sqlxmage.toml:1:5: "}},
		{"unknown key", "engine = \"auto\"\nenginne = 1", []string{"sqlxmage.toml:2:11: unknown key `enginne`"}},
		{"unknown key in a unit", "[[unit]]\npath = \"a\"\nargs = []", []string{"sqlxmage.toml:3:8: unknown key `unit.args`"}},
		{"wrong type", "postgres-version = 17", []string{"sqlxmage.toml:1: `postgres-version` is a whole number; it must be a string"}},
		{"not a list", "[unit]\npath = \".\"", []string{"sqlxmage.toml:1: `unit` is a table; it must be a list"}},
		{"unknown engine", "engine = \"quick\"", []string{"sqlxmage.toml:1:10: `engine` is \"quick\"; it may be auto, native, cargo"}},
		{"two units of one path", "[[unit]]\npath = \"a\"\n[[unit]]\npath = \"./a\"", []string{"sqlxmage.toml:4:8: two units have the path `./a`"}},
		{"unknown database", "[[unit]]\npath = \"a\"\ndatabase = \"x\"", []string{"sqlxmage.toml:3:12: unit `a`: no database is named `x`"}},
		{"path outside", "[[unit]]\npath = \"../a\"", []string{"sqlxmage.toml:2:8: the path `../a` leads outside the root"}},
		{"absolute path", "[[database]]\nname = \"d\"\nmigrations = \"/etc\"", []string{"leads outside the root"}},
		{"a profile that is no table", "[profile]\nsqlx-prepare = 3", []string{"sqlxmage.toml:2:16: `profile.sqlx-prepare` must be a table"}},
		{"all at once", "engine = \"x\"\n[[unit]]\ndatabase = \"y\"", []string{"`engine` is", "has no `path`", "no database is named `y`"}},
		{"neither true nor a list", "[[unit]]\npath = \"a\"\ngenerated-queries = \"no\"", []string{"sqlxmage.toml:3:22: `generated-queries` must be true, false, or a list of packages"}},
		{"a list of no names", "[[unit]]\npath = \"a\"\ngenerated-queries = [1]", []string{"sqlxmage.toml:3:22: `generated-queries` lists packages by their names"}},
		{"the second of two that look alike", "# \"x\"\n[[unit]]\npath = \"x\"\n[[unit]]\npath = \"y\"\ndatabase = \"x\"", []string{"sqlxmage.toml:6:12: unit `y`: no database"}},
		{"args and variants", "[[unit]]\npath = \"a\"\ncargo-args = [\"-q\"]\nvariants = [[]]", []string{"one of them must go"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, test.text)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

func TestParseOptions(t *testing.T) {
	env := map[string]string{"SQLXMAGE_ENGINE": "cargo", "SQLXMAGE_UNIT": "a, b", "SQLXMAGE_OFFLINE": "perhaps", "SQLXMAGE_FORMAT": "json"}
	environ := func(name string) string { return env[name] }
	options, err := ParseOptions("prepare", Flags{"engine": "native"}, environ)
	if err != nil {
		t.Fatalf("an environment variable of another target counted: %v", err)
	}
	if options.Engine != "native" || options.Format != "json" || cmp.Diff([]string{"a", "b"}, options.Units) != "" {
		t.Errorf("%+v", options)
	}
	_, err = ParseOptions("prepareCheck", Flags{"engine": "fast", "codegenunits": "0"}, environ)
	for _, want := range []string{`-engine is "fast"; it may be auto, native, cargo`, `SQLXMAGE_OFFLINE is "perhaps"`, `-codegenunits is "0"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}

func TestFindRoot(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(deep, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if root, ok := FindRoot(deep); !ok || root != dir {
		t.Errorf("FindRoot: %q, %v", root, ok)
	}
}
