package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// judgeUnused says of every file in have whose query is not among want what
// becomes of it, and returns those that are kept: their queries stand in the
// sources outside the unit's arguments, or may stand where nothing sees them.
// Only where there are such files it looks at more than the unit's arguments
// take in.
func (u *unit) judgeUnused(ctx context.Context, have, want sqlxdata.Set, out *report.Unit) (kept sqlxdata.Set, err error) {
	kept = sqlxdata.Set{}
	var unused []string
	for _, hash := range have.Hashes() {
		if want[hash] == nil {
			unused = append(unused, hash)
		}
	}
	if len(unused) == 0 {
		return kept, nil
	}
	var found *scan
	err = timed(out, "look for what the unused files belong to", func() error {
		found, err = u.everything(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	doubt := u.unseen(found)
	for _, hash := range unused {
		file := report.Unused{Hash: hash, Query: queryOf(hash, have[hash]), Action: report.Kept}
		switch places := found.queries[hash]; {
		case len(places) > 0:
			place := u.run.place(places[0].Place)
			file.Place = &place
			file.With, file.Reason = u.reach(ctx, places[0])
		case doubt != "":
			file.Reason = "its query may stand where it is not seen: " + doubt
		default:
			file.Action, file.Reason = report.Removed, "its query stands nowhere in the sources"
		}
		if file.Action == report.Kept && u.run.Options.Prune {
			file.Action, file.Reason = report.Removed, "-prune; "+file.Reason
		}
		if file.Action == report.Kept {
			kept[hash] = have[hash]
		}
		out.Unused = append(out.Unused, file)
	}
	noteKept(out)
	return kept, nil
}

// keptOf returns the unused files that are kept.
func keptOf(out *report.Unit) []report.Unused {
	return slices.DeleteFunc(slices.Clone(out.Unused), func(f report.Unused) bool { return f.Action != report.Kept })
}

func hashesOf(files []report.Unused) []string {
	var hashes []string
	for _, f := range files {
		hashes = append(hashes, f.Hash)
	}
	return hashes
}

// noteKept says once what may be done about the files that are kept.
func noteKept(out *report.Unit) {
	kept := keptOf(out)
	if len(kept) == 0 {
		return
	}
	note := "files are kept though the unit's arguments take in no query of theirs; `mage prepare -prune` removes them"
	if slices.ContainsFunc(kept, func(f report.Unused) bool { return f.With != "" }) {
		note += ", `cargo-args` in " + config.FileName + " with what is named above takes their queries in"
	}
	out.Notes = append(out.Notes, note)
}

// queryOf is the text that a query file is for, "" where it holds none.
func queryOf(hash string, data []byte) string {
	file, err := sqlxdata.DecodeNamed(hash, data)
	if err != nil {
		return ""
	}
	return file.Query
}

// nothingLeft is the error of a unit that had query files and would have none,
// nil where that is right: its sources hold no query any more.
func (u *unit) nothingLeft(ctx context.Context, files int) error {
	found, err := u.everything(ctx)
	if err != nil || len(found.queries) == 0 {
		return err
	}
	first := found.sites(u.run, func(string) bool { return true })[0]
	_, reason := u.reach(ctx, found.queries[first.Hash][0])
	return config.Errorf("unit %s: all %d query files would go, though the sources hold queries: %s:%d, %s; "+
		"say in %s what the unit is made with:\n\n[[unit]]\npath = %q\ncargo-args = [\"--all-targets\", \"--all-features\"]\n",
		u.path, files, first.File, first.Line, reason, config.FileName, u.path)
}

// everything is what the sources of all packages that may share the unit's
// `.sqlx` hold, whatever the arguments, the features and the platform.
func (u *unit) everything(ctx context.Context) (*scan, error) {
	return u.whole.get(func() (*scan, error) {
		all := newScan()
		for _, other := range u.sharers() {
			library := u.run.library(ctx, other.workspace)
			plan := other.workspace.Everything(other.sharing())
			result, err := sites.Scan(ctx, plan, sites.Options{Kept: u.run.kept, Library: library})
			if err != nil {
				return nil, fmt.Errorf("find all queries around %s: %w", u.path, err)
			}
			all.add(other.workspace, result)
		}
		// Code under a predicate of cfg has been read; that it may not be
		// compiled hides nothing.
		all.blind = slices.DeleteFunc(all.blind, func(b sites.Blind) bool { return b.Kind == sites.Cfg })
		return all, nil
	})
}

// read returns the scans on which a run's outcome rests: that of the unit's
// arguments, and that of everything where it was asked for.
func (u *unit) read(found *scan) []*scan {
	if u.whole.done && u.whole.err == nil {
		return []*scan{found, u.whole.value}
	}
	return []*scan{found}
}

// sharers are the unit and those whose `.sqlx` is the same folder, by a link.
func (u *unit) sharers() []*unit {
	units := []*unit{u}
	own, err := os.Stat(u.data())
	if err != nil {
		return units
	}
	for _, other := range u.run.all {
		info, err := os.Stat(other.data())
		if err == nil && other.dir != u.dir && os.SameFile(own, info) {
			units = append(units, other)
		}
	}
	return units
}

// sharing returns the packages whose query macros may look into the unit's
// `.sqlx`: for that of a workspace's root all packages, else the unit's own and
// those that it is compiled with and that have none.
func (u *unit) sharing() []*workspace.Package {
	if u.dir == u.workspace.Root || u.pkg == nil {
		return u.local()
	}
	var packages []*workspace.Package
	var visit func(p *workspace.Package)
	visit = func(p *workspace.Package) {
		if slices.Contains(packages, p) {
			return
		}
		packages = append(packages, p)
		for _, d := range p.Dependencies {
			for _, other := range u.local() {
				if d.Path == other.Dir && !isFolder(filepath.Join(other.Dir, ".sqlx")) {
					visit(other)
				}
			}
		}
	}
	visit(u.pkg)
	return packages
}

// unseen says why queries may stand where a scan does not see them, "" where
// they cannot.
func (u *unit) unseen(found *scan) string {
	var reasons []string
	for _, p := range found.problems {
		reasons = append(reasons, u.run.problem(p))
	}
	for _, b := range u.hiding(found) {
		if reason := fmt.Sprintf("%s: %s", u.run.place(b.Place), b.Why); !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	return (&doubtError{reasons}).Error()
}

// reach says which cargo arguments, beside the unit's own, take a query of
// everything in, and in words what is in its way.
func (u *unit) reach(ctx context.Context, site *sites.Site) (with, reason string) {
	host, err := u.run.platform(ctx, u.dir)
	if err != nil {
		return "", "outside the unit's arguments"
	}
	best, found := []string(nil), false
	for _, own := range u.arguments {
		for _, more := range u.wider(site) {
			args, err := workspace.ParseArgs(slices.Concat(own, more))
			if err != nil {
				continue
			}
			plan, err := u.workspace.Plan(args, u.dir, host)
			if err != nil {
				continue
			}
			if open, ok := unmet(plan, site); ok && (!found || len(open) < len(best)) {
				best, found, with = open, true, strings.Join(more, " ")
			}
			if found && len(best) == 0 {
				break
			}
		}
	}
	var words []string
	switch {
	case !found:
		return "", "in package " + site.In[0].Package.Name + ", which the unit's arguments leave out"
	case with != "":
		words = append(words, "with "+with)
	case len(best) == 0:
		return "", "where the unit's arguments take it in, though no file was written for it"
	}
	for _, pred := range best {
		words = append(words, condition(pred))
	}
	return with, strings.Join(words, ", ")
}

// wider returns arguments that may take a query in, the least first.
func (u *unit) wider(site *sites.Site) [][]string {
	var features [][]string
	if names := featuresIn(site.If); len(names) > 0 {
		features = append(features, []string{"--features", strings.Join(names, ",")})
	}
	features = append(features, []string{"--all-features"}, []string{"--no-default-features"})
	targets := []string{"--all-targets"}
	choices := append([][]string{nil, targets}, features...)
	for _, f := range features {
		choices = append(choices, slices.Concat(targets, f))
	}
	for _, packages := range [][]string{{"--workspace"}, {"-p", site.In[0].Package.Name}} {
		for _, c := range choices[:len(choices):len(choices)] {
			choices = append(choices, slices.Concat(packages, c))
		}
	}
	return choices
}

// featuresIn returns the features that predicates ask for.
func featuresIn(preds []string) []string {
	var names []string
	for _, text := range preds {
		pred, err := cfg.Parse(text)
		if err != nil {
			continue
		}
		pred.Options(func(o cfg.Option) {
			if o.Name == "feature" && !slices.Contains(names, o.Value) {
				names = append(names, o.Value)
			}
		})
	}
	slices.Sort(names)
	return names
}

// unmet returns the predicates around a query that do not hold where a plan
// compiles its target, and whether the plan does so at all.
func unmet(plan *workspace.Plan, site *sites.Site) (open []string, compiled bool) {
	for _, c := range plan.Compilations {
		same := func(of *workspace.Compilation) bool { return of.Package == c.Package && of.Target == c.Target }
		if !slices.ContainsFunc(site.In, same) {
			continue
		}
		var fail []string
		for _, text := range site.If {
			if pred, err := cfg.Parse(text); err != nil || pred.Eval(c.Cfg) != cfg.True {
				fail = append(fail, text)
			}
		}
		if !compiled || len(fail) < len(open) {
			open, compiled = fail, true
		}
	}
	return open, compiled
}

// condition says in words where a predicate holds.
func condition(pred string) string {
	if o, err := cfg.ParseOption(pred); err == nil {
		switch o.Name {
		case "target_os":
			return "on " + o.Value
		case "windows", "unix":
			return "on " + o.Name
		}
	}
	return "where cfg(" + pred + ") holds"
}
