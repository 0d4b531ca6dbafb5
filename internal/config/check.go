package config

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/hashicorp/go-multierror"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// checker collects all mistakes of one file.
type checker struct {
	places map[string]diag.Place
	errors *multierror.Error
}

func (c *checker) err() error { return c.errors.ErrorOrNil() }

// add reports a mistake at a path of the document: see places.
func (c *checker) add(path, format string, args ...any) {
	at, ok := c.places[path]
	for !ok && path != "" { // it stands in a value
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
		at, ok = c.places[path]
	}
	at.File = FileName
	c.errors = multierror.Append(c.errors, ErrorAt(at, format, args...))
	c.errors.ErrorFormat = Lines
}

// tableNumber is which table of an array a path leads to: see places.
var tableNumber = regexp.MustCompile(`\[\d+\]`)

// unknown reports every place of a key that nothing knows. The decoder names
// the key without telling which table of an array has it.
func (c *checker) unknown(key toml.Key) {
	var at []string
	for path := range c.places {
		if tableNumber.ReplaceAllString(path, "") == strings.Join(key, ".") {
			at = append(at, path)
		}
	}
	slices.Sort(at)
	if len(at) == 0 {
		at = []string{strings.Join(key, ".")}
	}
	for _, path := range at {
		c.add(path, "unknown key `%s`", key)
	}
}

// profile reads both forms of the key: TOML cannot have `profile = "NAME"`
// beside `[profile.NAME]`, so there the choice is `default` in `[profile]`.
func (c *checker) profile(file *File, value any) {
	switch value := value.(type) {
	case nil:
	case string:
		file.Profile = value
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			fields := value[name]
			if chosen, ok := fields.(string); ok && name == "default" {
				file.Profile = chosen
				continue
			}
			table, ok := fields.(map[string]any)
			if !ok {
				c.add("profile."+name, "`profile.%s` must be a table of a profile's fields", name)
				continue
			}
			file.Profiles[name] = table
		}
	default:
		c.add("profile", "`profile` must be a profile's name")
	}
}

func (c *checker) values(file *File) {
	c.oneOf("engine", file.Engine, Engines())
	names := map[string]bool{}
	for i, d := range file.Databases {
		at := fmt.Sprintf("database[%d]", i)
		switch {
		case d.Name == "":
			c.add(at, "a database has no `name`")
		case names[d.Name]:
			c.add(at+".name", "two databases are named `%s`", d.Name)
		}
		names[d.Name] = true
		c.oneOf(at+".kind", string(d.Kind), words(database.Kinds()))
		c.inside(at+".migrations", d.Migrations)
		for _, s := range d.Setup {
			c.inside(at+".setup", s)
		}
	}
	paths := map[string]bool{}
	for i, u := range file.Units {
		at := fmt.Sprintf("unit[%d]", i)
		clean := path.Clean(u.Path)
		switch {
		case u.Path == "":
			c.add(at, "a unit has no `path`")
		case paths[clean]:
			c.add(at+".path", "two units have the path `%s`", u.Path)
		}
		paths[clean] = true
		c.inside(at+".path", u.Path)
		c.oneOf(at+".engine", u.Engine, Engines())
		if u.Database != "" && !names[u.Database] {
			c.add(at+".database", "unit `%s`: no database is named `%s`", u.Path, u.Database)
		}
		for j, v := range u.Variants {
			if v.Database != "" && !names[v.Database] {
				c.add(fmt.Sprintf("%s.variant[%d].database", at, j), "a variant of unit `%s`: no database is named `%s`", u.Path, v.Database)
			}
		}
		switch {
		case len(u.Lists) > 0 && len(u.CargoArgs) > 0:
			c.add(at+".variants", "unit `%s`: `variants` stand instead of `cargo-args`; one of them must go", u.Path)
		case len(u.Variants) > 0 && len(u.CargoArgs) > 0:
			c.add(at+".cargo-args", "unit `%s`: each variant has `cargo-args` of its own; those of the unit must go", u.Path)
		case len(u.Variants) > 0 && len(u.Lists) > 0:
			c.add(at+".variants", "unit `%s`: `variants` and `[[unit.variant]]` say the same; one of them must go", u.Path)
		}
	}
}

// oneOf wants a value to be one of some.
func (c *checker) oneOf(at, value string, values []string) {
	if value != "" && !slices.Contains(values, value) {
		c.add(at, "`%s` is %q; it may be %s", at[strings.LastIndexByte(at, '.')+1:], value, strings.Join(values, ", "))
	}
}

func words(kinds []database.Kind) (words []string) {
	for _, kind := range kinds {
		words = append(words, string(kind))
	}
	return words
}

// inside wants a path to stay below the root.
func (c *checker) inside(at, p string) {
	if p == "" {
		return
	}
	if filepath.IsAbs(p) || path.IsAbs(p) || !filepath.IsLocal(filepath.FromSlash(p)) {
		c.add(at, "the path `%s` leads outside the root", p)
	}
}
