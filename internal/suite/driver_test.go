package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// standIn is a driver for a kind that has none: it answers each query by a table
// of its own, and refuses what names no table that the migrations made.
type standIn struct {
	t    *testing.T
	open int
}

const standInURL = "mysql://root@localhost:3306/stand_in"

func (d *standIn) Kind() database.Kind { return database.MySQL }

func (d *standIn) Sqlx() []string { return []string{"0.8"} }

func (d *standIn) Macros() *database.Macros {
	return &database.Macros{
		Types:    []database.RustType{{Rust: "i64", SQL: []string{"LongLong"}}},
		TypeName: strings.ToUpper, Lexis: database.Lexis{Question: true},
	}
}

func (d *standIn) Server(c database.Client) database.Server {
	s := database.Server{Name: "Stand-in", Identity: "1"}
	if slices.Contains(c.Features, "any") {
		s.Doubts = []string{"the stand-in knows no feature any"}
	}
	return s
}

func (d *standIn) Scratch(_ context.Context, source database.Source) (database.Database, error) {
	d.open++
	schema, err := os.ReadFile(filepath.Join(source.Migrations, "1_a.sql"))
	return &standInDatabase{d, string(schema), standInURL}, err
}

func (d *standIn) Live(_ context.Context, url *database.URL, _ database.Client) (database.Database, error) {
	if url.Host != "localhost" {
		return nil, &database.UnusableError{Message: fmt.Sprintf("there is no stand-in on %s", url.Host)}
	}
	d.open++
	return &standInDatabase{d, "CREATE TABLE t", url.Secret()}, nil
}

func (d *standIn) Close() error {
	if d.open != 0 {
		d.t.Errorf("%d databases are open at the end", d.open)
	}
	return nil
}

type standInDatabase struct {
	driver      *standIn
	schema, url string
}

func (s *standInDatabase) URL() string    { return s.url }
func (s *standInDatabase) Server() string { return "Stand-in 1.0" }

func (s *standInDatabase) Close() error {
	s.driver.open--
	return nil
}

func (s *standInDatabase) Describe(_ context.Context, queries []database.Query) ([]database.Result, error) {
	var results []database.Result
	for _, q := range queries {
		_, table, _ := strings.Cut(q.Text, "FROM ")
		if !strings.Contains(s.schema, "TABLE "+table) {
			results = append(results, database.Result{Err: &database.Error{Message: "no table " + table, Code: "1146", Offset: strings.Index(q.Text, table)}})
			continue
		}
		results = append(results, database.Result{Description: standInDescription()})
	}
	return results, nil
}

func standInDescription() sqlxdata.Description {
	no := false
	return sqlxdata.Description{
		Columns:    []sqlxdata.Column{{Name: "id", Type: sqlxdata.TypeInfo(`"LongLong"`)}},
		Parameters: &sqlxdata.Parameters{}, Nullable: []*bool{&no},
	}
}

const standInQuery = "SELECT id FROM t"

func standInFile() *sqlxdata.File {
	return &sqlxdata.File{DBName: "MySQL", Query: standInQuery, Hash: sqlxdata.Hash(standInQuery), Describe: standInDescription()}
}

// standInCargo is the cargo of the stand-in's project, which the test's own
// program is when this variable is set.
const standInCargo = "SQLXMAGE_STAND_IN_CARGO"

// runStandInCargo answers as cargo does, and writes what sqlx's macros would.
func runStandInCargo(args []string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	manifest, target := filepath.Join(dir, "Cargo.toml"), filepath.Join(dir, "target")
	say := json.NewEncoder(os.Stdout).Encode
	switch args[0] {
	case "--version":
		fmt.Println("cargo 1.95.0 (f2d3ce0bd 2026-03-21)")
	case "metadata":
		return say(map[string]any{"workspace_root": dir, "target_directory": target})
	case "check":
		if url := os.Getenv("DATABASE_URL"); url != standInURL {
			return fmt.Errorf("cargo is given another database: %s", url)
		}
		file := standInFile()
		err := os.WriteFile(filepath.Join(os.Getenv("SQLX_OFFLINE_DIR"), sqlxdata.FileName(file.Hash)), file.Encode(), 0o666)
		return errors.Join(err, say(map[string]any{
			"reason": "compiler-artifact", "package_id": "path+file:///one#one@0.1.0", "manifest_path": manifest,
			"target":    map[string]any{"kind": []string{"lib"}, "name": "one"},
			"filenames": []string{filepath.Join(target, "debug", "deps", "libone-0123456789abcdef.rmeta")},
		}))
	}
	return nil
}

