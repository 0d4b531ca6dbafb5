package scratch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/migrate"
)

// initOptions are initdb's, without paths. A small first segment of the
// write-ahead log makes a small data directory, which is quick to copy.
func initOptions(tcp bool) []string {
	options := []string{
		"--encoding=UTF8", "--locale=C", "--username=" + superuser,
		"--no-sync", "--wal-segsize=1",
	}
	if tcp {
		return append(options, "--auth=scram-sha-256")
	}
	return append(options, "--auth=trust") // the socket's folder keeps others out
}

// openPostgres makes the database in a server of its own.
func openPostgres(ctx context.Context, spec *Spec) (db *Database, err error) {
	migrations, setup, err := readSources(spec)
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	programs, err := serverPrograms(ctx, spec)
	if err != nil {
		return nil, err
	}
	hidden := account != nil && programs.folder != nil
	run, err := newRunDir(hidden, account)
	if err != nil {
		programs.release()
		return nil, err
	}
	defer func() {
		if err != nil {
			programs.release()
			err = errors.Join(err, run.remove())
		}
	}()
	c := &cluster{programs: programs, account: account, run: run, tcp: runtime.GOOS == "windows"}
	if err := c.makeRoom(); err != nil {
		return nil, err
	}
	if hidden {
		if err := c.showPrograms(); err != nil {
			return nil, fmt.Errorf("copy the server programs: %w", err)
		}
	}

	empty := []string{programs.version, programs.origin(), strings.Join(initOptions(c.tcp), " ")}
	key := imageKey(slices.Concat(empty, []string{spec.Name}, sourceParts(spec, migrations, setup))...)
	cached := loadImage(spec.Kept, key, c.data(), account)
	if !cached {
		if err := c.build(ctx, spec, migrations, imageKey(empty...)); err != nil {
			return nil, err
		}
		spec.keep(key, c.data())
	}
	server, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	return &Database{
		Name: spec.Name, URL: server.url(spec.Name),
		Server: programs.String(), Cached: cached, server: server, programs: programs, run: run,
	}, nil
}

// keep keeps a data directory; a run does not fail for want of it.
func (s *Spec) keep(key kept.Key, dir string) {
	if err := saveImage(s.Kept, key, dir); err != nil {
		s.progress("the scratch database is not kept for the next run: %v", err)
	}
}

// readSources reads the migrations and the setup files' contents.
func readSources(spec *Spec) (migrations []migrate.Migration, setup []string, err error) {
	if spec.Migrations != "" {
		migrations, err = migrate.Read(spec.Migrations, spec.IgnoredChars)
		if err != nil {
			return nil, nil, err
		}
	}
	for _, file := range spec.Setup {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, fmt.Errorf("read setup file: %w", err)
		}
		setup = append(setup, string(content))
	}
	return migrations, setup, nil
}

// sourceParts are the parts of a key that say what a database is made from.
func sourceParts(spec *Spec, migrations []migrate.Migration, setup []string) []string {
	parts := []string{
		spec.Migrate.Table, strings.Join(spec.Migrate.Schemas, "\x00"),
		strconv.FormatBool(spec.NoTransactionEverywhere), spec.IgnoredChars,
		strconv.Itoa(len(migrations)),
	}
	for _, m := range migrations {
		parts = append(parts, strconv.FormatInt(m.Version, 10), m.Description, m.SQL)
	}
	return append(parts, setup...)
}

// makeRoom lays out the run's folder for the account that the server runs as:
// it may pass through, and gets folders of its own.
func (c *cluster) makeRoom() error {
	if err := os.Mkdir(c.run.join(socketName), 0o700); err != nil {
		return fmt.Errorf("create the server's folder: %w", err)
	}
	if c.account == nil {
		return nil
	}
	err := errors.Join(os.Chmod(c.run.path, 0o711), c.account.own(c.run.join(socketName)))
	if err != nil {
		return &RootError{Err: err}
	}
	return nil
}

// showPrograms gives the account programs that it can run: it cannot pass
// through to those in this user's cache.
func (c *cluster) showPrograms() error {
	root := c.run.join("programs")
	if err := linkTree(filepath.Dir(c.bin), root); err != nil {
		return err
	}
	shown := *c.programs
	shown.bin = filepath.Join(root, filepath.Base(c.bin))
	c.programs = &shown
	return nil
}

