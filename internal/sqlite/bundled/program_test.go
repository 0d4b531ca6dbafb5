package bundled

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// shelved makes a file with that content the helper that is kept, and returns
// its path.
func shelved(t *testing.T, o Options, content string) string {
	t.Helper()
	return shelve(t, o, func(path string) {
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	})
}

// withoutGo leaves no Go toolchain on PATH.
func withoutGo(t *testing.T) { t.Setenv("PATH", t.TempDir()) }

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestFindKept(t *testing.T) {
	withoutGo(t)
	o := Options{Version: "3.46.0", Kept: kepttest.New(t)}
	path := shelved(t, o, "helper")
	p, err := find(t.Context(), o)
	if err != nil || p.path != path {
		t.Fatalf("got %+v, %v", p, err)
	}
	p.folder.Release() // takes nothing of what is kept
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestUnavailable(t *testing.T) {
	withoutGo(t)
	for name, o := range map[string]Options{
		"nothing kept":  {Version: "3.46.0", Kept: kepttest.New(t)},
		"other version": {Version: "3.51.3", Kept: kepttest.New(t)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Start(t.Context(), o)
			var unavailable *UnavailableError
			if !errors.As(err, &unavailable) || !strings.Contains(unavailable.Hint(), "install Go") {
				t.Fatalf("got %v", err)
			}
			if !strings.HasPrefix(err.Error(), "SQLite "+o.Version+": ") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNotOnBoard(t *testing.T) {
	if _, err := Start(t.Context(), Options{Version: "3.45.0", Kept: kepttest.New(t)}); err == nil || err.Error() != "SQLite 3.45.0: this version is not on board" {
		t.Errorf("got %v", err)
	}
}

// A helper that a failing disk changed, or that a full one cut, is not run.
func TestDamaged(t *testing.T) {
	withoutGo(t)
	for name, damage := range map[string]func([]byte) []byte{
		"one bit": func(data []byte) []byte { data[len(data)/2] ^= 1; return data },
		"cut":     func(data []byte) []byte { return data[:len(data)-1] },
		"empty":   func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Version: "3.46.0", Kept: kepttest.New(t)}
			path := shelved(t, o, "helper")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(data), 0o755); err != nil {
				t.Fatal(err)
			}
			var unavailable *UnavailableError
			if _, err := Start(t.Context(), o); !errors.As(err, &unavailable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The whole way: a damaged helper is built again and works.
func TestDamagedIsRebuilt(t *testing.T) {
	need.Program(t, "go")
	o := Options{Version: "3.46.0", Kept: kepttest.New(t)}
	path := shelved(t, o, "helper")
	if err := os.WriteFile(path, []byte("damaged"), 0o755); err != nil {
		t.Fatal(err)
	}
	var said []string
	o.Progress = func(text string) { said = append(said, text) }
	e, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if len(said) != 1 || !strings.HasPrefix(said[0], "building SQLite 3.46.0 ") {
		t.Errorf("said %q", said)
	}
}

// asFinder runs an executable in the role "find", with a cache folder and these
// settings of the environment alone.
func asFinder(t *testing.T, executable, cache string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(executable)
	cmd.Env = append([]string{roleVariable + "=find", "CACHE=" + cache, "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}, env...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// carrier makes an executable that carries two files as its helpers.
func carrier(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "carrier"+suffix(runtime.GOOS))
	copyExecutable(t, path)
	helpers := map[string]string{}
	for _, version := range Versions() {
		helpers[version] = filepath.Join(t.TempDir(), version)
		if err := os.WriteFile(helpers[version], []byte("carried "+version), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := Carry(path, helpers); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCarried(t *testing.T) {
	executable := carrier(t)
	temp := t.TempDir()
	noFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(noFolder, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, cache, want string }{
		{"into the cache", t.TempDir(), "helper"},
		{"no cache", "", "helper"},
		{"no place for a cache", noFolder, "helper"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := asFinder(t, executable, c.cache, "TMPDIR="+temp, "TMP="+temp)
			if err != nil || !strings.HasPrefix(got, c.want) || !strings.HasSuffix(got, " 14 carried 3.46.0") {
				t.Errorf("got %s, %v", got, err)
			}
			if left := names(t, temp); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// A carried helper that is damaged is not taken.
func TestCarriedDamaged(t *testing.T) {
	executable := carrier(t)
	data, err := os.ReadFile(executable)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(data[:bytes.LastIndex(data, []byte("PK\x01\x02"))-40], []byte("PK\x03\x04"))
	first := bytes.LastIndex(data[:at], []byte("PK\x03\x04"))
	data[first+30+len(CarriedName("3.46.0"))+3] ^= 0x10
	if err := os.WriteFile(executable, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	if got, err := asFinder(t, executable, cache); err == nil || !strings.Contains(got, "unpack its helper") {
		t.Errorf("got %s, %v", got, err)
	}
	if left := names(t, filepath.Join(cache, "tmp")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// Runs at the same time build once.
func TestAtTheSameTime(t *testing.T) {
	need.Program(t, "go")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	var all sync.WaitGroup
	said := make([]string, 3)
	for i := range said {
		all.Go(func() {
			var err error
			if said[i], err = asFinder(t, self, cache, os.Environ()...); err != nil {
				t.Errorf("%v: %s", err, said[i])
			}
		})
	}
	all.Wait()
	if n := strings.Count(strings.Join(said, "\n"), "building SQLite"); n != 1 {
		t.Errorf("built %d times: %q", n, said)
	}
	if left := names(t, filepath.Join(cache, "sqlite")); len(left) != 1 {
		t.Errorf("the cache holds %q", left)
	}
}

// What the caller sets for its own builds does not reach the helper's.
func TestCallersEnvironment(t *testing.T) {
	need.Program(t, "go")
	for name, value := range map[string]string{
		"GOFLAGS": "-mod=vendor -tags=a,b -race", "GOWORK": filepath.Join(t.TempDir(), "go.work"), "GOOS": "plan9", "GOARCH": "arm",
		"GO111MODULE": "off", "CGO_ENABLED": "1", "CC": "none", "GOEXPERIMENT": "none",
	} {
		t.Setenv(name, value)
	}
	e, err := Start(t.Context(), Options{Version: "3.46.0", Kept: kepttest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestOffline(t *testing.T) {
	need.Program(t, "go")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOMODCACHE", t.TempDir())
	_, err := Start(t.Context(), Options{Version: "3.46.0", Kept: kepttest.New(t)})
	var failed *BuildError
	if !errors.As(err, &failed) || !strings.Contains(failed.Output, "GOPROXY=off") || !strings.Contains(failed.Hint(), "GOPROXY") {
		t.Errorf("got %v", err)
	}
}

// The error shows what the toolchain said, and nothing is left behind.
func TestToolchainTooOld(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for the toolchain is a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\necho 'go: go.mod requires go >= 1.25.0 (running go 1.22.0; GOTOOLCHAIN=local)' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	cache := t.TempDir()
	store, err := kept.Open(cache)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Options{Version: "3.46.0", Kept: store})
	var failed *BuildError
	if !errors.As(err, &failed) || !strings.HasSuffix(err.Error(), "exit status 1\ngo: go.mod requires go >= 1.25.0 (running go 1.22.0; GOTOOLCHAIN=local)") {
		t.Errorf("got %v", err)
	}
	if left := names(t, filepath.Join(cache, "tmp")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// Every platform of a release gets its helpers. The first time takes minutes.
func TestEveryPlatform(t *testing.T) {
	need.Program(t, "go")
	if !strings.Contains(os.Getenv("SQLXMAGE_REQUIRE"), "platforms") {
		t.Skip("heavy: SQLXMAGE_REQUIRE=platforms go test -run EveryPlatform -timeout 60m ./internal/sqlite/bundled")
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"} {
		goos, goarch, _ := strings.Cut(platform, "/")
		for _, version := range Versions() {
			t.Run(platform+"/"+version, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "helper")
				if err := Build(t.Context(), version, path, goos, goarch); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
