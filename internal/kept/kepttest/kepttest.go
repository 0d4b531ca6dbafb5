// Package kepttest gives tests a store.
package kepttest

import (
	"path/filepath"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// New makes a store of a test's own.
func New(t testing.TB) *kept.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "kept"))
}

// Shared opens the store that the tests share: what one of them made spares the
// next the work.
func Shared(t testing.TB) *kept.Store {
	t.Helper()
	return open(t, need.Cache(t))
}

func open(t testing.TB, dir string) *kept.Store {
	t.Helper()
	store, err := kept.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}
