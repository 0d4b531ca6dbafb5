package workspace

import (
	"os"
	"path/filepath"
	"strings"
)

// Setting is a value of cargo's configuration and where it was set.
type Setting struct {
	Value any    // as TOML decodes it; a text when the environment sets it
	File  string // the configuration file; "" for the environment
	User  bool   // the user's own: of the environment or cargo's home, and of no file that a repository could bring
	base  string // of a relative path
}

// Text returns the value when it is a text, else "".
func (s Setting) Text() string {
	text, _ := s.Value.(string)
	return text
}

// Path returns the value as an absolute path: what a file sets is relative to
// the folder that its `.cargo` lies in.
func (s Setting) Path() string {
	if s.Text() == "" {
		return ""
	}
	return join(s.base, s.Text())
}

// Setting returns what a key is set to, `"http", "proxy"` for `http.proxy`, by
// the environment or the nearest file that sets it. The zero Setting says that
// none does.
func (c *Config) Setting(key ...string) Setting {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return '_'
		}
		return r
	}, "CARGO_"+strings.ToUpper(strings.Join(key, "_")))
	if value, ok := os.LookupEnv(name); ok {
		return Setting{Value: value, User: true, base: c.dir}
	}
	for _, file := range c.tables {
		if value := at(file.all, key); value != nil {
			return Setting{Value: value, File: file.path, User: c.isUsers(file), base: file.base}
		}
	}
	return Setting{}
}

// Keys returns the names that the files set below a table, ordered.
func (c *Config) Keys(table ...string) []string {
	names := map[string]bool{}
	for _, file := range c.tables {
		entries, _ := at(file.all, table).(map[string]any)
		for name := range entries {
			names[name] = true
		}
	}
	return sortedKeys(names)
}

// isUsers tells of a file whether it is that of cargo's home.
func (c *Config) isUsers(file *configFile) bool {
	return c.Home != "" && filepath.Dir(file.path) == filepath.Clean(c.Home)
}

func at(table map[string]any, key []string) any {
	var value any = table
	for _, name := range key {
		entries, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = entries[name]
	}
	return value
}
