package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlite"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// sqlite returns the running helper of a version of SQLite; for a version that
// is not on board the newest, which is good enough to make a file for cargo.
func (d *databases) sqlite(ctx context.Context, version string) (*bundled.Engine, error) {
	if !bundled.Known(version) {
		version = bundled.Newest
	}
	if engine := d.engines[version]; engine != nil && !engine.Gone() {
		return engine, nil
	}
	engine, err := bundled.Start(ctx, bundled.Options{Version: version, Kept: d.run.kept, Progress: d.run.Listener.Say})
	if err != nil {
		return nil, withHint(err)
	}
	if d.engines == nil {
		d.engines = map[string]*bundled.Engine{}
	}
	d.engines[version] = engine
	return engine, nil
}

// describeSQLite opens the database's file, which is only read.
func (db *unitDatabase) describeSQLite(ctx context.Context, m mode) (database.Describer, error) {
	path := db.opened.value.Path
	if db.live != nil {
		var err error
		if path, err = sqlitePath(db.live, db.base); err != nil {
			return nil, err
		}
	}
	describer, err := sqlite.Open(ctx, sqlite.Options{
		Engine: func(ctx context.Context) (*bundled.Engine, error) { return db.run.databases.sqlite(ctx, db.sqlite) },
		Path:   path, ReadOnly: db.live != nil, Mode: bytecode.Mode(m), Preupdate: db.hook,
	})
	if err != nil && db.live != nil {
		return nil, config.Errorf("the live database %s cannot be read: %v", db.live, err)
	}
	return describer, err
}

// sqlitePath returns the file of a SQLite URL; a relative one is relative to
// base.
func sqlitePath(u *database.URL, base string) (string, error) {
	mode, _ := u.Param("mode")
	if u.Database == "" || u.Database == ":memory:" || mode == "memory" {
		return "", config.Errorf("the live database is in memory, where there is nothing to describe queries by")
	}
	if _, asks := u.Param("vfs"); asks {
		return "", config.Errorf("the database URL asks for a VFS, which only cargo knows")
	}
	if filepath.IsAbs(u.Database) {
		return u.Database, nil
	}
	return filepath.Join(base, u.Database), nil
}

// sqliteVariables are what libsqlite3-sys builds SQLite differently by (its
// build.rs, 0.30.1 and 0.37.0).
var sqliteVariables = []string{
	"LIBSQLITE3_SYS_USE_PKG_CONFIG", "LIBSQLITE3_FLAGS",
	"SQLITE_MAX_VARIABLE_NUMBER", "SQLITE_MAX_EXPR_DEPTH", "SQLITE_MAX_COLUMN",
}

// sqliteFeatures are the features by which libsqlite3-sys builds another SQLite,
// or none.
var sqliteFeatures = []string{
	"bundled-sqlcipher", "bundled-sqlcipher-vendored-openssl", "in_gecko", "loadable_extension", "sqlcipher", "wasm32-wasi-vfs", "with-asan",
}

// sqliteDoubts says why the macros may ask another SQLite than this program's.
func (v *variant) sqliteDoubts(ctx context.Context, sqlx *workspace.Sqlx) (doubts []string, err error) {
	if !bundled.Known(bundledSQLite(sqlx.SQLiteSys)) {
		versions := strings.Join(sqlx.SQLiteSys, " and ")
		doubts = append(doubts, fmt.Sprintf("the SQLite of libsqlite3-sys %s is not on board (that of 0.30 and 0.37 is)", orUnknown(versions)))
	}
	if slices.Contains(sqlx.MacroFeatures, "sqlite-unbundled") {
		doubts = append(doubts, "sqlx's feature sqlite-unbundled: its SQLite is the system's")
	}
	for _, feature := range sqliteFeatures {
		if slices.Contains(sqlx.SQLiteSysFeatures, feature) {
			doubts = append(doubts, fmt.Sprintf("libsqlite3-sys's feature %s: its SQLite is another one", feature))
		}
	}
	for _, name := range sqlx.SQLiteSysUnknown {
		doubts = append(doubts, name+", whose manifest is not known, may have SQLite built differently")
	}
	for _, name := range sqliteVariables {
		_, configured := v.workspace.Config.Env[name]
		if value := os.Getenv(name); configured || value != "" {
			doubts = append(doubts, name+" is set: sqlx's SQLite is built differently")
		}
	}
	packages, err := v.packages(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		if p.SqlxTOML != nil && p.SqlxTOML.SQLiteExtensions {
			doubts = append(doubts, v.run.relative(p.SqlxTOML.Path)+": sqlx loads extensions into SQLite")
		}
	}
	return doubts, nil
}
