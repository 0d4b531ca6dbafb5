package cargo

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const (
	offlineVar    = "SQLX_OFFLINE"
	offlineDirVar = "SQLX_OFFLINE_DIR"
)

// environment is what the macros see of this run.
type environment struct {
	vars   map[string]string
	writes string // the directory for query files; empty: none are written
}

// environ returns this process's environment, without what is meant for this
// program alone, and with the variables, which win:
// over the ambient ones (of two of one name os/exec keeps the last, on Windows
// whatever their case) and over a `.env` file, which sqlx reads only for what
// is absent.
func (e environment) environ() []string {
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return strings.EqualFold(name, offlineDirVar) || name == "SQLXMAGE_DATABASE_URL"
	})
	for _, name := range e.names() {
		env = append(env, name+"="+e.vars[name])
	}
	// sccache may answer for rustc, and then no macro is expanded: this makes
	// it compile, and keep the new result.
	return append(env, "SCCACHE_RECACHE=1")
}

func (e environment) names() []string { return slices.Sorted(maps.Keys(e.vars)) }

// unforce returns the --config arguments that let the environment win over an
// `[env]` table with `force = true` in cargo's configuration files, the only
// thing that is stronger. The files are those that cargo reads from dir.
func (e environment) unforce(dir string) ([]string, error) {
	forced := map[string]bool{}
	for _, path := range configFiles(dir) {
		if err := readForced(path, forced); err != nil {
			return nil, err
		}
	}
	var args []string
	for _, name := range e.names() {
		if forced[name] {
			args = append(args, "--config", "env."+name+".force=false")
		}
	}
	return args, nil
}

// configFiles returns the configuration files that count in dir: the one of
// each folder upwards and cargo's own. Of `config` and `config.toml` in one
// folder the first wins.
func configFiles(dir string) []string {
	var files []string
	add := func(folder string) {
		for _, name := range []string{"config", "config.toml"} {
			path := filepath.Join(folder, name)
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				files = append(files, path)
				return
			}
		}
	}
	for folder := dir; ; {
		add(filepath.Join(folder, ".cargo"))
		parent := filepath.Dir(folder)
		if parent == folder {
			break
		}
		folder = parent
	}
	if own := home(); own != "" {
		add(own)
	}
	return files
}

// readForced adds the variables that the file forces.
func readForced(path string, forced map[string]bool) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read cargo's configuration: %w", err)
	}
	var config struct {
		Env map[string]any `toml:"env"`
	}
	if err := toml.Unmarshal(data, &config); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	for name, value := range config.Env {
		if table, ok := value.(map[string]any); ok && table["force"] == true {
			forced[name] = true
		}
	}
	return nil
}