// build makes the data directory with the migrated database in it and nothing
// else, and leaves it shut down.
func (c *cluster) build(ctx context.Context, spec *Spec, migrations []migrate.Migration, emptyKey kept.Key) error {
	if !loadImage(spec.Kept, emptyKey, c.data(), c.account) {
		spec.progress("creating a database cluster with %s", c.programs)
		if err := c.initialise(ctx); err != nil {
			return err
		}
		spec.keep(emptyKey, c.data())
	}
	server, err := c.start(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	if err := server.create(ctx, spec, migrations); err != nil {
		if died := server.outcome(); died != nil {
			return fmt.Errorf("%w; %w", err, died)
		}
		return err
	}
	return server.shutDown(ctx)
}

// outcome tells whether a failure was the server's end, which a client may
// notice first.
func (s *server) outcome() error {
	select {
	case <-s.done:
		return s.died()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

// initialise runs initdb.
func (c *cluster) initialise(ctx context.Context) error {
	// initdb takes an empty folder; it could not create one as the account.
	err := os.Mkdir(c.data(), 0o700)
	if err == nil {
		err = c.account.own(c.data())
	}
	if err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	args := append(initOptions(c.tcp), "--pgdata="+c.data())
	if c.tcp {
		file := c.run.join(passwordName)
		if err := os.WriteFile(file, []byte(rand.Text()+"\n"), 0o600); err != nil {
			return fmt.Errorf("write the server's password: %w", err)
		}
		if err := c.account.own(file); err != nil {
			return fmt.Errorf("write the server's password: %w", err)
		}
		args = append(args, "--pwfile="+file)
	}
	out, err := c.command(ctx, "initdb", args...).CombinedOutput()
	if err != nil {
		if c.account != nil && errors.Is(err, os.ErrPermission) {
			return &RootError{Err: err}
		}
		return fmt.Errorf("create a database cluster: %s: %w%s", c.path("initdb"), err, lastLines(out))
	}
	if c.tcp {
		// It goes with the data directory, which nobody else can read.
		if err := os.Rename(c.run.join(passwordName), filepath.Join(c.data(), passwordName)); err != nil {
			return fmt.Errorf("keep the server's password: %w", err)
		}
	}
	return nil
}

// create creates the database, migrates it, and drops the server's others:
// they are most of what there would be to copy.
func (s *server) create(ctx context.Context, spec *Spec, migrations []migrate.Migration) error {
	first, err := connect(ctx, s.url("template1"), s.cluster.major)
	if err != nil {
		return fmt.Errorf("connect to the Postgres server: %w", err)
	}
	others := []string{"postgres", "template0", "template1"}
	if spec.Name != "postgres" && spec.Name != "template1" {
		err = first.Exec(ctx, "CREATE DATABASE "+identifier(spec.Name))
	} else {
		others = nil
	}
	first.close(ctx)
	if err != nil {
		return fmt.Errorf("create database %s: %w", spec.Name, err)
	}

	if len(migrations) > 0 {
		spec.progress("applying %d migrations to %s", len(migrations), spec.Name)
	}
	own, err := connect(ctx, s.url(spec.Name), s.cluster.major)
	if err != nil {
		return fmt.Errorf("connect to database %s: %w", spec.Name, err)
	}
	options := spec.Migrate
	options.Dialect = postgresDialect()
	if spec.Migrations != "" {
		err = migrate.Apply(ctx, own, migrations, options)
	}
	own.close(ctx)
	if err != nil {
		return err
	}
	// A session of its own: what the migrations set in theirs is gone.
	if own, err = connect(ctx, s.url(spec.Name), s.cluster.major); err != nil {
		return fmt.Errorf("connect to database %s: %w", spec.Name, err)
	}
	defer own.close(ctx)
	if err := migrate.Setup(ctx, own, spec.Setup); err != nil {
		return err
	}
	return s.dropAll(ctx, own, others)
}

func (s *server) dropAll(ctx context.Context, own *session, names []string) error {
	for _, name := range names {
		for _, sql := range []string{
			"UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = '" + name + "'",
			"DROP DATABASE " + name,
		} {
			if err := own.Exec(ctx, sql); err != nil {
				return fmt.Errorf("drop database %s: %w", name, err)
			}
		}
	}
	return nil
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
