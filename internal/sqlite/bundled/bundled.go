package bundled

import (
	"embed"
	"fmt"
	"strings"
)

// What the SQLite that sqlx bundles has of its own, by version: functions,
// modules of virtual tables, collations, compile-time options. The helper's
// build has more of some and less of others. Made by
//
//	go test ./internal/sqlite/bundled -run TestBundled -update
//
//go:embed bundled
var bundledLists embed.FS

// Bundled is what sqlx's build of a version of SQLite has.
type Bundled struct {
	Functions  []string // "substr 2": name and number of arguments, -1 for any
	Modules    []string
	Collations []string
	Options    []string
}

// BundledOf returns what sqlx's build of a version has. The version must be
// Known.
func BundledOf(version string) (*Bundled, error) {
	data, err := bundledLists.ReadFile("bundled/" + version + ".txt")
	if err != nil {
		return nil, fmt.Errorf("list what SQLite %s has: %w", version, err)
	}
	b := &Bundled{}
	lists := map[string]*[]string{"function": &b.Functions, "module": &b.Modules, "collation": &b.Collations, "option": &b.Options}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		kind, name, _ := strings.Cut(line, " ")
		list := lists[kind]
		if list == nil {
			return nil, fmt.Errorf("list what SQLite %s has: %q is neither function, module, collation nor option", version, line)
		}
		*list = append(*list, name)
	}
	return b, nil
}

// HasFunction tells whether there is a function of that name.
func (b *Bundled) HasFunction(name string) bool {
	for _, f := range b.Functions {
		if known, _, _ := strings.Cut(f, " "); strings.EqualFold(known, name) {
			return true
		}
	}
	return false
}

// HasModule tells whether there is a module of that name.
func (b *Bundled) HasModule(name string) bool {
	for _, known := range b.Modules {
		if strings.EqualFold(known, name) {
			return true
		}
	}
	return false
}
