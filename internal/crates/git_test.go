package crates_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// newRepository makes a git repository of files and returns how a lock file
// names its commit.
func newRepository(t *testing.T, files map[string]string) (dir, source string) {
	t.Helper()
	need.Program(t, "git")
	dir = t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	git("add", "-A")
	git("commit", "-q", "-m", "one")
	commit := git("rev-parse", "HEAD")
	write(t, filepath.Join(dir, "later.rs"), "")
	git("add", "-A")
	git("commit", "-q", "-m", "two")
	url := "file://" + filepath.ToSlash(dir)
	if runtime.GOOS == "windows" {
		url = "file:///" + filepath.ToSlash(dir)
	}
	return dir, "git+" + url + "?branch=main#" + commit
}

var forest = map[string]string{
	"Cargo.toml":               "[workspace]\nmembers = [\"crates/*\"]\n",
	"crates/oak/Cargo.toml":    "[package]\nname = \"oak\"\nversion.workspace = true\n",
	"crates/oak/src/lib.rs":    "// oak",
	"crates/oak/in/Cargo.toml": "[package]\nname = \"inner\"\nversion = \"1.0.0\"\n",
	"crates/oak/in/lib.rs":     "// inner",
	"crates/elm/Cargo.toml":    "[package]\nname = \"elm\"\nversion = \"1.0.0\"\n",
	"crates/elm/src/lib.rs":    "// elm",
	"deep/er/oak/Cargo.toml":   "[package]\nname = \"oak\"\nversion = \"0.1.0\"\n",
	// What `git archive` would leave out.
	".gitattributes": "* export-ignore\n*.rs filter=evil\n",
}

func TestGit(t *testing.T) {
	_, source := newRepository(t, forest)
	p := newProject(t)
	oak := &workspace.LockedPackage{Name: "oak", Version: "1.2.0", Source: source}
	elm := &workspace.LockedPackage{Name: "elm", Version: "1.0.0", Source: source}
	wantFiles(t, p.open(t), oak, []string{"Cargo.toml", "src/lib.rs"})
	if files := p.kept(t); len(files) != 1 {
		t.Errorf("kept are %v, want one archive", files)
	}
	wantFiles(t, p.open(t, offline), oak, []string{"Cargo.toml", "src/lib.rs"})
	wantFiles(t, p.open(t, offline), elm, []string{"Cargo.toml", "src/lib.rs"})
	wantError(t, p.open(t, offline), &workspace.LockedPackage{Name: "ash", Version: "1.0.0", Source: source}, "holds no package of that name")
	if err := wantError(t, newProject(t).open(t, offline), oak, "oak"); !strings.Contains(err.Error(), crates.ErrOffline.Error()) {
		t.Errorf("error %v, want ErrOffline", err)
	}
}

// Whatever the environment says of a repository concerns another one, and
// nothing may run on fetching.
func TestGitHardened(t *testing.T) {
	dir, source := newRepository(t, forest)
	marker := filepath.Join(t.TempDir(), "ran")
	p := newProject(t)
	t.Setenv("GIT_DIR", filepath.Join(dir, "nowhere"))
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
	t.Setenv("GIT_CONFIG_VALUE_0", "touch "+marker)
	wantFiles(t, p.open(t), &workspace.LockedPackage{Name: "oak", Version: "1.2.0", Source: source}, []string{"Cargo.toml", "src/lib.rs"})
	if _, err := os.Stat(marker); err == nil {
		t.Error("a program ran")
	}
}

func TestGitFails(t *testing.T) {
	_, source := newRepository(t, forest)
	before, _, _ := strings.Cut(source, "#")
	absent := &workspace.LockedPackage{Name: "oak", Version: "1.2.0", Source: before + "#" + strings.Repeat("0", 39) + "1"}
	wantError(t, newProject(t).open(t), absent, "run git")
	nowhere := &workspace.LockedPackage{Name: "oak", Version: "1.2.0", Source: "git+file:///nowhere/at/all#" + strings.Repeat("1", 40)}
	wantError(t, newProject(t).open(t), nowhere, "fetch file:///nowhere/at/all")
}

// A checkout in cargo's home is taken as it is.
func TestGitCheckout(t *testing.T) {
	p := newProject(t)
	root := filepath.Join(p.home, "git/checkouts/forest-0123456789abcdef/aaaaaaa")
	for name, text := range forest {
		write(t, filepath.Join(root, name), text)
	}
	oak := &workspace.LockedPackage{Name: "oak", Version: "1.2.0", Source: "git+https://git.example/forest.git?rev=x#" + strings.Repeat("a", 40)}
	wantError(t, p.open(t, offline), oak, "not on this machine") // it is not whole
	write(t, filepath.Join(root, ".cargo-ok"), "")
	wantFiles(t, p.open(t, offline), oak, []string{"Cargo.toml", "src/lib.rs"})
}

// An index in a git repository says where its archives are.
func TestGitIndex(t *testing.T) {
	p := newProject(t)
	oak, data := oak(t, "")
	s := newServer(t, serve(data))
	_, source := newRepository(t, map[string]string{"config.json": `{"dl": "` + s.URL + `/dl/{crate}"}`})
	url, _, _ := strings.Cut(strings.TrimPrefix(source, "git+"), "?")
	oak.Source = "registry+" + url
	wantFiles(t, p.open(t), oak, oakFiles)
}
