package sites

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// TestCorpus compares the scan of published crates with the query files that
// their authors recorded: the same set, but for the differences that the table
// of crates explains.
func TestCorpus(t *testing.T) {
	for _, c := range need.Corpus() {
		t.Run(c.Name, func(t *testing.T) {
			dir := need.Published(t, c)
			recorded := need.Recorded(t, dir)
			if len(recorded) != c.Files {
				t.Fatalf("the crate ships %d query files, the table says %d", len(recorded), c.Files)
			}
			found := make(map[string]*Site)
			blind := 0
			for _, args := range c.Args {
				result := scanDir(t, dir, args, Options{})
				for i := range result.Sites {
					found[result.Sites[i].Hash] = &result.Sites[i]
				}
				for _, b := range result.Blind {
					if c.Hidden == 0 {
						t.Errorf("blind: %s", b)
					}
				}
				blind += len(result.Blind)
				for _, p := range result.Problems {
					t.Errorf("problem: %v", p)
				}
			}
			var missed []string
			for _, name := range recorded {
				hash := strings.TrimSuffix(strings.TrimPrefix(name, "query-"), ".json")
				if found[hash] == nil {
					missed = append(missed, name)
				}
				delete(found, hash)
			}
			for _, site := range found {
				t.Errorf("found, but not recorded: %s: %s", site.Place, site.SQL)
			}
			if len(missed) != c.Hidden {
				t.Errorf("recorded, but not found: %d, want %d", len(missed), c.Hidden)
				for _, name := range missed {
					t.Log(recordedText(t, dir, name))
				}
			}
			if c.Hidden > 0 && blind == 0 {
				t.Error("queries are hidden, and the scan does not say so")
			}
		})
	}
}

// recordedText returns the SQL text of a query file.
func recordedText(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, ".sqlx", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Query string }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if got := "query-" + sqlxdata.Hash(file.Query) + ".json"; got != name {
		t.Errorf("%s holds the text of %s", name, got)
	}
	return file.Query
}
