package suite

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

var update = flag.Bool("update", false, "write the golden files")

// scanned writes a program that depends on sqlx and finds its queries. Each of
// the crate's calls begins at one of the lines.
func scanned(t *testing.T, crate oracle.Crate) (lines []int, v *variant, found *scan) {
	t.Helper()
	dir := t.TempDir()
	lines, arguments := crate.Write(t, dir)
	ws, err := workspace.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{file: &config.File{Root: dir, Network: new(bool)}, host: map[string]cfg.Platform{}}
	u := &unit{run: r, path: ".", dir: dir, workspace: ws, pkg: ws.Members[0], arguments: [][]string{arguments}}
	u.vary()
	v = u.variants[0]
	found, err = v.scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(found.blind) > 0 || len(found.problems) > 0 {
		t.Fatalf("not all is seen: %v %v", found.blind, found.problems)
	}
	return lines, v, found
}

// TestFailurePlaces shows how errors that a database places at `wrong`, or at
// no place, stand in the output.
func TestFailurePlaces(t *testing.T) {
	crate := oracle.Crate{
		Sqlx: "0.9.0",
		Items: `macro_rules! of_table {
    ($columns:literal, $table:literal) => {
        sqlx::query!("SELECT " + $columns + " FROM " + $table + " WHERE wrong > 10")
    };
}
macro_rules! fixed { () => { sqlx::query!("SELECT wrong AS fixed") } }`,
		Calls: []string{
			`sqlx::query!("SELECT wrong FROM plain")`,
			"sqlx::query!(\n        \"SELECT a,\n                wrong\n         FROM lines\",\n    )",
			"sqlx::query!(\n\t\tr#\"\n\t\t\tSELECT\t\"a\",\n\t\t\t\twrong\n\t\t\tFROM raw\n\t\t\"#\n\t)",
			`sqlx::query!("SELECT '日本語', '🦀', 'é', wrong FROM wide")`,
			`sqlx::query!("SELECT \"a\\b\u{e9}\x41\", \"wrong\" FROM escapes")`,
			"sqlx::query!(\"SELECT a, \\\n        wrong \\\n        FROM continued\")",
			"sqlx::query!(\"SELECT a, \"\n        + \"b, \"\n        + r\"wrong FROM joined\")",
			`of_table!("id, wrong", "called")`,
			`of_table!("wrong", "t")`,
			`fixed!()`,
			`sqlx::query_file!("queries/one.sql")`,
			`sqlx::query_file!("queries/crlf.sql")`,
			`sqlx::query_file!("queries/mark.sql")`,
			`sqlx::query!("SELECT nowhere FROM t")`,
			"sqlx::query!(r#\"\n        SELECT nowhere\n    \"#)",
			`sqlx::query!("SELECT ` + strings.Repeat("column, ", 40) + `wrong, ` + strings.Repeat("column, ", 40) + `1 FROM long")`,
			`sqlx::query!("SELECT * FROM (SELECT wrong")`,
			"sqlx::query!(\r\n    r#\"\r\n    SELECT 'é',\r\n        wrong\r\n    FROM crlf\"#\r\n)",
			"sqlx::query!(\r\n    \"\r\n    SELECT 'é', \\\r\n        wrong\r\n    FROM crlf\"\r\n)",
		},
		Files: map[string]string{
			"queries/one.sql":  "-- a comment\nSELECT id,\n\t\twrong\nFROM file\n",
			"queries/crlf.sql": "SELECT id,\r\n  'ü', wrong\r\nFROM file\r\n",
			"queries/mark.sql": "\uFEFFSELECT wrong",
		},
	}
	_, u, found := scanned(t, crate)
	type placed struct {
		at  diag.Place
		out string
	}
	var all []placed
	for _, list := range found.queries {
		text := list[0].SQL
		err := &database.Error{Message: `column "wrong" does not exist`, Code: "42703", Offset: strings.Index(text, "wrong")}
		if err.Offset < 0 {
			err.Message = "no place"
		}
		for _, failure := range u.run.failures(list, text, err) {
			failure.Query = ""
			var out bytes.Buffer
			result := &report.Result{Units: []report.Unit{{Failures: []*diag.Diagnostic{failure}}}}
			if err := report.Text(&out, result, report.Style{}); err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(out.String(), "\n") // the last is the unit's
			all = append(all, placed{list[0].Place, strings.Join(lines[:len(lines)-2], "")})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].at.Start < all[j].at.Start })
	var out strings.Builder
	for _, p := range all {
		out.WriteString(p.out)
	}
	golden(t, filepath.Join("testdata", "places.txt"), out.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
