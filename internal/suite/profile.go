package suite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sort"
	"time"

	"github.com/hashicorp/go-multierror"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/profiles"
)

// defaultProfile is the one that prepare installs.
const defaultProfile = "sqlx-prepare"

// profileName is the profile that was asked for, "" for none.
func (r *run) profileName() string {
	if r.Options.Profile != "" {
		return r.Options.Profile
	}
	return r.file.Profile
}

// installProfiles puts the profile into the cargo configuration of every
// workspace that has none above it.
func (r *run) installProfiles() ([]report.Profile, error) {
	if !r.file.Installs() {
		return nil, nil
	}
	names := []string{defaultProfile}
	if name := r.profileName(); name != "" && name != defaultProfile && ours(name) {
		names = append(names, name)
	}
	var list []report.Profile
	for root, manifests := range r.cargoRoots() {
		for _, name := range names {
			profile, err := r.profile(name)
			if err != nil {
				return nil, err
			}
			change, err := profiles.Install(root, profile, manifests...)
			if err != nil {
				return nil, profileError(err)
			}
			if change.Outcome != profiles.Unchanged {
				list = append(list, r.profileChange(change))
			}
		}
	}
	return list, nil
}

// profile returns one of our profiles with the configuration's overrides; of
// another the overrides alone.
func (r *run) profile(name string) (profiles.Profile, error) {
	profile, err := profiles.Load(name)
	var unknown *profiles.UnknownError
	if errors.As(err, &unknown) {
		profile, err = profiles.Profile{Name: name}, nil
	}
	if err != nil {
		return profile, err
	}
	if fields := r.file.Profiles[name]; len(fields) > 0 {
		if profile, err = profile.With(fields); err != nil {
			return profile, config.ErrorAt(diag.Place{File: config.FileName}, "%v", err)
		}
	}
	return profile, nil
}

func ours(name string) bool {
	_, err := profiles.Load(name)
	return err == nil
}

// cargoRoots returns the folders whose cargo configuration holds for all units,
// each with the workspace manifests below it: cargo reads the configuration of
// every folder above, so the outermost workspaces do.
func (r *run) cargoRoots() map[string][]string {
	var all []string
	manifests := map[string]string{}
	for _, u := range r.units {
		if _, ok := manifests[u.workspace.Root]; !ok {
			all = append(all, u.workspace.Root)
			manifests[u.workspace.Root] = u.workspace.ManifestPath
		}
	}
	if len(all) == 0 {
		all = []string{r.file.Root}
	}
	sort.Strings(all)
	roots := map[string][]string{}
	for _, folder := range all {
		root := folder
		for other := range roots {
			if rel, err := filepath.Rel(other, folder); err == nil && filepath.IsLocal(rel) {
				root = other
			}
		}
		if manifest := manifests[folder]; manifest != "" {
			roots[root] = append(roots[root], manifest)
		}
	}
	return roots
}

// cargoRoot returns the folder whose cargo configuration holds for a unit, with
// the manifests that count beside it.
func (r *run) cargoRoot(u *unit) (root string, manifests []string) {
	for root, manifests := range r.cargoRoots() {
		if rel, err := filepath.Rel(root, u.workspace.Root); err == nil && filepath.IsLocal(rel) {
			return root, manifests
		}
	}
	return u.workspace.Root, []string{u.workspace.ManifestPath}
}

func (r *run) profileChange(change profiles.Change) report.Profile {
	action := change.Outcome.String()
	if change.Outcome == profiles.KeptUsers {
		action = "has other values than ours and is kept"
	}
	return report.Profile{Name: change.Profile.Name, File: r.relative(change.File), Action: action}
}

// profileError makes a configuration that is not TOML the user's to mend.
func profileError(err error) error {
	var problem *diag.Diagnostic
	if errors.As(err, &problem) {
		return &config.Error{Diagnostic: *problem}
	}
	return err
}

// Revert takes out every profile that Prepare may have installed.
func Revert(ctx context.Context, request Request) (*report.Result, error) {
	start := time.Now()
	result := &report.Result{Command: "revert", Version: Version}
	r, err := openRoot(request)
	if err != nil {
		return finish(request, result, err, start)
	}
	// A project that no longer uses sqlx can be reverted all the same.
	r.units, _ = r.findUnits()
	var all *multierror.Error
	for root := range r.cargoRoots() {
		for _, name := range profiles.Names() {
			change, err := r.revert(root, name)
			if err != nil {
				all = multierror.Append(all, err)
				all.ErrorFormat = config.Lines
				continue
			}
			if change != nil {
				result.Profiles = append(result.Profiles, *change)
			}
		}
	}
	if len(result.Profiles) == 0 && all.ErrorOrNil() == nil {
		result.Notes = append(result.Notes, "nothing to revert: no profile of ours is installed")
	}
	return finish(request, result, all.ErrorOrNil(), start)
}

// revert removes one profile; nil means that it is not there.
func (r *run) revert(root, name string) (*report.Profile, error) {
	profile, err := r.profile(name)
	if err != nil {
		return nil, err
	}
	do := profiles.Remove
	if r.Options.DryRun {
		do = profiles.PlanRemove
	}
	change, err := do(root, profile, profiles.RemoveOptions{Force: r.Options.Force})
	if err != nil {
		return nil, fmt.Errorf("revert: %w", profileError(err))
	}
	if change.Outcome == profiles.Unchanged {
		return nil, nil
	}
	out := r.profileChange(change)
	if change.Outcome == profiles.KeptUsers {
		out.Action += "; `-force` removes it"
	}
	if r.Options.DryRun {
		out.Diff = change.Diff(out.File)
		if change.Writes() {
			out.Action = "would be " + out.Action
		}
	}
	return &out, nil
}
