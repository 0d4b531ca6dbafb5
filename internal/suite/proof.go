package suite

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// comparison is what one cargo run told about a unit with blind spots: how the
// queries that cargo saw differ from those that the sources show. While
// everything that it depends on is the same, it makes the native engine proven.
type comparison struct {
	Extra  map[string]string // hash → text: queries that only cargo saw
	Absent []string          // hashes of queries that cargo did not see
	// Differs holds the hashes whose descriptions the two engines disagree
	// on; while there are any, the native engine is not proven.
	Differs []string
}

// recall returns the comparison that holds for the unit as it is, nil where
// there is none.
func (v *variant) recall(found *scan) *comparison {
	data, ok := v.run.kept.Get(v.comparisonKey(found))
	if !ok {
		return nil
	}
	var c comparison
	if json.Unmarshal(data, &c) != nil {
		return nil
	}
	return &c
}

// record keeps how a cargo run's set differs from what the sources show.
func (v *variant) record(ctx context.Context, cargo sqlxdata.Set, differs []string) error {
	found, err := v.scan(ctx)
	if err != nil {
		return err
	}
	c := comparison{Extra: map[string]string{}, Differs: differs}
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
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("keep what a cargo run told of %s: %w", v.path, err)
	}
	v.run.kept.Put(v.comparisonKey(found), data)
	return nil
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
// arguments, toolchain, environment, all that lies in the packages behind the
// blind spots, and sources from outside all packages.
func (v *variant) comparisonKey(found *scan) kept.Key {
	parts := append(v.question(), v.arguments...)
	files, _ := v.inputs()
	behind, _ := v.behind(found)
	files = append(files, behind...)
	sums := digestFiles(files)
	sort.Strings(files)
	for _, path := range files {
		parts = append(parts, path, sums[path])
	}
	var outside []string
	for path := range found.files {
		if !slices.ContainsFunc(v.local(), func(p *workspace.Package) bool { return liesIn(p.Dir, path) }) {
			outside = append(outside, path)
		}
	}
	sort.Strings(outside)
	for _, path := range outside {
		sum := found.files[path].Sum
		parts = append(parts, path, hex.EncodeToString(sum[:]))
	}
	return kept.Conclusion("comparisons", parts...)
}

// local are the packages whose sources may change at any time.
func (u *unit) local() []*workspace.Package {
	return slices.Concat(u.workspace.Members, u.workspace.Outside)
}

// behind lists the files, and the folders, of the packages with a blind spot and
// of the local ones that these depend on: a build script or a procedural macro
// may read any of them. Without a blind spot there are none.
func (u *unit) behind(found *scan) (files, folders []string) {
	seen := map[string]bool{}
	var visit func(p *workspace.Package)
	visit = func(p *workspace.Package) {
		if seen[p.Dir] {
			return
		}
		seen[p.Dir] = true
		more, below := packageFiles(p.Dir)
		files, folders = append(files, more...), append(folders, below...)
		for _, d := range p.Dependencies {
			for _, other := range u.local() {
				if d.Path == other.Dir {
					visit(other)
				}
			}
		}
	}
	for _, b := range u.hiding(found) {
		if b.Package != nil {
			visit(b.Package)
			continue
		}
		for _, p := range u.local() {
			visit(p)
		}
	}
	return files, folders
}

// packageFiles lists the files and folders of a package, without what is made
// of it, and without other packages that lie in it.
func packageFiles(dir string) (files, folders []string) {
	// What cannot be read is no input to anything either.
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case !entry.IsDir():
			files = append(files, path)
			return nil
		case slices.Contains([]string{"target", "node_modules", ".git", ".sqlx"}, entry.Name()) && path != dir:
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "Cargo.toml")); err == nil && path != dir {
			return fs.SkipDir
		}
		folders = append(folders, path)
		return nil
	})
	return files, folders
}

// liesIn tells whether a path lies in a folder.
func liesIn(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
