package suite

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// descriptions are what the database said of queries, kept for later runs on the
// same schema: a query file by its hash. Nothing is kept of a live database: it
// may change.
func (db *unitDatabase) descriptions() *kept.Pack {
	if db.live != nil {
		return nil
	}
	return db.run.kept.Pack(kept.Conclusion("descriptions", db.content()))
}

// recall returns the query file that is known of a query, or nil.
func recall(known *kept.Pack, hash string, times int) *sqlxdata.File {
	content, ok := known.Get(queryKey(hash, times))
	if !ok {
		return nil
	}
	file, err := sqlxdata.DecodeNamed(hash, []byte(content))
	if err != nil {
		return nil
	}
	return file
}

// remember keeps query files.
func remember(known *kept.Pack, files map[string]*sqlxdata.File, times map[string]int) {
	for hash, file := range files {
		key, content := queryKey(hash, times[hash]), file.Encode()
		if old, ok := known.Get(key); !ok || old != string(content) {
			known.Put(key, content)
		}
	}
	known.Save()
}

// queryKey is what a query's description is kept by: its hash, and how often it
// is expanded, on which the description may depend.
func queryKey(hash string, times int) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%s %d", hash, times))
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
	configured := slices.ContainsFunc(r.units, func(u *unit) bool {
		_, ok := u.workspace.Config.Env["SQLX_OFFLINE_DIR"]
		return ok
	})
	if configured || os.Getenv("SQLX_OFFLINE_DIR") != "" {
		result.Notes = append(result.Notes, "SQLX_OFFLINE_DIR is set; sqlx's macros look for query files there before they look into `.sqlx`, and this run is about `.sqlx` alone")
	}
}
