package trust

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// Library reads crates from outside a project, each once. What was found out
// about one is kept by its checksum, or its commit, and by our program, so that
// on one machine it is read once. A nil *Library knows nothing.
type Library struct {
	sources *crates.Sources
	store   *kept.Store

	mu       sync.Mutex
	readings map[string]result // by identity
	folders  []*kept.Folder
}

type result struct {
	reading *Reading
	err     error // why there is none
}

// NewLibrary returns a library of what the sources give.
func NewLibrary(sources *crates.Sources, store *kept.Store) *Library {
	return &Library{sources: sources, store: store, readings: make(map[string]result)}
}

// errUnread says of a crate that nothing was there to read it with.
var errUnread = errors.New("its sources are not on this machine")

// identity tells packages apart, and what is kept about them: a checksum or a
// commit decides the text.
func identity(p *workspace.LockedPackage) string {
	return p.Name + "\x00" + p.Version + "\x00" + p.Source + "\x00" + p.Checksum
}

func key(p *workspace.LockedPackage) kept.Key { return kept.Conclusion("readings", identity(p)) }

// Read reads crates that were not read before, all at once, fetching what is
// not on this machine.
func (l *Library) Read(ctx context.Context, packages []*workspace.LockedPackage) {
	if l == nil {
		return
	}
	var unread []*workspace.LockedPackage
	seen := make(map[string]bool)
	for _, p := range packages {
		id := identity(p)
		if p.Source == "" || seen[id] || l.known(id) {
			continue
		}
		seen[id] = true
		if r := l.recall(p); r != nil {
			l.put(id, result{reading: r})
		} else {
			unread = append(unread, p)
		}
	}
	if len(unread) == 0 {
		return
	}
	found, err := l.sources.Get(ctx, unread)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range unread {
		group.Go(func() error {
			r := result{err: errorOf(err, p)}
			if found[i] != nil {
				r = l.read(found[i])
				found[i] = nil // it may hold the whole archive
			}
			l.put(identity(p), r)
			return nil
		})
	}
	_ = group.Wait() // none fails: each result has its own error
}

func (l *Library) read(source *crates.Source) result {
	reading, err := Read(source.Files())
	if err != nil {
		return result{err: err}
	}
	if text, err := json.Marshal(reading); err == nil {
		l.store.Put(key(source.Package), text)
	}
	return result{reading: &reading}
}

func (l *Library) recall(p *workspace.LockedPackage) *Reading {
	text, ok := l.store.Get(key(p))
	var reading Reading
	if !ok || json.Unmarshal(text, &reading) != nil {
		return nil
	}
	return &reading
}

func (l *Library) known(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.readings[id]
	return ok
}

func (l *Library) put(id string, r result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readings[id] = r
}

// errorOf finds the error of one package among those of all.
func errorOf(err error, p *workspace.LockedPackage) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			if own := errorOf(err, p); own != nil {
				return own
			}
		}
	}
	var own *crates.Error
	if errors.As(err, &own) && own.Package == p {
		return own.Err
	}
	return nil
}

// Reading returns what was found out about a crate, or why there is nothing.
func (l *Library) Reading(p *workspace.LockedPackage) (*Reading, error) {
	if l == nil || p == nil {
		return nil, errUnread
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.readings[identity(p)]
	if !ok {
		return nil, errUnread
	}
	return r.reading, r.err
}

// Missing returns how many crates were asked for and could not be read, and why
// the first of them by name could not.
func (l *Library) Missing() (count int, why error) {
	if l == nil {
		return 0, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(l.readings)) {
		if err := l.readings[id].err; err != nil {
			if count++; why == nil {
				why = err
			}
		}
	}
	return count, why
}

// Manifest returns the Cargo.toml of a crate that was read; it serves as
// [workspace.Workspace.Manifests].
func (l *Library) Manifest(p *workspace.LockedPackage) (string, bool) {
	r, err := l.Reading(p)
	if err != nil || r == nil {
		return "", false
	}
	return r.Manifest, r.Manifest != ""
}

// Files returns the files of a crate.
func (l *Library) Files(ctx context.Context, p *workspace.LockedPackage) (iter.Seq2[crates.File, error], error) {
	if l == nil || p == nil {
		return nil, errUnread
	}
	found, err := l.sources.Get(ctx, []*workspace.LockedPackage{p})
	if err != nil {
		return nil, err
	}
	return found[0].Files(), nil
}

// Folder returns a folder with the files of a crate, for who needs them by their
// paths. It is there until the library is closed.
func (l *Library) Folder(ctx context.Context, p *workspace.LockedPackage) (string, error) {
	files, err := l.Files(ctx, p)
	if err != nil {
		return "", err
	}
	folder, err := l.store.Folder(ctx, kept.Pinned("sources", sha256.Sum256([]byte(identity(p)))), nil, func(dir string) error {
		for file, err := range files {
			if err != nil {
				return err
			}
			path := filepath.Join(dir, filepath.FromSlash(file.Name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(file.Text), 0o600); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.folders = append(l.folders, folder)
	return folder.Path, nil
}

// Close ends the use of the library's folders.
func (l *Library) Close() {
	if l == nil {
		return
	}
	for _, folder := range l.folders {
		folder.Release()
	}
	l.folders = nil
}
