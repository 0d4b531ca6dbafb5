package profiles

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// kinds says which values each field of a profile takes: the names are those
// of the Cargo book, "Profiles". What a string may be is left to cargo.
var kinds = map[string][]string{
	"codegen-units":    {"integer"},
	"debug":            {"integer", "boolean", "string"},
	"debug-assertions": {"boolean"},
	"incremental":      {"boolean"},
	"inherits":         {"string"},
	"lto":              {"boolean", "string"},
	"opt-level":        {"integer", "string"},
	"overflow-checks":  {"boolean"},
	"panic":            {"string"},
	"rpath":            {"boolean"},
	"split-debuginfo":  {"string"},
	"strip":            {"boolean", "string"},
}

// check returns the value as the TOML decoder has it, or what is wrong with
// the field.
func check(f Field) (any, error) {
	path := f.Path
	switch {
	case path[0] == "build-override" && len(path) == 2:
		path = path[1:]
	case path[0] == "package" && len(path) == 3:
		path = path[2:]
	case path[0] == "package" && len(path) == 4 && path[2] == "build-override":
		path = path[3:]
	}
	want, known := kinds[path[0]]
	if !known || len(path) != 1 {
		return nil, fmt.Errorf("no such field; there is %s", strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}
	value, kind := f.Value, ""
	switch v := value.(type) {
	case int:
		value, kind = int64(v), "integer"
	case int64:
		kind = "integer"
	case bool:
		kind = "boolean"
	case string:
		kind = "string"
		if strings.ContainsFunc(v, unicode.IsControl) {
			return nil, errors.New("a control character in the value")
		}
	}
	if !slices.Contains(want, kind) {
		return nil, fmt.Errorf("%v: want %s", f.Value, strings.Join(want, " or "))
	}
	number, _ := value.(int64)
	switch {
	case path[0] == "codegen-units" && number < 1:
		return nil, fmt.Errorf("%d: want 1 or more", number)
	case path[0] == "opt-level" && kind == "integer" && (number < 0 || number > 3):
		return nil, fmt.Errorf("%d: want 0 to 3", number)
	}
	return value, nil
}
