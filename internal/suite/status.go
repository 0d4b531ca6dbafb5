package suite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Status tells of every unit which queries its sources hold, which of them
// have no file, which files have no query, and what may be unseen.
func Status(ctx context.Context, request Request) (*report.Result, error) {
	start := time.Now()
	result := &report.Result{Command: "status", Version: Version}
	r, err := open(ctx, request)
	if err != nil {
		return finish(result, err, start)
	}
	matched := 0
	err = r.each(ctx, result, func(ctx context.Context, u *unit, out *report.Unit) error {
		err := r.status(ctx, u, out)
		matched += len(out.Sites)
		return err
	})
	if err == nil && matched == 0 && (request.Options.Query != "" || request.Options.Site != "") {
		err = &config.Error{Message: "no query has the hash or the place that was asked for"}
		result.Error = err.Error()
	}
	return finish(result, err, start)
}

func (r *run) status(ctx context.Context, u *unit, out *report.Unit) error {
	scan, err := u.scan(ctx)
	if err != nil {
		return err
	}
	have, err := sqlxdata.ReadSet(u.data())
	if err != nil {
		return err
	}
	out.Queries = len(scan.queries)
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
	return r.lookUp(out)
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

// lookUp keeps only the sites that `-query` and `-site` ask for.
func (r *run) lookUp(out *report.Unit) error {
	if r.Options.Query == "" && r.Options.Site == "" {
		return nil
	}
	file, line := r.Options.Site, 0
	if r.Options.Site != "" {
		name, number, ok := cutLast(r.Options.Site, ":")
		if _, err := fmt.Sscanf(number, "%d", &line); !ok || err != nil {
			return &config.Error{Message: fmt.Sprintf("-site is %q; it must be FILE:LINE", r.Options.Site)}
		}
		if absolute, err := filepath.Abs(filepath.Join(r.Dir, name)); err == nil {
			file = r.relative(absolute)
		}
	}
	prefix := strings.TrimPrefix(r.Options.Query, "query-")
	var kept []report.Site
	for _, site := range out.Sites {
		if !strings.HasPrefix(site.Hash, strings.TrimSuffix(prefix, ".json")) {
			continue
		}
		if r.Options.Site != "" && (site.File != file || !covers(site, line)) {
			continue
		}
		kept = append(kept, site)
	}
	out.Sites, out.Differences, out.Blind, out.Notes = kept, nil, nil, nil
	return nil
}

// covers tells whether a line lies in a site's macro call, which ends at the
// earliest where its text does.
func covers(site report.Site, line int) bool {
	return line >= site.Line && line <= site.Line+strings.Count(site.Query, "\n")+1
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
