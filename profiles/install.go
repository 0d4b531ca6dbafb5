package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/rogpeppe/go-internal/diff"
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

// SyntaxError is a file that is not TOML.
type SyntaxError struct {
	File         string
	Line, Column int // from 1
	Message      string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Install puts the profile into the root's cargo configuration:
// `.cargo/config.toml`, or `.cargo/config` where there is that (cargo prefers
// it). manifests are the Cargo.toml files whose profiles count beside it; none
// given means the root's. Where a profile of that name is already there with
// other values, it is the user's and stays.
//
// A file that is not TOML is a *SyntaxError. When it returns an error, nothing
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
	c := Change{Profile: p}
	doc, err := readActive(root)
	if err != nil {
		return c, err
	}
	c.File, c.Before, c.After = doc.file, doc.bytes(), doc.bytes()
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

	users, file, err := fromManifests(root, p.Name, manifests)
	if err != nil {
		return c, err
	}
	if users != nil {
		c.File, c.Before, c.After = file, nil, nil
		c.Found = fromTree(p.Name, users)
		if !equal(users, want) {
			c.Outcome = KeptUsers
		}
		return c, nil
	}

	// The decoder would let a table header extend an inline table; cargo's
	// does not.
	if line := doc.inlineProfile(); line > 0 {
		return c, fmt.Errorf("%s:%d: profile is an inline table, nothing can be appended to it; add profile %s by hand", doc.file, line, p.Name)
	}
	c.Outcome = Installed
	var marks []string
	if !doc.exists {
		marks = append(marks, markFile)
		if _, err := os.Stat(filepath.Dir(doc.file)); errors.Is(err, fs.ErrNotExist) {
			marks = append(marks, markFolder)
			c.NewFolder = true
		}
	}
	after := insert(doc.text, p, marks...)
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
	if ours != nil && ours.has(markFile) && len(bytes.TrimSpace(bytes.TrimPrefix(c.After, []byte(bom)))) == 0 {
		c.After = nil
		c.OldFolder = ours.has(markFolder)
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

func readActive(root string) (document, error) { return read(candidates(root)[0]) }

// fromManifests returns the profile of that name in the first manifest that
// has one, and the manifest.
func fromManifests(root, name string, manifests []string) (map[string]any, string, error) {
	if len(manifests) == 0 {
		manifests = []string{filepath.Join(root, "Cargo.toml")}
	}
	for _, file := range manifests {
		doc, err := read(file)
		if err != nil {
			return nil, "", err
		}
		if found, ok := doc.profile(name); ok {
			return found, file, nil
		}
	}
	return nil, "", nil
}

// A document is a TOML file as text and as what it means.
type document struct {
	file       string
	exists     bool
	text       string
	tree       map[string]any
	statements []statement
	blocks     []block
}

func read(file string) (document, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(file); err == nil {
			return document{}, fmt.Errorf("read %s: a symbolic link to a file that is not there", file)
		}
		return document{file: file}, nil
	}
	if err != nil {
		return document{}, fmt.Errorf("read %s: %w", file, err)
	}
	doc, err := parse(file, string(text))
	doc.exists = true
	return doc, err
}

func parse(file, text string) (document, error) {
	doc := document{file: file, text: text}
	if _, err := toml.Decode(text, &doc.tree); err != nil {
		var at toml.ParseError
		if errors.As(err, &at) {
			return doc, &SyntaxError{File: file, Line: at.Position.Line, Column: at.Position.Col, Message: at.Message}
		}
		return doc, fmt.Errorf("read %s: %w", file, err)
	}
	statements, err := scan(text)
	if err != nil {
		return doc, fmt.Errorf("read %s: %w", file, err)
	}
	doc.statements = statements
	doc.blocks = blocks(text, statements)
	return doc, nil
}

func (d document) bytes() []byte {
	if !d.exists {
		return nil
	}
	return []byte(d.text)
}

// profile returns what the document says of a profile.
func (d document) profile(name string) (map[string]any, bool) {
	all, _ := d.tree["profile"].(map[string]any)
	found, ok := all[name].(map[string]any)
	return found, ok
}

// inlineProfile returns the line of `profile = {…}`, 0 where there is none.
func (d document) inlineProfile() int {
	for _, st := range d.statements {
		if st.kind == keyValue && slices.Equal(st.path, []string{"profile"}) {
			return strings.Count(d.text[:st.start], "\n") + 1
		}
	}
	return 0
}

// ours returns the profile's block that nobody has edited, or nil.
func (d document) ours(name string) *block {
	for _, b := range slices.Backward(d.blocks) {
		if b.name == name && b.intact {
			return &b
		}
	}
	return nil
}

// without returns the document without the profile's own block.
func (d document) without(name string) string {
	ours := d.ours(name)
	if ours == nil {
		return d.text
	}
	others := slices.DeleteFunc(slices.Clone(d.blocks), func(b block) bool { return b.name == name })
	return cut(d.text, *ours, others)
}

// withoutStatements returns the document without anything that speaks of the
// profile, in whatever form; comments stay, but those of our own blocks.
func (d document) withoutStatements(name string) string {
	gone := func(st statement) bool {
		if st.kind != header && st.kind != keyValue {
			return slices.ContainsFunc(d.blocks, func(b block) bool {
				return b.name == name && b.start <= st.start && st.end <= b.end
			})
		}
		if len(st.path) >= 2 {
			return st.path[0] == "profile" && st.path[1] == name
		}
		all, _ := d.tree["profile"].(map[string]any)
		return st.kind == keyValue && st.path[0] == "profile" && len(all) == 1
	}
	var b strings.Builder
	at := 0
	for _, st := range d.statements {
		if gone(st) {
			b.WriteString(d.text[at:st.start])
			at = st.end
		}
	}
	b.WriteString(d.text[at:])
	return b.String()
}

// change sets the change's After, when the text means what the document means
// but for the profile, which must be want (nil: absent).
func (d document) change(c *Change, after, name string, want map[string]any) error {
	changed, err := parse(d.file, after)
	if err != nil {
		return fmt.Errorf("%s: cannot add or remove [%s] here; do it by hand: %w", d.file, dotted([]string{"profile", name}), err)
	}
	found, ok := changed.profile(name)
	if ok != (want != nil) || ok && !equal(found, want) || !equal(others(d.tree, name), others(changed.tree, name)) {
		return fmt.Errorf("%s: cannot add or remove profile %s without changing anything else; do it by hand", d.file, name)
	}
	c.After = []byte(after)
	return nil
}

// others returns the tree without the profile.
func others(tree map[string]any, name string) map[string]any {
	rest := map[string]any{}
	for key, value := range tree {
		rest[key] = value
	}
	all, ok := tree["profile"].(map[string]any)
	if !ok {
		return rest
	}
	left := map[string]any{}
	for key, value := range all {
		if key != name {
			left[key] = value
		}
	}
	delete(rest, "profile")
	if len(left) > 0 {
		rest["profile"] = left
	}
	return rest
}

// bodyTree returns what a block says of its profile.
func bodyTree(b block) map[string]any {
	var tree map[string]map[string]map[string]any
	if _, err := toml.Decode(b.body, &tree); err != nil {
		return nil // the checksum holds: cannot be
	}
	return tree["profile"][b.name]
}

// equal compares decoded values; unlike reflect.DeepEqual, nan equals nan and
// an array of tables equals an array of the same inline tables.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, value := range a {
			other, ok := b[key]
			if !ok || !equal(value, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case []map[string]any:
		b, ok := b.([]map[string]any)
		return ok && slices.EqualFunc(a, b, func(a, b map[string]any) bool { return equal(a, b) })
	case float64:
		b, ok := b.(float64)
		return ok && (a == b || math.IsNaN(a) && math.IsNaN(b))
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b) && a.Location().String() == b.Location().String()
	}
	return a == b
}
