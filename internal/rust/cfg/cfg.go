// Package cfg evaluates Rust's conditional compilation: the predicate of
// `#[cfg(…)]`, of `cfg!(…)`, and of `[target.'cfg(…)'.dependencies]`.
//
// Evaluation has three values. What a build script or a compiler flag may set
// is neither true nor false but Unknown, so that a caller never takes code for
// absent that the compiler may see.
package cfg

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Value is the result of an evaluation.
type Value uint8

// The three values. Their order makes all() the minimum and any() the maximum.
const (
	False Value = iota
	Unknown
	True
)

// Not returns the negation; that of Unknown is Unknown.
func (v Value) Not() Value { return True - v }

// String returns "false", "unknown" or "true".
func (v Value) String() string {
	return [...]string{"false", "unknown", "true"}[v]
}

// Option is one configuration option: a name alone, or a name with a value.
type Option struct {
	Name     string
	Value    string
	HasValue bool // tells `name` from `name = ""`
}

// Name returns the option that is a name alone, like `unix`.
func Name(name string) Option { return Option{Name: name} }

// KeyValue returns the option name = "value", like `feature = "default"`.
func KeyValue(name, value string) Option {
	return Option{Name: name, Value: value, HasValue: true}
}

// ParseOption reads an option as `rustc --print cfg` prints it and as `--cfg`
// takes it: `unix` or `target_os="linux"`.
func ParseOption(s string) (Option, error) {
	p, err := Parse(s)
	if err != nil {
		return Option{}, err
	}
	if p.op != opOption {
		return Option{}, fmt.Errorf("cfg %q: no single option", s)
	}
	return p.option, nil
}

// String returns the option as rustc prints it.
func (o Option) String() string {
	if o.HasValue {
		return o.Name + "=" + quote(o.Value)
	}
	return o.Name
}

// Set is the configuration of one compilation. The zero Set is empty and
// closed: everything is false. A Set is a value: the methods With… and Without
// return a changed copy and leave the receiver alone.
type Set struct {
	options map[Option]bool
	unknown map[string]bool // names that may be set, with any value
	open    bool            // any name that rustc does not define may be set
	all     bool            // any name at all may be set
}

// Undecided returns the set in which every option is Unknown: that of code
// which is looked at for what any configuration may make of it.
func Undecided() Set { return Set{all: true} }

// With returns the set with options added.
func (s Set) With(options ...Option) Set {
	s.options = maps.Clone(s.options)
	if s.options == nil {
		s.options = make(map[Option]bool, len(options))
	}
	for _, o := range options {
		s.options[o] = true
	}
	return s
}

// Without returns the set with every option of that name removed.
func (s Set) Without(name string) Set {
	s.options = maps.Clone(s.options)
	maps.DeleteFunc(s.options, func(o Option, _ bool) bool { return o.Name == name })
	return s
}

// WithUnknown returns the set in which every option of these names that it
// does not hold is Unknown.
func (s Set) WithUnknown(names ...string) Set {
	if len(names) == 0 {
		return s
	}
	s.unknown = maps.Clone(s.unknown)
	if s.unknown == nil {
		s.unknown = make(map[string]bool, len(names))
	}
	for _, name := range names {
		s.unknown[name] = true
	}
	return s
}

// Opened returns the set in which every option that it does not hold is
// Unknown, but for the names that rustc and cargo define themselves.
func (s Set) Opened() Set {
	s.open = true
	return s
}

// Value returns whether the option is set.
func (s Set) Value(o Option) Value {
	switch {
	case s.options[o]:
		return True
	case s.all, s.unknown[o.Name], s.open && !reserved(o.Name):
		return Unknown
	}
	return False
}

// Options returns the options that are set, ordered by name and value.
func (s Set) Options() []Option {
	return slices.SortedFunc(maps.Keys(s.options), func(a, b Option) int {
		return strings.Compare(a.String(), b.String())
	})
}

// Equal reports whether both sets give every predicate the same value.
func (s Set) Equal(t Set) bool {
	return s.open == t.open && s.all == t.all && maps.Equal(s.options, t.options) && maps.Equal(s.unknown, t.unknown)
}

// reserved reports whether rustc sets a name itself and does not let `--cfg`
// set it (rustc_session, config/cfg.rs), or cargo does: `feature`.
func reserved(name string) bool {
	switch name {
	case "clippy", "debug_assertions", "doc", "doctest", "feature", "fmt_debug", "miri",
		"overflow_checks", "panic", "proc_macro", "relocation_model", "rustfmt", "sanitize",
		"sanitizer_cfi_generalize_pointers", "sanitizer_cfi_normalize_integers",
		"target_abi", "target_arch", "target_endian", "target_env", "target_family",
		"target_feature", "target_has_atomic", "target_has_atomic_equal_alignment",
		"target_has_atomic_load_store", "target_object_format", "target_os",
		"target_pointer_width", "target_thread_local", "target_vendor", "test",
		"ub_checks", "unix", "windows":
		return true
	}
	return false
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
