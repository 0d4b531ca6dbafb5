package macros

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
)

var _ = flag.Bool("update", false, "write what sqlx's sources say into the record")

// TestRowsOfSource compares the Rust types and their features with sqlx's own
// list. That they stand for the right types in SQL, the comparison with the
// macros shows (internal/suite, TestChecksOracle).
func TestRowsOfSource(t *testing.T) {
	record := oracle.Recorded(t, "types")
	for _, version := range oracle.Versions {
		for crate, rows := range map[string][]database.RustType{"sqlx-postgres": ofPostgres.Types, "sqlx-sqlite": ofSQLite.Types} {
			t.Run(crate+" "+version, func(t *testing.T) {
				var want []string
				for _, r := range rows {
					want = append(want, r.Feature+" "+r.Rust)
				}
				got := oracle.Ask(t, record, crate+" "+version, "type_checking.rs", func() []string {
					rows := rowsOfSource(t, sourceOf(t, version, crate))
					slices.Sort(rows)
					return rows
				})
				slices.Sort(want)
				if diff := cmp.Diff(slices.Compact(want), slices.Compact(got)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// sourceOf returns the crate's type_checking.rs, as cargo has downloaded it.
func sourceOf(t *testing.T, version, crate string) string {
	t.Helper()
	pattern := filepath.Join(need.CargoHome(t), "registry", "src", "*", crate+"-"+version, "src", "type_checking.rs")
	found, _ := filepath.Glob(pattern)
	if len(found) == 0 {
		oracle.Fetch(t, version)
		if found, _ = filepath.Glob(pattern); len(found) == 0 {
			t.Fatalf("cargo has not downloaded %s", pattern)
		}
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var (
	comment = regexp.MustCompile(`//[^\n]*`)
	cfg     = regexp.MustCompile(`^#\[cfg\((?:all\()?feature = "([^"]+)"[^\]]*\]`)
	spaces  = regexp.MustCompile(`\s+`)
)

// rowsOfSource reads the macro call: a list of types, each with a cfg or
// without, and since 0.9 sections named for the feature.
func rowsOfSource(t *testing.T, source string) (rows []string) {
	t.Helper()
	_, list, ok := strings.Cut(comment.ReplaceAllString(source, ""), "impl_type_checking!(")
	if !ok {
		t.Fatal("the source has no list of types")
	}
	_, list, _ = strings.Cut(list, "{")
	types, groups, _ := strings.Cut(list, "ParamChecking")
	rows = append(rows, typesOf(types, "")...)
	for _, feature := range []string{"chrono", "time", "bigdecimal", "rust_decimal"} {
		_, group, ok := strings.Cut(groups, " "+feature+": {")
		if !ok {
			continue // 0.8 has none
		}
		rows = append(rows, typesOf(group, feature)...)
	}
	return rows
}

// typesOf reads types up to the closing bracket.
func typesOf(list, feature string) (rows []string) {
	for {
		list = strings.TrimSpace(list)
		own := feature
		if m := cfg.FindStringSubmatch(list); m != nil {
			own, list = m[1], strings.TrimSpace(list[len(m[0]):])
		}
		if list == "" || list[0] == '}' {
			return rows
		}
		depth, end := 0, len(list)
		for i, c := range list {
			if strings.ContainsRune("<([", c) {
				depth++
			} else if strings.ContainsRune(">)]", c) {
				depth--
			}
			if depth == 0 && c == ',' || depth == 0 && c == '}' {
				end = i
				break
			}
		}
		rust, _, _ := strings.Cut(list[:end], "|")
		rows = append(rows, own+" "+spaces.ReplaceAllString(strings.TrimSpace(rust), " "))
		list = strings.TrimPrefix(list[end:], ",")
	}
}
