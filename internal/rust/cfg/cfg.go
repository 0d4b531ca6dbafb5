// Package cfg evaluates Rust's conditional compilation: the predicate of
// `#[cfg(…)]`, of `cfg!(…)`, and of `[target.'cfg(…)'.dependencies]`.
//
// Evaluation has three values. What a build script or a compiler flag may set
// is neither true nor false but Unknown, so that a caller never takes code for
// absent that the compiler may see.
package cfg

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

// Of returns True or False.
func Of(b bool) Value {
	if b {
		return True
	}
	return False
}

// Set is the configuration of one compilation. The zero Set is empty and
// closed: everything is false. A Set is a value: the methods With… return a
// changed copy and leave the receiver alone.
type Set struct {
	options map[Option]Value // True or Unknown; what is absent is False
	unknown map[string]bool  // names that may be set, with any value
	open    bool             // any name that rustc does not define may be set
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
