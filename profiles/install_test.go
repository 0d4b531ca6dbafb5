package profiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

func load(t testing.TB, name string) Profile {
	t.Helper()
	p, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func with(t testing.TB, p Profile, overrides map[string]any) Profile {
	t.Helper()
	p, err := p.With(overrides)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// root makes a root folder with the given files.
func root(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		put(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	return dir
}

func put(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// contents returns every file below dir, folders with a slash at the end.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		name = filepath.ToSlash(name)
		if d.IsDir() {
			all[name+"/"] = ""
			return nil
		}
		text, err := os.ReadFile(path)
		all[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func install(t testing.TB, dir string, p Profile, want Outcome) Change {
	t.Helper()
	c, err := Install(dir, p)
	if err != nil {
		t.Fatal(err)
	}
	if c.Outcome != want {
		t.Fatalf("install: %v, want %v", c.Outcome, want)
	}
	return c
}

func remove(t testing.TB, dir string, p Profile, o RemoveOptions, want Outcome) Change {
	t.Helper()
	c, err := Remove(dir, p, o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Outcome != want {
		t.Fatalf("remove: %v, want %v", c.Outcome, want)
	}
	return c
}

const config = ".cargo/config.toml"

// reversible are configuration files that an installation and a removal must
// leave byte for byte as they were.
var reversible = map[string]string{
	"empty":               "",
	"only a BOM":          diag.ByteOrderMark,
	"BOM":                 diag.ByteOrderMark + "[build]\njobs = 1\n",
	"comment":             "# mine\n",
	"no newline":          "[build]\njobs = 1",
	"no newline, comment": "[build]\njobs = 1 # two",
	"no newline, CRLF":    "[build]\r\njobs = 1",
	"CRLF":                "# a\r\n[build]\r\njobs = 1\r\n",
	"mixed line endings":  "# a\r\n[build]\njobs = 1\n",
	"empty lines at end":  "[build]\njobs = 1\n\n\n",
	"only empty lines":    "\n\n",
	"only a space":        " ",
	"other profiles":      "[profile.release]\nlto = true\n\n[profile.sqlx-prepare-2]\ninherits = \"dev\"\n",
	"profile table":       "[profile]\ndev = { debug = 0 }\n",
	"dotted profile":      "profile.dev.debug = 0\n",
	"multi-line strings":  "a = \"\"\"\n# sqlxmage begin sqlx-prepare 00000000\n[profile.sqlx-prepare]\n\\\"\"\"\"\"\nb = '''\n# sqlxmage end sqlx-prepare\n'''\n",
	"arrays, comments":    "a = [ # ]\n  1, # [\n  '#',\n]\n[[b]]\nc = { d = \"}\" }\n[[b]]\n",
	"stray markers":       "# sqlxmage begin sqlx-prepare 00000000\n# sqlxmage end sqlx-prepare\n# sqlxmage begin sqlx-prepare 00000000\n",
	"nan and dates":       "a = nan\nb = 1979-05-27T07:32:00Z\nc = 1979-05-27\nd = [inf, -inf]\n",
	"quoted keys":         "\"a b\".'c.d' = 1\n[ x . \"y\" ]\nz = 1\n",
}

func TestInstallRemove(t *testing.T) {
	p := load(t, "sqlx-prepare")
	for name, text := range reversible {
		t.Run(name, func(t *testing.T) {
			dir := root(t, map[string]string{config: text})
			install(t, dir, p, Installed)
			after := contents(t, dir)[config]
			if !strings.HasPrefix(after, text) {
				t.Errorf("the installation changed what was there:\n%s", cmp.Diff(text, after))
			}
			if strings.Contains(text, "\r\n") && strings.HasPrefix(text, "#") && strings.Contains(strings.ReplaceAll(after[len(text):], "\r\n", ""), "\n") {
				t.Errorf("a line feed alone in a file with CRLF:\n%q", after)
			}
			install(t, dir, p, Unchanged)
			if again := contents(t, dir)[config]; again != after {
				t.Errorf("installed twice is not once:\n%s", cmp.Diff(after, again))
			}
			other := with(t, p, map[string]any{"codegen-units": 16})
			install(t, dir, other, Updated)
			remove(t, dir, p, RemoveOptions{}, Removed) // the block is ours, whatever its values
			if now := contents(t, dir)[config]; now != text {
				t.Errorf("not reverted:\n%q\n%q", text, now)
			}
			if c := remove(t, dir, p, RemoveOptions{}, Unchanged); c.Writes() {
				t.Error("nothing to do, but writes")
			}
		})
	}
}

func TestInstalledText(t *testing.T) {
	dir := root(t, map[string]string{config: "[build]\njobs = 1"})
	c := install(t, dir, load(t, "sqlx-prepare"), Installed)
	want := `--- a/.cargo/config.toml
+++ b/.cargo/config.toml
@@ -1,2 +1,12 @@
 [build]
-jobs = 1
\ No newline at end of file
+jobs = 1
+
+# sqlxmage begin sqlx-prepare 00000000 no-newline blank
+# Written by sqlxmage (mage prepare); ` + "`mage revert`" + ` takes it out again.
+# For making .sqlx beside an editor: a lock and a target directory of its own.
+[profile.sqlx-prepare]
+inherits = "dev"
+opt-level = 0
+codegen-units = 256
+incremental = false
+# sqlxmage end sqlx-prepare
`
	got := c.Diff(config)
	_, rest, _ := strings.Cut(got, "begin sqlx-prepare ")
	got = strings.Replace(got, rest[:8], "00000000", 1)
	if want = "diff a/.cargo/config.toml b/.cargo/config.toml\n" + want; got != want {
		t.Error(cmp.Diff(want, got))
	}
}

func TestNewFileAndFolder(t *testing.T) {
	prepare, lint := load(t, "sqlx-prepare"), load(t, "lint-only")
	t.Run("both go", func(t *testing.T) {
		dir := root(t, nil)
		if c := install(t, dir, prepare, Installed); !c.NewFolder || c.Before != nil {
			t.Errorf("%+v", c)
		}
		if c := remove(t, dir, prepare, RemoveOptions{}, Removed); !c.OldFolder || c.After != nil {
			t.Errorf("%+v", c)
		}
		if left := contents(t, dir); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
	t.Run("folder was there", func(t *testing.T) {
		dir := root(t, nil)
		if err := os.Mkdir(filepath.Join(dir, ".cargo"), 0o777); err != nil {
			t.Fatal(err)
		}
		install(t, dir, prepare, Installed)
		remove(t, dir, prepare, RemoveOptions{}, Removed)
		if diff := cmp.Diff(map[string]string{".cargo/": ""}, contents(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("something else came into the folder", func(t *testing.T) {
		dir := root(t, nil)
		install(t, dir, prepare, Installed)
		put(t, filepath.Join(dir, ".cargo", "x"), "")
		remove(t, dir, prepare, RemoveOptions{}, Removed)
		if diff := cmp.Diff(map[string]string{".cargo/": "", ".cargo/x": ""}, contents(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("something else came into the file", func(t *testing.T) {
		dir := root(t, nil)
		install(t, dir, prepare, Installed)
		file := filepath.Join(dir, config)
		put(t, file, contents(t, dir)[config]+"[build]\njobs = 1\n")
		remove(t, dir, prepare, RemoveOptions{}, Removed)
		if got := contents(t, dir)[config]; got != "[build]\njobs = 1\n" {
			t.Errorf("%q", got)
		}
	})
	for _, text := range []string{"absent", "", diag.ByteOrderMark, "a=1", "a=1\n", "a=1\r\nb=2", "\n"} {
		for _, order := range []string{"same", "opposite"} {
			t.Run("two profiles, "+order+" order, "+text, func(t *testing.T) {
				files := map[string]string{config: text}
				if text == "absent" {
					files = nil
				}
				dir := root(t, files)
				before := contents(t, dir)
				install(t, dir, prepare, Installed)
				install(t, dir, lint, Installed)
				first, second := prepare, lint
				if order == "opposite" {
					first, second = lint, prepare
				}
				remove(t, dir, first, RemoveOptions{}, Removed)
				remove(t, dir, second, RemoveOptions{}, Removed)
				if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Edits elsewhere in the file survive a removal.
func TestEditsStay(t *testing.T) {
	p := load(t, "sqlx-prepare")
	for _, text := range []string{"", "[build]\njobs = 1\n", "[build]\njobs = 1", "[build]\r\njobs = 1"} {
		dir := root(t, map[string]string{config: text})
		install(t, dir, p, Installed)
		after := contents(t, dir)[config]
		put(t, filepath.Join(dir, config), "# above\n"+after+"\n[term]\nquiet = true\n")
		remove(t, dir, p, RemoveOptions{}, Removed)
		got := contents(t, dir)[config]
		want := "# above\n" + text
		if text != "" && !strings.HasSuffix(text, "\n") {
			want += tomltext.LineEnding(text) // what follows needs it
		}
		want += "\n[term]\nquiet = true\n"
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// On another machine a checkout may have changed every line ending.
func TestRevertAfterLineEndingsChanged(t *testing.T) {
	p := load(t, "sqlx-prepare")
	for _, text := range []string{"a = 1\n", "a = 1\nb = 2", "\n"} {
		dir := root(t, map[string]string{config: text})
		install(t, dir, p, Installed)
		file := filepath.Join(dir, config)
		put(t, file, strings.ReplaceAll(contents(t, dir)[config], "\n", "\r\n"))
		install(t, dir, p, Unchanged)
		remove(t, dir, p, RemoveOptions{}, Removed)
		if got, want := contents(t, dir)[config], strings.ReplaceAll(text, "\n", "\r\n"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A profile that was there already, in each of TOML's forms.
func TestByHand(t *testing.T) {
	p := load(t, "sqlx-prepare")
	const values = "inherits = \"dev\"\nopt-level = 0\ncodegen-units = 256\nincremental = false\n"
	const inline = `{ inherits = "dev", opt-level = 0, codegen-units = 256, incremental = false }`
	tests := []struct{ name, text, after string }{
		{"alone", "[profile.sqlx-prepare]\n" + values, ""},
		{"in the middle", "[a]\nb = 1\n# why\n[profile.sqlx-prepare] # here\n" + values + "# next\n[c]\n", "[a]\nb = 1\n# why\n# next\n[c]\n"},
		{"no newline", "a = 1\n[profile.sqlx-prepare]\n" + strings.TrimSuffix(values, "\n"), "a = 1\n"},
		{"quoted, spaced", "[ \"profile\" . 'sqlx-prepare' ]\r\n" + strings.ReplaceAll(values, "\n", "\r\n"), ""},
		{"dotted keys", "a.b = 1\nprofile.sqlx-prepare.inherits = \"dev\"\nprofile.\"sqlx-prepare\".opt-level = 0\nc = 2\n" +
			"profile.sqlx-prepare . codegen-units = 256\nprofile.sqlx-prepare.incremental=false\n", "a.b = 1\nc = 2\n"},
		{"inline table", "[profile]\nsqlx-prepare = " + inline + "\ndev.debug = 0\n", "[profile]\ndev.debug = 0\n"},
		{"inline profile", "profile = { sqlx-prepare = " + inline + " }\na = 1\n", "a = 1\n"},
		{"number in another form", "[profile.sqlx-prepare]\n" + strings.Replace(values, "256", "0x1_00", 1), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := root(t, map[string]string{config: test.text})
			install(t, dir, p, Unchanged)
			if got := contents(t, dir)[config]; got != test.text {
				t.Errorf("changed:\n%s", got)
			}
			remove(t, dir, p, RemoveOptions{}, Removed)
			if got := contents(t, dir)[config]; got != test.after {
				t.Errorf("got %q, want %q", got, test.after)
			}
		})
	}
	for _, test := range tests {
		t.Run("other values, "+test.name, func(t *testing.T) {
			text := strings.NewReplacer("256", "16", "0x1_00", "16").Replace(test.text)
			dir := root(t, map[string]string{config: text})
			c := install(t, dir, p, KeptUsers)
			if c.Found.tree()["codegen-units"] != int64(16) || c.ConfigArgs() != nil {
				t.Errorf("found %v, arguments %v", c.Found, c.ConfigArgs())
			}
			remove(t, dir, p, RemoveOptions{}, KeptUsers)
			if got := contents(t, dir)[config]; got != text {
				t.Errorf("changed:\n%s", got)
			}
			remove(t, dir, p, RemoveOptions{Force: true}, Removed)
			if got := contents(t, dir)[config]; got != test.after {
				t.Errorf("got %q, want %q", got, test.after)
			}
		})
	}
}

// Our block, edited or extended by the user, is the user's.
func TestBlockEdited(t *testing.T) {
	p := load(t, "sqlx-prepare")
	tests := []struct {
		name string
		edit func(string) string
	}{
		{"a value", func(s string) string { return strings.Replace(s, "256", "16", 1) }},
		{"a key behind it", func(s string) string { return s + "debug = 0\n" }},
		{"a table below it", func(s string) string { return s + "[profile.sqlx-prepare.package.a]\nopt-level = 3\n" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := root(t, map[string]string{config: "[a]\nb = 1"})
			install(t, dir, p, Installed)
			text := test.edit(contents(t, dir)[config])
			put(t, filepath.Join(dir, config), text)
			install(t, dir, with(t, p, map[string]any{"codegen-units": 8}), KeptUsers)
			remove(t, dir, p, RemoveOptions{}, KeptUsers)
			if got := contents(t, dir)[config]; got != text {
				t.Errorf("changed:\n%s", got)
			}
			remove(t, dir, p, RemoveOptions{Force: true}, Removed)
			if got := contents(t, dir)[config]; got != "[a]\nb = 1\n\n" {
				t.Errorf("%q", got)
			}
		})
	}
}

// Also where the block was edited, what the installation created goes.
func TestBlockEditedInNewFile(t *testing.T) {
	p := load(t, "sqlx-prepare")
	dir := root(t, nil)
	install(t, dir, p, Installed)
	put(t, filepath.Join(dir, config), strings.Replace(contents(t, dir)[config], "256", "16", 1))
	remove(t, dir, p, RemoveOptions{Force: true}, Removed)
	if left := contents(t, dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestManifest(t *testing.T) {
	p := load(t, "sqlx-prepare")
	tests := []struct {
		name, manifest string
		want           Outcome
	}{
		{"other values", "[profile.sqlx-prepare]\ninherits = \"release\"\n", KeptUsers},
		{"same values", p.TOML(), Unchanged},
		{"another profile", "[profile.dev]\ndebug = 0\n", Installed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"Cargo.toml": test.manifest}
			dir := root(t, files)
			install(t, dir, p, test.want)
			if test.want == Installed {
				return
			}
			if diff := cmp.Diff(files, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOlderConfig(t *testing.T) {
	p := load(t, "sqlx-prepare")
	t.Run("alone", func(t *testing.T) {
		dir := root(t, map[string]string{".cargo/config": "a = 1\n"})
		before := contents(t, dir)
		install(t, dir, p, Installed)
		if all := contents(t, dir); len(all) != 2 || !strings.Contains(all[".cargo/config"], "[profile.sqlx-prepare]") {
			t.Errorf("%v", all)
		}
		remove(t, dir, p, RemoveOptions{}, Removed)
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("both: cargo reads config", func(t *testing.T) {
		dir := root(t, map[string]string{".cargo/config": "a = 1\n", config: "b = 1\n"})
		before := contents(t, dir)
		if c := install(t, dir, p, Installed); filepath.Base(c.File) != "config" {
			t.Errorf("installed in %s", c.File)
		}
		remove(t, dir, p, RemoveOptions{}, Removed)
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("config came after the installation", func(t *testing.T) {
		dir := root(t, nil)
		install(t, dir, p, Installed)
		put(t, filepath.Join(dir, ".cargo", "config"), "a = 1\n")
		remove(t, dir, p, RemoveOptions{}, Removed)
		if diff := cmp.Diff(map[string]string{".cargo/": "", ".cargo/config": "a = 1\n"}, contents(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRefused(t *testing.T) {
	p := load(t, "sqlx-prepare")
	tests := []struct{ name, text, want string }{
		{"not TOML", "[build]\njobs = \n", "config.toml:2:8: "},
		{"not UTF-8", "a = 1\n# \xff\n", "config.toml:2:"},
		{"inline profile", "a = 1\nprofile = { dev = { debug = 0 } }\n", "config.toml:2: `profile` is no table of its own"},
		{"array of tables", "[[profile.sqlx-prepare]]\n", "do it by hand"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := root(t, map[string]string{config: test.text})
			before := contents(t, dir)
			_, err := Install(dir, p)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
			var at *diag.Diagnostic
			if strings.HasPrefix(test.name, "not ") && !errors.As(err, &at) {
				t.Errorf("%T is no diagnostic", err)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a removal", func(t *testing.T) {
		text := "profile = { dev = { debug = 0 }, sqlx-prepare = { inherits = \"dev\" } }\n"
		dir := root(t, map[string]string{config: text})
		if _, err := Remove(dir, p, RemoveOptions{Force: true}); err == nil || !strings.Contains(err.Error(), "by hand") {
			t.Errorf("error %v", err)
		}
		if got := contents(t, dir)[config]; got != text {
			t.Errorf("%q", got)
		}
	})
}

func TestPlanWritesNothing(t *testing.T) {
	p := load(t, "sqlx-prepare")
	dir := root(t, nil)
	c, err := PlanInstall(dir, p)
	if err != nil || c.Outcome != Installed || len(c.ConfigArgs()) == 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	if left := contents(t, dir); len(left) > 0 {
		t.Errorf("%v", left)
	}
	put(t, filepath.Join(dir, config), "a = 1\n")
	if err := c.Apply(); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a file that came in between: error %v", err)
	}
	if got := contents(t, dir)[config]; got != "a = 1\n" {
		t.Errorf("%q", got)
	}
}

func TestFileModes(t *testing.T) {
	p := load(t, "sqlx-prepare")
	dir := root(t, map[string]string{config: "a = 1\n"})
	file := filepath.Join(dir, config)
	if err := os.Chmod(file, 0o444); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(dir, p); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("read-only: error %v", err)
	}
	if got := contents(t, dir)[config]; got != "a = 1\n" {
		t.Errorf("%q", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(file, 0o646); err != nil {
		t.Fatal(err)
	}
	install(t, dir, p, Installed)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o646 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestSymlink(t *testing.T) {
	p := load(t, "sqlx-prepare")
	dir := root(t, map[string]string{"shared.toml": "a = 1\n", ".cargo/x": ""})
	link := filepath.Join(dir, config)
	if err := os.Symlink(filepath.Join("..", "shared.toml"), link); err != nil {
		t.Skip(err)
	}
	isLink := func() {
		t.Helper()
		if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("the link is gone: %v, %v", info, err)
		}
	}
	before := contents(t, dir)
	install(t, dir, p, Installed)
	isLink()
	if !strings.Contains(contents(t, dir)["shared.toml"], "sqlx-prepare") {
		t.Error("not installed in the link's target")
	}
	remove(t, dir, p, RemoveOptions{}, Removed)
	isLink()
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	if err := os.Remove(filepath.Join(dir, "shared.toml")); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(dir, p); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("a link to nothing: %v", err)
	}
}

func FuzzInstallRevert(f *testing.F) {
	for _, text := range reversible {
		f.Add(text, "")
		f.Add(text, "[x]\n")
	}
	f.Add("[profile.sqlx-prepare]\ninherits='dev'\n", "")
	prepare, lint := load(f, "sqlx-prepare"), load(f, "lint-only")
	f.Fuzz(func(t *testing.T, text, more string) {
		doc, err := parse("config.toml", text)
		if err != nil {
			return
		}
		all := ""
		for _, st := range doc.statements {
			all += text[st.Start:st.End]
		}
		if all != strings.TrimPrefix(text, diag.ByteOrderMark) {
			t.Fatalf("the statements of %q are %q", text, all)
		}
		doc.exists = true
		if text := revert(t, doc, more, prepare, lint); text != doc.text {
			t.Fatalf("%q became %q", doc.text, text)
		}
	})
}

// revert installs both profiles and removes them again, in memory.
func revert(t *testing.T, doc document, more string, first, second Profile) string {
	step := func(doc document, c Change, err error, want Outcome) document {
		t.Helper()
		if err != nil || c.Outcome != want {
			t.Fatalf("%v, %v, want %v on %q", c.Outcome, err, want, doc.text)
		}
		after, err := parse(doc.file, string(c.After))
		if err != nil {
			t.Fatal(err)
		}
		after.exists = true
		return after
	}
	c, err := planInstall(doc, document{}, first)
	if err != nil || c.Outcome != Installed {
		return doc.text
	}
	one := step(doc, c, err, Installed)
	c, err = planInstall(one, document{}, first)
	step(one, c, err, Unchanged)
	c, err = planInstall(one, document{}, second)
	two := step(one, c, err, Installed)

	// What comes behind it stays. A key there belongs to the profile, which
	// is the user's then.
	if edited, err := parse(doc.file, two.text+more); err == nil {
		edited.exists = true
		c, err := planRemove(edited, second, RemoveOptions{})
		if err == nil && c.Outcome == Removed && !strings.Contains(more, "profile") && !strings.HasSuffix(string(c.After), more) {
			t.Fatalf("%q is gone from %q", more, c.After)
		}
	}
	c, err = planRemove(two, first, RemoveOptions{})
	left := step(two, c, err, Removed)
	c, err = planRemove(left, second, RemoveOptions{})
	return step(left, c, err, Removed).text
}
