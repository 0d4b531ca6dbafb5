// Package crates gives the Rust sources of the packages that a lock file names
// and that are none of the project's own: of registries and of git
// repositories.
//
// They come from this machine where cargo has them: unpacked or packed in
// cargo's home, vendored, in a local registry, in a git checkout. Else they are
// fetched from where cargo's configuration says, into a store of our own and
// never into cargo's home. An archive is what the lock file's checksum says, a
// git commit what its hash says, wherever they came from. Nothing is unpacked:
// see [Source.Files].
//
// The behaviour that is reproduced is that of cargo 1.95 (cargo,
// sources/registry, sources/config.rs, core/source_id.rs).
package crates

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// Options say what may be done to get at sources.
type Options struct {
	Store    *kept.Store    // where fetched archives are kept for later runs
	Network  bool           // whether anything may be fetched; cargo's own net.offline forbids it as well
	Progress func(Progress) // called, one call at a time, while sources are fetched; may be nil

	// Patience is how long a host may be silent before it is given up; zero
	// means four seconds.
	Patience time.Duration
}

// storeKind is the kind of the archives in the store.
const storeKind = "crates"

// Progress says how far [Sources.Get] is with fetching.
type Progress struct {
	Done, Total int    // packages
	Bytes       int64  // received so far
	Waiting     string // the host that has not answered for a second; "" when none
}

// Sources finds sources for the packages of one workspace.
type Sources struct {
	config  *workspace.Config
	options Options
	client  *client

	mu         sync.Mutex
	registries map[string]func() (*registry, error) // by location
	commits    map[string]func() ([]byte, error)    // archives of git commits
	checkouts  map[string]string                    // folders of packages in git checkouts
}

// New returns the sources as cargo's configuration has them.
func New(config *workspace.Config, options Options) *Sources {
	if options.Patience == 0 {
		options.Patience = 4 * time.Second
	}
	s := &Sources{
		config: config, options: options,
		registries: make(map[string]func() (*registry, error)),
		commits:    make(map[string]func() ([]byte, error)),
		checkouts:  make(map[string]string),
	}
	s.client = newClient(config, options)
	return s
}

// Error says why the sources of a package cannot be had.
type Error struct {
	Package *workspace.LockedPackage
	Err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("get the sources of %s %s: %v", e.Package.Name, e.Package.Version, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// ErrOffline says that sources are not on this machine and that nothing may be
// fetched.
var ErrOffline = errors.New("they are not on this machine, and nothing may be fetched")

// parallel is how many packages are fetched at once.
const parallel = 16

// Get returns the sources of packages, in their order, fetching those that are
// not on this machine. Where there is an error, an *[Error] for each package
// that fails and of which [errors.Join] made one, the sources of that package
// are nil and those of the others are there all the same.
func (s *Sources) Get(ctx context.Context, packages []*workspace.LockedPackage) ([]*Source, error) {
	found := make([]*Source, len(packages))
	failed := make([]error, len(packages))
	var absent []int
	for i, p := range packages {
		source, err := s.Find(p)
		found[i], failed[i] = source, err
		if source == nil && err == nil {
			absent = append(absent, i)
		}
	}
	done := func() {}
	if len(absent) > 0 && s.fetches() {
		stop := s.client.watch(len(absent))
		defer stop()
		done = s.client.done
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, i := range absent {
		group.Go(func() error {
			found[i], failed[i] = s.fetch(ctx, packages[i])
			done()
			return nil
		})
	}
	_ = group.Wait() // none fails: each says for itself what went wrong
	for i, err := range failed {
		if err != nil {
			failed[i] = &Error{packages[i], err}
		}
	}
	return found, errors.Join(failed...)
}

// Find returns the sources of a package as far as they are on this machine, in
// the store among other places; nil when they are not.
func (s *Sources) Find(p *workspace.LockedPackage) (*Source, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	loc, err := s.locate(p.Source)
	if err != nil {
		return nil, err
	}
	source, err := s.find(p, loc)
	if source != nil {
		source.Package = p
	}
	return source, err
}

func (s *Sources) find(p *workspace.LockedPackage, loc location) (*Source, error) {
	switch loc.kind {
	case directory:
		return vendored(p, loc.at)
	case localRegistry:
		return archiveIn(p, loc.at)
	case gitRepository:
		if dir := s.checkout(p, loc); dir != "" {
			return &Source{dir: dir}, nil
		}
		return s.storedGit(p, loc)
	}
	if source := s.cached(p, loc); source != nil {
		return source, nil
	}
	return s.stored(p), nil
}

func (s *Sources) fetch(ctx context.Context, p *workspace.LockedPackage) (*Source, error) {
	loc, err := s.locate(p.Source)
	if err != nil {
		return nil, err
	}
	switch {
	case loc.kind == directory || loc.kind == localRegistry:
		return nil, fmt.Errorf("they are not in %s, where cargo's configuration says they are", loc.at)
	case !s.fetches():
		return nil, ErrOffline
	}
	var source *Source
	if loc.kind == gitRepository {
		source, err = s.fetchGit(ctx, p, loc)
	} else {
		source, err = s.download(ctx, p, loc)
	}
	if err != nil {
		return nil, err
	}
	source.Package = p
	return source, nil
}

// fetches reports whether anything may be fetched.
func (s *Sources) fetches() bool { return s.options.Network && !s.offline() }

// offline reports whether cargo is told not to use the network.
func (s *Sources) offline() bool {
	switch v := s.config.Setting("net", "offline").Value.(type) {
	case bool:
		return v
	case string:
		return v != "false"
	}
	return false
}

var (
	namePattern     = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_-]*$`)
	versionPattern  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+-]*$`)
	checksumPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// check refuses what no cargo would have written into a lock file: names and
// versions become names of files and parts of URLs.
func check(p *workspace.LockedPackage) error {
	switch {
	case !namePattern.MatchString(p.Name):
		return fmt.Errorf("%q is no name of a package", p.Name)
	case !versionPattern.MatchString(p.Version):
		return fmt.Errorf("%q is no version", p.Version)
	case p.Checksum != "" && !checksumPattern.MatchString(p.Checksum):
		return fmt.Errorf("%q is no checksum", p.Checksum)
	case p.Source == "":
		return errors.New("a package of the project's own has no published sources")
	case strings.ContainsFunc(p.Source, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return fmt.Errorf("%q is no source", p.Source)
	}
	return nil
}
