package workspace

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// manifest is a Cargo.toml as it is written, nothing inherited yet.
type manifest struct {
	path string
	dir  string
	sum  [32]byte // SHA-256 of the file

	Package   *packageTable
	Project   *packageTable // an old name of [package]
	Workspace *workspaceTable
	Lib       *targetTable
	Bin       []targetTable
	Example   []targetTable
	Test      []targetTable
	Bench     []targetTable
	Features  map[string][]string
	Profile   map[string]profileTable
	Patch     map[string]map[string]dependencyTable
	Replace   map[string]dependencyTable
	Target    map[string]dependencyTables
	dependencyTables
}

type packageTable struct {
	Name         string
	Version      inheritable
	Edition      inheritable
	Workspace    string
	Resolver     string
	Links        string
	Build        any // a path, a boolean, or (unstable) several paths
	Autolib      *bool
	Autobins     *bool
	Autoexamples *bool
	Autotests    *bool
	Autobenches  *bool
}

type workspaceTable struct {
	Members        []string
	Exclude        []string
	DefaultMembers []string `toml:"default-members"`
	Resolver       string
	Package        struct{ Version, Edition string }
	Dependencies   map[string]dependencyTable
}

type targetTable struct {
	Name             string
	Path             string
	Edition          string
	CrateType        []string `toml:"crate-type"`
	CrateType2       []string `toml:"crate_type"`
	ProcMacro        *bool    `toml:"proc-macro"`
	ProcMacro2       *bool    `toml:"proc_macro"`
	Test             *bool
	Bench            *bool
	Harness          *bool
	RequiredFeatures []string `toml:"required-features"`
}

type dependencyTables struct {
	Dependencies       map[string]dependencyTable
	DevDependencies    map[string]dependencyTable `toml:"dev-dependencies"`
	DevDependencies2   map[string]dependencyTable `toml:"dev_dependencies"`
	BuildDependencies  map[string]dependencyTable `toml:"build-dependencies"`
	BuildDependencies2 map[string]dependencyTable `toml:"build_dependencies"`
}

// each calls f for every table of dependencies.
func (t *dependencyTables) each(f func(DependencyKind, map[string]dependencyTable)) {
	f(Normal, t.Dependencies)
	f(Dev, t.DevDependencies)
	f(Dev, t.DevDependencies2)
	f(Build, t.BuildDependencies)
	f(Build, t.BuildDependencies2)
}

// dependencyTable is a dependency: a version, or a table.
type dependencyTable struct {
	Version          string
	Path             string
	Git              string
	Package          string
	Workspace        bool
	Optional         bool
	Features         []string
	DefaultFeatures  *bool `toml:"default-features"`
	DefaultFeatures2 *bool `toml:"default_features"`
	Artifact         any
}

// UnmarshalTOML accepts both forms.
func (d *dependencyTable) UnmarshalTOML(data any) error {
	switch data := data.(type) {
	case string:
		*d = dependencyTable{Version: data}
		return nil
	case map[string]any:
		return d.fill(data)
	}
	return fmt.Errorf("a dependency is a version or a table, not %T", data)
}

func (d *dependencyTable) fill(table map[string]any) (err error) {
	for key, value := range table {
		ok := true
		switch key {
		case "version":
			d.Version, ok = value.(string)
		case "path":
			d.Path, ok = value.(string)
		case "git":
			d.Git, ok = value.(string)
		case "package":
			d.Package, ok = value.(string)
		case "workspace":
			d.Workspace, ok = value.(bool)
		case "optional":
			d.Optional, ok = value.(bool)
		case "artifact":
			d.Artifact = value
		case "default-features", "default_features":
			var b bool
			b, ok = value.(bool)
			if d.DefaultFeatures == nil || key == "default-features" {
				d.DefaultFeatures = &b
			}
		case "features":
			d.Features, ok = stringList(value)
		}
		if !ok {
			return fmt.Errorf("%s: wrong type %T", key, value)
		}
	}
	return nil
}

func stringList(value any) ([]string, bool) {
	list, ok := value.([]any)
	texts := make([]string, len(list))
	for i, v := range list {
		text, isText := v.(string)
		texts[i], ok = text, ok && isText
	}
	return texts, ok
}

// inheritable is a text, or `{ workspace = true }`.
type inheritable struct {
	text      string
	workspace bool
}

// UnmarshalTOML accepts both forms.
func (v *inheritable) UnmarshalTOML(data any) error {
	switch data := data.(type) {
	case string:
		v.text = data
		return nil
	case map[string]any:
		if workspace, ok := data["workspace"].(bool); ok && workspace {
			v.workspace = true
			return nil
		}
	}
	return fmt.Errorf("a text or { workspace = true }, not %v", data)
}

// profileTable is what of a profile decides code.
type profileTable struct {
	Inherits        string
	DebugAssertions *bool  `toml:"debug-assertions"`
	Panic           string // "unwind" or "abort"
	Package         map[string]profileTable
	BuildOverride   *profileTable `toml:"build-override"`
}

// readManifest reads and decodes a Cargo.toml. The error is the file system's
// or a *diag.Diagnostic.
func readManifest(path, dir string) (*manifest, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseManifest(path, dir, string(data))
}

func parseManifest(path, dir, data string) (*manifest, error) {
	m := &manifest{path: path, dir: dir, sum: sha256.Sum256([]byte(data))}
	text := strings.TrimPrefix(data, diag.ByteOrderMark)
	if _, err := toml.Decode(text, m); err != nil {
		return nil, tomltext.Problem(diag.Manifest, path, text, err)
	}
	if m.Package == nil {
		m.Package = m.Project
	}
	if m.Package == nil && m.Workspace == nil {
		return nil, problemIn(path, "neither [package] nor [workspace]")
	}
	if m.Package != nil && m.Package.Name == "" {
		return nil, problemIn(path, "[package] has no name")
	}
	return m, nil
}
