package need

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Main runs the tests of a package, for its TestMain, in an environment that
// nothing of the user's shows in: a home, a cache and a CARGO_HOME of the tests
// own, which outlive the run, and no variable that tells sqlx of a database.
// Go's own caches, and the toolchains of rustup, stay the user's.
func Main(m *testing.M) int {
	if err := setApart(); err != nil {
		fmt.Fprintln(os.Stderr, "make an environment for the tests:", err)
		return 1
	}
	return m.Run()
}

func setApart() error {
	tools, err := toolsDir()
	if err != nil {
		return err
	}
	set, err := shared()
	if err != nil {
		return err
	}
	home := filepath.Join(tools, "kept", "home")
	if err := os.MkdirAll(home, 0o777); err != nil {
		return err
	}
	set["SQLXMAGE_TOOLS"] = tools
	set["HOME"], set["USERPROFILE"] = home, home
	set["XDG_CACHE_HOME"], set["LOCALAPPDATA"] = filepath.Join(home, ".cache"), filepath.Join(home, ".cache")
	set["CARGO_HOME"] = filepath.Join(home, ".cargo")
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if name == "DATABASE_URL" || name == "SQLXMAGE_CACHE" || name == "CARGO_TARGET_DIR" || strings.HasPrefix(name, "SQLX_") || strings.HasPrefix(name, "PG") {
			os.Unsetenv(name)
		}
	}
	for name, value := range set {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// shared are the folders that stay the user's although they lie in the home, by
// the variables that name them.
func shared() (map[string]string, error) {
	set := map[string]string{}
	if home, err := os.UserHomeDir(); err == nil && os.Getenv("RUSTUP_HOME") == "" {
		set["RUSTUP_HOME"] = filepath.Join(home, ".rustup")
	}
	if _, err := exec.LookPath("go"); err != nil {
		return set, nil // a compiled test; it builds nothing
	}
	out, err := exec.Command("go", "env", "-json", "GOENV", "GOPATH", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("ask go for its folders: %w", err)
	}
	if err := json.Unmarshal(out, &set); err != nil {
		return nil, fmt.Errorf("read what go says of its folders: %w", err)
	}
	return set, nil
}
