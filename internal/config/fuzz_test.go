package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-multierror"
)

// FuzzLoad wants each mistake at a line that the file has, the same ones each
// time, and of what is accepted that it holds what the rest of the program
// relies on.
func FuzzLoad(f *testing.F) {
	f.Add("engine = \"cargo\"\n[profile]\ndefault = \"dev\"\n[profile.sqlx-prepare]\ncodegen-units = 16\n")
	f.Add("[[database]]\nname = \"a\"\nkind = \"postgres\"\nmigrations = \"m\"\nsetup = [\"a.sql\"]\n[[unit]]\npath = \".\"\ndatabase = \"a\"\nvariants = [[\"-q\"], []]\n")
	f.Add("[profile]\na = 1\nb = 2\nc = 3\n")
	f.Add("engine = \"x\"\nengin = 1\n[[unit]]\npath = \"../a\"\ndatabase = \"y\"")
	f.Add("a = = 1")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		file, err := Load(dir)
		again, errAgain := Load(dir)
		if err != nil {
			if errAgain == nil || err.Error() != errAgain.Error() {
				t.Errorf("first %v, then %v", err, errAgain)
			}
			for _, mistake := range mistakes(err) {
				var at *Error
				if !errors.As(mistake, &at) || at.File != FileName || at.Line < 0 || at.Line > 1+strings.Count(text, "\n") || at.Message == "" {
					t.Errorf("%#v", mistake)
				}
			}
			return
		}
		if diff := cmp.Diff(file, again); diff != "" {
			t.Error(diff)
		}
		for _, u := range file.Units {
			if !filepath.IsLocal(u.Path) || u.Database != "" && file.Database(u.Database) == nil || u.Engine != "" && !slices.Contains(Engines(), u.Engine) {
				t.Errorf("accepted: %+v", u)
			}
		}
	})
}

// mistakes takes errors that are reported together apart.
func mistakes(err error) []error {
	var all *multierror.Error
	if errors.As(err, &all) {
		return all.Errors
	}
	return []error{err}
}

// FuzzParseOptions wants that each value that is no one of a flag's is said.
func FuzzParseOptions(f *testing.F) {
	for _, s := range Settings() {
		f.Add(s.Targets[0], s.Flag, "1")
	}
	f.Add("bench", "budget", "-1h")
	f.Fuzz(func(t *testing.T, target, flag, value string) {
		environ := func(string) string { return "" }
		options, err := ParseOptions(target, Flags{flag: value}, environ)
		i := slices.IndexFunc(Settings(), func(s Setting) bool { return s.Flag == flag && slices.Contains(s.Targets, target) })
		if i < 0 {
			if err != nil {
				t.Errorf("-%s is no flag of %s, but %v", flag, target, err)
			}
			return
		}
		if err != nil {
			if !strings.Contains(err.Error(), "-"+flag) {
				t.Errorf("the mistake in -%s is %v", flag, err)
			}
			return
		}
		if values := Settings()[i].Values; values != nil && !slices.Contains(values, value) {
			t.Errorf("-%s=%s is accepted", flag, value)
		}
		if options.Bench.Runs < 1 || options.Bench.Budget < 0 {
			t.Errorf("-%s=%s gives %+v", flag, value, options.Bench)
		}
	})
}
