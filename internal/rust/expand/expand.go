// Package expand expands macro_rules! macros by example, as rustc 1.95 does
// (rustc_expand::mbe), and paste!.
//
// It knows nothing of scope: who calls it finds the definition, hands over its
// tokens once (Compile), then the tokens of each call (Expander.Expand). Each
// token of a result keeps its origin: the text and span that it was written at,
// in the caller's file or in the macro's definition.
//
// Where a fragment ends is decided by the grammar (package syntax).
//
// Not supported, and an error of kind Unsupported: macros 2.0 (`macro m`) and
// metavariable expressions (`${count(x)}`), which are unstable in rustc.
package expand

import (
	"fmt"
)

const (
	// MaxDepth is how deep calls may nest, rustc's default of recursion_limit.
	MaxDepth = 128
	// MaxSteps is how much work one call in the sources may cause, together with
	// all calls that it expands to: each token that is matched or written is one
	// step. rustc has no such limit and would take minutes or all memory.
	MaxSteps = 3_000_000
)

// A Definition is a macro_rules! item.
type Definition struct {
	Name    string
	Crate   string // what $crate stands for, an identity of the caller's choice
	Edition int    // of the crate: 2015, 2018, 2021 or 2024
	Body    []Token
}

// A Call is a call of a macro.
type Call struct {
	At   Token   // the name in `name!(…)`: where errors are placed that have no better place
	Args []Token // what is between the call's brackets; not changed
	// Depth is 0 for a call in the sources, else one more than that of the call
	// whose result it stands in. The steps count anew at 0.
	Depth int
}

// An Expander expands calls and keeps the memory for it. It is not safe for
// concurrent use. The zero value is ready.
type Expander struct {
	// MaxDepth takes the place of the constant unless it is 0, for crates with
	// #![recursion_limit].
	MaxDepth int

	steps   int // taken since the last call of depth 0
	matcher matcher
}

// Expand returns what a call of m stands for. The tokens of a fragment other
// than ident, lifetime and tt stand between a syntax.FragmentOpen and a FragmentClose,
// see Flatten. The error is an *Error.
func (e *Expander) Expand(m *Macro, call Call) ([]Token, error) {
	if call.Depth == 0 {
		e.steps = 0
	}
	limit := e.MaxDepth
	if limit == 0 {
		limit = MaxDepth
	}
	if call.Depth >= limit {
		return nil, newError(Limit, call.At, "recursion limit %d reached in %s!", limit, m.Name)
	}
	rule, err := e.match(m, call)
	if err != nil {
		return nil, err
	}
	return e.transcribe(m, rule, call)
}

func (e *Expander) step(n int, m *Macro, call Call) *Error {
	e.steps += n
	if e.steps > MaxSteps {
		return newError(Limit, call.At, "more than %d steps in %s!", MaxSteps, m.Name)
	}
	return nil
}

// An ErrorKind says why a macro was not expanded.
type ErrorKind int

const (
	NoArm       ErrorKind = iota + 1 // no arm fits, or more than one way to go on does
	NoFragment                       // an argument begins like a fragment and is none
	Uneven                           // the variables of a repetition do not repeat alike
	Limit                            // too deep or too much work
	BadMacro                         // the definition itself is wrong
	Unsupported                      // not known to this package
	BadPaste                         // paste! cannot make an identifier
)

// An Error says why a macro was not expanded; rustc fails as well, unless the
// kind is Limit or Unsupported.
type Error struct {
	Kind  ErrorKind
	Token Token // where; its Source may be nil
	Msg   string
}

func (e *Error) Error() string {
	if e.Token.Source == nil {
		return e.Msg
	}
	pos := e.Token.Source.Pos(int(e.Token.Start))
	return fmt.Sprintf("%s:%d:%d: %s", e.Token.Source.Name, pos.Line, pos.Column, e.Msg)
}

func newError(kind ErrorKind, at Token, format string, args ...any) *Error {
	return &Error{Kind: kind, Token: at, Msg: fmt.Sprintf(format, args...)}
}