// TestDriver takes a kind of database that nothing but a driver in this file
// knows through the targets.
func TestDriver(t *testing.T) {
	dir := unpackFiles(t, `
-- Cargo.toml --
[package]
name = "one"
version = "0.1.0"
edition = "2021"
[dependencies]
sqlx = { version = "0.8", default-features = false, features = ["mysql", "macros"] }
-- Cargo.lock --
version = 4
[[package]]
name = "one"
version = "0.1.0"
dependencies = ["sqlx"]
[[package]]
name = "sqlx"
version = "0.8.6"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["sqlx-macros"]
[[package]]
name = "sqlx-macros"
version = "0.8.6"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["sqlx-macros-core"]
[[package]]
name = "sqlx-macros-core"
version = "0.8.6"
source = "registry+https://github.com/rust-lang/crates.io-index"
-- migrations/1_a.sql --
CREATE TABLE t (id BIGINT NOT NULL);
-- src/lib.rs --
fn a() { sqlx::query!("SELECT id FROM t"); }
`)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	need.OwnCache(t)
	t.Setenv("CARGO", program)
	t.Setenv(standInCargo, "1")
	request := Request{Dir: dir, Listener: silent{}, Drivers: func(s database.Settings) []database.Driver {
		return append(Drivers(s), &standIn{t: t})
	}}
	do := func(target func(context.Context, Request) (*report.Result, error), o config.Options) (report.Unit, error) {
		t.Helper()
		request.Options = o
		result, err := target(t.Context(), request)
		if result == nil || len(result.Units) != 1 {
			t.Fatalf("no unit: %v", err)
		}
		return result.Units[0], err
	}

	unit, err := do(Prepare, config.Options{})
	if err != nil || unit.Engine != "native" || unit.Database != "Stand-in 1.0" || unit.Described != 1 {
		t.Fatalf("prepare: %v; %+v", err, unit)
	}
	path := filepath.Join(dir, ".sqlx", sqlxdata.FileName(sqlxdata.Hash(standInQuery)))
	if got, err := os.ReadFile(path); err != nil || string(got) != string(standInFile().Encode()) {
		t.Errorf("prepare wrote %s, %v", got, err)
	}
	if unit, err = do(PrepareCheck, config.Options{}); err != nil || !unit.UpToDate {
		t.Errorf("prepareCheck: %v; %+v", err, unit)
	}
	if unit, err = do(PrepareCheck, config.Options{Offline: true}); err != nil || len(unit.NotChecked) != 1 {
		t.Errorf("prepareCheck -offline: %v; %+v", err, unit)
	}
	if unit, err = do(Status, config.Options{}); err != nil || len(unit.Sites) != 1 {
		t.Errorf("status: %v; %+v", err, unit)
	}
	if unit, err = do(Verify, config.Options{}); err != nil || !slices.Contains(unit.Notes, fmt.Sprintf("both engines made the same 1 files, %d bytes", len(standInFile().Encode()))) {
		t.Errorf("verify: %v; %+v", err, unit)
	}
	if unit, err = do(Prepare, config.Options{Live: true, DatabaseURL: standInURL}); err != nil || unit.Database != "mysql://localhost:3306/stand_in" {
		t.Errorf("prepare -live: %v; %+v", err, unit)
	}
	if _, err = do(Prepare, config.Options{Live: true, DatabaseURL: "mysql://elsewhere/t"}); err == nil || !strings.Contains(err.Error(), "there is no stand-in on elsewhere") {
		t.Errorf("prepare -live elsewhere: %v", err)
	}

	write := func(source string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "src", "lib.rs"), []byte(source), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	// A description counts for as often as the query is expanded.
	call := `sqlx::query!("SELECT id FROM t"); `
	for _, test := range []struct{ times, described int }{{2, 1}, {1, 0}, {2, 0}} {
		write("fn b() { " + strings.Repeat(call, test.times) + "}")
		if unit, err = do(Prepare, config.Options{Engine: "native"}); err != nil || unit.Described != test.described {
			t.Errorf("prepare of a query that stands there %d times: %v; %+v", test.times, err, unit)
		}
	}
	write("fn a() {\n\tsqlx::query!(\"SELECT id FROM gone\");\n}\n")
	unit, err = do(PrepareCheck, config.Options{})
	if err == nil || len(unit.Failures) != 1 || unit.Failures[0].Line != 2 || unit.Failures[0].SQLState != "1146" {
		t.Errorf("prepareCheck of a query that is refused: %v; %+v", err, unit)
	}
}
