package suite

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// unit is one `.sqlx` directory with what is known of it.
type unit struct {
	run       *run
	path      string // relative to the root, forward slashes, "." for the root
	dir       string // absolute
	hasData   bool
	workspace *workspace.Workspace
	pkg       *workspace.Package // nil: all packages of the workspace
	config    config.Unit
	arguments [][]string // of cargo, a list a variant

	like *unit // whose database it shares without naming one

	variants []*variant
	scans    lazy[*scan]
	whole    lazy[*scan] // see everything
}

// data is the unit's `.sqlx`.
func (u *unit) data() string { return filepath.Join(u.dir, ".sqlx") }

// workDir is the folder in cargo's target directory for stages, locks and the
// bench's history.
func (u *unit) workDir() string {
	return filepath.Join(u.workspace.Config.TargetDir, "sqlxmage")
}

// relative names a file for people: from the root, with forward slashes.
func (r *run) relative(file string) string { return relative(r.file.Root, file) }

func relative(root, file string) string {
	if !filepath.IsAbs(file) {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(root, file)
	if err != nil || !filepath.IsLocal(rel) {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}

// findUnits takes the configured units and those that the root shows: each
// folder with a `.sqlx`, or, where there is none at all or `-unit` names it,
// each package that uses sqlx's macros.
func (r *run) findUnits() ([]*unit, error) {
	found, problems, err := workspace.Units(r.file.Root)
	if err != nil {
		return nil, fmt.Errorf("find units: %w", err)
	}
	byPath := map[string]*unit{}
	anyData := false
	for _, f := range found {
		u := &unit{run: r, path: r.relative(f.Dir), dir: f.Dir, hasData: f.HasData, workspace: f.Workspace, pkg: f.Package}
		byPath[u.path] = u
		anyData = anyData || f.HasData
		if !slices.Contains(r.workspaces, f.Workspace) {
			r.workspaces = append(r.workspaces, f.Workspace)
		}
	}
	for _, c := range r.file.Units {
		u, err := r.configured(c, byPath)
		if err != nil {
			return nil, err
		}
		byPath[u.path] = u
	}
	var units []*unit
	for _, u := range byPath {
		if u.config.Skip {
			continue
		}
		if u.hasData || u.config.Path != "" || (!anyData && len(r.file.Units) == 0) || r.names(u.path) {
			units = append(units, u)
		}
	}
	sort.Slice(units, func(i, j int) bool { return units[i].path < units[j].path })
	for _, u := range units {
		u.scope(units)
		u.vary()
	}
	if len(units) == 0 {
		return nil, noUnits(r.file.Root, problems)
	}
	r.all = units
	return r.selected(units)
}

func noUnits(root string, problems []*diag.Diagnostic) error {
	text := "no package below " + root + " depends on sqlx with its macros, and no folder has a `.sqlx`"
	for _, p := range problems {
		text += "; " + p.Error()
	}
	return config.Errorf("%s", text)
}

// configured returns the unit of a `[[unit]]`.
func (r *run) configured(c config.Unit, found map[string]*unit) (*unit, error) {
	name := path.Clean(c.Path)
	if u := found[name]; u != nil {
		u.config = c
		return u, u.knowsGenerators()
	}
	dir := filepath.Join(r.file.Root, filepath.FromSlash(name))
	ws, err := workspace.Load(dir)
	if err != nil {
		return nil, config.ErrorAt(diag.Place{File: config.FileName}, "unit `%s`: %v", c.Path, err)
	}
	u := &unit{run: r, path: name, dir: dir, workspace: ws, config: c}
	for _, member := range ws.Members {
		if member.Dir == dir {
			u.pkg = member
		}
	}
	if u.pkg == nil && ws.Root != dir {
		return nil, config.ErrorAt(diag.Place{File: config.FileName}, "unit `%s`: the folder is neither a package nor a workspace's root", c.Path)
	}
	return u, u.knowsGenerators()
}

// knowsGenerators refuses a name in `generated-queries` that is no package's:
// it would vouch for the package that was meant.
func (u *unit) knowsGenerators() error {
	ws := u.workspace
	for _, name := range u.config.GeneratedQueries.Packages {
		local := slices.ContainsFunc(slices.Concat(ws.Members, ws.Outside), func(p *workspace.Package) bool { return p.Name == name })
		if !local && len(ws.Lock.Versions(name)) == 0 {
			return config.ErrorAt(diag.Place{File: config.FileName}, "unit `%s`: `generated-queries` names `%s`, which is no package of %s", u.config.Path, name, u.run.relative(filepath.Join(ws.Root, "Cargo.lock")))
		}
	}
	return nil
}

// scope decides which packages a unit speaks for, and so cargo's arguments. What
// `cargo sqlx prepare --workspace` writes to a workspace's root are the queries
// of all members that cargo compiles, also of those with a `.sqlx` of their own
// (sqlx-cli 0.8.6, prepare.rs). A root that is a package may have its `.sqlx` by
// itself too, where its members have theirs.
func (u *unit) scope(all []*unit) {
	own := map[*workspace.Package]*unit{} // members with a `.sqlx` of their own
	for _, member := range u.workspace.Members {
		i := slices.IndexFunc(all, func(other *unit) bool { return other != u && other.dir == member.Dir })
		if i >= 0 {
			own[member] = all[i]
		}
	}
	root := u.workspace.Root == u.dir && len(u.workspace.Members) > 1
	switch {
	case len(u.config.Variants) > 0:
		for _, v := range u.config.Variants {
			u.arguments = append(u.arguments, v.CargoArgs)
		}
	case u.config.CargoArgs != nil:
		u.arguments = [][]string{u.config.CargoArgs}
	case u.pkg == nil, root && len(own) == 0, root && !u.workspace.AsksForMacros(u.pkg):
		u.arguments = [][]string{u.allBut(own)}
	default:
		u.arguments = [][]string{nil}
	}
	for _, args := range u.arguments {
		for _, arg := range args {
			if arg == "--workspace" || arg == "--all" {
				u.pkg = nil
			}
		}
	}
}

// allBut returns the arguments that take in all members but those that the unit
// excludes.
func (u *unit) allBut(own map[*workspace.Package]*unit) []string {
	args := []string{"--workspace"}
	for _, member := range u.workspace.Members {
		if other := own[member]; other != nil && u.excludes(other) {
			args = append(args, "--exclude", member.Name)
		}
	}
	return args
}

// excludes tells of a member with a `.sqlx` of its own whether its query files,
// and the unit's, are for different kinds of database: no run of cargo has
// written both.
func (u *unit) excludes(member *unit) bool {
	kinds := database.Kinds()
	mine, err := u.fileKinds(kinds)
	if err != nil || len(mine) == 0 {
		return false
	}
	theirs, err := member.fileKinds(kinds)
	if err != nil || len(theirs) == 0 {
		return false
	}
	for kind := range theirs {
		if mine[kind] > 0 {
			return false
		}
	}
	return true
}

// names tells whether `-unit` names a path.
func (r *run) names(unit string) bool {
	return slices.ContainsFunc(r.Options.Units, func(name string) bool {
		return path.Clean(filepath.ToSlash(name)) == unit
	})
}

// selected keeps the units that `-unit` names.
func (r *run) selected(units []*unit) ([]*unit, error) {
	if len(r.Options.Units) == 0 {
		return units, nil
	}
	byPath := map[string]*unit{}
	var names []string
	for _, u := range units {
		byPath[u.path] = u
		names = append(names, u.path)
	}
	var chosen []*unit
	for _, name := range r.Options.Units {
		u := byPath[path.Clean(filepath.ToSlash(name))]
		if u == nil {
			return nil, config.Errorf("no unit `%s`; there are: %s", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, u)
	}
	return chosen, nil
}

// ownCargoConfig returns cargo's configuration files from the unit's folder up
// to its workspace's root, which is read itself.
func (u *unit) ownCargoConfig() []string {
	var files []string
	for dir := u.dir; dir != u.workspace.Root && len(dir) > len(u.workspace.Root); dir = filepath.Dir(dir) {
		for _, name := range []string{"config.toml", "config"} {
			file := filepath.Join(dir, ".cargo", name)
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				files = append(files, file)
			}
		}
	}
	return files
}

func (r *run) platform(ctx context.Context, dir string) (cfg.Platform, error) {
	if host, ok := r.host[dir]; ok {
		return host, nil
	}
	host, err := cfg.Host(ctx, dir)
	if err == nil {
		r.host[dir] = host
	}
	return host, err
}

// keepKind leaves the units whose database is of the request's kind.
func (r *run) keepKind(ctx context.Context) error {
	if r.Kind == "" {
		return nil
	}
	var kept []*unit
	for _, u := range r.units {
		kinds, err := u.kinds(ctx)
		if err != nil {
			return err
		}
		if slices.Contains(kinds, r.Kind) {
			kept = append(kept, u)
		}
	}
	if len(kept) == 0 {
		return config.Errorf("no unit has a database of the kind %s", r.Kind)
	}
	r.units = kept
	return nil
}

// addExtra adds the request's further units.
func (r *run) addExtra() error {
	for _, folder := range r.Extra {
		dir, err := filepath.Abs(folder)
		if err != nil {
			return fmt.Errorf("find unit %s: %w", folder, err)
		}
		if slices.ContainsFunc(r.units, func(u *unit) bool { return u.dir == dir }) {
			continue
		}
		ws, err := workspace.Load(dir)
		if err != nil {
			return fmt.Errorf("find unit %s: %w", folder, err)
		}
		u := &unit{run: r, path: r.relative(dir), dir: dir, workspace: ws, arguments: [][]string{nil}, like: r.units[0]}
		for _, member := range ws.Members {
			if member.Dir == dir {
				u.pkg = member
			}
		}
		u.vary()
		r.units = append(r.units, u)
	}
	return nil
}
