package workspace

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// isPattern reports whether a name is a glob pattern, as cargo decides.
func isPattern(s string) bool { return strings.ContainsAny(s, "*?[]") }

// matches reports whether a pattern of one path component matches a name: `*`,
// `?`, `[a-z]`, `[!a-z]`. A malformed pattern matches nothing.
func matches(pattern, name string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "[!", "[^"), name)
	return ok && err == nil
}

// globDirs returns the directories below root that a pattern matches, ordered;
// `**` stands for any number of components. nil: nothing of that name exists.
func globDirs(root, pattern string) []string {
	pattern = filepath.ToSlash(pattern)
	if path.IsAbs(pattern) || filepath.VolumeName(pattern) != "" {
		return nil
	}
	found := []string{root}
	for _, component := range strings.Split(path.Clean(pattern), "/") {
		var next []string
		for _, dir := range found {
			switch {
			case component == "**":
				next = append(next, dirsBelow(dir)...)
			case isPattern(component):
				for _, name := range subdirs(dir) {
					if matches(component, name) {
						next = append(next, filepath.Join(dir, name))
					}
				}
			default:
				dir = filepath.Join(dir, component)
				if info, err := os.Stat(dir); err == nil && info.IsDir() {
					next = append(next, dir)
				}
			}
		}
		found = next
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// dirsBelow returns dir and all directories in it, not through symbolic links.
func dirsBelow(dir string) []string {
	dirs := []string{dir}
	for i := 0; i < len(dirs); i++ {
		entries, _ := os.ReadDir(dirs[i])
		for _, e := range entries {
			if e.IsDir() {
				dirs = append(dirs, filepath.Join(dirs[i], e.Name()))
			}
		}
	}
	return dirs
}

// subdirs returns the names of the directories in dir, symbolic links to
// directories among them.
func subdirs(dir string) []string {
	var names []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.Type()&os.ModeSymlink != 0 {
			if info, err := os.Stat(filepath.Join(dir, e.Name())); err != nil || !info.IsDir() {
				continue
			}
		} else if !e.IsDir() {
			continue
		}
		names = append(names, e.Name())
	}
	return names
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
