package suite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Status tells of every unit which queries its sources hold, which of them
// have no file, which files have no query, and what may be unseen; or, with
// `-query` or `-site`, of the queries that are asked for.
func Status(ctx context.Context, request Request) (*report.Result, error) {
	start := time.Now()
	result := &report.Result{Command: "status", Version: Version}
	r, err := open(ctx, request)
	if err != nil {
		return finish(result, err, start)
	}
	defer r.close()
	asked, err := r.lookUp()
	if err != nil {
		return finish(result, err, start)
	}
	result.LookUp = asked != nil
	found := false
	err = r.each(ctx, result, func(ctx context.Context, u *unit, out *report.Unit) error {
		var scan *scan
		err := timed(out, "find the queries", func() (err error) {
			scan, err = u.scan(ctx)
			return err
		})
		if err != nil {
			return err
		}
		have, err := sqlxdata.ReadSet(u.data())
		if err != nil {
			return err
		}
		out.Queries = len(scan.queries)
		if asked != nil {
			r.answer(asked, u, out, scan, have)
			found = found || len(out.Sites)+len(out.Differences)+len(out.Notes) > 0
			return nil
		}
		r.status(u, out, scan, have)
		return nil
	})
	if err == nil && asked != nil && !found {
		err = &config.Error{Message: "no query has the hash or the place that was asked for"}
		result.Error = err.Error()
	}
	return finish(result, err, start)
}

func (r *run) status(u *unit, out *report.Unit, scan *scan, have sqlxdata.Set) {
	out.Sites = scan.sites(r, func(hash string) bool { return have[hash] != nil })
	spots := u.hiding(scan)
	out.Differences = offlineDifferences(have, scan, len(spots) > 0)
	out.Blind = r.blind(spots)
	for _, p := range scan.problems {
		out.Notes = append(out.Notes, r.problem(p))
	}
	for _, p := range scan.notes {
		out.Notes = append(out.Notes, r.problem(p))
	}
	if n := unaccounted(have, scan); n > 0 && len(spots) > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d files in .sqlx belong to no query that is seen; they are kept, since some may be unseen", n))
	}
}

// unaccounted counts the files whose query no site has.
func unaccounted(have sqlxdata.Set, scan *scan) int {
	n := 0
	for hash := range have {
		if scan.queries[hash] == nil {
			n++
		}
	}
	return n
}

// lookUp is what `-query` and `-site` ask for.
type lookUp struct {
	hash string // what the hash begins with
	file string // absolute; "": any
	line int
}

// lookUp reads `-query` and `-site`; nil without either.
func (r *run) lookUp() (*lookUp, error) {
	if r.Options.Query == "" && r.Options.Site == "" {
		return nil, nil
	}
	name := filepath.Base(filepath.FromSlash(r.Options.Query))
	asked := &lookUp{hash: strings.TrimSuffix(strings.TrimPrefix(name, "query-"), ".json")}
	if r.Options.Query == "" {
		asked.hash = ""
	}
	if r.Options.Site == "" {
		return asked, nil
	}
	file, line, ok := cutNumber(r.Options.Site)
	if outer, first, two := cutNumber(file); ok && two { // FILE:LINE:COLUMN
		file, line = outer, first
	}
	if !ok || line < 1 {
		return nil, &config.Error{Message: fmt.Sprintf("-site is %q; it must be FILE:LINE", r.Options.Site)}
	}
	asked.line = line
	asked.file = filepath.FromSlash(file)
	if !filepath.IsAbs(asked.file) {
		dir, err := filepath.Abs(r.Dir)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", file, err)
		}
		if _, err := os.Stat(filepath.Join(dir, asked.file)); err != nil {
			dir = r.file.Root // as our own messages name files
		}
		asked.file = filepath.Join(dir, asked.file)
	}
	return asked, nil
}

// cutNumber cuts the number behind the last colon off.
func cutNumber(s string) (before string, n int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil
}

// answer reports the sites that are asked for, and, for a hash, also a file
// that no site has.
func (r *run) answer(asked *lookUp, u *unit, out *report.Unit, scan *scan, have sqlxdata.Set) {
	present := func(hash string) bool { return have[hash] != nil }
	out.Sites = scan.list(r, present, asked.matches)
	if asked.file != "" {
		return
	}
	hidden := len(u.hiding(scan)) > 0
	for _, d := range offlineDifferences(have, scan, hidden) {
		if strings.HasPrefix(d.Hash, asked.hash) && d.Kind != sqlxdata.Missing {
			out.Differences = append(out.Differences, d)
		}
	}
	for _, hash := range have.Hashes() {
		if hidden && strings.HasPrefix(hash, asked.hash) && scan.queries[hash] == nil {
			out.Notes = append(out.Notes, "query-"+hash+".json belongs to no query that is seen; it is kept, since some may be unseen")
		}
	}
}

// matches tells whether a site is asked for: by its hash, and by a line of the
// call or of its text.
func (asked *lookUp) matches(site *sites.Site) bool {
	if !strings.HasPrefix(site.Hash, asked.hash) {
		return false
	}
	if asked.file == "" || covers(site.Place, asked) {
		return true
	}
	for i := range site.Parts {
		if covers(site.Parts[i].Place, asked) {
			return true
		}
	}
	return false
}

// covers tells whether a span has a part of the line that is asked for.
func covers(place sites.Place, asked *lookUp) bool {
	if place.File != asked.file || asked.line < place.Line {
		return false
	}
	text, err := os.ReadFile(place.File)
	if err != nil || place.End > len(text) {
		return asked.line == place.Line
	}
	return asked.line <= place.Line+bytes.Count(text[place.Start:place.End], []byte("\n"))
}
