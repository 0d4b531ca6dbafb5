package crates

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// location is where cargo's configuration says that a source's packages are.
type location struct {
	kind  locationKind
	at    string // a folder, the URL of an index with its last slash, or that of a repository
	name  string // the registry's in the configuration; "" when it has none there
	users bool   // whether it is the user's own configuration, or cargo's default, that says so
	git   gitRevision
}

type locationKind uint8

const (
	sparseIndex   locationKind = iota // over HTTP
	gitIndex                          // a git repository
	localRegistry                     // a folder of archives
	directory                         // a folder of folders, as of `cargo vendor`
	gitRepository
)

const (
	// cratesIO is how lock files name crates.io, whatever its protocol.
	cratesIO = "registry+https://github.com/rust-lang/crates.io-index"
	// cratesIOIndex is where cargo looks for it when it is not told otherwise
	// (cargo, sources/registry/mod.rs, CRATES_IO_HTTP_INDEX).
	cratesIOIndex = "sparse+https://index.crates.io/"
	cratesIOName  = "crates-io"
)

// locate follows cargo's configuration from the source of a locked package to
// where it is, over all replacements (cargo, sources/config.rs,
// SourceConfigMap::load).
func (s *Sources) locate(source string) (location, error) {
	loc, err := s.declared(source)
	if err != nil {
		return location{}, err
	}
	name := s.sourceName(source, loc)
	seen := map[string]bool{}
	for name != "" {
		next := s.config.Setting("source", name, "replace-with").Text()
		switch {
		case next == "":
			return loc, nil
		case seen[next]:
			return location{}, fmt.Errorf("[source] %s: replace-with leads in a circle", name)
		}
		seen[next] = true
		revision := loc.git
		if loc, err = s.replacement(next); err != nil {
			return location{}, err
		}
		if loc.kind == gitRepository {
			loc.git = revision
		}
		name = next
	}
	return loc, nil
}

// declared is where a source is when nothing replaces it.
func (s *Sources) declared(source string) (location, error) {
	if source == cratesIO {
		return location{kind: sparseIndex, at: strings.TrimPrefix(cratesIOIndex, "sparse+"), name: cratesIOName, users: true}, nil
	}
	kind, at, _ := strings.Cut(source, "+")
	switch kind {
	case "git":
		git, err := parseGit(at)
		return location{kind: gitRepository, at: git.url, git: git}, err
	case "registry", "sparse":
		index := at
		if kind == "sparse" {
			index = source
		}
		return s.registryAt(index)
	}
	return location{}, fmt.Errorf("%q is a kind of source that is not known", source)
}

// registryAt returns the registry of an index, with the name that the
// configuration gives it: the user's own before the repository's.
func (s *Sources) registryAt(index string) (location, error) {
	loc, err := indexLocation(index)
	if err != nil {
		return location{}, err
	}
	for _, table := range []struct{ name, key string }{{"registries", "index"}, {"source", "registry"}} {
		for _, name := range s.named(table.name, table.key) {
			set := s.config.Setting(table.name, name, table.key)
			if sameIndex(set.Text(), index) && (loc.name == "" || set.User && !loc.users) {
				loc.name, loc.users = name, set.User
			}
		}
	}
	return loc, nil
}

// named returns the names that have a table in the configuration. Of those that
// only the environment sets, nothing tells `-` from `_`, and nothing needs to.
func (s *Sources) named(table, key string) []string {
	names := s.config.Keys(table)
	for _, variable := range os.Environ() {
		variable, _, _ = strings.Cut(variable, "=")
		name, ok := strings.CutPrefix(variable, "CARGO_"+strings.ToUpper(table)+"_")
		name, ok2 := strings.CutSuffix(name, "_"+strings.ToUpper(key))
		if ok && ok2 {
			names = append(names, strings.ToLower(name))
		}
	}
	return names
}

// sourceName returns the name under which [source] may replace a source.
func (s *Sources) sourceName(source string, loc location) string {
	if loc.kind != gitRepository {
		return loc.name
	}
	for _, name := range s.config.Keys("source") {
		if s.config.Setting("source", name, "git").Text() != loc.at {
			continue
		}
		same := true
		for _, key := range []string{"branch", "tag", "rev"} {
			same = same && s.config.Setting("source", name, key).Text() == loc.git.reference[key]
		}
		if same {
			return name
		}
	}
	return ""
}

// replacement returns what [source.NAME] or [registries.NAME] says.
func (s *Sources) replacement(name string) (location, error) {
	for _, key := range []string{"directory", "local-registry"} {
		if set := s.config.Setting("source", name, key); set.Text() != "" {
			kind := directory
			if key == "local-registry" {
				kind = localRegistry
			}
			return location{kind: kind, at: set.Path(), name: name, users: set.User}, nil
		}
	}
	for _, table := range []struct{ name, key string }{{"source", "registry"}, {"registries", "index"}} {
		if set := s.config.Setting(table.name, name, table.key); set.Text() != "" {
			loc, err := indexLocation(set.Text())
			loc.name, loc.users = name, set.User
			return loc, err
		}
	}
	if set := s.config.Setting("source", name, "git"); set.Text() != "" {
		return location{kind: gitRepository, at: set.Text(), name: name, users: set.User}, nil
	}
	if name == cratesIOName {
		return s.declared(cratesIO)
	}
	return location{}, fmt.Errorf("[source] %s is named by a replace-with and says nowhere where it is", name)
}

// indexLocation reads the URL of an index as cargo's configuration writes it.
func indexLocation(index string) (location, error) {
	at, sparse := strings.CutPrefix(index, "sparse+")
	u, err := url.Parse(at)
	if err != nil || u.Scheme == "" {
		return location{}, fmt.Errorf("%q is no URL of an index", index)
	}
	if !sparse {
		return location{kind: gitIndex, at: at}, nil
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return location{}, fmt.Errorf("%q: a sparse index is had over http or https", index)
	}
	return location{kind: sparseIndex, at: strings.TrimSuffix(at, "/") + "/"}, nil
}

func sameIndex(a, b string) bool {
	clean := func(index string) string {
		return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(index, "registry+"), "/"), ".git")
	}
	return a != "" && clean(a) == clean(b)
}

// host is the host of the location's URL, as it begins the names of folders in
// cargo's home (cargo, sources/registry/mod.rs, short_name).
func (l location) host() string {
	u, err := url.Parse(l.at)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
