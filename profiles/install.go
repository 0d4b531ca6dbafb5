package profiles

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Outcome is what a Change means.
type Outcome uint8

// What an installation or a removal comes to.
const (
	Unchanged Outcome = iota // installation: the profile is there with these values; removal: nothing is there
	Installed                // the block is written
	Updated                  // our block gets other values
	KeptUsers                // a profile of that name with other values: the user's, left alone
	Removed                  // the profile is taken out
)

func (o Outcome) String() string {
	return [...]string{"unchanged", "installed", "updated", "kept the user's", "removed"}[o]
}

// Change is what an installation or a removal does, or has done, to one file.
type Change struct {
	Outcome Outcome
	// Profile is the one asked for; Found the one in the file beforehand,
	// without a name where there was none.
	Profile Profile
	Found   Profile
	// File is the configuration file, or the manifest that holds the
	// user's profile. Where it is a symbolic link it stays one.
	File string
	// Before and After are the file's contents, nil where there is no file.
	Before, After []byte
	// NewFolder is set where the file's folder is created, OldFolder where
	// it goes because the installation had created it and nothing is left.
	NewFolder, OldFolder bool
}

// Writes reports whether the change writes to the tree.
func (c Change) Writes() bool {
	return c.Outcome == Installed || c.Outcome == Updated || c.Outcome == Removed
}

// ConfigArgs returns the arguments that give cargo the profile when the
// change of an installation is planned, but not applied: none where the
// tree's own profile is the one to use.
func (c Change) ConfigArgs() []string {
	if c.Outcome == Installed || c.Outcome == Updated {
		return c.Profile.ConfigArgs()
	}
	return nil
}

// Diff returns the change as a unified diff, empty where nothing changes.
// name is what the file is called in it.
func (c Change) Diff(name string) string {
	if !c.Writes() {
		return ""
	}
	before, after := "a/"+name, "b/"+name
	if c.Before == nil {
		before = "/dev/null"
	}
	if c.After == nil {
		after = "/dev/null"
	}
	return string(diff.Diff(before, c.Before, after, c.After))
}

// Install puts the profile into the root's cargo configuration:
// `.cargo/config.toml`, or `.cargo/config` where there is that (cargo prefers
// it). manifests are the Cargo.toml files whose profiles count beside it; none
// given means the root's. Where a profile of that name is already there with
// other values, it is the user's and stays.
//
// A file that is not TOML is a *diag.Diagnostic. When it returns an error, nothing
// has been written.
func Install(root string, p Profile, manifests ...string) (Change, error) {
	c, err := PlanInstall(root, p, manifests...)
	if err == nil {
		err = c.Apply()
	}
	return c, err
}

// PlanInstall says what Install would do, and writes nothing.
func PlanInstall(root string, p Profile, manifests ...string) (Change, error) {
	doc, err := read(candidates(root)[0])
	if err != nil {
		return Change{}, err
	}
	manifest, err := readManifests(root, p.Name, manifests)
	if err != nil {
		return Change{}, err
	}
	return planInstall(doc, manifest, p)
}

