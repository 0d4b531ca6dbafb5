package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// databases are the databases of a run. Units whose databases are made from the
// same share one.
type databases struct {
	run   *run
	byKey map[string]*unitDatabase
}

// unitDatabase is one database of a run, opened when it is first needed.
type unitDatabase struct {
	choice
	run    *run
	driver database.Driver // nil: there is none for the kind
	source database.Source
	server database.Server
	live   *database.URL // of a live one
	opened lazy[database.Database]
}

// of returns the variant's database.
func (d *databases) of(ctx context.Context, v *variant) (*unitDatabase, error) {
	choice, err := v.choose(ctx)
	if err != nil {
		return nil, err
	}
	db := &unitDatabase{choice: choice, run: d.run, driver: d.run.driver(choice.kind)}
	if db.source, err = v.source(ctx, choice); err != nil {
		return nil, err
	}
	db.server = database.Server{Name: choice.kind.DBName()}
	if db.driver != nil {
		db.server = db.driver.Server(db.source.Client)
	}
	if d.run.Options.Live {
		if db.live, err = d.run.liveURL(choice); err != nil {
			return nil, err
		}
	}
	key := db.key()
	if known := d.byKey[key]; known != nil {
		return known, nil
	}
	if d.byKey == nil {
		d.byKey = map[string]*unitDatabase{}
	}
	d.byKey[key] = db
	return db, nil
}

// source is what the variant's scratch database is made from, and which client
// asks it.
func (v *variant) source(ctx context.Context, c choice) (database.Source, error) {
	source := database.Source{Name: c.name, Migrations: c.migrations, Setup: c.setup}
	sqlx, err := v.sqlx(ctx)
	if err != nil || sqlx == nil {
		return source, err
	}
	packages, err := v.packages(ctx)
	if err != nil {
		return source, err
	}
	m, _ := follows(v.run.driver(c.kind), sqlx.Version)
	source.Client = v.client(sqlx, m, packages)
	for _, p := range packages {
		if t := p.SqlxTOML; t != nil && m == "0.9" {
			source.Table = t.Migrate.TableName
			source.Schemas = t.Migrate.CreateSchemas
			source.IgnoredChars = string(t.Migrate.IgnoredChars)
		}
	}
	return source, nil
}

// client is the sqlx by which the variant's macros ask.
func (v *variant) client(sqlx *workspace.Sqlx, m mode, packages []*workspace.Package) database.Client {
	client := database.Client{
		Sqlx: string(m), Features: sqlx.MacroFeatures, Dir: v.workspace.Root,
		Library: database.Library{Versions: sqlx.SQLiteSys, Features: sqlx.SQLiteSysFeatures, Unknown: sqlx.SQLiteSysUnknown},
		IsSet: func(variable string) bool {
			_, configured := v.workspace.Config.Env[variable]
			return configured || os.Getenv(variable) != ""
		},
	}
	for _, p := range packages {
		if p.SqlxTOML != nil && p.SqlxTOML.SQLiteExtensions {
			client.Extensions = append(client.Extensions, v.run.relative(p.SqlxTOML.Path))
		}
	}
	return client
}

// liveURL is the URL that the user gives for `-live`: flag or environment,
// then the database's own, then DATABASE_URL. It must be for a database of the
// kind that the queries are for.
func (r *run) liveURL(c choice) (*database.URL, error) {
	for _, given := range []struct{ where, url string }{
		{"-databaseurl or SQLXMAGE_DATABASE_URL", r.Options.DatabaseURL},
		{fmt.Sprintf("`url` of database `%s` in %s", c.name, config.FileName), c.url},
		{"DATABASE_URL", os.Getenv("DATABASE_URL")},
	} {
		if given.url == "" {
			continue
		}
		if kind, known := database.KindOf(given.url); known && kind != c.kind {
			return nil, config.Errorf("%s is for %s, but the queries are for %s; give the URL of a %s database",
				given.where, kind, c.kind, c.kind)
		}
		u, err := database.Parse(given.url)
		if err != nil {
			return nil, config.Errorf("%s: %v", given.where, err)
		}
		return u, nil
	}
	return nil, config.Errorf("-live needs a database: -databaseurl, SQLXMAGE_DATABASE_URL, the database's `url` in %s, or DATABASE_URL", config.FileName)
}

