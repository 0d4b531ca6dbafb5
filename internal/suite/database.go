package suite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// choice is which database a unit's queries are for.
type choice struct {
	kind       string
	name       string
	migrations string   // absolute folder
	setup      []string // absolute files
	url        string   // for -live
}

// defaultDatabase is the name of a scratch database that none asks for.
const defaultDatabase = "sqlxmage"

// choose finds out which database the unit's queries are for: the configured
// one, or what its packages show.
func (u *unit) choose(ctx context.Context) (choice, error) {
	if u.like != nil {
		return u.like.choose(ctx)
	}
	c := choice{name: defaultDatabase}
	d, err := u.configuredDatabase(ctx)
	if err != nil {
		return c, err
	}
	if d != nil {
		c.name, c.kind, c.url = d.Name, d.Kind, d.URL
		c.migrations = u.run.file.Join(d.Migrations)
		for _, s := range d.Setup {
			c.setup = append(c.setup, u.run.file.Join(s))
		}
	}
	if c.kind == "" {
		if c.kind, err = u.kind(ctx); err != nil {
			return c, err
		}
	}
	if c.migrations == "" && !u.run.Options.Live {
		if c.migrations, err = u.migrations(ctx); err != nil {
			return c, err
		}
	}
	return c, nil
}

// configuredDatabase is the one that the unit names, or the only one there is,
// if the unit's sqlx has a driver for it; nil for none.
func (u *unit) configuredDatabase(ctx context.Context) (*config.Database, error) {
	file := u.run.file
	if u.config.Database != "" {
		return file.Database(u.config.Database), nil
	}
	if len(file.Databases) != 1 || u.config.Path == "" {
		return nil, nil
	}
	only := &file.Databases[0]
	kinds, err := u.drivers(ctx)
	if err != nil || only.Kind != "" && !slices.Contains(kinds, only.Kind) {
		return nil, err
	}
	return only, nil
}

// drivers returns the kinds of database for which the unit's sqlx has drivers,
// ordered.
func (u *unit) drivers(ctx context.Context) ([]string, error) {
	sqlx, err := u.sqlx(ctx)
	if err != nil {
		return nil, err
	}
	if sqlx == nil {
		return nil, u.noSqlx()
	}
	var kinds []string
	for kind, there := range map[string]bool{config.Postgres: sqlx.Postgres, config.SQLite: sqlx.SQLite, config.MySQL: sqlx.MySQL} {
		if there {
			kinds = append(kinds, kind)
		}
	}
	sort.Strings(kinds)
	return kinds, nil
}

// kind finds the kind of the unit's database: the only driver of its sqlx, or
// what its query files say.
func (u *unit) kind(ctx context.Context) (string, error) {
	kinds, err := u.drivers(ctx)
	if err != nil {
		return "", err
	}
	if len(kinds) == 1 {
		return kinds[0], nil
	}
	set, err := sqlxdata.ReadSet(u.data())
	if err != nil {
		return "", err
	}
	for _, hash := range set.Hashes() {
		if file, err := sqlxdata.Decode(set[hash]); err == nil {
			if kind := kindOf(file.DBName); kind != "" {
				return kind, nil
			}
		}
	}
	which := "none"
	if len(kinds) > 0 {
		which = strings.Join(kinds, ", ")
	}
	return "", u.ambiguous("sqlx's drivers (%s) do not tell which kind of database its queries are for", which)
}

func (u *unit) noSqlx() error {
	return &config.Error{Message: fmt.Sprintf("unit %s: no package depends on sqlx; a dependency `sqlx` with the feature `macros` is what queries need", u.path)}
}

// migrations finds the folder of the unit's migrations: sqlx.toml's, the
// package's or the workspace's `migrations`, or the one that migrate! names.
func (u *unit) migrations(ctx context.Context) (string, error) {
	packages, err := u.packages(ctx)
	if err != nil {
		return "", err
	}
	found := map[string]bool{}
	for _, p := range packages {
		dir := filepath.Join(p.Dir, "migrations")
		if p.SqlxTOML != nil {
			dir = filepath.Join(p.Dir, filepath.FromSlash(p.SqlxTOML.Migrate.Dir))
		}
		if isFolder(dir) {
			found[dir] = true
		}
	}
	for _, dir := range []string{filepath.Join(u.dir, "migrations"), filepath.Join(u.workspace.Root, "migrations")} {
		if len(found) == 0 && isFolder(dir) {
			found[dir] = true
		}
	}
	if len(found) == 0 {
		scan, err := u.scan(ctx)
		if err != nil {
			return "", err
		}
		for _, m := range scan.migrations {
			if isFolder(m.Dir) {
				found[m.Dir] = true
			}
		}
	}
	var folders []string
	for folder := range found {
		folders = append(folders, u.run.relative(folder))
	}
	sort.Strings(folders)
	switch len(folders) {
	case 0:
		return "", u.ambiguous("no migrations found: neither `migrations`, nor a folder in sqlx.toml, nor a path in migrate!")
	case 1:
		return u.run.file.Join(folders[0]), nil
	}
	return "", u.ambiguous("several folders hold migrations (%s)", strings.Join(folders, ", "))
}

// ambiguous shows the lines that settle it.
func (u *unit) ambiguous(format string, args ...any) error {
	return &config.Error{Message: fmt.Sprintf("unit %s: %s; say it in %s:\n\n"+
		"[[database]]\nname = \"app\"\nkind = \"postgres\"  # or sqlite, mysql\nmigrations = \"path/to/migrations\"\n\n"+
		"[[unit]]\npath = %q\ndatabase = \"app\"\n", u.path, fmt.Sprintf(format, args...), config.FileName, u.path)}
}

// The names of databases in query files, with sqlxmage's words for them.
var dbNames = map[string]string{config.Postgres: "PostgreSQL", config.SQLite: "SQLite", config.MySQL: "MySQL"}

func kindOf(dbName string) string {
	for kind, name := range dbNames {
		if name == dbName {
			return kind
		}
	}
	return ""
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// listFolder returns the files of a folder, none where it is not there.
func listFolder(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read folder: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	return files, nil
}