// planInstall plans on two documents: the configuration, and the manifest that
// has a profile of that name, if one does.
func planInstall(doc, manifest document, p Profile) (Change, error) {
	c := Change{Profile: p, File: doc.file, Before: doc.bytes(), After: doc.bytes()}
	want := p.tree()

	if found, ok := doc.profile(p.Name); ok {
		c.Found = fromTree(p.Name, found)
		ours := doc.ours(p.Name)
		switch {
		case equal(found, want):
			return c, nil
		case ours == nil || !equal(found, bodyTree(*ours)):
			c.Outcome = KeptUsers
			return c, nil
		}
		c.Outcome = Updated
		return c, doc.change(&c, update(doc.text, *ours, p), p.Name, want)
	}

	if found, ok := manifest.profile(p.Name); ok {
		c.File, c.Before, c.After = manifest.file, manifest.bytes(), manifest.bytes()
		c.Found = fromTree(p.Name, found)
		if !equal(found, want) {
			c.Outcome = KeptUsers
		}
		return c, nil
	}

	// The decoder would let a table header extend an inline table; cargo's
	// does not.
	if line := doc.inlineProfile(); line > 0 {
		return c, fmt.Errorf("%s:%d: `profile` is no table of its own, to which nothing can be appended; add profile %s by hand", doc.file, line, p.Name)
	}
	c.Outcome = Installed
	c.NewFolder = doc.noFolder
	after := insert(doc.text, p, doc.marks()...)
	if err := doc.change(&c, after, p.Name, want); err != nil {
		return c, err
	}
	if back, err := parse(doc.file, after); err != nil || back.without(p.Name) != doc.text {
		return c, fmt.Errorf("%s: the profile could be added, but not be removed again byte for byte; add it by hand:\n%s", doc.file, p.TOML())
	}
	return c, nil
}

// RemoveOptions steer a removal.
type RemoveOptions struct {
	Force bool // remove a profile with other values, too
}

// Remove takes the profile out of the root's cargo configuration, byte for
// byte to what was there before Install; what was edited elsewhere in the file
// stays. A profile with the same values that was added by hand goes too, one
// with others only with Force. A file or folder that Install created goes when
// nothing else is in it. When it returns an error, nothing has been written.
func Remove(root string, p Profile, o RemoveOptions) (Change, error) {
	c, err := PlanRemove(root, p, o)
	if err == nil {
		err = c.Apply()
	}
	return c, err
}

// PlanRemove says what Remove would do, and writes nothing.
func PlanRemove(root string, p Profile, o RemoveOptions) (Change, error) {
	c := Change{Profile: p}
	for i, file := range candidates(root) {
		doc, err := read(file)
		if err != nil {
			return c, err
		}
		if i > 0 && !doc.exists {
			continue
		}
		if c, err = planRemove(doc, p, o); err != nil || c.Outcome != Unchanged {
			return c, err
		}
	}
	return c, nil
}

func planRemove(doc document, p Profile, o RemoveOptions) (Change, error) {
	c := Change{Profile: p, File: doc.file, Before: doc.bytes(), After: doc.bytes()}
	found, ok := doc.profile(p.Name)
	if !ok {
		return c, nil
	}
	c.Found = fromTree(p.Name, found)
	ours := doc.ours(p.Name)
	after := ""
	switch {
	case ours != nil && equal(found, bodyTree(*ours)):
		after = doc.without(p.Name)
	case o.Force || equal(found, p.tree()):
		after = doc.withoutStatements(p.Name)
	default:
		c.Outcome = KeptUsers
		return c, nil
	}
	c.Outcome = Removed
	if err := doc.change(&c, after, p.Name, nil); err != nil {
		return c, err
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(c.After, []byte(diag.ByteOrderMark)))) == 0 && doc.marked(p.Name, markFile) {
		c.After = nil
		c.OldFolder = doc.marked(p.Name, markFolder)
	}
	return c, nil
}

// candidates are the configuration files of a root, the one that cargo reads
// first: `config` where there is one, whatever lies beside it.
func candidates(root string) []string {
	dir := filepath.Join(root, ".cargo")
	files := []string{filepath.Join(dir, "config.toml"), filepath.Join(dir, "config")}
	if _, err := os.Lstat(files[1]); err == nil {
		slices.Reverse(files)
	}
	return files
}

// readManifests returns the first manifest that has a profile of that name.
func readManifests(root, name string, manifests []string) (document, error) {
	if len(manifests) == 0 {
		manifests = []string{filepath.Join(root, "Cargo.toml")}
	}
	for _, file := range manifests {
		doc, err := read(file)
		if err != nil {
			return document{}, err
		}
		if _, ok := doc.profile(name); ok {
			return doc, nil
		}
	}
	return document{}, nil
}
