package crates

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// gitRevision is a locked commit of a repository.
type gitRevision struct {
	url       string
	commit    string            // 40 or 64 hexadecimal digits
	reference map[string]string // "branch", "tag" or "rev" as the manifest asked for it
}

// parseGit reads what follows `git+` in a lock file: URL, query, commit.
func parseGit(source string) (gitRevision, error) {
	at, commit, _ := strings.Cut(source, "#")
	at, query, _ := strings.Cut(at, "?")
	values, err := url.ParseQuery(query)
	if err != nil || !isCommit(commit) {
		return gitRevision{}, fmt.Errorf("%q names no commit of a git repository", source)
	}
	git := gitRevision{url: at, commit: commit, reference: map[string]string{}}
	for _, key := range []string{"branch", "tag", "rev"} {
		git.reference[key] = values.Get(key)
	}
	return git, nil
}

func isCommit(text string) bool {
	return (len(text) == 40 || len(text) == 64) && strings.Trim(text, "0123456789abcdef") == ""
}

// checkout finds a package in cargo's checkout of a commit:
// checkouts/<repository>-<hash>/<the commit's first digits>, somewhere in it.
func (s *Sources) checkout(p *workspace.LockedPackage, loc location) string {
	if s.config.Home == "" {
		return ""
	}
	repository := strings.TrimSuffix(loc.at[strings.LastIndexByte(loc.at, '/')+1:], ".git")
	base := filepath.Join(s.config.Home, "git", "checkouts")
	for _, folder := range folders(base) {
		if !strings.HasPrefix(strings.ToLower(folder), strings.ToLower(repository)+"-") {
			continue
		}
		for _, short := range folders(filepath.Join(base, folder)) {
			root := filepath.Join(base, folder, short)
			if len(short) < 7 || !strings.HasPrefix(loc.git.commit, short) {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, ".cargo-ok")); err != nil {
				continue // not whole
			}
			if dir := s.packageIn(root, p.Name); dir != "" {
				return dir
			}
		}
	}
	return ""
}

// packageIn returns the folder of a package in a checkout: of two with the same
// name the one nearer to the root, as for cargo.
func (s *Sources) packageIn(root, name string) string {
	key := root + "\x00" + name
	s.mu.Lock()
	defer s.mu.Unlock()
	if dir, known := s.checkouts[key]; known {
		return dir
	}
	found := ""
	// What cannot be read holds no package for cargo either.
	_ = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case entry.IsDir() && file != root && (entry.Name() == "target" || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.Name() != "Cargo.toml" || entry.IsDir():
			return nil
		}
		dir := filepath.Dir(file)
		if found != "" && strings.Count(found, string(filepath.Separator)) <= strings.Count(dir, string(filepath.Separator)) {
			return nil
		}
		if m, err := readManifest(dir); err == nil && m.Package.Name == name {
			found = dir
		}
		return nil
	})
	s.checkouts[key] = found
	return found
}

// gitKey is the key of a commit in the store.
func gitKey(git gitRevision) kept.Key {
	return kept.Pinned(storeKind, sha256.Sum256([]byte("git\x00"+git.url+"\x00"+git.commit)))
}

// storedGit finds a package of a commit that was fetched before.
func (s *Sources) storedGit(p *workspace.LockedPackage, loc location) (*Source, error) {
	data, ok := s.options.Store.Get(gitKey(loc.git))
	if !ok {
		return nil, nil
	}
	return inRepository(p, data)
}

// fetchGit fetches a commit: once for all packages of it.
func (s *Sources) fetchGit(ctx context.Context, p *workspace.LockedPackage, loc location) (*Source, error) {
	key := loc.at + "#" + loc.git.commit
	s.mu.Lock()
	fetched := s.commits[key]
	if fetched == nil {
		fetched = sync.OnceValues(func() ([]byte, error) {
			r, err := s.openRepository(ctx, loc.at)
			if err != nil {
				return nil, err
			}
			defer r.remove()
			data, err := r.archive(ctx, loc.git)
			if err == nil {
				s.options.Store.Put(gitKey(loc.git), data)
			}
			return data, err
		})
		s.commits[key] = fetched
	}
	s.mu.Unlock()
	data, err := fetched()
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", shown(loc.at), err)
	}
	return inRepository(p, data)
}

// inRepository finds a package in the archive of a repository.
func inRepository(p *workspace.LockedPackage, data []byte) (*Source, error) {
	whole := &Source{Package: p, data: data, partial: true}
	var folders []string
	found := false
	err := whole.eachEntry(func(name string, size int64, r io.Reader) error {
		if path.Base(name) != "Cargo.toml" {
			return nil
		}
		text, err := readText(name, size, r)
		if err != nil {
			return err
		}
		dir := strings.TrimSuffix(name, "Cargo.toml")
		folders = append(folders, dir)
		if m, err := parseManifest(text); err == nil && m.Package.Name == p.Name &&
			(!found || strings.Count(dir, "/") < strings.Count(whole.prefix, "/")) {
			whole.prefix, found = dir, true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was fetched: %w", err)
	}
	if !found {
		return nil, errors.New("its repository holds no package of that name (submodules are not fetched)")
	}
	for _, dir := range folders {
		if dir != whole.prefix && strings.HasPrefix(dir, whole.prefix) {
			whole.below = append(whole.below, dir)
		}
	}
	return whole, nil
}

// gitFile fetches one file of the newest state of a repository.
func (s *Sources) gitFile(ctx context.Context, at, name string) ([]byte, error) {
	r, err := s.openRepository(ctx, at)
	if err != nil {
		return nil, err
	}
	defer r.remove()
	if err := r.fetch(ctx, "--depth=1", "--end-of-options", at, "HEAD"); err != nil {
		return nil, err
	}
	return r.output(ctx, "cat-file", "blob", "FETCH_HEAD:"+name)
}
