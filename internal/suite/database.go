package suite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
)

// choice is which database a unit's queries are for.
type choice struct {
	kind       database.Kind
	name       string
	migrations string   // absolute folder
	setup      []string // absolute files
	url        string   // for -live
}

// defaultDatabase is the name of a scratch database that none asks for.
const defaultDatabase = "sqlxmage"

// choose finds out which database the variant's queries are for: the configured
// one, or what its packages show.
func (v *variant) choose(ctx context.Context) (choice, error) {
	if v.like != nil {
		return v.like.variants[0].choose(ctx)
	}
	c := choice{name: defaultDatabase}
	d, err := v.configuredDatabase(ctx)
	if err != nil {
		return c, err
	}
	if d != nil {
		c = v.run.chosen(d)
	}
	kind, err := v.kind(ctx, c.kind)
	if err != nil {
		return c, err
	}
	c.kind = kind
	if c.migrations == "" && !v.run.Options.Live {
		c.migrations, err = v.migrations(ctx)
		// The only database there is needs no unit that names it where
		// nothing else is found.
		if only := v.run.file.Databases; err != nil && d == nil && len(only) == 1 && (only[0].Kind == "" || only[0].Kind == kind) {
			c, err = v.run.chosen(&only[0]), nil
			c.kind = kind
		}
	}
	return c, err
}

// chosen is what the configuration says of a database.
func (r *run) chosen(d *config.Database) choice {
	c := choice{name: d.Name, kind: d.Kind, url: d.URL, migrations: r.file.Join(d.Migrations)}
	for _, s := range d.Setup {
		c.setup = append(c.setup, r.file.Join(s))
	}
	return c
}

// configuredDatabase is the one that the variant or the unit names, or the only
// one there is, if the unit's sqlx has a driver for it; nil for none.
func (v *variant) configuredDatabase(ctx context.Context) (*config.Database, error) {
	file := v.run.file
	if v.database != "" {
		return file.Database(v.database), nil
	}
	if len(file.Databases) != 1 || v.config.Path == "" {
		return nil, nil
	}
	only := &file.Databases[0]
	kinds, err := v.drivers(ctx)
	if err != nil || only.Kind != "" && !slices.Contains(kinds, only.Kind) {
		return nil, err
	}
	return only, nil
}

// drivers returns the kinds of database for which the unit's sqlx has drivers,
// ordered.
func (v *variant) drivers(ctx context.Context) ([]database.Kind, error) {
	sqlx, err := v.sqlx(ctx)
	if err != nil {
		return nil, err
	}
	if sqlx == nil {
		return nil, v.noSqlx()
	}
	var kinds []database.Kind
	for _, kind := range database.Kinds() {
		if kind.In(sqlx.MacroFeatures) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds, nil
}

// kind finds the kind of the variant's database: the configured one, the only
// driver of its sqlx, or what the unit's query files say, if these agree.
func (v *variant) kind(ctx context.Context, configured database.Kind) (database.Kind, error) {
	if configured != "" && len(v.config.Variants) > 0 {
		return configured, nil
	}
	drivers, err := v.drivers(ctx)
	if err != nil && configured != "" {
		return configured, nil // cargo may know more
	}
	if err != nil {
		return "", err
	}
	counts, err := v.fileKinds(drivers)
	if err != nil {
		return "", err
	}
	switch {
	case len(counts) > 1:
		return "", v.mixed(ctx, counts)
	case configured != "":
		return configured, nil
	case len(drivers) == 1:
		return drivers[0], nil
	case len(counts) == 1:
		return slices.Sorted(maps.Keys(counts))[0], nil
	}
	which := "none"
	if len(drivers) > 0 {
		which = joined(drivers)
	}
	return "", v.ambiguous("sqlx's drivers (%s) do not tell which kind of database its queries are for%s", which, v.ambient())
}

func (v *variant) noSqlx() error {
	return config.Errorf("unit %s: no package depends on sqlx; a dependency `sqlx` with the feature `macros` is what queries need", v.path)
}

// migrations finds the folder of the unit's migrations: sqlx.toml's, the
// package's or the workspace's `migrations`, or the one that migrate! names.
func (v *variant) migrations(ctx context.Context) (string, error) {
	packages, err := v.packages(ctx)
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
	for _, dir := range []string{filepath.Join(v.dir, "migrations"), filepath.Join(v.workspace.Root, "migrations")} {
		if len(found) == 0 && isFolder(dir) {
			found[dir] = true
		}
	}
	if len(found) == 0 {
		scan, err := v.scan(ctx)
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
		folders = append(folders, v.run.relative(folder))
	}
	sort.Strings(folders)
	switch len(folders) {
	case 0:
		return "", v.ambiguous("no migrations found: neither `migrations`, nor a folder in sqlx.toml, nor a path in migrate!")
	case 1:
		return v.run.file.Join(folders[0]), nil
	}
	return "", v.ambiguous("several folders hold migrations (%s)", strings.Join(folders, ", "))
}

// ambiguous shows the lines that settle it.
func (v *variant) ambiguous(format string, args ...any) error {
	return config.Errorf("unit %s: %s; say it in %s:\n\n"+
		"[[database]]\nname = \"app\"\nkind = \"postgres\"  # or sqlite, mysql\nmigrations = \"path/to/migrations\"\n\n"+
		"[[unit]]\npath = %q\ndatabase = \"app\"\n", v.path, fmt.Sprintf(format, args...), config.FileName, v.path)
}

// joined lists kinds for people.
func joined(kinds []database.Kind) string {
	var words []string
	for _, kind := range kinds {
		words = append(words, string(kind))
	}
	return strings.Join(words, ", ")
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
