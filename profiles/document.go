package profiles

import (
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
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// A document is a TOML file as text and as what it means.
type document struct {
	file       string
	exists     bool
	noFolder   bool // nor is there a folder for it
	text       string
	tree       map[string]any
	statements []tomltext.Statement
	blocks     []block
}

func read(file string) (document, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(file); err == nil {
			return document{}, fmt.Errorf("read %s: a symbolic link to a file that is not there", file)
		}
		_, err := os.Stat(filepath.Dir(file))
		return document{file: file, noFolder: errors.Is(err, fs.ErrNotExist)}, nil
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
		return doc, tomltext.Problem(diag.Profile, file, text, err)
	}
	statements, err := tomltext.Scan(text)
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

// marks returns what a block has to say of a file that was not there.
func (d document) marks() []string {
	var marks []string
	if !d.exists {
		marks = append(marks, markFile)
	}
	if d.noFolder {
		marks = append(marks, markFolder)
	}
	return marks
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
		if st.Kind == tomltext.KeyValue && slices.Equal(st.Path, []string{"profile"}) {
			return strings.Count(d.text[:st.Start], "\n") + 1
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

// marked tells whether a block of the profile, edited or not, has the mark.
func (d document) marked(name, mark string) bool {
	return slices.ContainsFunc(d.blocks, func(b block) bool { return b.name == name && b.has(mark) })
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
	gone := func(st tomltext.Statement) bool {
		if st.Kind != tomltext.Header && st.Kind != tomltext.KeyValue {
			return slices.ContainsFunc(d.blocks, func(b block) bool {
				return b.name == name && b.start <= st.Start && st.End <= b.end
			})
		}
		if len(st.Path) >= 2 {
			return st.Path[0] == "profile" && st.Path[1] == name
		}
		all, _ := d.tree["profile"].(map[string]any)
		return st.Kind == tomltext.KeyValue && st.Path[0] == "profile" && len(all) == 1
	}
	var b strings.Builder
	at := 0
	for _, st := range d.statements {
		if gone(st) {
			b.WriteString(d.text[at:st.Start])
			at = st.End
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
		return fmt.Errorf("%s: cannot add or remove [%s] here; do it by hand: %w", d.file, tomltext.Key("profile", name), err)
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
