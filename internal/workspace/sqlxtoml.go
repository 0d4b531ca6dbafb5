package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// SqlxConfig is a package's sqlx.toml, which sqlx 0.9 reads when its feature
// `sqlx-toml` is enabled (sqlx-core 0.9.0, config/).
type SqlxConfig struct {
	Path             string
	DatabaseURLVar   string // common.database-url-var; "DATABASE_URL" when not given
	Migrate          SqlxMigrate
	Macros           SqlxMacros
	SQLiteExtensions bool // drivers.sqlite.unsafe-load-extensions is given
}

// SqlxMigrate is the section [migrate].
type SqlxMigrate struct {
	Dir           string // migrations-dir, relative to the manifest; "migrations" when not given
	TableName     string // table-name; "_sqlx_migrations" when not given
	IgnoredChars  []rune // ignored-chars: left out of the files' checksums, ordered
	CreateSchemas []string
}

// SqlxMacros is the section [macros]. It decides Rust types, which no query
// file holds.
type SqlxMacros struct {
	DateTime       string                       // preferred-crates.date-time: "inferred", "time" or "chrono"
	Numeric        string                       // preferred-crates.numeric: "inferred", "bigdecimal" or "rust_decimal"
	TypeOverrides  map[string]string            // SQL type → Rust type
	TableOverrides map[string]map[string]string // table → column → Rust type
}

// readSqlxTOML reads the sqlx.toml of a package's directory, if there is one.
// As sqlx does, it refuses keys that it does not know.
func readSqlxTOML(dir string, problem func(*diag.Diagnostic)) *SqlxConfig {
	path := filepath.Join(dir, "sqlx.toml")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		problem(problemIn(path, err.Error()))
		return nil
	}
	c, err := parseSqlxTOML(path, string(data))
	if err != nil {
		p := problemIn(path, err.Error())
		errors.As(err, &p)
		problem(p)
		return nil
	}
	return c
}

func parseSqlxTOML(path, text string) (*SqlxConfig, error) {
	var file struct {
		Common struct {
			DatabaseURLVar *string `toml:"database-url-var"`
		}
		Migrate struct {
			CreateSchemas []string       `toml:"create-schemas"`
			TableName     *string        `toml:"table-name"`
			Dir           *string        `toml:"migrations-dir"`
			IgnoredChars  []string       `toml:"ignored-chars"`
			Defaults      map[string]any `toml:"defaults"`
		}
		Macros struct {
			Preferred struct {
				DateTime string `toml:"date-time"`
				Numeric  string
			} `toml:"preferred-crates"`
			TypeOverrides  map[string]string            `toml:"type-overrides"`
			TableOverrides map[string]map[string]string `toml:"table-overrides"`
		}
		Drivers struct {
			MySQL    map[string]any `toml:"mysql"`
			Postgres map[string]any
			SQLite   map[string]any `toml:"sqlite"`
			External map[string]any
		}
	}
	meta, err := toml.Decode(text, &file)
	if err != nil {
		return nil, tomltext.Problem(diag.Manifest, path, text, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, problemIn(path, fmt.Sprintf("unknown key %s", unknown[0]))
	}
	c := &SqlxConfig{
		Path:           path,
		DatabaseURLVar: or(file.Common.DatabaseURLVar, "DATABASE_URL"),
		Migrate: SqlxMigrate{
			Dir:           or(file.Migrate.Dir, "migrations"),
			TableName:     or(file.Migrate.TableName, "_sqlx_migrations"),
			CreateSchemas: file.Migrate.CreateSchemas,
		},
		Macros: SqlxMacros{
			DateTime:       file.Macros.Preferred.DateTime,
			Numeric:        file.Macros.Preferred.Numeric,
			TypeOverrides:  file.Macros.TypeOverrides,
			TableOverrides: file.Macros.TableOverrides,
		},
		SQLiteExtensions: file.Drivers.SQLite["unsafe-load-extensions"] != nil,
	}
	for _, s := range file.Migrate.IgnoredChars {
		chars := []rune(s)
		if len(chars) != 1 {
			return nil, problemIn(path, fmt.Sprintf("migrate.ignored-chars: %q is not one character", s))
		}
		c.Migrate.IgnoredChars = append(c.Migrate.IgnoredChars, chars[0])
	}
	slices.Sort(c.Migrate.IgnoredChars)
	for _, choice := range []struct {
		key     string
		value   *string
		allowed []string
	}{
		{"date-time", &c.Macros.DateTime, []string{"inferred", "chrono", "time"}},
		{"numeric", &c.Macros.Numeric, []string{"inferred", "bigdecimal", "rust_decimal"}},
	} {
		if *choice.value == "" {
			*choice.value = "inferred"
		}
		if !slices.Contains(choice.allowed, *choice.value) {
			return nil, problemIn(path, fmt.Sprintf("macros.preferred-crates.%s: %q is not known", choice.key, *choice.value))
		}
	}
	return c, nil
}

func or(s *string, def string) string {
	if s == nil {
		return def
	}
	return *s
}
