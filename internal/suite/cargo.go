package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
	"github.com/sqlxmage/sqlxmage/profiles"
)

// cargoEngine lets cargo compile the unit, so that sqlx's own macros write its
// query files.
type cargoEngine struct{ *run }

// Make implements Engine.
func (r cargoEngine) Make(ctx context.Context, v *variant, out *report.Unit) (*made, error) {
	tool, err := r.cargoTool(ctx)
	if err != nil {
		return nil, withHint(err)
	}
	db, err := v.db(ctx)
	if err != nil {
		return nil, err
	}
	out.Database = v.unit.databases()
	if err := timed(out, report.DatabaseStep, func() error { return db.open(ctx) }); err != nil {
		return nil, err
	}
	out.Database = v.unit.databases()
	request, err := r.request(ctx, tool, v.unit, out, v)
	if err != nil {
		return nil, err
	}
	request.DatabaseURL = db.address()
	if request.Stage, err = os.MkdirTemp(v.workDir(), v.stagePrefix()); err != nil {
		return nil, fmt.Errorf("make a stage: %w", err)
	}
	defer os.RemoveAll(request.Stage)
	err = timed(out, "cargo check", func() error {
		_, err := tool.Record(ctx, request)
		return err
	})
	if err != nil {
		return nil, r.compileFailures(err, out)
	}
	// Build scripts have run: what they wrote is a part of what the next scan
	// reads, and so of what is learned now.
	v.forget()
	set, err := sqlxdata.ReadSet(request.Stage)
	if err != nil {
		return nil, err
	}
	if len(set) == 0 {
		out.Notes = append(out.Notes, "cargo found no queries")
	}
	return &made{variant: v, set: set, database: db, request: request}, nil
}

// Settle implements Engine.
func (r cargoEngine) Settle(ctx context.Context, all *union, _ sqlxdata.Set, changed bool, _ *report.Unit) error {
	for _, m := range all.made {
		if changed {
			if err := cargo.AgeDepInfo(m.request.Workspace.BuildDirectory, m.request.Packages); err != nil {
				return err
			}
		}
		if err := r.learn(ctx, m.variant, m.set); err != nil {
			return err
		}
	}
	return nil
}

// learn keeps what the run tells about the unit's blind spots, if it has any.
func (r cargoEngine) learn(ctx context.Context, v *variant, set sqlxdata.Set) error {
	if r.Options.Live || v.engine() != "auto" {
		return nil
	}
	found, err := v.scan(ctx)
	if err != nil || len(found.problems) > 0 || len(v.hiding(found)) == 0 {
		return nil // nothing that a comparison could settle
	}
	return v.record(ctx, set, nil)
}

// request says what cargo has to compile for a unit, and with which profile.
func (r *run) request(ctx context.Context, tool cargo.Tool, u *unit, out *report.Unit, variants ...*variant) (cargo.Request, error) {
	metadata, err := tool.Metadata(ctx, u.dir)
	if err != nil {
		return cargo.Request{}, err
	}
	packages, err := packagesOf(ctx, variants...)
	if err != nil {
		return cargo.Request{}, err
	}
	request := cargo.Request{Workspace: metadata, Dir: u.dir, Variants: argumentsOf(variants), Kept: r.kept, Output: r.Listener, Secrets: r.Secrets}
	for _, p := range packages {
		request.Packages = append(request.Packages, cargo.Package{Name: p.Name, ManifestPath: p.ManifestPath})
		if p.SqlxTOML != nil && p.SqlxTOML.DatabaseURLVar != "" {
			request.URLVariables = append(request.URLVariables, p.SqlxTOML.DatabaseURLVar)
		}
	}
	request.Profile, out.ProfileReason = r.profileName(), "asked for"
	if request.Profile == "" {
		request.Profile, out.ProfileReason, err = cargo.DefaultProfile(metadata.BuildDirectory, nil, request.Packages)
		if err != nil {
			return request, err
		}
	}
	out.Profile = request.Profile
	request.Config, err = r.profileConfig(u, request.Profile)
	return request, err
}

// profileConfig returns what cargo must be told of a profile that the tree does
// not hold as it is wanted.
func (r *run) profileConfig(u *unit, name string) ([]string, error) {
	profile, err := r.profile(name)
	if err != nil {
		return nil, err
	}
	args := profile.ConfigArgs() // of the user's own profile: the overrides
	if ours(name) {
		root, manifests := r.cargoRoot(u)
		change, err := profiles.PlanInstall(root, profile, manifests...)
		if err != nil {
			return nil, profileError(err)
		}
		args = change.ConfigArgs()
	}
	var config []string
	for _, arg := range args {
		if arg != "--config" {
			config = append(config, arg)
		}
	}
	if n := r.Options.CodegenUnits; n > 0 {
		config = append(config, fmt.Sprintf("profile.%s.codegen-units=%d", name, n))
	}
	return config, nil
}

// compileFailures lists each query that does not compile, with its place.
func (r *run) compileFailures(err error, out *report.Unit) error {
	var compile *cargo.CompileError
	if !errors.As(err, &compile) {
		return withHint(err)
	}
	for _, d := range compile.Diagnostics {
		d.Place = r.place(d.Place)
		out.Failures = append(out.Failures, &d.Diagnostic)
	}
	return err
}

// compile checks that the unit's packages build offline against `.sqlx`.
func (r *run) compile(ctx context.Context, u *unit, out *report.Unit) error {
	tool, err := r.cargoTool(ctx)
	if err != nil {
		return withHint(err)
	}
	request, err := r.request(ctx, tool, u, out, u.variants...)
	if err != nil {
		return err
	}
	err = timed(out, "cargo check offline", func() error {
		_, err := tool.OfflineCheck(ctx, request)
		return err
	})
	if err != nil {
		return r.compileFailures(err, out)
	}
	return nil
}

// cargoTool finds cargo once.
func (r *run) cargoTool(ctx context.Context) (cargo.Tool, error) {
	return r.tool.get(func() (cargo.Tool, error) { return cargo.Find(ctx, r.file.Root) })
}

// withHint adds what to do about an error that knows it.
func withHint(err error) error {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && !strings.Contains(err.Error(), hinted.Hint()) {
		return fmt.Errorf("%w; %s", err, hinted.Hint())
	}
	return err
}

// stagePrefix begins the names of the unit's stages.
func (u *unit) stagePrefix() string { return "stage-" + digest(u.dir)[:16] + "-" }

// sweep removes what killed runs on the unit left, and what earlier versions
// kept in cargo's target directory.
func (u *unit) sweep() {
	entries, _ := os.ReadDir(u.workDir())
	for _, entry := range entries {
		for _, pattern := range []string{u.stagePrefix() + "*", "sites.kept*", "state-*.json", "described-*.json", "compared-*.json", "cargo-units"} {
			if ok, _ := filepath.Match(pattern, entry.Name()); ok {
				os.RemoveAll(filepath.Join(u.workDir(), entry.Name()))
			}
		}
	}
}
