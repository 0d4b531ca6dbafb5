package sites

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// scanner is one run of Scan.
type scanner struct {
	ctx     context.Context
	plan    *workspace.Plan
	files   *files
	foreign *foreign
	library *trust.Library
	hot     map[string]heat
	heated  map[*source]bool
	hotter  bool                        // the walk made names hot that were not when it began
	deps    map[string]*crate           // by root file
	graph   *graph                      // nil without Cargo.lock
	writers map[string][]Blind          // see mayWrite
	scripts map[*workspace.Package]bool // see writesNoQuery
	handing map[string]bool             // see handsOn
	crates  map[string]*crate           // by id

	localInner map[*expand.Macro]*crate // of the macros that are exported with local_inner_macros

	calls      []*queryCall
	sites      map[siteKey]*Site
	migrations map[diag.Place]*MigratePath
	blinds     map[blindKey]Blind

	mu       sync.Mutex                  // of the two below
	problems map[string]*diag.Diagnostic // by its text
	notes    map[string]*diag.Diagnostic
}

type siteKey struct {
	place diag.Place
	hash  string
	parts diag.Place // of the first part, for several queries out of one macro call
}

type blindKey struct {
	kind  BlindKind
	pkg   *workspace.Package
	place diag.Place
	why   string
}

func scan(ctx context.Context, plan *workspace.Plan, opts Options) (*Result, error) {
	pack := opts.Kept.Pack(outlinesKey(plan))
	files, foreign := newFiles(pack), newForeign()
	s := newScanner(ctx, plan, opts.Library, files, foreign)
	if err := s.read(); err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	s.walkAll()
	// Calls of macros that only macros define may have been passed over
	// before their definition was seen: once more, with their names known.
	for round := 1; s.hotter && round < maxRounds; round++ {
		hot := s.hot
		s = newScanner(ctx, plan, opts.Library, files, foreign)
		s.hot = hot
		s.walkAll()
	}
	s.blindPackages()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	pack.Save()
	return s.result(), nil
}

// outlinesKey is the key of a pack that holds the outline of each source by the
// SHA-256 of its text, and what was found in published crates. A second scan
// lexes only what changed. Nothing in it depends on a configuration: that scans
// of the same packages share a pack only keeps together what is needed together.
func outlinesKey(plan *workspace.Plan) kept.Key {
	var dirs []string
	for _, comp := range plan.Compilations {
		dirs = append(dirs, comp.Package.Dir)
	}
	slices.Sort(dirs)
	return kept.Conclusion("outlines", slices.Compact(dirs)...)
}

// maxRounds bounds how often the walk starts anew; each round knows more
// names, so that the end comes long before.
const maxRounds = 100

// read reads the project's own sources, and then those of the crates that are
// looked into.
func (s *scanner) read() error {
	var roots []string
	for _, comp := range s.plan.Compilations {
		roots = append(roots, comp.Target.Path)
	}
	if err := s.files.load(s.ctx, append(roots, s.dependencyRoots(true)...)); err != nil {
		return err
	}
	s.lookInto()
	return s.files.load(s.ctx, s.dependencyRoots(false))
}

func newScanner(ctx context.Context, plan *workspace.Plan, library *trust.Library, files *files, foreign *foreign) *scanner {
	s := &scanner{
		ctx: ctx, plan: plan, library: library, files: files, foreign: foreign, hot: firstHeat(), heated: make(map[*source]bool), crates: make(map[string]*crate),
		deps: make(map[string]*crate), writers: make(map[string][]Blind), scripts: make(map[*workspace.Package]bool), handing: make(map[string]bool),
		sites: make(map[siteKey]*Site), migrations: make(map[diag.Place]*MigratePath), blinds: make(map[blindKey]Blind),
		localInner: make(map[*expand.Macro]*crate),
		problems:   make(map[string]*diag.Diagnostic), notes: make(map[string]*diag.Diagnostic),
	}
	if plan.Workspace != nil {
		s.graph = newGraph(plan.Workspace.Lock)
	}
	return s
}

