package suite

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlite"
)

// sqlite returns the running helper of a version of SQLite; for a version that
// is not on board the newest, which is good enough to make a file for cargo.
func (d *databases) sqlite(ctx context.Context, version string) (*sqlite.Engine, error) {
	if !sqlite.Known(version) {
		version = sqlite.Newest
	}
	if engine := d.engines[version]; engine != nil {
		return engine, nil
	}
	engine, err := sqlite.Start(ctx, sqlite.Options{Version: version, CacheDir: scratch.DefaultCacheDir(), Progress: d.run.Listener.Say})
	if err != nil {
		return nil, withHint(err)
	}
	if d.engines == nil {
		d.engines = map[string]*sqlite.Engine{}
	}
	d.engines[version] = engine
	return engine, nil
}

// version identifies the server's programs without starting one: descriptions
// depend on them.
func (db *database) version() string {
	if db.kind == config.Postgres {
		return db.run.databases.programs()
	}
	return db.sqlite
}

// programs identifies the Postgres programs that a run would use.
func (d *databases) programs() string {
	var parts []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/postgres"} {
		found, _ := filepath.Glob(pattern)
		for _, path := range found {
			parts = append(parts, program(path, nil))
		}
	}
	parts = append(parts, program(exec.LookPath("postgres")), d.run.file.PostgresVersion, os.Getenv("PGBIN"))
	return digest(parts...)
}
