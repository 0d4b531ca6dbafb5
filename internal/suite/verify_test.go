package suite

import (
	"crypto/sha256"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// newCargoProject is a project that cargo compiles: always in one place, so
// that its target directory does not grow.
func newCargoProject(t *testing.T) *project {
	t.Helper()
	need.LiveOracle(t, "lets cargo compile the examples")
	need.Program(t, "cargo")
	needPostgres(t)
	dir := need.Alone(t, "suite-project")
	p := &project{t: t, root: filepath.Join(dir, "examples")}
	target := need.Kept(t, "suite-target")
	if err := os.RemoveAll(p.root); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(p.root, os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	need.OwnCache(t)
	t.Setenv("CARGO_TARGET_DIR", target)
	t.Setenv("SQLXMAGE_ENGINE", "")
	return p
}

func (p *project) verify() (report.Unit, error) {
	p.t.Helper()
	result, err := Verify(p.t.Context(), Request{Dir: p.root, Listener: listener{p.t}, Options: config.Options{Units: []string{ordersUnit}}})
	if len(result.Units) != 1 {
		p.t.Fatalf("%d units: %v", len(result.Units), err)
	}
	return result.Units[0], err
}

// auto prepares with the default engine and wants one to be taken for a reason.
func (p *project) auto(engine, reason string) report.Unit {
	p.t.Helper()
	unit, err := p.prepareWith("")
	if err != nil {
		p.t.Fatal(err)
	}
	if unit.Engine != engine || !strings.Contains(unit.Reason, reason) {
		p.t.Errorf("engine %s because %q; want %s because %q", unit.Engine, unit.Reason, engine, reason)
	}
	return unit
}

// forge changes the name of a type in one description that is kept, and returns
// the query's hash.
func (p *project) forge(old, new string) string {
	p.t.Helper()
	r, err := open(p.t.Context(), Request{Dir: p.root, Listener: listener{p.t}, Options: config.Options{Units: []string{ordersUnit}}})
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.close()
	db, err := r.units[0].variants[0].db(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	known := db.descriptions()
	keys := map[string][sha256.Size]byte{} // by the query's hash
	for key, text := range known.All() {
		file, err := sqlxdata.Decode([]byte(text))
		if err != nil {
			p.t.Fatal(err)
		}
		keys[file.Hash] = key
	}
	for _, hash := range slices.Sorted(maps.Keys(keys)) {
		if text, _ := known.Get(keys[hash]); strings.Contains(text, `"`+old+`"`) {
			known.Put(keys[hash], []byte(strings.ReplaceAll(text, `"`+old+`"`, `"`+new+`"`)))
			known.Save()
			return hash
		}
	}
	p.t.Fatalf("no description of the type %s", old)
	return ""
}

func TestVerify(t *testing.T) {
	p := newCargoProject(t)
	before := p.data()
	unit, err := p.verify()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(unit.Notes, func(note string) bool { return strings.Contains(note, "both engines made the same 22 files") }) {
		t.Errorf("it says %q", unit.Notes)
	}
	p.auto("native", "every query is seen")

	// A native engine that is wrong, as far as that can be had: what it knows
	// from a former run is forged.
	forged := p.forge("Int4", "Int8")
	unit, err = p.verify()
	var differ *DifferError
	if !errors.As(err, &differ) || differ.Queries != 1 || len(unit.Differences) != 1 || unit.Differences[0].Hash != forged {
		t.Fatalf("got %v, %+v", err, unit.Differences)
	}
	if diff := cmp.Diff(before, p.data()); diff != "" {
		t.Errorf("verify changed .sqlx:\n%s", diff)
	}
	p.write(".sqlx/"+sqlxdata.FileName(forged), "{}")
	p.auto("cargo", "describe differently")
	if diff := cmp.Diff(before, p.data()); diff != "" {
		t.Errorf("after cargo:\n%s", diff)
	}

	// What was wrong is mended, and found to be so.
	if err := os.RemoveAll(filepath.Join(os.Getenv("SQLXMAGE_CACHE"), "descriptions")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.verify(); err != nil {
		t.Error(err)
	}
	p.write(".sqlx/"+sqlxdata.FileName(forged), "{}")
	p.auto("native", "every query is seen")
	if diff := cmp.Diff(before, p.data()); diff != "" {
		t.Errorf("after the native engine:\n%s", diff)
	}
}

// TestVerifyBlind wants that a cargo run settles what a blind spot hides, for as
// long as nothing changes that it depends on.
func TestVerifyBlind(t *testing.T) {
	p := newCargoProject(t)
	p.write("build.rs", `fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/made.rs"), "pub fn made() { let _ = sqlx::query!(\"SELECT 1 AS made\"); }").unwrap();
}
`)
	p.edit("src/lib.rs", "pub mod customer;", "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\npub mod customer;")
	hidden := sqlxdata.Hash("SELECT 1 AS made")
	wantHidden := func() {
		t.Helper()
		if set := p.data(); len(set) != 23 || set[hidden] == nil {
			t.Errorf("%d files, of the hidden query: %v", len(set), set[hidden] != nil)
		}
	}
	if _, err := p.prepare(); err == nil {
		t.Error("the native engine alone vouches for what it cannot see")
	}
	p.auto("cargo", "crates/orders/build.rs:")
	wantHidden()
	if unit := p.auto("native", "1 of the queries are known from a cargo run"); unit.Change.Any() {
		t.Errorf("changed: %+v", unit.Change)
	}
	wantHidden()
	if unit := p.auto("native", "known from a cargo run"); !unit.UpToDate {
		t.Error("not up to date")
	}

	p.edit("build.rs", "fn main", "// changed\nfn main")
	p.auto("cargo", "crates/orders/build.rs:")
	wantHidden()
	p.auto("native", "known from a cargo run")

	p.write("made.list", "what a build script reads")
	p.auto("cargo", "crates/orders/build.rs:")
	p.auto("native", "known from a cargo run")
	p.edit("made.list", "reads", "may read")
	p.auto("cargo", "crates/orders/build.rs:")
	p.auto("native", "known from a cargo run")

	p.edit("src/order.rs", "\n", "\n// changed\n")
	p.auto("cargo", "crates/orders/build.rs:")
	p.auto("native", "known from a cargo run")

	p.edit("../../Cargo.toml", "[workspace]", "# changed\n[workspace]")
	p.auto("cargo", "crates/orders/build.rs:")
	if _, err := p.verify(); err != nil {
		t.Error(err)
	}
	p.auto("native", "known from a cargo run")
	wantHidden()
}
