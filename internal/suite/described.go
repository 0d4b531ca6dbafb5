package suite

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// descriptions are what a database said, kept for later runs on the same
// schema: query files by hash.
type descriptions struct {
	Key   string // of the schema, the server, the session and the mode
	Sum   string // of the files: what is damaged is not used
	Files map[string]string
}

func (d *descriptions) sum() string {
	set := sqlxdata.Set{}
	for hash, content := range d.Files {
		set[hash] = []byte(content)
	}
	return digestSet(set)
}

func (u *unit) descriptionsPath() string {
	return filepath.Join(u.kept(), "described-"+digest(u.dir)[:16]+".json")
}

// recallDescriptions returns what is known of the unit's queries under the
// database's schema. Nothing is kept of a live database: it may change.
func (r *run) recallDescriptions(u *unit, db *database) map[string]*sqlxdata.File {
	known := map[string]*sqlxdata.File{}
	data, err := os.ReadFile(u.descriptionsPath())
	if r.Options.Live || err != nil {
		return known
	}
	var kept descriptions
	if json.Unmarshal(data, &kept) != nil || kept.Key != r.descriptionsKey(db) || kept.Sum != kept.sum() {
		return known
	}
	for hash, content := range kept.Files {
		if file, err := sqlxdata.DecodeNamed(hash, []byte(content)); err == nil {
			known[hash] = file
		}
	}
	return known
}

// keepDescriptions keeps exactly the unit's present queries, so what is kept
// does not grow.
func (r *run) keepDescriptions(u *unit, db *database, files map[string]*sqlxdata.File) {
	if r.Options.Live {
		return
	}
	kept := descriptions{Key: r.descriptionsKey(db), Files: map[string]string{}}
	for hash, file := range files {
		kept.Files[hash] = string(file.Encode())
	}
	kept.Sum = kept.sum()
	// A failure to keep costs time, not truth.
	_ = keep(u.descriptionsPath(), kept)
}

func (r *run) descriptionsKey(db *database) string {
	return digest(Version, program(os.Executable()), db.key(), db.version(), os.Getenv("PGOPTIONS"))
}

// note adds what concerns the whole run: an environment that some would expect
// to count.
func (r *run) note(result *report.Result) {
	if !r.Options.Live && os.Getenv("DATABASE_URL") != "" {
		result.Notes = append(result.Notes, "DATABASE_URL is set and not used; `-live` would use it")
	}
	if os.Getenv("SQLX_OFFLINE") != "" {
		result.Notes = append(result.Notes, "SQLX_OFFLINE is set; it steers your builds, not this run")
	}
}
