// Package profiles holds the cargo profiles that sqlxmage brings along, and
// installs them in a project's `.cargo/config.toml`, byte for byte reversible.
//
// A profile is for an own lock and an own directory below cargo's target
// directory; each profile's file says what it is for and what it costs.
package profiles

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

//go:embed *.toml
var files embed.FS

// Profile is one cargo profile: `[profile.<Name>]` and its fields.
type Profile struct {
	Name string
	// About is one line: what the profile is for.
	About string
	// Text is all that the profile's file says about it: what it is for,
	// what it buys, what it costs. Lines without a comment sign.
	Text   string
	Fields []Field
}

// Field is one setting of a profile.
type Field struct {
	Path  []string // {"codegen-units"}, {"build-override", "opt-level"}
	Value any      // string, int64 or bool; of a user's own profile any TOML value
}

// Key is the field's key as TOML has it, with dots between its parts.
func (f Field) Key() string { return tomltext.Key(f.Path...) }

// UnknownError says that sqlxmage brings no profile of that name.
type UnknownError struct {
	Name string
	Have []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no profile named %q; there is %s", e.Name, strings.Join(e.Have, ", "))
}

// Names lists the embedded profiles, sorted.
func Names() []string {
	paths, _ := fs.Glob(files, "*.toml") // the pattern is valid: no error
	names := make([]string, 0, len(paths))
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(path, ".toml"))
	}
	return names
}

// Load returns an embedded profile, or an *UnknownError.
func Load(name string) (Profile, error) {
	text, err := files.ReadFile(name + ".toml")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return Profile{}, &UnknownError{Name: name, Have: Names()}
	}
	if err != nil {
		return Profile{}, fmt.Errorf("profile %s: %w", name, err)
	}
	var tree struct {
		Profile map[string]map[string]any
	}
	meta, err := toml.Decode(string(text), &tree)
	if err != nil {
		return Profile{}, fmt.Errorf("profile %s: %w", name, err)
	}
	p := fromTree(name, tree.Profile[name])
	p.Fields = inOrder(p.Fields, meta.Keys())
	p.Text = comment(string(text))
	p.About, _, _ = strings.Cut(p.Text, "\n")
	return p, nil
}

// With returns the profile with single fields changed or added. Its keys are
// as below `[profile.sqlx-prepare]`: a nested table is a map. An unknown
// field or a value that cargo does not take is an error that names it.
func (p Profile) With(overrides map[string]any) (Profile, error) {
	p.Fields = slices.Clone(p.Fields)
	for _, f := range flatten(nil, overrides) {
		var err error
		if f.Value, err = check(f); err != nil {
			return Profile{}, fmt.Errorf("profile %s: %s: %w", p.Name, f.Key(), err)
		}
		at := slices.IndexFunc(p.Fields, func(have Field) bool { return slices.Equal(have.Path, f.Path) })
		if at < 0 {
			p.Fields = append(p.Fields, f)
			continue
		}
		p.Fields[at] = f
	}
	return p, nil
}

// ConfigArgs returns cargo's arguments that define the profile for one run,
// `--config profile.sqlx-prepare.inherits="dev"` and so on: for a check that
// must not write to the tree. They win over every file.
func (p Profile) ConfigArgs() []string {
	var args []string
	for _, f := range p.Fields {
		path := append([]string{"profile", p.Name}, f.Path...)
		args = append(args, "--config", tomltext.Key(path...)+"="+encode(f.Value))
	}
	return args
}

// TOML returns the profile's table, with a line feed after each line.
func (p Profile) TOML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s]\n", tomltext.Key("profile", p.Name))
	for _, f := range p.Fields {
		fmt.Fprintf(&b, "%s = %s\n", f.Key(), encode(f.Value))
	}
	return b.String()
}

// tree returns the profile's fields as the TOML decoder would.
func (p Profile) tree() map[string]any {
	tree := map[string]any{}
	for _, f := range p.Fields {
		at := tree
		for _, part := range f.Path[:len(f.Path)-1] {
			next, ok := at[part].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
		at[f.Path[len(f.Path)-1]] = f.Value
	}
	return tree
}

// fromTree is tree's inverse; its fields are sorted, inherits first.
func fromTree(name string, tree map[string]any) Profile {
	return Profile{Name: name, Fields: flatten(nil, tree)}
}

func flatten(above []string, tree map[string]any) []Field {
	var fields []Field
	keys := slices.SortedFunc(maps.Keys(tree), func(a, b string) int {
		if (a == "inherits") != (b == "inherits") {
			if a == "inherits" {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, key := range keys {
		path := append(slices.Clone(above), key)
		if below, ok := tree[key].(map[string]any); ok {
			fields = append(fields, flatten(path, below)...)
			continue
		}
		fields = append(fields, Field{Path: path, Value: tree[key]})
	}
	return fields
}

// inOrder sorts the fields as the file has them: keys are the decoder's, in
// the file's order, each beginning with "profile" and the name.
func inOrder(fields []Field, keys []toml.Key) []Field {
	at := func(f Field) int {
		return slices.IndexFunc(keys, func(k toml.Key) bool { return len(k) > 2 && slices.Equal(k[2:], f.Path) })
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return at(a) - at(b) })
	return fields
}

// comment returns the comment that a profile's file begins with.
func comment(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "#")
		if !ok {
			break
		}
		lines = append(lines, strings.TrimSpace(rest))
	}
	return strings.Join(lines, "\n")
}

// encode writes a value as TOML.
func encode(value any) string {
	if text, ok := value.(string); ok {
		return tomltext.Quote(text)
	}
	return fmt.Sprint(value)
}
