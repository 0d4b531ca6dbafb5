package sites

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// originEnv names a checkout of https://github.com/BloopAI/vibe-kanban at
// commit 4deb7eca8f, which is read only:
//
//	git clone https://github.com/BloopAI/vibe-kanban
//	git -C vibe-kanban checkout 4deb7eca8f
//	SQLXMAGE_ORIGIN=$PWD/vibe-kanban go test -run TestOrigin -v ./internal/rust/sites
const originEnv = "SQLXMAGE_ORIGIN"

// TestOrigin compares the scan with the query files of the project whose
// scripts this one takes the place of.
func TestOrigin(t *testing.T) {
	root := os.Getenv(originEnv)
	if root == "" {
		t.Skip(originEnv + " names no checkout of vibe-kanban")
	}
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		crate   string
		queries int
		shapes  int // out of define_shape!
	}{
		{"db", 110, 0}, {"remote", 222, 17}, {"relay-tunnel", 13, 0},
	} {
		t.Run(c.crate, func(t *testing.T) {
			dir := filepath.Join(root, "crates", c.crate)
			result := scanDir(t, dir, nil, Options{})
			found := make(map[string]bool)
			shapes := 0
			for _, q := range queries(result) {
				found[q.Hash] = true
				if q.Sites[0].Macro == "define_shape" {
					shapes++
				}
			}
			if len(found) != c.queries || shapes != c.shapes {
				t.Errorf("%d queries, %d of them out of define_shape!; want %d and %d", len(found), shapes, c.queries, c.shapes)
			}
			for _, name := range need.Recorded(t, dir) {
				hash := strings.TrimSuffix(strings.TrimPrefix(name, "query-"), ".json")
				if !found[hash] {
					t.Errorf("recorded, but not found: %s", recordedText(t, dir, name))
				}
				delete(found, hash)
			}
			for hash := range found {
				t.Errorf("found, but not recorded: %s", hash)
			}
			for _, b := range result.Blind {
				t.Logf("blind: %s", b)
			}
			for _, p := range result.Problems {
				t.Errorf("problem: %v", p)
			}
		})
	}
}

// BenchmarkOrigin scans all packages of the checkout.
func BenchmarkOrigin(b *testing.B) {
	root := os.Getenv(originEnv)
	if root == "" {
		b.Skip(originEnv + " names no checkout of vibe-kanban")
	}
	plan := planOf(b, root, []string{"--workspace"})
	for _, opts := range []struct {
		name string
		Options
	}{{"cold", Options{}}, {"kept", Options{Kept: newStore(b)}}} {
		b.Run(opts.name, func(b *testing.B) {
			size, files := 0, 0
			for b.Loop() {
				result, err := Scan(context.Background(), plan, opts.Options)
				if err != nil {
					b.Fatal(err)
				}
				files, size = len(result.Files), 0
				for _, f := range result.Files {
					if info, err := os.Stat(f.Path); err == nil {
						size += int(info.Size())
					}
				}
			}
			b.ReportMetric(float64(files), "files")
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}
