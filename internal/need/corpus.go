package need

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Crate is a published crate that ships a `.sqlx` which its authors wrote with
// `cargo sqlx prepare`, and with it a recorded answer for every stage of ours.
type Crate struct {
	Name, Version string
	Kind          string // of the database: "sqlite", "postgres" or "mysql"
	Migrations    string // the folder, or a file with the whole schema, from the crate's folder
	Sqlx          string // the version that wrote `.sqlx`
	Files         int    // in `.sqlx`

	// Args are the argument lists of cargo that `.sqlx` was made with: the
	// union of their queries.
	Args [][]string

	// Hidden is how many of the files belong to queries that procedural
	// macros write, so that no reading of the sources shows them.
	Hidden int
	// Reason explains Hidden.
	Reason string
}

// Corpus returns the published crates that tests compare with.
func Corpus() []Crate {
	plain := [][]string{nil}
	allTargets := [][]string{{"--all-targets"}}
	allFeatures := [][]string{{"--all-features"}}
	return []Crate{
		{Name: "bmm", Version: "0.3.1", Kind: "sqlite", Migrations: "migrations", Sqlx: "0.8.6", Files: 19, Args: plain},
		{Name: "apalis-sqlite", Version: "1.0.0", Kind: "sqlite", Migrations: "migrations", Sqlx: "0.9.0", Files: 20, Args: plain},
		{Name: "cratery", Version: "1.11.1", Kind: "sqlite", Migrations: "src/schema.sql", Sqlx: "0.8.2", Files: 79, Args: plain},
		{Name: "nym-credential-storage", Version: "2.0.0", Kind: "sqlite", Migrations: "migrations", Sqlx: "0.9.0", Files: 18, Args: allFeatures},
		{Name: "underway", Version: "0.2.0", Kind: "postgres", Migrations: "migrations", Sqlx: "0.8.2", Files: 60, Args: allTargets},
		// The tests of its examples are compiled only when the examples are
		// themselves in test mode.
		{Name: "pg_task", Version: "1.0.0", Kind: "postgres", Migrations: "migrations", Sqlx: "0.9.0", Files: 47,
			Args: [][]string{{"--all-targets", "--all-features"}, {"--examples", "--all-features", "--profile", "test"}}},
		{Name: "apalis-postgres", Version: "1.0.0", Kind: "postgres", Migrations: "migrations", Sqlx: "0.9.0", Files: 18, Args: plain},
		{Name: "job", Version: "0.19.2", Kind: "postgres", Migrations: "migrations", Sqlx: "0.8.6", Files: 52, Args: allTargets,
			Hidden: 12, Reason: "written by #[derive(EsRepo)] and es_query! of es-entity-macros"},
		{Name: "obix", Version: "0.16.0", Kind: "postgres", Migrations: "migrations", Sqlx: "0.8.6", Files: 41, Args: allTargets,
			Hidden: 31, Reason: "written by #[derive(MailboxTables)] of obix-macros"},
		{Name: "apalis-mysql", Version: "1.0.0-rc.8", Kind: "mysql", Migrations: "migrations", Sqlx: "0.8.6", Files: 18, Args: plain},
	}
}

// Published returns the folder of a crate's sources as they were published,
// which a test must not change. Cargo downloads them, and what they depend on,
// once. It is what a live test compares with.
func Published(t testing.TB, c Crate) string {
	t.Helper()
	LiveOracle(t, "compares with the query files of "+c.Name+", whose sources are fetched")
	dir := filepath.Join(Kept(t, "corpus"), c.Name+"-"+c.Version)
	cargo := Program(t, "cargo")
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(cargo, args...)
		cmd.Dir = t.TempDir() // outside the crate, whose toolchain may not be here
		if out, err := cmd.CombinedOutput(); err != nil {
			Missing(t, "cargo", "cargo "+strings.Join(args, " ")+": "+err.Error()+"\n"+string(out))
		}
	}
	if _, err := os.Stat(dir); err != nil {
		unpack(t, c, dir, run)
	}
	run("fetch", "--quiet", "--manifest-path", filepath.Join(dir, "Cargo.toml")) // what it depends on
	return dir
}

// unpack puts a crate's sources into a folder.
func unpack(t testing.TB, c Crate, dir string, cargo func(args ...string)) {
	t.Helper()
	// `cargo info` leaves the crate, unpacked, where cargo keeps sources.
	cargo("info", "--quiet", c.Name+"@"+c.Version, "--registry", "crates-io")
	unpacked, err := filepath.Glob(filepath.Join(CargoHome(t), "registry", "src", "*", c.Name+"-"+c.Version))
	if err != nil || len(unpacked) == 0 {
		Missing(t, "cargo", "cargo info left no sources of "+c.Name+" "+c.Version)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "new-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	copied := filepath.Join(temp, "crate")
	if err := os.CopyFS(copied, os.DirFS(unpacked[0])); err != nil {
		t.Fatal(err)
	}
	// Another test may have been quicker.
	if err := os.Rename(copied, dir); err != nil {
		if _, err := os.Stat(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// Recorded returns the names of the query files that a crate ships.
func Recorded(t testing.TB, dir string) []string {
	t.Helper()
	names, err := fs.Glob(os.DirFS(filepath.Join(dir, ".sqlx")), "query-*.json")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// CargoHome returns the folder in which cargo keeps what it has downloaded: the
// tests' own.
func CargoHome(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("CARGO_HOME")
	if dir == "" {
		t.Fatal("the package's TestMain does not call need.Main")
	}
	return dir
}
