package oracle_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

var _ = flag.Bool("update", false, "write the record")

func TestExpand(t *testing.T) {
	for _, version := range oracle.Versions {
		t.Run(version, func(t *testing.T) {
			crate := oracle.Crate{
				Sqlx:        version,
				DatabaseURL: "sqlite:" + filepath.ToSlash(filepath.Join(t.TempDir(), "empty.db")) + "?mode=rwc",
				Items:       "struct Row { n: i64 }",
				Calls: []string{
					`sqlx::query!("SELECT 1 AS n")`,
					"sqlx::query!(\n\"SELECT no\n\"\n)",
					`sqlx::query_as!(Row, "SELECT ?1 AS 'n!: i64'", 1i64)`,
					`sqlx::query!("SELECT 2 AS n", 1i64)`,
					`sqlx::query_file!("queries/three.sql")`,
					`sqlx::query_as!(Row, "SELECT 'text' AS n")`,
				},
				Files: map[string]string{"queries/three.sql": "SELECT 3 AS n"},
			}
			got := oracle.Recorded(t, "expand-"+version).Expand(t, "calls of all kinds", crate)
			for call, want := range map[int]string{1: "no such column: no", 3: "expected 0 parameters, got 1"} {
				if !strings.Contains(got.Refused[call], want) {
					t.Errorf("call %d is refused with %q, not with %q", call, got.Refused[call], want)
				}
			}
			if len(got.Refused) != 2 {
				t.Errorf("refused: %v", got.Refused)
			}
			for _, query := range []string{"SELECT 1 AS n", "SELECT ?1 AS 'n!: i64'", "SELECT 3 AS n", "SELECT 'text' AS n"} {
				file, err := sqlxdata.Decode(got.Files[sqlxdata.Hash(query)])
				if err != nil {
					t.Errorf("%s: %v", query, err)
				} else if file.Query != query {
					t.Errorf("%s has the file of %s", query, file.Query)
				}
			}
			if len(got.Files) != 4 {
				t.Errorf("%d files were written, not 4", len(got.Files))
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	for _, version := range oracle.Versions {
		t.Run(version, func(t *testing.T) {
			got, refused := oracle.NewDescriber(t, version).Recorded(oracle.Recorded(t, "describe-"+version), "a table",
				[]string{"CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT)", "CREATE TABLE a (id)"},
				[]string{"SELECT id, b FROM a WHERE b = ?", "SELECT c FROM a"})
			if refused[0] != "" || !strings.Contains(refused[1], "already exists") {
				t.Errorf("refused: %q", refused)
			}
			for _, want := range []string{`"name":"id"`, `"type_info":"Text"`, `"parameters":{"Right":1}`, `"nullable":[false,true]`} {
				if !strings.Contains(string(got[0].Describe), want) {
					t.Errorf("%s is not in %s", want, got[0].Describe)
				}
			}
			if got[1].Describe != nil || !strings.Contains(got[1].Error, "no such column: c") {
				t.Errorf("a bad query: %+v", got[1])
			}
		})
	}
}

// sqlx 0.9.0 reads the declared type of a column that has none.
func TestDescribeCrash(t *testing.T) {
	got, refused := oracle.NewDescriber(t, "0.9.0").Recorded(oracle.Recorded(t, "describe-crash"), "a column without a type", []string{"CREATE TABLE a (b)"}, []string{"SELECT 1", "SELECT b FROM a", "SELECT 2"})
	if len(refused) != 1 || refused[0] != "" {
		t.Errorf("refused: %q", refused)
	}
	if got[0].Describe == nil || !got[1].Crashed || got[2].Describe == nil {
		t.Errorf("%+v", got)
	}
}
