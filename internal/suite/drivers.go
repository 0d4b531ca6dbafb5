package suite

import (
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/postgres"
	"github.com/sqlxmage/sqlxmage/internal/sqlite"
)

// Drivers is the table of drivers: one for each kind of database that this
// program asks by itself.
func Drivers(s database.Settings) []database.Driver {
	return []database.Driver{postgres.New(s), sqlite.New(s)}
}

// drivers are those of the run.
func (r *run) drivers() []database.Driver {
	drivers, _ := r.table.get(func() ([]database.Driver, error) {
		table := r.Drivers
		if table == nil {
			table = Drivers
		}
		return table(database.Settings{
			PostgresVersion: r.file.PostgresVersion, Download: r.file.Downloads(r.Options),
			Kept:     r.kept,
			Progress: func(text string) { r.Listener.Progress(text) },
			Say:      func(text string) { r.Listener.Say(text) },
		}), nil
	})
	return drivers
}

// driver returns that of a kind, nil for none.
func (r *run) driver(kind database.Kind) database.Driver {
	for _, d := range r.drivers() {
		if d.Kind() == kind {
			return d
		}
	}
	return nil
}

// follows returns the minor version of sqlx whose behaviour a driver, which may
// be nil, follows for a version, and whether there is one.
func follows(d database.Driver, version string) (mode, bool) {
	m, ok := modeOf(version)
	if !ok || d == nil || !slices.Contains(d.Sqlx(), string(m)) {
		return "", false
	}
	return m, true
}

// knowsMacros tells whether it is known what the macros of a version of sqlx
// make of a kind's queries.
func (r *run) knowsMacros(kind database.Kind, version string) bool {
	_, known := follows(r.driver(kind), version)
	return known
}
