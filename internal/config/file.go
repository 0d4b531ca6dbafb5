// Package config reads what a user can set: `sqlxmage.toml`, the environment
// and the flags of a target.
//
// A flag wins over the environment, the environment over the file, the file
// over the default. Settings lists them all.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// FileName is the name of the configuration file, which marks the root.
const FileName = "sqlxmage.toml"

// Error is a mistake in the configuration, in the flags, or in what else a user
// sets. It has a place where it stands in a file.
type Error struct{ diag.Diagnostic }

// Errorf returns a mistake that stands in no file.
func Errorf(format string, args ...any) *Error {
	return ErrorAt(diag.Place{}, format, args...)
}

// ErrorAt returns a mistake at a place.
func ErrorAt(place diag.Place, format string, args ...any) *Error {
	return &Error{diag.Diagnostic{Code: diag.Config, Message: fmt.Sprintf(format, args...), Place: place}}
}

// Unwrap makes a mistake the diagnostic that it is.
func (e *Error) Unwrap() error { return &e.Diagnostic }

// File is `sqlxmage.toml`. Paths are as written, with forward slashes, relative
// to the file's folder.
type File struct {
	Engine           string              `toml:"engine"`
	Profile          string              `toml:"-"`               // profile = "NAME", or default = "NAME" in [profile]
	InstallProfile   *bool               `toml:"install-profile"` // nil: true
	PostgresVersion  string              `toml:"postgres-version"`
	PostgresDownload *bool               `toml:"postgres-download"` // nil: true
	Network          *bool               `toml:"network"`           // nil: true
	Profiles         map[string]Override `toml:"-"`                 // [profile.NAME], single fields
	Databases        []Database          `toml:"database"`
	Units            []Unit              `toml:"unit"`

	Root string `toml:"-"` // absolute folder of the file, or of the workspace
	Path string `toml:"-"` // absolute path of the file, empty without one
}

// Override holds the fields of a profile that replace the built-in ones.
type Override map[string]any

// Database is a `[[database]]`.
type Database struct {
	Name       string        `toml:"name"`
	Kind       database.Kind `toml:"kind"`
	Migrations string        `toml:"migrations"`
	Setup      []string      `toml:"setup"`
	URL        string        `toml:"url"` // for -live
}

// Unit is a `[[unit]]`: one `.sqlx` directory.
type Unit struct {
	Path             string           `toml:"path"`
	Database         string           `toml:"database"`
	Engine           string           `toml:"engine"`
	CargoArgs        []string         `toml:"cargo-args"`
	Variants         []Variant        `toml:"variant"`  // those of Lists too, once the file is loaded
	Lists            [][]string       `toml:"variants"` // the cargo arguments of variants without anything of their own
	GeneratedQueries GeneratedQueries `toml:"generated-queries"`
	Skip             bool             `toml:"skip"` // this folder is no unit
}

// GeneratedQueries says of which crates the macros may write queries: true, the
// default, of all; false, of none from outside the repository; a list, of those
// that it names.
type GeneratedQueries struct {
	OnlyInside bool // false was written
	Listed     bool // a list was written
	Packages   []string
}

// UnmarshalTOML reads true, false, or a list of packages.
func (g *GeneratedQueries) UnmarshalTOML(value any) error {
	switch value := value.(type) {
	case bool:
		g.OnlyInside = !value
		return nil
	case []any:
		g.Listed = true
		for _, name := range value {
			text, ok := name.(string)
			if !ok {
				return errors.New("`generated-queries` lists packages by their names, in quotes")
			}
			g.Packages = append(g.Packages, text)
		}
		return nil
	}
	return errors.New("`generated-queries` must be true, false, or a list of packages")
}

// By tells whether macros of a package may write queries; foreign, of one from a
// registry or git.
func (g GeneratedQueries) By(pkg string, foreign bool) bool {
	if g.Listed {
		return slices.Contains(g.Packages, pkg)
	}
	return !foreign || !g.OnlyInside
}

// Variant is a `[[unit.variant]]`: one of several ways in which a unit is
// compiled. Its queries are the union of theirs.
type Variant struct {
	CargoArgs []string `toml:"cargo-args"`
	Database  string   `toml:"database"` // "": the unit's
}

// FindRoot returns the nearest folder from dir upwards that has a
// sqlxmage.toml, and whether there is one.
func FindRoot(dir string) (string, bool) {
	for {
		if info, err := os.Stat(filepath.Join(dir, FileName)); err == nil && !info.IsDir() {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// Load reads the root's sqlxmage.toml; without one, all is default. Its error
// is an *Error for what the user can mend in the file.
func Load(root string) (*File, error) {
	path := filepath.Join(root, FileName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &File{Root: root}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	file := &File{Root: root, Path: path}
	var doc struct {
		*File
		Profile any `toml:"profile"` // a name, or the table that holds [profile.NAME]
	}
	doc.File = file
	meta, err := toml.Decode(string(data), &doc)
	if err != nil {
		return nil, &Error{*tomltext.Problem(diag.Config, FileName, string(data), err)}
	}
	check := checker{places: places(string(data))}
	file.Profiles = map[string]Override{}
	check.profile(file, doc.Profile)
	for _, key := range meta.Undecoded() {
		if key[0] != "profile" {
			check.unknown(key)
		}
	}
	check.values(file)
	for i := range file.Units {
		u := &file.Units[i]
		for _, args := range u.Lists {
			u.Variants = append(u.Variants, Variant{CargoArgs: args})
		}
	}
	return file, check.err()
}

// Installs tells whether prepare installs the cargo profile.
func (f *File) Installs() bool { return f.InstallProfile == nil || *f.InstallProfile }

// Fetches tells whether anything may be fetched over the network.
func (f *File) Fetches(o Options) bool {
	network := f.Network
	if o.Network != nil {
		network = o.Network
	}
	return !o.Offline && (network == nil || *network)
}

// Downloads tells whether Postgres programs may be fetched.
func (f *File) Downloads(o Options) bool {
	return f.Fetches(o) && (f.PostgresDownload == nil || *f.PostgresDownload)
}

// Database returns the database of that name, nil where there is none.
func (f *File) Database(name string) *Database {
	for i := range f.Databases {
		if f.Databases[i].Name == name {
			return &f.Databases[i]
		}
	}
	return nil
}

// Lines is the text of several errors, a line each.
func Lines(errs []error) string {
	lines := make([]string, len(errs))
	for i, err := range errs {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Join returns the absolute path of one that is written in the file, "" for "".
func (f *File) Join(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Join(f.Root, filepath.FromSlash(path))
}
