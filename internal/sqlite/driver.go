package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/migrate"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
)

// driver implements database.Driver. It holds the helpers that run.
type driver struct {
	settings database.Settings
	engines  map[string]*bundled.Engine // by SQLite's version
}

// New returns the driver of SQLite.
func New(s database.Settings) database.Driver {
	return &driver{s, map[string]*bundled.Engine{}}
}

func (d *driver) Kind() database.Kind { return database.SQLite }

func (d *driver) Sqlx() []string { return []string{string(bytecode.Mode08), string(bytecode.Mode09)} }

func (d *driver) Close() (err error) {
	for _, engine := range d.engines {
		err = errors.Join(err, engine.Close())
	}
	return err
}

// engine returns the running helper for a client; for a version that is not on
// board the newest, which is good enough to make a file for cargo.
func (d *driver) engine(ctx context.Context, client database.Client) (*bundled.Engine, error) {
	version := version(client)
	if !bundled.Known(version) {
		version = bundled.Newest
	}
	if engine := d.engines[version]; engine != nil && !engine.Gone() {
		return engine, nil
	}
	engine, err := bundled.Start(ctx, bundled.Options{Version: version, Kept: d.settings.Kept, Progress: d.settings.Say})
	if err != nil {
		return nil, err
	}
	d.engines[version] = engine
	return engine, nil
}

func (d *driver) Scratch(ctx context.Context, source database.Source) (database.Database, error) {
	engine, err := d.engine(ctx, source.Client)
	if err != nil {
		return nil, err
	}
	db, err := scratch.OpenSQLite(ctx, scratch.Spec{
		Name: source.Name, Migrations: source.Migrations, IgnoredChars: source.IgnoredChars,
		Migrate:                 migrate.Options{Table: source.Table, Schemas: source.Schemas},
		NoTransactionEverywhere: source.Sqlx == string(bytecode.Mode09),
		Setup:                   source.Setup, SQLite: engine, Kept: d.settings.Kept, Progress: d.settings.Progress,
	})
	if err != nil {
		return nil, err
	}
	return &scratchDatabase{d, db, source.Client}, nil
}

// options are how a file is described for a client.
func (d *driver) options(client database.Client, path string) Options {
	return Options{
		Engine: func(ctx context.Context) (*bundled.Engine, error) { return d.engine(ctx, client) },
		Path:   path, Mode: bytecode.Mode(client.Sqlx), Preupdate: preupdate(client),
	}
}

// scratchDatabase implements database.Database.
type scratchDatabase struct {
	driver *driver
	db     *scratch.Database
	client database.Client
}

func (s *scratchDatabase) URL() string { return s.db.URL }

func (s *scratchDatabase) Server() string { return s.db.Server }

func (s *scratchDatabase) Close() error { return s.db.Close() }

func (s *scratchDatabase) Describe(ctx context.Context, queries []database.Query) ([]database.Result, error) {
	session, err := Open(ctx, s.driver.options(s.client, s.db.Path))
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.Describe(ctx, texts(queries))
}

// live implements database.Database.
type live struct {
	session *Session
	url     *database.URL
}

// Live implements database.Driver. The file is copied: see Options.ReadOnly.
func (d *driver) Live(ctx context.Context, url *database.URL, client database.Client) (database.Database, error) {
	path, err := livePath(url, client.Dir)
	if err != nil {
		return nil, err
	}
	options := d.options(client, path)
	options.ReadOnly = true
	session, err := Open(ctx, options)
	if err != nil {
		return nil, unusable("the live database %s cannot be read: %v", url, err)
	}
	return &live{session, url}, nil
}

func (l *live) URL() string { return l.url.Secret() }

func (l *live) Server() string { return l.url.String() }

func (l *live) Close() error { return l.session.Close() }

func (l *live) Describe(ctx context.Context, queries []database.Query) ([]database.Result, error) {
	return l.session.Describe(ctx, texts(queries))
}

// livePath returns the file of a URL; a relative one is relative to dir.
func livePath(u *database.URL, dir string) (string, error) {
	mode, _ := u.Param("mode")
	if u.Database == "" || u.Database == ":memory:" || mode == "memory" {
		return "", unusable("the live database is in memory, where there is nothing to describe queries by")
	}
	if _, asks := u.Param("vfs"); asks {
		return "", unusable("the database URL asks for a VFS, which only cargo knows")
	}
	if filepath.IsAbs(u.Database) {
		return u.Database, nil
	}
	return filepath.Join(dir, u.Database), nil
}

func unusable(format string, args ...any) error {
	return &database.UnusableError{Message: fmt.Sprintf(format, args...)}
}

func texts(queries []database.Query) []string {
	texts := make([]string, len(queries))
	for i, q := range queries {
		texts[i] = q.Text
	}
	return texts
}

// Macros implements database.Driver (sqlx-sqlite 0.8.6 and 0.9.0).
func (d *driver) Macros() *database.Macros {
	return &database.Macros{
		Types: rustTypes(), TypeName: typeName,
		Lexis: database.Lexis{Backticks: true, Brackets: true, Question: true, Sigils: "$@:#"},
	}
}

// typeName is DataType's name (type_info.rs).
func typeName(word string) string {
	switch word {
	case "Float":
		return "REAL"
	case "Int4":
		return "INTEGER"
	case "Bool":
		return "BOOLEAN"
	}
	return strings.ToUpper(word)
}

// preupdate tells whether a client's SQLite has the preupdate hook.
func preupdate(client database.Client) bool {
	return slices.ContainsFunc(client.Library.Features, func(feature string) bool {
		return feature == "preupdate_hook" || feature == "session" // which implies it
	})
}
