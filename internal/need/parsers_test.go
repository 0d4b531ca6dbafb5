package need

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// parserName is how functions are called that read a text.
var parserName = regexp.MustCompile(`^([Pp]arse|[Ss]can|[Ll]ex|[Dd]ecode|[Uu]npack)([A-Z]\w*)?$`)

// decoders are functions of others that do.
var decoders = []string{
	"archive/tar.NewReader", "encoding/json.NewDecoder", "encoding/json.Unmarshal",
	"github.com/BurntSushi/toml.Decode", "github.com/BurntSushi/toml.Unmarshal",
}

// unfuzzed are packages that read without a fuzz target, and why.
var unfuzzed = map[string]string{
	"internal/sqlite/bundled/helper": "it reads what this program writes",
}

// TestParsers: every parser is reached by a fuzz target of its package, and a
// package that lets others decode has a fuzz target.
func TestParsers(t *testing.T) {
	uses := read(t, func(string) bool { return true })
	fuzzed := map[string]bool{} // functions, and packages
	for name := range uses.functions {
		if strings.HasPrefix(path.Ext(name), ".Fuzz") {
			maps.Copy(fuzzed, uses.reached(name))
			fuzzed[strings.TrimSuffix(name, path.Ext(name))] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(uses.functions)) {
		pkg := strings.TrimSuffix(name, path.Ext(name))
		f := uses.functions[name]
		if f.test || unfuzzed[strings.TrimPrefix(pkg, module+"/")] != "" {
			continue
		}
		if parserName.MatchString(path.Ext(name)[1:]) && !fuzzed[name] {
			t.Errorf("no fuzz target reaches %s", name)
		}
		if slices.ContainsFunc(decoders, func(d string) bool { return f.calls[d] }) && !fuzzed[pkg] {
			t.Errorf("%s decodes, and its package has no fuzz target", name)
		}
	}
}
