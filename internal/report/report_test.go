package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

var update = flag.Bool("update", false, "write the golden files")

const hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func results() map[string]*Result {
	prepared := &Result{Command: "prepare", Version: "1", Status: Failed, Units: []Unit{
		{Path: "crates/db", Status: Done, Engine: "native", Reason: "every query is seen in the sources", Queries: 110,
			Change: sqlxdata.Change{Written: 2, Removed: 1, Unchanged: 107}, Timings: []Timing{{"find the queries", 0.02}, {"describe the queries", 0.2}}},
		{Path: "crates/gen", Status: Done, Engine: "cargo", Profile: "dev", Reason: "src/lib.rs:3: a derive macro may write queries", Queries: 1, Timings: []Timing{{"cargo check", 4.2}}},
		{Path: "crates/remote", Status: Failed, Engine: "native", Failures: []*diag.Diagnostic{{
			Message: "column \"nam\" does not exist (42703)", Hint: "Perhaps you meant to reference the column \"t.name\".",
			Place: diag.Place{File: "crates/remote/src/db.rs", Line: 12, Column: 10}, Excerpt: "\t\t\"SELECT nam FROM t\"", Width: 3,
		}}},
		{Path: "crates/other", Status: Failed, Error: "migrations/1_a.sql:3:1: syntax error"},
	}, Profiles: []Profile{{Name: "sqlx-prepare", File: ".cargo/config.toml", Action: "installed"}}, Notes: []string{"DATABASE_URL is set and not used"}}
	checked := &Result{Command: "prepareCheck", Version: "1", Status: Stale, Units: []Unit{
		{Path: ".", Status: Stale, Engine: "native", Queries: 4, Differences: []sqlxdata.Difference{
			{Kind: sqlxdata.Missing, Hash: hash, Query: "SELECT 1"},
			{Kind: sqlxdata.Stale, Hash: hash, Query: "SELECT a,\n   b FROM " + strings.Repeat("x", 80), Details: []string{"parameter 2 was `Int4`, is `Int8`"}},
			{Kind: sqlxdata.Reformatted, Hash: hash, Query: "SELECT 3"},
		}, Sites: []Site{{Hash: hash, Place: diag.Place{File: "src/lib.rs", Line: 3, Column: 5}}}},
		{Path: "b", Status: Done, Engine: "none", Queries: 1, NotChecked: []string{"whether the descriptions are those of the database"},
			Blind: []Blind{{diag.Place{File: "src/x.rs", Line: 7}, "invocation", "`html!` may pass its tokens on"}}, Notes: []string{"n"}},
		{Path: "c", Status: Unproven, Error: "no cargo"},
	}}
	return map[string]*Result{"prepare": prepared, "check": checked, "empty": {Command: "revert", Status: Done, Notes: []string{"nothing to revert"}},
		"broken": {Command: "prepare", Status: Failed, Error: "sqlxmage.toml:1: unknown key"}}
}

func TestText(t *testing.T) {
	for name, result := range results() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Text(&out, result, Style{}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTextColor(t *testing.T) {
	var out bytes.Buffer
	if err := Text(&out, results()["prepare"], Style{Color: true, Verbose: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x1b[31;1merror:\x1b[0m", "find the queries"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %q", out.String(), want)
		}
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, results()["check"]); err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(results()["check"], &back); diff != "" {
		t.Error(diff)
	}
}

// TestJSONDocumented finds every key of the JSON form in its document.
func TestJSONDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []any{Result{}, Unit{}, Site{}, Blind{}, diag.Place{}, diag.Diagnostic{}, Profile{}, Timing{}, sqlxdata.Change{}, sqlxdata.Difference{}} {
		kind := reflect.TypeOf(value)
		for i := range kind.NumField() {
			key, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if key != "" && key != "-" && !bytes.Contains(doc, []byte("`"+key+"`")) {
				t.Errorf("docs/json.md lacks `%s` of %s", key, kind.Name())
			}
		}
	}
}
