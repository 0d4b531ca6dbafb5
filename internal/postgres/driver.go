package postgres

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/migrate"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
)

// driver implements database.Driver.
type driver struct {
	settings database.Settings
	programs func() string
}

// New returns the driver of Postgres.
func New(s database.Settings) database.Driver {
	return &driver{s, sync.OnceValue(func() string { return scratch.Programs(s.PostgresVersion, s.Download) })}
}

func (d *driver) Kind() database.Kind { return database.Postgres }

func (d *driver) Sqlx() []string { return []string{string(Mode08), string(Mode09)} }

// Server implements database.Driver. Each server of the machine's that may be
// taken counts for the identity, and PGOPTIONS, which describing sessions heed.
func (d *driver) Server(database.Client) database.Server {
	s := database.Server{Name: database.Postgres.DBName(), Identity: d.programs() + "\n" + os.Getenv("PGOPTIONS")}
	if d.settings.PostgresVersion == "" {
		s.Pin = "postgres-version"
	}
	return s
}

func (d *driver) Scratch(ctx context.Context, source database.Source) (database.Database, error) {
	db, err := scratch.OpenPostgres(ctx, scratch.Spec{
		Name: source.Name, Migrations: source.Migrations, IgnoredChars: source.IgnoredChars,
		Migrate: migrate.Options{Table: source.Table, Schemas: source.Schemas}, Setup: source.Setup,
		PostgresVersion: d.settings.PostgresVersion, Download: d.settings.Download,
		Kept: d.settings.Kept, Progress: d.settings.Progress,
	})
	if err != nil {
		return nil, err
	}
	return &scratchDatabase{db, Mode(source.Sqlx)}, nil
}

func (d *driver) Close() error { return nil }

// scratchDatabase implements database.Database.
type scratchDatabase struct {
	db   *scratch.Database
	mode Mode
}

func (s *scratchDatabase) URL() string { return s.db.URL }

func (s *scratchDatabase) Server() string { return s.db.Server }

func (s *scratchDatabase) Close() error { return s.db.Close() }

// Describe implements database.Database. Its error says why the server ended, if
// it did: the session notices first, and knows less.
func (s *scratchDatabase) Describe(ctx context.Context, queries []database.Query) ([]database.Result, error) {
	session, err := Open(ctx, s.db.URL, Options{Mode: s.mode})
	if err != nil {
		return nil, s.outcome(err)
	}
	defer session.Close()
	results, err := session.describeQueries(ctx, queries)
	if err != nil {
		return nil, s.outcome(err)
	}
	return results, nil
}

func (s *scratchDatabase) outcome(err error) error {
	select {
	case <-s.db.Done():
		return errors.Join(err, s.db.Err())
	case <-time.After(100 * time.Millisecond):
		return err
	}
}

// live implements database.Database.
type live struct {
	session *Session
	url     *database.URL
}

func (d *driver) Live(ctx context.Context, url *database.URL, client database.Client) (database.Database, error) {
	session, err := Open(ctx, url.Secret(), Options{Mode: Mode(client.Sqlx)})
	if err != nil {
		return nil, err
	}
	return &live{session, url}, nil
}

func (l *live) URL() string { return l.url.Secret() }

func (l *live) Server() string { return l.url.String() }

func (l *live) Close() error { return l.session.Close() }

func (l *live) Describe(ctx context.Context, queries []database.Query) ([]database.Result, error) {
	return l.session.describeQueries(ctx, queries)
}

// describeQueries describes queries, of which some stand in the sources often.
func (s *Session) describeQueries(ctx context.Context, queries []database.Query) ([]database.Result, error) {
	texts := make([]string, len(queries))
	s.often = map[string]bool{}
	for i, q := range queries {
		texts[i] = q.Text
		if q.Times >= FlipsAt {
			s.often[q.Text] = true
		}
	}
	return s.Describe(ctx, texts)
}

// Macros implements database.Driver (sqlx-postgres 0.8.6 and 0.9.0).
func (d *driver) Macros() *database.Macros {
	return &database.Macros{
		Types:    rustTypes(),
		TypeName: typeName,
		// sqlx's feature macros enables offline of sqlx-postgres 0.9.0, and that
		// json.
		Implied: map[string][]string{string(Mode09): {"json"}},
		Lexis:   database.Lexis{Escapes: true, Dollars: true, Numbered: true},
	}
}

// typeName is PgType::display_name (type_info.rs).
func typeName(word string) string {
	name, array := strings.CutSuffix(word, "Array")
	switch name {
	case "Char":
		name = `"CHAR"`
	case "Bpchar":
		name = "CHAR"
	}
	name = strings.ToUpper(name)
	if array {
		name += "[]"
	}
	return name
}
