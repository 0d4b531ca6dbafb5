package cargo

import (
	"fmt"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
)

// manifest is what a package's Cargo.toml says of sqlx.
type manifest struct {
	mentions bool // sqlx is named at all
	builds   bool // sqlx is a dependency of the build script
}

// readManifest tells whether a package can hold queries: the macros' output
// names the crate `::sqlx`, so a package that uses them has sqlx, or a fork
// under that name, among its dependencies.
func readManifest(path string) (manifest, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	type tables struct {
		Build map[string]any `toml:"build-dependencies"`
	}
	var content struct {
		tables
		Target map[string]tables `toml:"target"`
	}
	if err := toml.Unmarshal(data, &content); err != nil {
		return manifest{}, fmt.Errorf("read %s: %w", path, err)
	}
	m := manifest{mentions: strings.Contains(string(data), "sqlx")}
	_, m.builds = content.Build["sqlx"]
	for _, target := range content.Target {
		if _, ok := target.Build["sqlx"]; ok {
			m.builds = true
		}
	}
	return m, nil
}
