package syntax

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// unstable are files that rustc's parser takes and its stable releases refuse
// later.
var unstable = map[string]string{
	"util/process-criterion-csv.rs": "front matter of a cargo script",
}

// TestSources parses all published sources that cargo holds on this machine.
// Where this package finds an error, rustc must find one as well.
func TestSources(t *testing.T) {
	need.LiveOracle(t, "reads all sources that cargo keeps, and asks rustc of what is refused")
	rustc := need.Program(t, "rustc")
	// What the examples depend on, and what other tests have fetched.
	fetch := exec.Command(need.Program(t, "cargo"), "fetch", "--locked", "--manifest-path", "../../../examples/Cargo.toml")
	if out, err := fetch.CombinedOutput(); err != nil {
		need.Missing(t, "network", string(out))
	}
	var p Parser
	var tree Tree
	var tokens []lex.Token
	files, refused := 0, 0
	err := filepath.WalkDir(filepath.Join(need.CargoHome(t), "registry", "src"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".rs" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lexed, err := lex.Lex(string(text), tokens)
		if err != nil {
			return nil // the lexer's own tests look at it
		}
		tokens = lexed
		files++
		tree.Reset()
		p.File(&Source{Text: string(text), Tokens: lexed}, &tree)
		if len(tree.Errors) == 0 {
			return nil
		}
		refused++
		for known := range unstable {
			if strings.HasSuffix(filepath.ToSlash(path), known) {
				return nil
			}
		}
		cmd := exec.Command(rustc, "-Zparse-crate-root-only", "--crate-type=lib", "--edition="+editionOf(path), path)
		cmd.Env = append(os.Environ(), "RUSTC_BOOTSTRAP=1")
		cmd.Dir = t.TempDir()
		if out, err := cmd.CombinedOutput(); err == nil {
			_, msg := (&Source{string(text), lexed}).Explain(tree.Errors[0])
			t.Errorf("%s: %s, but rustc takes it\n%s", path, msg, out)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("cargo keeps no sources")
	}
	t.Logf("%d files, %d of them refused, as by rustc", files, refused)
}

var edition = regexp.MustCompile(`(?m)^edition = "(\d+)"`)

// editionOf returns the edition of the package that a file belongs to.
func editionOf(path string) string {
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if manifest, err := os.ReadFile(filepath.Join(dir, "Cargo.toml")); err == nil {
			if found := edition.FindSubmatch(manifest); found != nil {
				return string(found[1])
			}
			return "2015"
		}
	}
	return "2015"
}
