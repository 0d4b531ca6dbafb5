package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const (
	modulePath = "github.com/sqlxmage/sqlxmage"
	version    = "v0.0.1"
	notes      = "examples/crates/notes"
)

// clone copies the repository as a fresh clone would be after a commit of
// everything.
func clone(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(need.Program(t, "git"), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		need.Missing(t, "git", err.Error())
	}
	to := t.TempDir()
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		copyFile(t, filepath.Join(cmd.Dir, name), filepath.Join(to, name))
	}
	return to
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if os.IsNotExist(err) {
		return // deleted, and not committed yet
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// run runs a command in a folder, with settings added to the environment, and
// returns what it says.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// The executable of a release needs nothing of the machine: no Go, no Rust, no
// database, no cache to begin with.
func TestRelease(t *testing.T) {
	need.Program(t, "go")
	repository, dist := clone(t), t.TempDir()
	run(t, repository, nil, "go", "run", "./scripts/release", "-o", dist, "-platforms", runtime.GOOS+"/"+runtime.GOARCH)
	name := "sqlxmage-" + runtime.GOOS + "-" + runtime.GOARCH
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	sums, err := os.ReadFile(filepath.Join(dist, checksums))
	if err != nil {
		t.Fatal(err)
	}
	if want := "  " + name + "\n"; len(sums) != 64+len(want) || !strings.HasSuffix(string(sums), want) {
		t.Errorf("checksums:\n%s", sums)
	}
	for _, home := range []string{t.TempDir(), ""} {
		checkAlone(t, filepath.Join(dist, name), repository, home)
	}
	if _, err := exec.LookPath("sha256sum"); err == nil {
		run(t, dist, nil, "sha256sum", "--check", "--strict", checksums)
	}
}

// checkAlone checks the SQLite example with nothing but an executable.
func checkAlone(t *testing.T, executable, repository, home string) {
	t.Helper()
	cmd := exec.Command(executable, "prepareCheck", "-unit="+notes)
	cmd.Dir = repository
	cmd.Env = []string{"PATH=" + t.TempDir(), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"), "TMP=" + t.TempDir()}
	if home != "" {
		cmd.Env = append(cmd.Env, "HOME="+home, "LOCALAPPDATA="+home)
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("native")) {
		t.Errorf("with home %q: %v\n%s", home, err, out)
	}
}

// A fresh clone needs Go alone.
func TestClone(t *testing.T) {
	need.Program(t, "go")
	repository := clone(t)
	out := run(t, repository, fresh(t), "go", "tool", "mage", "prepareCheck", "-unit="+notes)
	wantNative(t, out)
}

// A foreign repository imports the targets.
func TestImport(t *testing.T) {
	need.Program(t, "go")
	env := append(fresh(t), proxy(t)...)
	dir := examples(t)
	copyFile(t, filepath.Join("..", "..", "magefile.go"), filepath.Join(dir, "magefile.go"))
	run(t, dir, env, "go", "mod", "init", "example.org/foreign")
	run(t, dir, env, "go", "get", modulePath+"/targets@"+version)
	run(t, dir, env, "go", "get", "-tool", "github.com/magefile/mage")
	if module, err := os.ReadFile(filepath.Join(dir, "go.mod")); err != nil || bytes.Contains(module, []byte("replace")) {
		t.Errorf("%v\n%s", err, module)
	}
	wantNative(t, run(t, dir, env, "go", "tool", "mage", "prepareCheck", "-unit=crates/notes"))
}

// A published version is installed and run, with no module around.
func TestInstall(t *testing.T) {
	need.Program(t, "go")
	bin := t.TempDir()
	env := append(append(fresh(t), proxy(t)...), "GOBIN="+bin)
	dir := examples(t)
	run(t, dir, env, "go", "install", modulePath+"/scripts/prepare-db@"+version)
	wantNative(t, run(t, dir, env, filepath.Join(bin, "prepare-db"), "--check"))
	wantNative(t, run(t, dir, env, "go", "run", modulePath+"/scripts/prepare-db@"+version, "--check"))
}

// examples is the Rust workspace of the examples as a repository of its own.
func examples(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "examples")
	if err := os.Rename(filepath.Join(clone(t), "examples"), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func wantNative(t *testing.T, out string) {
	t.Helper()
	if !strings.Contains(out, "crates/notes") || !strings.Contains(out, "native") {
		t.Errorf("it said\n%s", out)
	}
}

// fresh gives a run a cache of its own, so that helpers are built, and no
// programs but Go's and what lies beside it.
func fresh(t *testing.T) []string {
	t.Helper()
	cache, bin := t.TempDir(), filepath.Dir(need.Program(t, "go"))
	// -trimpath lets the build cache serve packages from another place.
	return []string{"PATH=" + bin, "GOFLAGS=-trimpath", "XDG_CACHE_HOME=" + cache, "LOCALAPPDATA=" + cache, "GOCACHE=" + strings.TrimSpace(run(t, ".", nil, "go", "env", "GOCACHE"))}
}

// proxy publishes the repository as a version of its module on a module proxy
// in a folder. The other modules come from where they are already, or are asked
// for as usual; what is downloaded stays out of the user's own.
func proxy(t *testing.T) []string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, modulePath, "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	repository := clone(t)
	archive, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(archive, module.Version{Path: modulePath, Version: version}, repository); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join(repository, "go.mod"), filepath.Join(dir, version+".mod"))
	for name, text := range map[string]string{"list": version + "\n", version + ".info": `{"Version":"` + version + `"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	known := filepath.Join(strings.TrimSpace(run(t, ".", nil, "go", "env", "GOMODCACHE")), "cache", "download")
	usual := strings.TrimSpace(run(t, ".", nil, "go", "env", "GOPROXY"))
	modules := t.TempDir()
	env := []string{"GOMODCACHE=" + modules, "GOPROXY=" + fileURL(root) + "," + fileURL(known) + "," + usual, "GOSUMDB=off", "GOFLAGS=-mod=mod -trimpath"}
	t.Cleanup(func() { run(t, ".", []string{"GOMODCACHE=" + modules}, "go", "clean", "-modcache") }) // they are read-only
	return env
}

func fileURL(dir string) string {
	dir = filepath.ToSlash(dir)
	if !strings.HasPrefix(dir, "/") {
		dir = "/" + dir
	}
	return "file://" + dir
}
