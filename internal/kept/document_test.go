package kept

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocument holds the kinds of the documentation's table against those that
// the program has.
func TestDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/kept.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, used []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|").FindAllStringSubmatch(string(document), -1) {
		documented = append(documented, row[1])
	}
	kind := regexp.MustCompile(`kept\.(?:Conclusion|Pinned)\("([a-z]+)"|const \w+Kind = "([a-z]+)"`)
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(source), `internal/kept"`) {
			return err
		}
		for _, found := range kind.FindAllStringSubmatch(string(source), -1) {
			used = append(used, found[1]+found[2])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(documented)
	slices.Sort(used)
	if diff := cmp.Diff(slices.Compact(used), documented); diff != "" {
		t.Errorf("used (-) and documented (+):\n%s", diff)
	}
	if Limit != 1<<30 || !strings.Contains(string(document), "at most 1 GB") {
		t.Error("the documented size is not that of the program")
	}
}
