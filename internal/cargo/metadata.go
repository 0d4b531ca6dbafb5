package cargo

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// Metadata is what `cargo metadata --no-deps` says of a workspace. Paths are
// absolute.
type Metadata struct {
	WorkspaceRoot   string    `json:"workspace_root"`
	TargetDirectory string    `json:"target_directory"`
	BuildDirectory  string    `json:"build_directory"` // cargo 1.91; the target directory before
	Packages        []Package `json:"packages"`        // the members
}

// Package is one package of a workspace.
type Package struct {
	Name         string `json:"name"`
	ManifestPath string `json:"manifest_path"`
}

// Metadata asks cargo about the workspace that dir belongs to: no network, no
// writing, some 20 ms.
func (t Tool) Metadata(ctx context.Context, dir string) (Metadata, error) {
	cmd := proc.Command(ctx, t.Path, "metadata", "--no-deps", "--offline", "--format-version", "1")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return Metadata{}, fmt.Errorf("cargo metadata in %s: %w", dir, withStderr(err))
	}
	var m Metadata
	if err := json.Unmarshal(out, &m); err != nil {
		return Metadata{}, fmt.Errorf("cargo metadata in %s: %w", dir, err)
	}
	if m.BuildDirectory == "" {
		m.BuildDirectory = m.TargetDirectory
	}
	return m, nil
}

// Dir returns the folder of the package.
func (p Package) Dir() string { return filepath.Dir(p.ManifestPath) }
