package suite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/diag"
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
		return finish(request, result, err, start)
	}
	defer r.close()
	asked, err := r.lookUp()
	if err != nil {
		return finish(request, result, err, start)
	}
	result.LookUp = asked != nil
	if asked == nil {
		if err := r.noteUncovered(ctx, result); err != nil {
			return finish(request, result, err, start)
		}
	}
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
		want, err := u.judgeUnused(ctx, have, scan.undescribed(), out)
		if err != nil {
			return err
		}
		want.Merge(scan.undescribed())
		if asked != nil {
			r.answer(asked, out, scan, have, want)
			found = found || len(out.Sites)+len(out.Differences)+len(out.Unused) > 0
			return nil
		}
		r.status(u, out, scan, have, want)
		return nil
	})
	if err == nil && asked != nil && !found {
		err = config.Errorf("no query has the hash or the place that was asked for")
		result.Error = err.Error()
	}
	return finish(request, result, err, start)
}

func (r *run) status(u *unit, out *report.Unit, scan *scan, have, want sqlxdata.Set) {
	out.Sites = scan.sites(r, func(hash string) bool { return have[hash] != nil })
	out.Differences = offlineDifferences(have, want)
	out.Blind = r.blind(u.hiding(scan))
	for _, p := range scan.problems {
		out.Notes = append(out.Notes, r.problem(p))
	}
	for _, p := range scan.notes {
		out.Notes = append(out.Notes, r.problem(p))
	}
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
		return nil, config.Errorf("-site is %q; it must be FILE:LINE", r.Options.Site)
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
func (r *run) answer(asked *lookUp, out *report.Unit, scan *scan, have, want sqlxdata.Set) {
	present := func(hash string) bool { return have[hash] != nil }
	out.Sites, out.Notes = scan.list(r, present, asked.matches), nil
	out.Unused = slices.DeleteFunc(out.Unused, func(f report.Unused) bool {
		return asked.file != "" || !strings.HasPrefix(f.Hash, asked.hash)
	})
	if asked.file != "" {
		return
	}
	for _, d := range offlineDifferences(have, want) {
		if strings.HasPrefix(d.Hash, asked.hash) && d.Kind != sqlxdata.Missing {
			out.Differences = append(out.Differences, d)
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
func covers(place diag.Place, asked *lookUp) bool {
	if place.File != asked.file || asked.line < place.Line {
		return false
	}
	text, err := os.ReadFile(place.File)
	if err != nil || place.End > len(text) {
		return asked.line == place.Line
	}
	return asked.line <= place.Line+bytes.Count(text[place.Start:place.End], []byte("\n"))
}
