package cargo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Cargo keeps, for each unit that it compiles, a folder
//
//	<build directory>[/<target triple>]/<profile>/.fingerprint/<package>-<hash>
//
// with a file that bears the unit's name (lib-notes, test-lib-notes,
// bin-notes) and holds the hash of all inputs, the same in words in
// <name>.json, and dep-<name>, whose mtime is compared with those of the
// sources. The hash in the folder's name is that in the names of the unit's
// output: deps/libnotes-<hash>.rmeta. (cargo 1.95, core/compiler/fingerprint
// and build_runner/compilation_files.rs.)
//
// The layout of -Zbuild-dir-new-layout has these files in
// <profile>/build/<package>/<hash>/fingerprint, and the output in …/out.

var (
	outputHash = regexp.MustCompile(`-([0-9a-f]{16})(\.[a-z]+)?$`)
	unitHash   = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// fingerprint returns the folder of the unit's fingerprint, or an error where
// cargo lays its files out in a way that is not known here.
func (a artifact) fingerprint() (string, error) {
	for _, name := range a.Filenames {
		dir := filepath.Dir(name) // deps, or build/<package>-<hash> of a build script
		if own := filepath.Dir(dir); unitHash.MatchString(filepath.Base(own)) {
			return filepath.Join(own, "fingerprint"), nil
		}
		if a.isBuildScript() {
			name, dir = dir, filepath.Dir(dir)
		}
		if hash := outputHash.FindStringSubmatch(name); hash != nil {
			unit := packageName(a.PackageID) + "-" + hash[1]
			return filepath.Join(filepath.Dir(dir), ".fingerprint", unit), nil
		}
	}
	return "", fmt.Errorf("no fingerprint is known for %v", a.Filenames)
}

// expire makes cargo compile the units again, and remembers what they were.
func (o outputs) expire(units []unit) error {
	if err := o.add(units); err != nil {
		return err
	}
	for _, u := range units {
		if err := expire(u.Fingerprint); err != nil {
			return err
		}
	}
	return nil
}

// expire removes the hash from the fingerprint in dir, so that cargo compiles
// the unit again. The folder and all else in it stays: a cargo that is just
// compiling the unit can still write there.
func expire(dir string) error {
	entries, err := readDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		unit, isJSON := strings.CutSuffix(entry.Name(), ".json")
		if !isJSON {
			continue
		}
		if err := os.Remove(filepath.Join(dir, unit)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove cargo's fingerprint: %w", err)
		}
	}
	return nil
}

// AgeDepInfo makes cargo compile the packages once more when it is next asked
// to, in every profile: with changed query files they may no longer compile
// offline, but cargo does not know that they are read. It sets the mtimes of
// cargo's own dep-info files to 1970; no source's mtime changes.
func AgeDepInfo(buildDir string, packages []Package) error {
	profiles, err := profileDirs(buildDir)
	if err != nil {
		return err
	}
	for _, profile := range profiles {
		fingerprints, err := packageFingerprints(profile, packages)
		if err != nil {
			return err
		}
		for _, dir := range fingerprints {
			if err := ageDepInfo(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// profileDirs returns the folders that cargo may compile into: those of the
// profiles, and those of the profiles for other targets, one level deeper.
func profileDirs(buildDir string) ([]string, error) {
	var dirs []string
	outer, err := subdirs(buildDir)
	if err != nil {
		return nil, err
	}
	for _, dir := range outer {
		inner, err := subdirs(dir)
		if err != nil {
			return nil, err
		}
		dirs = append(append(dirs, dir), inner...)
	}
	return dirs, nil
}

func subdirs(dir string) ([]string, error) {
	entries, err := readDir(dir)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, entry := range entries {
		if entry.IsDir() {
			dirs = append(dirs, filepath.Join(dir, entry.Name()))
		}
	}
	return dirs, nil
}

func ageDepInfo(fingerprint string) error {
	files, err := readDir(fingerprint)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !strings.HasPrefix(file.Name(), "dep-") {
			continue
		}
		path, old := filepath.Join(fingerprint, file.Name()), time.Unix(0, 0)
		if err := os.Chtimes(path, old, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("age cargo's dep-info: %w", err)
		}
	}
	return nil
}

// packageFingerprints returns the fingerprint folders of the packages in a
// profile's folder.
func packageFingerprints(profile string, packages []Package) ([]string, error) {
	all := filepath.Join(profile, ".fingerprint")
	entries, err := readDir(all)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, p := range packages {
		for _, entry := range entries {
			hash, ok := strings.CutPrefix(entry.Name(), p.Name+"-")
			if ok && unitHash.MatchString(hash) {
				dirs = append(dirs, filepath.Join(all, entry.Name()))
			}
		}
		own := filepath.Join(profile, "build", p.Name)
		units, err := readDir(own)
		if err != nil {
			return nil, err
		}
		for _, entry := range units {
			if unitHash.MatchString(entry.Name()) {
				dirs = append(dirs, filepath.Join(own, entry.Name(), "fingerprint"))
			}
		}
	}
	return dirs, nil
}

// readDir reads a folder of cargo's; one that is not there is empty.
func readDir(dir string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read cargo's build directory: %w", err)
	}
	return entries, nil
}

// DefaultProfile returns the profile for a unit that names none, and why: dev
// where cargo's debug directory already holds each of the packages, since
// their dependencies are compiled there and dev is incremental; else
// sqlx-prepare. args are the unit's cargo arguments.
func DefaultProfile(buildDir string, args []string, packages []Package) (profile, reason string, err error) {
	if name := profileOf(args); name != "" {
		return name, "the cargo arguments name it", nil
	}
	triple := option(args, "--target")
	if triple == "" {
		triple = os.Getenv("CARGO_BUILD_TARGET")
	}
	debug := filepath.Join(buildDir, triple, "debug")
	var held []string
	for _, p := range packages {
		dirs, err := packageFingerprints(debug, []Package{p})
		if err != nil {
			return "", "", err
		}
		if len(dirs) == 0 {
			return "sqlx-prepare", "cargo's debug directory does not hold " + p.Name, nil
		}
		held = append(held, p.Name)
	}
	return "dev", "cargo's debug directory already holds " + strings.Join(held, ", "), nil
}

// profileOf returns the profile that cargo's arguments name, if they do.
func profileOf(args []string) string {
	if slices.Contains(args, "--release") || slices.Contains(args, "-r") {
		return "release"
	}
	return option(args, "--profile")
}

// option returns the value of an option of cargo, "" where it is absent.
func option(args []string, name string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value
		}
		if arg == name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}
