package config

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/go-multierror"
)

// The kinds of database, the values of a database's `kind`.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
	MySQL    = "mysql"
)

// checker collects all mistakes of one file.
type checker struct {
	text   string
	errors *multierror.Error
}

func (c *checker) err() error { return c.errors.ErrorOrNil() }

// add reports a mistake at the first line that holds near.
func (c *checker) add(near, format string, args ...any) {
	c.errors = multierror.Append(c.errors, &Error{
		File: FileName, Line: lineOf(c.text, near), Message: fmt.Sprintf(format, args...),
	})
	c.errors.ErrorFormat = Lines
}

// lineOf is 0 where nothing holds near: the decoder gives no positions for
// what it could decode.
func lineOf(text, near string) int {
	if near == "" {
		return 0
	}
	for i, line := range strings.Split(text, "\n") {
		if before, _, _ := strings.Cut(line, "#"); strings.Contains(before, near) {
			return i + 1
		}
	}
	return 0
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
				c.add(name, "`profile.%s` must be a table of a profile's fields", name)
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
	for _, d := range file.Databases {
		switch {
		case d.Name == "":
			c.add("[[database]]", "a database has no `name`")
		case names[d.Name]:
			c.add(quoted(d.Name), "two databases are named `%s`", d.Name)
		}
		names[d.Name] = true
		c.oneOf("kind", d.Kind, []string{Postgres, SQLite, MySQL})
		c.inside(d.Migrations)
		for _, s := range d.Setup {
			c.inside(s)
		}
	}
	paths := map[string]bool{}
	for _, u := range file.Units {
		clean := path.Clean(u.Path)
		switch {
		case u.Path == "":
			c.add("[[unit]]", "a unit has no `path`")
		case paths[clean]:
			c.add(quoted(u.Path), "two units have the path `%s`", u.Path)
		}
		paths[clean] = true
		c.inside(u.Path)
		c.oneOf("engine", u.Engine, Engines())
		if u.Database != "" && !names[u.Database] {
			c.add(quoted(u.Database), "unit `%s`: no database is named `%s`", u.Path, u.Database)
		}
		for _, v := range u.Variants {
			if v.Database != "" && !names[v.Database] {
				c.add(quoted(v.Database), "a variant of unit `%s`: no database is named `%s`", u.Path, v.Database)
			}
		}
		switch {
		case len(u.Lists) > 0 && len(u.CargoArgs) > 0:
			c.add("variants", "unit `%s`: `variants` stand instead of `cargo-args`; one of them must go", u.Path)
		case len(u.Variants) > 0 && len(u.CargoArgs) > 0:
			c.add("variant", "unit `%s`: each variant has `cargo-args` of its own; those of the unit must go", u.Path)
		case len(u.Variants) > 0 && len(u.Lists) > 0:
			c.add("variants", "unit `%s`: `variants` and `[[unit.variant]]` say the same; one of them must go", u.Path)
		}
	}
}

func (c *checker) oneOf(key, value string, values []string) {
	if value != "" && !contains(values, value) {
		c.add(quoted(value), "`%s` is %q; it may be %s", key, value, strings.Join(values, ", "))
	}
}

func (c *checker) inside(p string) {
	if p == "" {
		return
	}
	if filepath.IsAbs(p) || path.IsAbs(p) || !filepath.IsLocal(filepath.FromSlash(p)) {
		c.add(quoted(p), "the path `%s` leads outside the root", p)
	}
}

func quoted(s string) string { return `"` + s + `"` }
