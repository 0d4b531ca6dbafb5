package suite

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/postgres"
	"github.com/sqlxmage/sqlxmage/internal/scratch"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// TestPostgresCorpus compares what the native engine makes of published crates
// with the query files that their authors recorded, byte by byte. Queries that
// procedural macros write are described from their recorded text. With
// SQLXMAGE_VERIFY set, cargo compiles the crates too, which takes minutes, and
// both engines must agree.
func TestPostgresCorpus(t *testing.T) {
	// Files that are not what the macros write on a freshly migrated server,
	// as is shown, with the reason.
	stale := map[string]map[string]string{
		// The authors' server joined the other way round: it had statistics.
		"job": {"f645a8e2564010bcd37166307e854d0bbf39899c09937951d7f405f72b9d2272": "the plan of a left join"},
	}
	for _, c := range need.Corpus() {
		if c.Kind != "postgres" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			needPostgres(t)
			published := need.Published(t, c)
			dir := filepath.Join(t.TempDir(), c.Name)
			if err := os.CopyFS(dir, os.DirFS(published)); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(dir, "rust-toolchain.toml"))
			need.OwnCache(t)
			t.Setenv("CARGO_TARGET_DIR", filepath.Join(t.TempDir(), "target"))
			var variants strings.Builder
			for _, args := range c.Args {
				fmt.Fprintf(&variants, "[%s],", strings.Join(quoted(args), ","))
			}
			text := fmt.Sprintf("[[unit]]\npath = \".\"\nvariants = [%s]\ngenerated-queries = false\n", &variants)
			if err := os.WriteFile(filepath.Join(dir, config.FileName), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			result, err := PrepareCheck(t.Context(), Request{Dir: dir, Listener: listener{t}, Options: config.Options{Engine: "native", AllowUnused: true}})
			if len(result.Units) != 1 {
				t.Fatal(err)
			}
			unit := result.Units[0]
			if unit.Error != "" || len(unit.Failures) > 0 {
				t.Fatalf("%s %+v", unit.Error, unit.Failures)
			}
			hidden := map[string][]byte{}
			recorded, err := sqlxdata.ReadSet(filepath.Join(dir, ".sqlx"))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range unit.Differences {
				switch {
				case d.Kind == sqlxdata.Unused:
					hidden[d.Hash] = recorded[d.Hash]
				case stale[c.Name][d.Hash] != "":
					delete(stale[c.Name], d.Hash)
					compareWithCargo(t, c, dir, recorded[d.Hash])
				default:
					t.Errorf("%s: %s: %s\n%s", d.Kind, d.Hash, d.Query, strings.Join(d.Details, "\n"))
				}
			}
			if len(stale[c.Name]) > 0 {
				t.Errorf("no longer stale: %v", stale[c.Name])
			}
			if len(hidden) != c.Hidden {
				t.Errorf("%d queries are hidden, want %d", len(hidden), c.Hidden)
			}
			if got := unit.Queries + len(hidden); got != c.Files {
				t.Errorf("%d queries, the crate has %d files", got, c.Files)
			}
			describeHidden(t, c, dir, hidden)
			if os.Getenv("SQLXMAGE_VERIFY") != "" {
				verifyCrate(t, c, dir)
			}
		})
	}
}

// verifyCrate compares both engines on all of a crate's queries.
func verifyCrate(t *testing.T, c need.Crate, dir string) {
	t.Helper()
	need.Program(t, "cargo")
	need.OwnCache(t)
	t.Setenv("CARGO_TARGET_DIR", need.Kept(t, "corpus-target"))
	text, err := os.ReadFile(filepath.Join(dir, config.FileName))
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("generated-queries = false\n"), nil)
	if err := os.WriteFile(filepath.Join(dir, config.FileName), text, 0o666); err != nil {
		t.Fatal(err)
	}
	result, err := Verify(t.Context(), Request{Dir: dir, Listener: listener{t}, Options: config.Options{}})
	if err != nil {
		t.Fatalf("%v\n%+v", err, result.Units)
	}
	t.Logf("%d queries: %q", result.Units[0].Queries, result.Units[0].Notes)
	if result.Units[0].Queries != c.Files {
		t.Errorf("cargo sees %d queries, the crate has %d files", result.Units[0].Queries, c.Files)
	}
}

func quoted(args []string) (list []string) {
	for _, arg := range args {
		list = append(list, fmt.Sprintf("%q", arg))
	}
	return list
}

// describeHidden compares the descriptions of recorded texts with the recorded
// files.
func describeHidden(t *testing.T, c need.Crate, dir string, hidden map[string][]byte) {
	t.Helper()
	if len(hidden) == 0 {
		return
	}
	db := migrated(t, c, dir)
	for hash, want := range hidden {
		if got := describedFile(t, c, db, hash, want); !bytes.Equal(got, want) {
			t.Errorf("native:\n%s\nrecorded:\n%s", got, want)
		}
	}
}

// compareWithCargo wants that the real macro says of a recorded text what the
// native engine says.
func compareWithCargo(t *testing.T, c need.Crate, dir string, recorded []byte) {
	t.Helper()
	file, err := sqlxdata.Decode(recorded)
	if err != nil {
		t.Fatal(err)
	}
	db := migrated(t, c, dir)
	schema, err := os.ReadDir(filepath.Join(dir, c.Migrations))
	if err != nil {
		t.Fatal(err)
	}
	call := "sqlx::query_as_unchecked!(Row, r####\"" + file.Query + "\"####" + strings.Repeat(", 1", len(file.Describe.Parameters.Types)) + ")"
	recording := oracle.Crate{
		Sqlx: c.Sqlx, DatabaseURL: db.URL, Server: db.Server, Schema: c.Name + c.Version + fmt.Sprint(schema),
		Items: "struct Row {} struct JobId; struct JobType;", Calls: []string{call},
	}.ExpandLive(t)
	if got, want := describedFile(t, c, db, file.Hash, recorded), recording.Files[file.Hash]; !bytes.Equal(got, want) {
		t.Errorf("native:\n%s\ncargo:\n%s\n%v", got, want, recording.Refused)
	}
}

func migrated(t *testing.T, c need.Crate, dir string) *scratch.Database {
	t.Helper()
	db, err := scratch.OpenPostgres(t.Context(), scratch.Spec{Name: defaultDatabase, Migrations: filepath.Join(dir, c.Migrations), Kept: kepttest.Shared(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// describedFile is the query file that the native engine makes of the text of a
// recorded one.
func describedFile(t *testing.T, c need.Crate, db *scratch.Database, hash string, recorded []byte) []byte {
	t.Helper()
	file, err := sqlxdata.DecodeNamed(hash, recorded)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := modeOf(c.Sqlx)
	describer, err := postgres.Open(t.Context(), db.URL, postgres.Options{Mode: postgres.Mode(m)})
	if err != nil {
		t.Fatal(err)
	}
	defer describer.Close()
	results, err := describer.Describe(t.Context(), []string{file.Query})
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Err != nil {
		t.Fatalf("%s: %v", file.Query, results[0].Err)
	}
	file.Describe = results[0].Description
	return file.Encode()
}
