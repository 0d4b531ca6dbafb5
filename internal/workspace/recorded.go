package workspace

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"golang.org/x/mod/semver"
)

// recordedText is what the published manifests of sqlx's packages say of their
// libraries, dependencies and features, so that what sqlx is compiled with does
// not depend on whether its sources are on this machine. Each line is a line of
// a Cargo.toml, after the versions that hold it; VERSION is the package's own.
// It is made, from what crates.io has, by
//
//	SQLXMAGE_ORACLE=live go test ./internal/workspace -run TestRecordedManifests -update
//
//go:embed sqlx.txt
var recordedText string

// SqlxVersions returns the versions of sqlx that are known, ascending.
func SqlxVersions() []string {
	for line := range strings.Lines(recordedText) {
		if list, ok := strings.CutPrefix(line, "versions "); ok {
			return strings.Fields(list)
		}
	}
	return nil
}

// recordedManifest returns what is recorded of a package of crates.io: its
// dependencies, its features, and its library without a path; nil for none.
func recordedManifest(name, version, source string) *Package {
	if !strings.HasPrefix(name, "sqlx") || !isCratesIO(source) || !slices.Contains(SqlxVersions(), version) {
		return nil
	}
	var m manifest
	text := recordedLines(name, version)
	if _, err := toml.Decode(text, &m); err != nil || text == "" {
		return nil // a test decodes them all
	}
	p := &Package{Name: name, Version: version}
	b := packageBuilder{m: &m, problem: func(string, ...any) {}}
	b.dependencies(p)
	b.features(p)
	p.Targets = []*Target{{Kind: Lib, Name: name, CrateName: crateName(name), Linkable: true, ProcMacro: m.Lib != nil && m.Lib.ProcMacro != nil}}
	return p
}

func isCratesIO(source string) bool {
	return source == "registry+https://github.com/rust-lang/crates.io-index" || source == "sparse+https://index.crates.io/"
}

// recordedLines returns the lines of a package's manifest, "" for one that is
// not recorded.
func recordedLines(name, version string) string {
	_, section, ok := strings.Cut(recordedText, "\n["+name+"]\n")
	if !ok {
		return ""
	}
	section, _, _ = strings.Cut(section, "\n[")
	var b strings.Builder
	for line := range strings.Lines(section) {
		versions, rest, _ := strings.Cut(line, " ")
		since, until, ranged := strings.Cut(versions, "-")
		if !ranged {
			until = since
		}
		if semver.Compare("v"+since, "v"+version) <= 0 && semver.Compare("v"+version, "v"+until) <= 0 {
			b.WriteString(strings.ReplaceAll(strings.TrimLeft(rest, " "), "VERSION", version))
		}
	}
	return b.String()
}
