package suite

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// comparison is what one cargo run told about a unit with blind spots: how the
// queries that cargo saw differ from those that the sources show. While
// everything that it depends on is the same, it makes the native engine proven.
type comparison struct {
	Key    string
	Extra  map[string]string // hash → text: queries that only cargo saw
	Absent []string          // hashes of queries that cargo did not see
	// Differs holds the hashes whose descriptions the two engines disagree
	// on; while there are any, the native engine is not proven.
	Differs []string
}

func (u *unit) comparisonPath() string {
	return filepath.Join(u.kept(), "compared-"+digest(u.dir)[:16]+".json")
}

// recall returns the comparison that holds for the unit as it is, nil where
// there is none.
func (u *unit) recall(found *scan) *comparison {
	data, err := os.ReadFile(u.comparisonPath())
	if err != nil {
		return nil
	}
	var c comparison
	if json.Unmarshal(data, &c) != nil || c.Key != u.comparisonKey(found) {
		return nil
	}
	return &c
}

// record keeps how a cargo run's set differs from what the sources show.
func (u *unit) record(ctx context.Context, cargo sqlxdata.Set, differs []string) error {
	found, err := u.scan(ctx)
	if err != nil {
		return err
	}
	c := comparison{Key: u.comparisonKey(found), Extra: map[string]string{}, Differs: differs}
	for hash, data := range cargo {
		if found.queries[hash] == nil {
			file, err := sqlxdata.DecodeNamed(hash, data)
			if err != nil {
				return fmt.Errorf("read what cargo recorded: %w", err)
			}
			c.Extra[hash] = file.Query
		}
	}
	for hash := range found.queries {
		if cargo[hash] == nil {
			c.Absent = append(c.Absent, hash)
		}
	}
	sort.Strings(c.Absent)
	return keep(u.comparisonPath(), c)
}

// apply corrects the texts that the sources show, and says so.
func (c *comparison) apply(texts map[string]string) (reason string) {
	for hash, text := range c.Extra {
		texts[hash] = text
	}
	for _, hash := range c.Absent {
		delete(texts, hash)
	}
	reason = "a cargo run on the same inputs saw the same queries"
	if n := len(c.Extra); n > 0 {
		reason = fmt.Sprintf("%d of the queries are known from a cargo run on the same inputs", n)
	}
	return reason
}

// comparisonKey covers what hidden queries can depend on: lock file, manifests,
// arguments, toolchain, environment, and every source file of a package that
// has a blind spot.
func (u *unit) comparisonKey(found *scan) string {
	parts := []string{u.question()}
	files, _ := u.inputs(nil)
	sums := digestFiles(files)
	sort.Strings(files)
	for _, path := range files {
		parts = append(parts, path, sums[path])
	}
	var sources []string
	for path := range found.files {
		sources = append(sources, path)
	}
	sort.Strings(sources)
	for _, path := range sources {
		if u.hidesIn(found, path) {
			sum := found.files[path].Sum
			parts = append(parts, path, hex.EncodeToString(sum[:]))
		}
	}
	return digest(parts...)
}

// hidesIn tells whether a file belongs to a package with a blind spot.
func (u *unit) hidesIn(found *scan, path string) bool {
	for _, b := range u.hiding(found) {
		if b.Package == nil {
			return true
		}
		if rel, err := filepath.Rel(b.Package.Dir, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}
