package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

const notesUnit = "crates/notes"

// notes is a copy of the example workspace, of which the SQLite package is run.
type notes struct {
	t    *testing.T
	root string
}

func newNotes(t *testing.T) *notes {
	t.Helper()
	need.Program(t, "rustc")
	n := &notes{t: t, root: filepath.Join(t.TempDir(), "examples")}
	if err := os.CopyFS(n.root, os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	need.OwnCache(t)
	t.Setenv("CARGO_TARGET_DIR", filepath.Join(t.TempDir(), "target"))
	t.Setenv("SQLXMAGE_ENGINE", "")
	return n
}

func (n *notes) path(name string) string {
	return filepath.Join(n.root, notesUnit, filepath.FromSlash(name))
}

func (n *notes) edit(name, old, new string) {
	n.t.Helper()
	data, err := os.ReadFile(n.path(name))
	if err != nil {
		n.t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		n.t.Fatalf("%s does not hold %q", name, old)
	}
	if err := os.WriteFile(n.path(name), []byte(strings.Replace(string(data), old, new, 1)), 0o666); err != nil {
		n.t.Fatal(err)
	}
}

// add adds a query to the sources.
func (n *notes) add(query string) {
	n.t.Helper()
	f, err := os.OpenFile(n.path("src/tag.rs"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		n.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("\nfn added() { sqlx::query!(\"" + query + "\"); }\n"); err != nil {
		n.t.Fatal(err)
	}
}

func (n *notes) data() sqlxdata.Set {
	n.t.Helper()
	set, err := sqlxdata.ReadSet(n.path(".sqlx"))
	if err != nil {
		n.t.Fatal(err)
	}
	return set
}

func (n *notes) prepare(o config.Options) (report.Unit, error) {
	n.t.Helper()
	o.Units = []string{notesUnit}
	result, err := Prepare(n.t.Context(), Request{Dir: n.root, Listener: listener{n.t}, Options: o})
	if len(result.Units) != 1 {
		n.t.Fatalf("%d units: %v", len(result.Units), err)
	}
	return result.Units[0], err
}

// TestSQLiteSame makes the example's query files from nothing, to the byte, and
// then again from less.
func TestSQLiteSame(t *testing.T) {
	n := newNotes(t)
	want := n.data()
	for hash := range want {
		if err := os.Remove(n.path(".sqlx/" + sqlxdata.FileName(hash))); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name      string
		change    func()
		described int
		same      bool
	}{
		{"all", func() {}, len(want), true},
		{"nothing", func() {}, 0, true},
		{"one query", func() { n.edit("queries/recent.sql", "SELECT", "SELECT /* changed */") }, 1, false},
		{"the query back", func() { n.edit("queries/recent.sql", "SELECT /* changed */", "SELECT") }, 0, true},
		{"a migration", func() { n.edit("migrations/20240418120000_tags.sql", "CREATE", "-- changed\nCREATE") }, len(want), true},
	} {
		step.change()
		unit, err := n.prepare(config.Options{Engine: "native"})
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if unit.Described != step.described || unit.Engine != "native" {
			t.Errorf("%s: %d described, engine %s", step.name, unit.Described, unit.Engine)
		}
		if same := cmp.Equal(want, n.data()); same != step.same {
			t.Errorf("%s: the same: %t", step.name, same)
		}
	}
}

// What is not the bundled SQLite is not proven.
func TestSQLiteDoubts(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*testing.T, *notes)
		want   string
	}{
		{"another version", func(_ *testing.T, n *notes) {
			n.edit("../../Cargo.lock", "name = \"libsqlite3-sys\"\nversion = \"0.30.1\"", "name = \"libsqlite3-sys\"\nversion = \"0.35.0\"")
		}, "the SQLite of libsqlite3-sys 0.35.0 is not on board"},
		{"the system's", func(t *testing.T, _ *notes) { t.Setenv("LIBSQLITE3_SYS_USE_PKG_CONFIG", "1") }, "LIBSQLITE3_SYS_USE_PKG_CONFIG is set"},
		{"flags", func(t *testing.T, _ *notes) { t.Setenv("LIBSQLITE3_FLAGS", "-DSQLITE_DQS=0") }, "LIBSQLITE3_FLAGS is set"},
		{"a limit", func(t *testing.T, _ *notes) { t.Setenv("SQLITE_MAX_COLUMN", "100") }, "SQLITE_MAX_COLUMN is set"},
		{"a limit from cargo's configuration", func(t *testing.T, n *notes) {
			if err := os.MkdirAll(n.path("../../.cargo"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(n.path("../../.cargo/config.toml"), []byte("[env]\nSQLITE_MAX_EXPR_DEPTH = \"10\"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}, "SQLITE_MAX_EXPR_DEPTH is set"},
		{"a first row that fails", func(_ *testing.T, n *notes) {
			n.add(`SELECT json('{') AS x`)
		}, "first row, which fails: malformed JSON"},
		{"a first row that never comes", func(_ *testing.T, n *notes) {
			n.add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) AS x FROM n")
		}, "takes too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNotes(t)
			before := n.data()
			test.change(t, n)
			unit, err := n.prepare(config.Options{Engine: "native"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %+v", err, unit)
			}
			if !cmp.Equal(before, n.data()) {
				t.Error("the query files changed")
			}
		})
	}
}

// A live database is only read, and one that cannot be is an error that says
// which.
func TestSQLiteLive(t *testing.T) {
	n := newNotes(t)
	want := n.data()
	engine, err := bundled.Start(t.Context(), bundled.Options{Version: "3.46.0", Kept: kepttest.Shared(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	db, err := engine.Open(t.Context(), filepath.Join(n.root, "live one.db"), false)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(n.path("migrations/*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Exec(t.Context(), string(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(n.root, "live one.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"sqlite:live%20one.db", "sqlite://live one.db?mode=rwc"} {
		if _, err := n.prepare(config.Options{Engine: "native", Live: true, DatabaseURL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if diff := cmp.Diff(want, n.data()); diff != "" {
			t.Error(diff)
		}
	}
	after, err := os.ReadFile(filepath.Join(n.root, "live one.db"))
	if err != nil || !cmp.Equal(before, after) {
		t.Errorf("the live database changed, or is gone: %v", err)
	}
	for url, want := range map[string]string{
		"sqlite:missing.db":       "missing.db cannot be read",
		"sqlite:Cargo.toml":       "Cargo.toml cannot be read",
		"sqlite::memory:":         "in memory",
		"sqlite:a.db?mode=memory": "in memory",
		"sqlite:a.db?vfs=other":   "VFS",

		"postgres://bob:s3cr3t@h/db": "is for postgres, but the queries are for sqlite",
		"host=h password=s3cr3t":     "is for postgres, but the queries are for sqlite",
		"mysql://bob:s3@cr3t@h/db":   "is for mysql, but the queries are for sqlite",
		"s3cr3t://h/db":              "of no known kind",
	} {
		if _, err := n.prepare(config.Options{Engine: "native", Live: true, DatabaseURL: url}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "cr3t") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := os.Stat(filepath.Join(n.root, "missing.db")); err == nil {
		t.Error("a live database was created")
	}
}
