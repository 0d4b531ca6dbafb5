package suite

import (
	"sort"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// scan is what the sources of a unit tell, over all its variants.
type scan struct {
	queries    map[string][]*sites.Site // by hash; all places of the text
	blind      []sites.Blind
	migrations []sites.MigratePath
	files      map[string]sites.File // by path
	problems   []*diag.Diagnostic
	notes      []*diag.Diagnostic
}

func newScan() *scan {
	return &scan{queries: map[string][]*sites.Site{}, files: map[string]sites.File{}}
}

// add adds what was found in a workspace. What is wrong with its manifests is
// wrong with the scan: a package that could not be read may hold queries.
func (s *scan) add(ws *workspace.Workspace, result *sites.Result) {
	s.problems = mergeProblems(s.problems, ws.Problems)
	s.merge(result)
}

func (s *scan) merge(result *sites.Result) {
	type key struct {
		place diag.Place
		hash  string
	}
	known := map[key]bool{}
	for hash, places := range s.queries {
		for _, site := range places {
			known[key{site.Place, hash}] = true
		}
	}
	for i := range result.Sites {
		site := &result.Sites[i]
		if !known[key{site.Place, site.Hash}] {
			s.queries[site.Hash] = append(s.queries[site.Hash], site)
		}
	}
	blind := map[string]bool{}
	for _, b := range s.blind {
		blind[b.String()] = true
	}
	for _, b := range result.Blind {
		if !blind[b.String()] {
			s.blind = append(s.blind, b)
		}
	}
	s.migrations = append(s.migrations, result.Migrations...)
	for _, f := range result.Files {
		s.files[f.Path] = f
	}
	s.problems = mergeProblems(s.problems, result.Problems)
	s.notes = mergeProblems(s.notes, result.Notes)
}

func mergeProblems(have, more []*diag.Diagnostic) []*diag.Diagnostic {
	seen := map[string]bool{}
	for _, p := range have {
		seen[p.Error()] = true
	}
	for _, p := range more {
		if !seen[p.Error()] {
			have = append(have, p)
		}
	}
	return have
}

// undescribed returns query files of the scan's texts without what only a
// database knows.
func (s *scan) undescribed() sqlxdata.Set {
	set := sqlxdata.Set{}
	for hash, places := range s.queries {
		set.Add(&sqlxdata.File{Query: places[0].SQL, Hash: hash})
	}
	return set
}

// sites lists every place of every query, in the order of the sources.
func (s *scan) sites(r *run, have func(hash string) bool) []report.Site {
	return s.list(r, have, func(*sites.Site) bool { return true })
}

// list lists the places that are wanted, in the order of the sources.
func (s *scan) list(r *run, have func(hash string) bool, want func(*sites.Site) bool) []report.Site {
	var list []report.Site
	for hash, places := range s.queries {
		state := "missing"
		if have(hash) {
			state = "present"
		}
		for _, site := range places {
			if !want(site) {
				continue
			}
			list = append(list, report.Site{
				Hash: hash, Query: site.SQL, Kind: string(site.Kind), State: state,
				Place: r.place(site.Place), Target: targets(site),
			})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column || a.Column == b.Column && a.Hash < b.Hash
	})
	return list
}

// targets names the crates that hold a site: "lib", "bin serve", "lib (test)".
func targets(site *sites.Site) string {
	var names []string
	for _, c := range site.In {
		name := c.Target.Kind.String()
		if c.Target.Kind != workspace.Lib {
			name += " " + c.Target.Name
		}
		if c.Test {
			name += " (test)"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// place names the file of a place for people.
func (r *run) place(p diag.Place) diag.Place {
	p.File = r.relative(p.File)
	return p
}

func (r *run) blind(spots []sites.Blind) []report.Blind {
	var list []report.Blind
	for _, b := range spots {
		list = append(list, report.Blind{Place: r.place(b.Place), Kind: string(b.Kind), Reason: b.Why})
	}
	return list
}
