package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/migrate"
	"github.com/sqlxmage/sqlxmage/internal/postgres"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
)

// databases are the scratch databases of a run. Units whose databases are made
// from the same share one.
type databases struct {
	run     *run
	byKey   map[string]*unitDatabase
	engines map[string]*bundled.Engine // by SQLite's version
}

// unitDatabase is one database of a run, opened when it is first needed.
type unitDatabase struct {
	choice
	run        *run
	sqlite     string // version of SQLite that sqlx bundles for the units
	hook       bool   // that SQLite has the preupdate hook
	base       string // folder that a relative path in a live one's URL is relative to
	migrate    migrate.Options
	everywhere bool          // "-- no-transaction" counts for every kind
	ignored    string        // characters that do not count in the migrations' checksums
	live       *database.URL // of a live one
	opened     lazy[*scratch.Database]
}

// of returns the variant's database.
func (d *databases) of(ctx context.Context, v *variant) (*unitDatabase, error) {
	choice, err := v.choose(ctx)
	if err != nil {
		return nil, err
	}
	db := &unitDatabase{choice: choice, run: d.run}
	if err := db.settings(ctx, v); err != nil {
		return nil, err
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

// settings takes from the variant what decides how its migrations are applied.
func (db *unitDatabase) settings(ctx context.Context, v *variant) error {
	sqlx, err := v.sqlx(ctx)
	if err != nil {
		return err
	}
	if sqlx == nil {
		return nil
	}
	m, _ := modeOf(sqlx.Version)
	db.everywhere = m == "0.9"
	if db.kind == database.SQLite {
		db.sqlite = bundledSQLite(sqlx.SQLiteSys)
		db.hook = slices.ContainsFunc(sqlx.SQLiteSysFeatures, func(feature string) bool {
			return feature == "preupdate_hook" || feature == "session" // which implies it
		})
		db.base = v.workspace.Root
	}
	packages, err := v.packages(ctx)
	if err != nil {
		return err
	}
	for _, p := range packages {
		if t := p.SqlxTOML; t != nil && m == "0.9" {
			db.migrate.Table = t.Migrate.TableName
			db.migrate.Schemas = t.Migrate.CreateSchemas
			db.ignored = string(t.Migrate.IgnoredChars)
		}
	}
	return nil
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
func (db *unitDatabase) key() string { return digest(db.content(), db.migrations) }

// content is the same for databases that are made from the same.
func (db *unitDatabase) content() string {
	live := ""
	if db.live != nil {
		live = db.live.Secret()
	}
	parts := []string{string(db.kind), db.name, db.sqlite, fmt.Sprint(db.hook), live, db.ignored, fmt.Sprint(db.everywhere, db.migrate.Table, db.migrate.Schemas), db.run.file.PostgresVersion}
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
	case db.kind == database.SQLite:
		return "SQLite " + db.sqlite
	case db.opened.done && db.opened.err == nil:
		return db.opened.value.Server
	}
	return db.kind.DBName()
}

// dbName is the database's name in query files.
func (db *unitDatabase) dbName() string { return db.kind.DBName() }

// open makes the database, once.
func (db *unitDatabase) open(ctx context.Context) error {
	_, err := db.opened.get(func() (*scratch.Database, error) {
		if db.live != nil {
			return scratch.Live(db.live), nil
		}
		spec := db.spec()
		if db.kind == database.SQLite {
			engine, err := db.run.databases.sqlite(ctx, db.sqlite)
			if err != nil {
				return nil, err
			}
			spec.SQLite = engine
		}
		return scratch.Open(ctx, spec)
	})
	return userError(err)
}

func (db *unitDatabase) spec() scratch.Spec {
	file := db.run.file
	return scratch.Spec{
		Kind: db.kind, Name: db.name, Migrations: db.migrations, IgnoredChars: db.ignored,
		Migrate: db.migrate, NoTransactionEverywhere: db.everywhere, Setup: db.setup,
		PostgresVersion: file.PostgresVersion, Download: file.Downloads(db.run.Options),
		Kept: db.run.kept, Progress: db.run.Listener.Progress,
	}
}

// version identifies the server's programs without starting one: descriptions
// depend on them.
func (db *unitDatabase) version() string {
	if db.kind == database.Postgres {
		return db.run.postgresPrograms()
	}
	return db.sqlite
}

// postgresPrograms identifies the Postgres programs that a run would use.
func (r *run) postgresPrograms() string {
	return scratch.Programs(r.file.PostgresVersion, r.file.Downloads(r.Options))
}

// address is the URL of the open database.
func (db *unitDatabase) address() string { return db.opened.value.URL }

// describer asks the open database. Often are the texts that the sources have
// so often that it matters to Postgres.
func (db *unitDatabase) describer(ctx context.Context, m mode, often map[string]bool) (database.Describer, error) {
	switch db.kind {
	case database.Postgres:
		return postgres.Open(ctx, db.address(), postgres.Options{Mode: postgres.Mode(m), Often: often})
	case database.SQLite:
		return db.describeSQLite(ctx, m)
	}
	return nil, fmt.Errorf("no native engine for %s", db.kind.DBName())
}

// outcome adds to an error why the database's server ended, if it did: clients
// notice first, and know less.
func (db *unitDatabase) outcome(err error) error {
	select {
	case <-db.opened.value.Done():
		return errors.Join(err, db.opened.value.Err())
	case <-time.After(100 * time.Millisecond):
		return err
	}
}

// close removes all databases of the run. What cannot be removed now, a later
// run removes.
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
	for _, engine := range r.databases.engines {
		err = errors.Join(err, engine.Close())
	}
	if err != nil {
		r.Listener.Say("warning: clean up: " + err.Error())
	}
}

// userError makes mistakes in migrations the user's to mend: with the file from
// the root.
func userError(err error) error { return withHint(err) }

// bundledSQLite returns the version of SQLite that libsqlite3-sys bundles, ""
// for one that is not known.
func bundledSQLite(sys []string) string {
	if len(sys) != 1 {
		return ""
	}
	switch {
	case strings.HasPrefix(sys[0], "0.30."):
		return "3.46.0"
	case strings.HasPrefix(sys[0], "0.37."):
		return "3.51.3"
	}
	return ""
}
