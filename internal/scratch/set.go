package scratch

import (
	"context"
	"errors"
	"sync"
)

// Set holds the databases of one run; the zero value is ready. Specs that make
// the same database share one.
type Set struct {
	mu        sync.Mutex
	databases map[string]*shared
}

// shared is a database that is open, or being opened for the first who asked.
type shared struct {
	ready chan struct{}
	db    *Database
	err   error
}

// Open makes the spec's database, or returns the one that is there. It is the
// set's: Close it with the set. Different databases open at the same time.
func (s *Set) Open(ctx context.Context, spec Spec) (*Database, error) {
	migrations, setup, err := readSources(&spec)
	if err != nil {
		return nil, err
	}
	parts := []string{string(spec.Kind), spec.Name, spec.PostgresVersion}
	if spec.SQLite != nil {
		parts = append(parts, spec.SQLite.Version())
	}
	key := storeKey(append(parts, sourceParts(&spec, migrations, setup)...)...)

	s.mu.Lock()
	if s.databases == nil {
		s.databases = map[string]*shared{}
	}
	its, found := s.databases[key]
	if !found {
		its = &shared{ready: make(chan struct{})}
		s.databases[key] = its
	}
	s.mu.Unlock()

	if !found {
		its.db, its.err = Open(ctx, spec)
		close(its.ready)
	}
	select {
	case <-its.ready:
		return its.db, its.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Close removes all databases of the set, those still being opened too.
func (s *Set) Close() error {
	s.mu.Lock()
	databases := s.databases
	s.databases = nil
	s.mu.Unlock()
	var errs []error
	for _, its := range databases {
		<-its.ready
		if its.db != nil {
			errs = append(errs, its.db.Close())
		}
	}
	return errors.Join(errs...)
}
