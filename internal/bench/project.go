package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/proc"
	"github.com/sqlxmage/sqlxmage/profiles"
)

// Commit returns the commit that is checked out in a folder and whether the
// tree differs from it; empty where there is no git.
func Commit(ctx context.Context, root string) (commit string, dirty bool) {
	commit, err := Resolve(ctx, root, "HEAD")
	if err != nil {
		return "", false
	}
	status, err := git(ctx, root, "status", "--porcelain", "--untracked-files=no")
	return commit, err == nil && status != ""
}

// Resolve returns the commit that a revision names.
func Resolve(ctx context.Context, root, rev string) (string, error) {
	commit, err := git(ctx, root, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%s is no revision here: %w", rev, err)
	}
	return commit, nil
}

func git(ctx context.Context, root string, args ...string) (string, error) {
	cmd := proc.Command(ctx, "git", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// Versions returns which versions the tools say they are, by their names, without
// those that are not there.
func (t Tools) Versions(ctx context.Context) map[string]string {
	versions := map[string]string{}
	for name, args := range map[string][]string{
		"cargo":    {t.Cargo, "--version"},
		"rustc":    {"rustc", "--version"},
		"sqlx-cli": {t.SqlxCLI, "sqlx", "--version"},
	} {
		if args[0] == "" {
			continue
		}
		cmd := proc.Command(ctx, args[0], args[1:]...)
		cmd.Dir = t.Root
		if out, err := cmd.Output(); err == nil {
			_, versions[name], _ = strings.Cut(strings.TrimSpace(string(out)), " ") // behind its name
		}
	}
	return versions
}

// CheckProfiles finds the names that are no profile of cargo's, of ours, or of
// users, the project's own.
func CheckProfiles(names, users []string) error {
	known := slices.Concat([]string{"dev", "release"}, profiles.Names(), users)
	for _, name := range names {
		if !slices.Contains(known, name) {
			return &profiles.UnknownError{Name: name, Have: known}
		}
	}
	return nil
}