// key tells the databases of a run apart. Those from two folders are two, for
// the sake of messages that name a file.
func (db *unitDatabase) key() string {
	if db.live != nil {
		return digest(db.content(), db.live.Secret(), db.source.Dir)
	}
	return digest(db.content(), db.migrations)
}

// content is the same for databases that are made from the same, and say the
// same of a query.
func (db *unitDatabase) content() string {
	s := db.source
	parts := []string{string(db.kind), db.server.Identity, s.Sqlx, s.Name, s.Table, fmt.Sprintf("%q", s.Schemas), s.IgnoredChars}
	files, _ := db.inputs()
	sums := digestFiles(files)
	for _, file := range files {
		parts = append(parts, filepath.Base(file), sums[file])
	}
	return digest(parts...)
}

// inputs lists the files that make the database, and the folder of its
// migrations. There are none of no database.
func (db *unitDatabase) inputs() (files []string, folder string) {
	if db == nil {
		return nil, ""
	}
	if db.migrations != "" {
		files, _ = listFolder(db.migrations)
	}
	return append(files, db.setup...), db.migrations
}

// words says for people which database it is.
func (db *unitDatabase) words() string {
	switch {
	case db.live != nil:
		return db.live.String()
	case db.opened.value != nil:
		return db.opened.value.Server()
	}
	return db.server.Name
}

// open makes the database, once. A live one is there.
func (db *unitDatabase) open(ctx context.Context) error {
	if db.live != nil {
		return nil
	}
	_, err := db.opened.get(func() (database.Database, error) {
		if db.driver == nil {
			return nil, fmt.Errorf("a scratch database of kind %q is not supported", db.kind)
		}
		return db.driver.Scratch(ctx, db.source)
	})
	return withHint(err)
}

// address is the URL of the open database.
func (db *unitDatabase) address() string {
	if db.live != nil {
		return db.live.Secret()
	}
	return db.opened.value.URL()
}

// describe asks the open database about queries of a unit.
func (db *unitDatabase) describe(ctx context.Context, unit string, queries []database.Query) ([]database.Result, error) {
	if db.driver == nil {
		return nil, fmt.Errorf("no native engine for %s", db.kind.DBName())
	}
	opened := db.opened.value
	if db.live != nil {
		live, err := db.openLive(ctx)
		if err != nil {
			return nil, err
		}
		defer live.Close()
		opened = live
	}
	results, err := opened.Describe(ctx, queries)
	if err != nil {
		return nil, fmt.Errorf("describe the queries of %s: %w", unit, err)
	}
	return results, nil
}

func (db *unitDatabase) openLive(ctx context.Context) (database.Database, error) {
	live, err := db.driver.Live(ctx, db.live, db.source.Client)
	var unusable *database.UnusableError
	if errors.As(err, &unusable) {
		return nil, config.Errorf("%v", err)
	}
	return live, err
}

// close removes all databases of the run, and what killed runs left. What cannot
// be removed now, a later run removes.
func (r *run) close() {
	for _, library := range r.libraries {
		library.Close()
	}
	if err := r.kept.Close(); err != nil {
		r.Listener.Say(err.Error())
	}
	var err error
	for _, db := range r.databases.byKey {
		if db.opened.value != nil {
			err = errors.Join(err, db.opened.value.Close())
		}
	}
	for _, driver := range r.drivers() {
		err = errors.Join(err, driver.Close())
	}
	if err != nil {
		r.Listener.Say("warning: clean up: " + err.Error())
	}
	scratch.Reap() // also where this run needed no database
}
