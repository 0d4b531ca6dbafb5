package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// listener passes on what a run says.
type listener struct{ t testing.TB }

func (l listener) Write(p []byte) (int, error) { l.t.Logf("%s", p); return len(p), nil }
func (l listener) Progress(text string)        { l.t.Log(text) }
func (l listener) Say(text string)             { l.t.Log(text) }

// project is a copy of the example workspace, of which the Postgres package is
// run.
type project struct {
	t    testing.TB
	root string
}

const ordersUnit = "crates/orders"

func newProject(t testing.TB) *project {
	t.Helper()
	need.Program(t, "rustc")
	needPostgres(t)
	p := &project{t: t, root: filepath.Join(t.TempDir(), "examples")}
	if err := os.CopyFS(p.root, os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	need.OwnCache(t)
	t.Setenv("CARGO_TARGET_DIR", filepath.Join(t.TempDir(), "target"))
	t.Setenv("SQLXMAGE_ENGINE", "")
	return p
}

func needPostgres(t testing.TB) {
	t.Helper()
	db, err := scratch.OpenPostgres(t.Context(), scratch.Spec{Name: "test", Kept: kepttest.Shared(t)})
	if err != nil {
		need.Missing(t, "postgres", err.Error())
	}
	db.Close()
}

// path is that of a file of the Postgres package.
func (p *project) path(name string) string {
	return filepath.Join(p.root, ordersUnit, filepath.FromSlash(name))
}

func (p *project) write(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) read(name string) string {
	p.t.Helper()
	data, err := os.ReadFile(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

// edit replaces text in a file.
func (p *project) edit(name, old, new string) {
	p.t.Helper()
	text := p.read(name)
	if !strings.Contains(text, old) {
		p.t.Fatalf("%s does not hold %q", name, old)
	}
	p.write(name, strings.Replace(text, old, new, 1))
}

// data are the query files as they stand.
func (p *project) data() sqlxdata.Set {
	p.t.Helper()
	set, err := sqlxdata.ReadSet(p.path(".sqlx"))
	if err != nil {
		p.t.Fatal(err)
	}
	return set
}

// prepare runs the native engine on the package.
func (p *project) prepare() (report.Unit, error) {
	p.t.Helper()
	return p.prepareWith("native")
}

func (p *project) prepareWith(engine string) (report.Unit, error) {
	p.t.Helper()
	result, err := Prepare(p.t.Context(), Request{
		Dir: p.root, Listener: listener{p.t}, Options: config.Options{Engine: engine, Units: []string{ordersUnit}},
	})
	if len(result.Units) != 1 {
		p.t.Fatalf("%d units: %v", len(result.Units), err)
	}
	return result.Units[0], err
}

// mustPrepare wants success.
func (p *project) mustPrepare() report.Unit {
	p.t.Helper()
	unit, err := p.prepare()
	if err != nil {
		p.t.Fatal(err)
	}
	return unit
}

// opened tells whether the run opened a database.
func opened(u report.Unit) bool {
	return slices.ContainsFunc(u.Timings, func(s report.Timing) bool { return s.Step == "open the database" })
}

// TestPostgresSame makes the example's query files from nothing, to the byte.
func TestPostgresSame(t *testing.T) {
	p := newProject(t)
	want := p.data()
	if err := os.RemoveAll(p.path(".sqlx")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(p.path(".sqlx"), 0o777); err != nil {
		t.Fatal(err)
	}
	unit := p.mustPrepare()
	if diff := cmp.Diff(want, p.data()); diff != "" {
		t.Error(diff)
	}
	if unit.Described != len(want) || unit.Engine != "native" {
		t.Errorf("%d of %d described, engine %s", unit.Described, len(want), unit.Engine)
	}
}

// TestPostgresIncremental changes one thing after another and looks at what a
// run then does.
func TestPostgresIncremental(t *testing.T) {
	p := newProject(t)
	all := len(p.data())
	first := p.mustPrepare()
	if first.UpToDate || first.Described != all {
		t.Fatalf("the first run: %+v", first)
	}
	cache := os.Getenv("SQLXMAGE_CACHE")
	damage := func(kind string, change func(string) string) {
		files, err := filepath.Glob(filepath.Join(cache, kind, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", kind, files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(change(string(data))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(s string) string { return s[:len(s)/2] }
	one := slices.Sorted(maps.Keys(p.data()))[0]
	file := ".sqlx/" + sqlxdata.FileName(one)
	for _, step := range []struct {
		name      string
		change    func()
		upToDate  bool
		described int // and so whether there is a database
		differs   bool
	}{
		{"nothing", func() {}, true, 0, false},
		{"a comment in a source", func() { p.edit("src/order.rs", "\n", "\n// a comment\n") }, false, 0, false},
		{"one query", func() { p.edit("queries/units_sold.sql", "SELECT", "SELECT /* changed */") }, false, 1, true},
		{"nothing again", func() {}, true, 0, false},
		{"the query back", func() { p.edit("queries/units_sold.sql", "SELECT /* changed */", "SELECT") }, false, 0, true},
		{"a new file of sources", func() { p.write("tests/new.rs", "") }, false, 0, false},
		{"manifest", func() { p.edit("Cargo.toml", "[package]", "# a comment\n[package]") }, false, 0, false},
		{"workspace's manifest", func() { p.edit("../../Cargo.toml", "[workspace]", "# a comment\n[workspace]") }, false, 0, false},
		{"lock file", func() { p.edit("../../Cargo.lock", "version = ", "# a comment\nversion = ") }, false, 0, false},
		{"configuration", func() { p.write("../../sqlxmage.toml", "install-profile = false\n") }, false, 0, false},
		{"migration", func() {
			p.write("migrations/20250101000000_more.up.sql", "ALTER TABLE orders ADD sqlxmage_test int;")
			p.write("migrations/20250101000000_more.down.sql", "")
		}, false, all, false},
		{"migration's text alone", func() { p.edit("migrations/20250101000000_more.up.sql", "int", "int -- comment\n") }, false, all, false},
		{".sqlx edited by hand", func() { p.edit(file, `"ordinal": 0`, `"ordinal": 7`) }, false, 0, true},
		{"a query file removed", func() { os.Remove(p.path(file)) }, false, 0, true},
		{"a query file too many", func() {
			p.write(".sqlx/"+sqlxdata.FileName(strings.Repeat("0", 64)), "{}")
		}, false, 0, true},
		{"state cut off", func() { damage("states", cut) }, false, 0, false},
		{"descriptions cut off", func() {
			damage("descriptions", cut)
			p.edit("src/order.rs", "\n", "\n// another comment\n")
		}, false, all, false},
		{"descriptions tampered with", func() {
			damage("descriptions", func(s string) string { return strings.ReplaceAll(s, "Int4", "Int8") })
			p.edit("src/order.rs", "\n", "\n// another comment\n")
		}, false, all, false},
		{"all that is kept removed", func() { os.RemoveAll(cache) }, false, all, false},
	} {
		step.change()
		unit := p.mustPrepare()
		if unit.UpToDate != step.upToDate || unit.Described != step.described || opened(unit) != (step.described > 0) || unit.Change.Any() != step.differs {
			t.Errorf("%s: up to date %v, %d described, database opened %v, changed %v", step.name, unit.UpToDate, unit.Described, opened(unit), unit.Change.Any())
		}
		if unit := p.mustPrepare(); !unit.UpToDate || opened(unit) {
			t.Errorf("%s: the run after it: %+v", step.name, unit)
		}
	}
}

// TestPostgresOtherServer wants a stale nullability to come with a word on the
// server, which may be another than that of the files.
func TestPostgresOtherServer(t *testing.T) {
	for name, pinned := range map[string]bool{"any": false, "pinned": true} {
		t.Run(name, func(t *testing.T) {
			p := newProject(t)
			first := p.mustPrepare()
			if pinned {
				_, rest, _ := strings.Cut(first.Database, "PostgreSQL ")
				major, _, _ := strings.Cut(rest, ".")
				p.write("../../sqlxmage.toml", "postgres-version = \""+major+"\"\n")
			}
			for hash, data := range p.data() {
				if text := string(data); strings.Contains(text, "\"nullable\": [\n      false") {
					p.write(".sqlx/"+sqlxdata.FileName(hash), strings.Replace(text, "\"nullable\": [\n      false", "\"nullable\": [\n      true", 1))
					break
				}
			}
			result, err := PrepareCheck(t.Context(), Request{Dir: p.root, Listener: listener{t}, Options: config.Options{Engine: "native", Units: []string{ordersUnit}}})
			var stale *StaleError
			if !errors.As(err, &stale) {
				t.Fatalf("got %v", err)
			}
			noted := slices.ContainsFunc(result.Units[0].Notes, func(s string) bool { return strings.Contains(s, "another major version") })
			if noted == pinned {
				t.Errorf("it notes %q", result.Units[0].Notes)
			}
		})
	}
}

// TestPostgresEnvironment wants another run when the environment that the
// session heeds is another.
func TestPostgresEnvironment(t *testing.T) {
	p := newProject(t)
	p.mustPrepare()
	t.Setenv("PGOPTIONS", "-c geqo=off")
	if unit := p.mustPrepare(); unit.UpToDate || unit.Described == 0 {
		t.Errorf("PGOPTIONS is passed over: %+v", unit)
	}
}

// TestPostgresBadInput wants a clear error and every file as it was.
func TestPostgresBadInput(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(p *project)
		want   []string
	}{
		{"an extension that the server lacks", func(p *project) {
			p.write("migrations/20250101000000_more.up.sql", "CREATE TABLE a (id int);\nCREATE EXTENSION no_such_thing;")
		}, []string{"20250101000000_more.up.sql:2:1", `extension "no_such_thing" is not available`, "install extension"}},
		{"an extension with a package", func(p *project) {
			p.write("migrations/20250101000000_more.up.sql", "CREATE EXTENSION pg_uuidv7;")
		}, []string{"-pg-uuidv7"}},
		{"a migration that leaves a transaction open", func(p *project) {
			p.write("migrations/20250101000000_more.up.sql", "-- no-transaction\nBEGIN;\nCREATE TABLE a (id int);")
		}, []string{"20250101000000_more.up.sql", "leaves a transaction open"}},
		{"a migration that fails", func(p *project) {
			p.write("migrations/20250101000000_more.up.sql", "ALTER TABLE no_such_table ADD a int;")
		}, []string{"20250101000000_more.up.sql:1:1", `relation "no_such_table" does not exist`}},
		{"a setup file that is not there", func(p *project) {
			p.write("../../sqlxmage.toml", "[[database]]\nname = \"a\"\nkind = \"postgres\"\nmigrations = \"crates/orders/migrations\"\nsetup = [\"no.sql\"]\n[[unit]]\npath = \"crates/orders\"\ndatabase = \"a\"\n")
		}, []string{"no.sql"}},
		{"a version of the server that nobody has", func(p *project) {
			p.write("../../sqlxmage.toml", "postgres-version = \"9\"\npostgres-download = false\n")
		}, []string{"Postgres 9"}},
		{"a domain that is not null", func(p *project) {
			p.write("migrations/20250101000000_more.up.sql", "CREATE DOMAIN required AS text NOT NULL;")
			p.write("queries/labels.sql", "SELECT $1::required AS label")
		}, []string{"domain required does not allow null values"}},
		{"a session that dies midway", func(p *project) {
			p.write("migrations/20250101000000_more.up.sql", "CREATE FUNCTION dies() RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN pg_terminate_backend(pg_backend_pid()); END';")
			p.write("queries/labels.sql", "SELECT dies() AS label")
		}, []string{"describe the queries of crates/orders: the database is gone", "terminating connection"}},
		{"a server that dies midway", func(p *project) {
			p.write("migrations/20250101000000_more.up.sql", `CREATE FUNCTION dies() RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN kills(); END';
CREATE FUNCTION kills() RETURNS bool LANGUAGE plpgsql AS $$
DECLARE pid text;
BEGIN
  pid := split_part(pg_read_file('postmaster.pid'), E'\n', 1);
  EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'kill -QUIT ' || pid || '; sleep 5');
  RETURN true;
END $$;`)
			p.write("queries/labels.sql", "SELECT dies() AS label")
		}, []string{"describe the queries of crates/orders: the database is gone", "the Postgres server ended"}},
		{"70000 parameters", func(p *project) {
			var list strings.Builder
			for i := range 70_000 {
				fmt.Fprintf(&list, ", $%d", i+1)
			}
			p.write("queries/labels.sql", "SELECT 1 AS one WHERE 1 IN ("+list.String()[2:]+")")
		}, []string{"70000 parameters; 65535 are the most"}},
		{"NUL", func(p *project) { p.write("queries/labels.sql", "SELECT 1 AS \x00one") }, []string{"NUL"}},
		{"a query of a megabyte", func(p *project) {
			p.write("queries/labels.sql", "SELECT '"+strings.Repeat("long\n", 200_000)+"' AS label, nix")
		}, []string{"queries/labels.sql:200001:", `column "nix" does not exist`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.HasPrefix(test.name, "a server that dies") && runtime.GOOS == "windows" {
				t.Skip("there is no kill")
			}
			p := newProject(t)
			test.change(p)
			before := allFiles(t, p.root)
			_, err := p.prepare()
			if err == nil {
				t.Fatal("it succeeds")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want something of %q", err, want)
				}
			}
			if diff := cmp.Diff(before, allFiles(t, p.root)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// allFiles returns all files below a folder with their content, but those that
// prepare installs.
func allFiles(t testing.TB, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.Contains(path, ".cargo") {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}
