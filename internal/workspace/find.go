package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Unit is a folder that holds a `.sqlx`, or that could.
type Unit struct {
	Dir       string // absolute: a package's, or a workspace's root
	HasData   bool   // there is a `.sqlx`
	Workspace *Workspace
	Package   *Package // nil when Dir is the root of a virtual workspace
}

// Units finds the units below root, ordered by folder: each package or
// workspace root with a `.sqlx`, and each package without that depends
// directly on sqlx with macros and has no `.sqlx` at its workspace's root.
// Folders of cargo (`target`), hidden ones, and node_modules are left out;
// symbolic links are not followed. What is wrong with a workspace is in its
// own Problems; the problems here are those of folders that are no unit
// because of them.
func Units(root string) ([]Unit, []*diag.Diagnostic, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, nil, err
	}
	manifests, data, err := findManifests(root)
	if err != nil {
		return nil, nil, err
	}
	f := finder{byDir: map[string]*Workspace{}}
	var units []Unit
	for _, dir := range manifests {
		ws := f.workspace(dir)
		if ws == nil {
			continue
		}
		u := Unit{Dir: dir, HasData: data[dir], Workspace: ws}
		for _, p := range ws.Members {
			if p.Dir == dir {
				u.Package = p
			}
		}
		switch {
		case u.HasData && (u.Package != nil || dir == ws.Root):
		case u.Package != nil && ws.AsksForMacros(u.Package) && !data[ws.Root]:
		default:
			continue
		}
		units = append(units, u)
	}
	return units, f.problems, nil
}

type finder struct {
	byDir    map[string]*Workspace // of each member and root
	problems []*diag.Diagnostic
}

// workspace returns the workspace of a folder with a manifest, nil when there
// is none to be had.
func (f *finder) workspace(dir string) *Workspace {
	if ws, ok := f.byDir[dir]; ok {
		return ws
	}
	ws, err := Load(dir)
	if err != nil {
		p := problemIn(filepath.Join(dir, "Cargo.toml"), err.Error())
		errors.As(err, &p)
		if !slices.Contains(f.problems, p) {
			f.problems = append(f.problems, p)
		}
		f.byDir[dir] = nil
		return nil
	}
	if known := f.byDir[ws.Root]; known != nil {
		ws = known
	}
	f.byDir[dir], f.byDir[ws.Root] = ws, ws
	for _, p := range ws.Members {
		f.byDir[p.Dir] = ws
	}
	return ws
}

// findManifests returns the folders with a Cargo.toml, ordered, and those with
// a `.sqlx`.
func findManifests(root string) (manifests []string, data map[string]bool, err error) {
	data = map[string]bool{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == root {
				return fmt.Errorf("find units: %w", err)
			}
			return nil // an unreadable folder holds nothing for us
		}
		name := d.Name()
		switch {
		case name == "Cargo.toml":
			manifests = append(manifests, filepath.Dir(path))
		case name == ".sqlx" && path != root && isDir(path, d):
			data[filepath.Dir(path)] = true
			return skip(d)
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || isTargetDir(path)):
			return fs.SkipDir
		}
		return nil
	})
	slices.Sort(manifests)
	return manifests, data, err
}

// isDir also accepts a symbolic link to a folder.
func isDir(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// isTargetDir recognises a folder of cargo's output, whatever its name.
func isTargetDir(path string) bool {
	if isFile(filepath.Join(path, "CACHEDIR.TAG")) {
		return true
	}
	return filepath.Base(path) == "target" && isFile(filepath.Join(filepath.Dir(path), "Cargo.toml"))
}

// AsksForMacros reports whether a member depends on sqlx, in a way that may
// enable its query macros: directly, or by its name on a crate that hands it on.
// Another package of the workspace may enable them too: the plan knows.
// For no package it is false.
func (w *Workspace) AsksForMacros(p *Package) bool {
	if p == nil {
		return false
	}
	for _, d := range p.Dependencies {
		if d.Package != "sqlx" {
			if d.Name == "sqlx" && w.packages().byDir[p.Dir].target(d).sqlxBelow() != nil {
				return true
			}
			continue
		}
		if d.DefaultFeatures || slices.Contains(d.Features, "macros") || slices.Contains(d.Features, "default") {
			return true
		}
		for _, values := range p.Features {
			if slices.Contains(values, d.Name+"/macros") || slices.Contains(values, d.Name+"?/macros") {
				return true
			}
		}
	}
	return false
}
