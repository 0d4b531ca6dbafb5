package scratch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/migrate"
)

// SQLiteOpener opens SQLite files with one version of SQLite.
type SQLiteOpener interface {
	// Version is SQLite's, "3.46.0".
	Version() string
	// OpenFile opens the database in a file, which it creates where there is
	// none, or a new one in ":memory:".
	OpenFile(ctx context.Context, path string) (SQLiteConn, error)
}

// SQLiteConn is a session on a SQLite database, with foreign keys on, as sqlx
// opens one.
type SQLiteConn interface {
	migrate.Conn
	// Save writes the database to a file.
	Save(ctx context.Context, path string) error
	Close() error
}

const sqliteName = "scratch.db"

// openSQLite makes the database in memory and keeps it in a file. So what
// belongs to the session that migrated, such as temporary tables, is gone, as
// for sqlx.
func openSQLite(ctx context.Context, spec *Spec) (db *Database, err error) {
	if spec.SQLite == nil {
		return nil, errors.New("no SQLite to open a scratch database with")
	}
	migrations, setup, err := readSources(spec)
	if err != nil {
		return nil, err
	}
	run, err := newRunDir(false, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, run.remove())
		}
	}()
	key := imageKey(append([]string{"sqlite", spec.SQLite.Version()}, sourceParts(spec, migrations, setup)...)...)
	cached := loadImage(spec.Kept, key, run.join(dataName), nil)
	path := filepath.Join(run.join(dataName), sqliteName)
	if !cached {
		if err := os.Mkdir(run.join(dataName), 0o700); err != nil {
			return nil, fmt.Errorf("create the scratch database's folder: %w", err)
		}
		if err := buildSQLite(ctx, spec, path, migrations); err != nil {
			return nil, err
		}
		spec.keep(key, run.join(dataName))
	}
	return &Database{
		Name: spec.Name, URL: database.SQLiteURL(path), Path: path,
		Server: "SQLite " + spec.SQLite.Version(), Cached: cached, run: run,
	}, nil
}

func buildSQLite(ctx context.Context, spec *Spec, path string, migrations []migrate.Migration) (err error) {
	if len(migrations) > 0 {
		spec.progress("applying %d migrations to %s", len(migrations), spec.Name)
	}
	conn, err := spec.SQLite.OpenFile(ctx, ":memory:")
	if err != nil {
		return fmt.Errorf("create the scratch database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	options := spec.Migrate
	options.Dialect = sqliteDialect(spec.NoTransactionEverywhere)
	if spec.Migrations != "" {
		if err := migrate.Apply(ctx, conn, migrations, options); err != nil {
			return err
		}
	}
	if err := migrate.Setup(ctx, conn, spec.Setup); err != nil {
		return err
	}
	if err := conn.Save(ctx, path); err != nil {
		return fmt.Errorf("create the scratch database: %w", err)
	}
	return nil
}