// walkAll follows every compilation of the plan.
func (s *scanner) walkAll() {
	s.heat()
	for _, comp := range s.plan.Compilations {
		w := &walker{s: s, c: s.newCrate(comp)}
		w.crate(comp.Target.Path)
	}
	s.readCalls()
}

func (s *scanner) newCrate(comp *workspace.Compilation) *crate {
	c := &crate{
		id: strconv.Itoa(len(s.crates)), comp: comp, pkg: comp.Package, edition: comp.Target.Edition, cfg: comp.Cfg,
		test: comp.Test && comp.Target.Harness, externs: comp.Externs, values: make(map[string]cfg.Value),
	}
	s.crates[c.id] = c
	return c
}

// result orders what was found.
func (s *scanner) result() *Result {
	r := &Result{Files: s.files.list()}
	byFile := make(map[string][]*Site)
	for _, site := range s.sites {
		byFile[site.File] = append(byFile[site.File], site)
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		found := byFile[file]
		slices.SortFunc(found, func(a, b *Site) int {
			return cmp.Or(a.Start-b.Start, a.End-b.End, comparePlaces(a.Parts[0].Place, b.Parts[0].Place), cmp.Compare(a.Hash, b.Hash))
		})
		for _, site := range found {
			r.Sites = append(r.Sites, *site)
		}
	}
	for _, m := range s.migrations {
		r.Migrations = append(r.Migrations, *m)
	}
	for _, b := range s.blinds {
		r.Blind = append(r.Blind, b)
	}
	r.Problems, r.Notes = ordered(s.problems), ordered(s.notes)
	slices.SortFunc(r.Migrations, func(a, b MigratePath) int { return comparePlaces(a.Place, b.Place) })
	slices.SortFunc(r.Blind, func(a, b Blind) int {
		return cmp.Or(cmp.Compare(a.Package.Dir, b.Package.Dir), comparePlaces(a.Place, b.Place), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Why, b.Why))
	})
	return r
}

func comparePlaces(a, b diag.Place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// site records a query site, with what makes its compilation uncertain.
func (s *scanner) site(c *crate, at where, site Site) {
	if c.comp == nil {
		return
	}
	key := siteKey{place: site.Place, hash: site.Hash, parts: site.Parts[0].Place}
	known := s.sites[key]
	if known == nil {
		known = &site
		s.sites[key] = known
		for d := at.doubt; d != nil; d = d.up {
			if d.kind == Cfg {
				known.If = append(known.If, d.pred)
			}
		}
	}
	if !slices.Contains(known.In, c.comp) {
		known.In = append(known.In, c.comp)
	}
	s.doubts(c, at)
}

// doubts records why the code at a place may not be compiled as it stands.
func (s *scanner) doubts(c *crate, at where) {
	for d := at.doubt; d != nil; d = d.up {
		s.blind(c, Blind{Kind: d.kind, Place: d.at, Why: d.why})
	}
}

func (s *scanner) migration(c *crate, m MigratePath) {
	if c.comp == nil {
		return
	}
	known := s.migrations[m.Place]
	if known == nil {
		known = &m
		s.migrations[m.Place] = known
	}
	if !slices.Contains(known.In, c.comp) {
		known.In = append(known.In, c.comp)
	}
}

// blindAt records a blind spot in code that may itself be uncertain.
func (s *scanner) blindAt(c *crate, at where, b Blind) {
	s.blind(c, b)
	s.doubts(c, at)
}

func (s *scanner) blind(c *crate, b Blind) {
	if c.comp == nil {
		return
	}
	b.Package = c.pkg
	key := blindKey{b.Kind, b.Package, b.Place, b.Why}
	if _, ok := s.blinds[key]; !ok {
		s.blinds[key] = b
	}
}

func (s *scanner) problem(p *diag.Diagnostic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems[p.Error()] = p
}

func (s *scanner) note(p *diag.Diagnostic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes[p.Error()] = p
}

func ordered(all map[string]*diag.Diagnostic) []*diag.Diagnostic {
	return slices.SortedFunc(maps.Values(all), diag.Compare)
}
