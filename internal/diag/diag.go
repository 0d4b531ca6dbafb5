// Package diag is the one form of what a run has to say about a file: where,
// how bad, what, why, and what to do about it. Packages that find something
// make a Diagnostic; report renders it at the edge.
package diag

import (
	"cmp"
	"fmt"
	"strings"
)

// Severity is how bad something is.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Remark  Severity = "note"
)

// Code names a kind of problem. Its text is stable and stands in
// docs/diagnostics.md.
type Code string

// The codes.
const (
	Config    Code = "config"    // a mistake in sqlxmage.toml, in a flag, or in the environment
	Manifest  Code = "manifest"  // a Cargo.toml, Cargo.lock, sqlx.toml or configuration of cargo that cannot be used
	Syntax    Code = "syntax"    // a Rust source that rustc's parser refuses
	Migration Code = "migration" // a migration or a setup file that the database refuses
	Query     Code = "query"     // a query that the database refuses
	Macro     Code = "macro"     // a call that sqlx's macros refuse
	Unproven  Code = "unproven"  // what may hide queries, or what the native engine cannot vouch for
	Compile   Code = "compile"   // an error of the compiler, out of the cargo engine
	Profile   Code = "profile"   // a configuration of cargo that a profile cannot be written into
)

// Codes returns every code with what it stands for, as the documents have them.
func Codes() map[Code]string {
	return map[Code]string{
		Config:    "a mistake in `sqlxmage.toml`, in a flag, or in the environment",
		Manifest:  "a `Cargo.toml`, `Cargo.lock`, `sqlx.toml` or configuration of cargo that cannot be used",
		Syntax:    "a Rust source that rustc's parser refuses",
		Migration: "a migration or a setup file that the database refuses",
		Query:     "a query that the database refuses",
		Macro:     "a call that sqlx's macros refuse",
		Unproven:  "what may hide queries, or what the native engine cannot vouch for",
		Compile:   "an error of the compiler, out of the cargo engine",
		Profile:   "a configuration of cargo that a profile cannot be written into",
	}
}

// Diagnostic is one thing to say. It is an error where it stands for one.
type Diagnostic struct {
	Severity Severity `json:"severity,omitempty"` // empty: an error
	Code     Code     `json:"code,omitempty"`
	Message  string   `json:"message"`
	Detail   string   `json:"detail,omitempty"`
	Hint     string   `json:"hint,omitempty"` // what to run, or to write
	Notes    []Note   `json:"notes,omitempty"`
	// SQLState is the code that a database gave to its error, "42703"; the
	// message has it too.
	SQLState string `json:"sqlState,omitempty"`
	Place
	Query   string `json:"query,omitempty"`
	Excerpt string `json:"excerpt,omitempty"` // the line of the file
	Width   int    `json:"width,omitempty"`   // characters to mark from Column
	// Err, if set, is the error that the diagnostic tells of.
	Err error `json:"-"`
}

// Note is a remark on a diagnostic, with a place of its own where it has one.
type Note struct {
	Message string
	Place
}

// String returns the message, and where its place is.
func (n Note) String() string {
	if n.File == "" {
		return n.Message
	}
	return n.Message + " at " + n.Place.String()
}

// MarshalText makes a note one text in JSON.
func (n Note) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads that text, with the place in the message.
func (n *Note) UnmarshalText(text []byte) error {
	*n = Note{Message: string(text)}
	return nil
}

// Error returns "file:line:column: message", with detail, notes and hint on
// lines of their own.
func (d *Diagnostic) Error() string {
	var b strings.Builder
	if d.File != "" {
		b.WriteString(d.Place.String() + ": ")
	}
	b.WriteString(d.Message)
	if d.Detail != "" {
		fmt.Fprintf(&b, "\n  detail: %s", d.Detail)
	}
	for _, note := range d.Notes {
		fmt.Fprintf(&b, "\n  note: %s", note)
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s", d.Hint)
	}
	return b.String()
}

// Unwrap returns the error that the diagnostic tells of.
func (d *Diagnostic) Unwrap() error { return d.Err }

// Compare orders diagnostics by place, then by message.
func Compare(a, b *Diagnostic) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
}
