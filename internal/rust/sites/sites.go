// Package sites finds the query sites of a Rust project in its sources: each
// call of one of sqlx's query macros that `cargo check` would expand, with its
// SQL text, and where something may be unseen, that.
//
// It follows rustc as far as it decides which macro calls exist: the module
// tree from each target's root file, conditional compilation, names, textual
// scope, `macro_rules!`. It does not type-check. What it cannot follow it
// reports as a [Blind] spot; a Result without one is the whole set.
package sites

import (
	"context"
	"fmt"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// Options are how to scan.
type Options struct {
	// Kept is where outlines of sources are kept from one scan to the next, by
	// the content of the sources; nil: nothing is kept.
	Kept *kept.Store

	// Library reads the crates from outside the project; nil: only those that
	// are unpacked on this machine are read.
	Library *trust.Library
}

// Scan finds the query sites in the plan's compilations. Others, that are
// compiled too without being selected, are read only to follow names. The
// error is for what stops the whole scan (the context ended); what is wrong
// with single sources is in Result.Problems.
func Scan(ctx context.Context, plan *workspace.Plan, opts Options) (*Result, error) {
	return scan(ctx, plan, opts)
}

// Result is what a scan found.
type Result struct {
	Sites      []Site        // ordered by file and place
	Blind      []Blind       // ordered by package, file and place
	Migrations []MigratePath // ordered by file and place
	Files      []File        // what was read, ordered by path
	Problems   []*diag.Diagnostic
	Notes      []*diag.Diagnostic // what is worth a remark, but does not change the result
}

// Site is one macro call. A call that several compilations have is one Site;
// a call inside a macro_rules! macro is one for each SQL text that comes out.
type Site struct {
	diag.Place                          // of the call in the sources; of the outermost macro call around it, where macros made it
	Macro      string                   // what stands at Place: the name of the called macro, "query_as" or that of a user's own
	Kind       Kind                     // which of sqlx's macros
	SQL        string                   // the text as sqlx hashes it
	Hash       string                   // SHA-256 of SQL, in hexadecimal
	Parts      []Part                   // where SQL comes from, without gaps: literals joined by `+`, or one file
	Record     string                   // the record type of query_as, as in the source; "" for the other kinds
	Args       []Arg                    // the bind arguments
	In         []*workspace.Compilation // those that have the call, in the plan's order
	// If are the predicates of cfg around the call that are neither true nor
	// false, the innermost first: where the plan has decided nothing, all.
	If []string
	// Source is the file of query_file!: its path as written; "" for the
	// other kinds.
	Source string
}

// Locate returns the place in the sources of the byte at offset of the SQL
// text. An offset at or behind the text's end gives the place behind its last
// byte.
func (s *Site) Locate(offset int) diag.Place {
	for i := range s.Parts {
		if part := &s.Parts[i]; offset < part.To || i == len(s.Parts)-1 {
			return part.locate(s.SQL, offset)
		}
	}
	return s.Place
}

// Kind is which of sqlx's query macros a site calls: the macro's name, like
// "query" or "query_file_as_unchecked".
type Kind string

// As reports whether the macro takes a record type.
func (k Kind) As() bool { return strings.Contains(string(k), "_as") }

// Scalar reports whether the macro gives the only column's value.
func (k Kind) Scalar() bool { return strings.Contains(string(k), "_scalar") }

// FromFile reports whether the macro reads the SQL from a file.
func (k Kind) FromFile() bool { return strings.Contains(string(k), "_file") }

// Unchecked reports whether the macro checks no types.
func (k Kind) Unchecked() bool { return strings.HasSuffix(string(k), "_unchecked") }

// Part is a piece of the SQL text and where it stands: a string literal, or
// the file of query_file!.
type Part struct {
	diag.Place     // of the literal with its quotes, or of the whole file
	From       int // the piece's first byte in the SQL text
	To         int // behind its last

	marks []mark // ordered by sql; the first is at From
}

// mark ties a byte of the SQL text to one of the file. From a mark to the next
// one both advance alike.
type mark struct{ sql, src, line, column int }

// Arg is a bind argument.
type Arg struct {
	diag.Place          // of the whole expression, the override included
	Override   Override // its form
	Type       string   // of `expr as Type`, as in the source; "_" for the wildcard
}

// Override is what an argument says of its type.
type Override uint8

// The forms of an argument. An override of either form makes sqlx skip the
// check of the parameter's type (sqlx-macros-core, query/args.rs).
const (
	NoOverride   Override = iota // `expr`
	TypeOverride                 // `expr as Type`
	AsIs                         // `expr as _`
)

// Blind is something that may hold query sites which the scan cannot see, or
// because of which a site may not be compiled.
type Blind struct {
	Kind       BlindKind
	Package    *workspace.Package // of the unit: whose query sites may be more or fewer
	diag.Place                    // Line 0: the file, or folder, as a whole
	Why        string             // one line: what is there, and what it may do
	Crate      string             // the package whose macros may write queries; "" where it is no macro's doing
	Foreign    bool               // that is one from outside the project: of a registry or git
}

// BlindKind classes blind spots. Its text is stable.
type BlindKind string

// The kinds of blind spots.
const (
	ProcMacro   BlindKind = "proc-macro"   // a procedural macro, or a crate that it delegates to, names sqlx or a query macro
	NoSource    BlindKind = "no-source"    // a crate that may write queries is not on this machine
	Attribute   BlindKind = "attribute"    // a query inside an attribute macro that is not known to pass it on
	Invocation  BlindKind = "invocation"   // a query inside a function-like macro that is not known to pass it on
	Name        BlindKind = "name"         // a query macro's name that leads to nothing known
	Source      BlindKind = "source"       // a query's source that is no literal
	NoMatch     BlindKind = "no-match"     // no arm of a macro that can reach a query takes the call
	Limit       BlindKind = "limit"        // an expansion was stopped at the limit of depth or steps
	Include     BlindKind = "include"      // include! of a computed path, or of a file that is not there
	Outside     BlindKind = "outside"      // a macro from outside the project cannot be followed, or includes what only a build knows
	BuildScript BlindKind = "build-script" // a build script may write code, or set a cfg around a query
	Cfg         BlindKind = "cfg"          // a cfg around a query or module that may be set or not
	Module      BlindKind = "module"       // a module's file is missing or cannot be read
	Unread      BlindKind = "unread"       // a source that does not lex
	Unplanned   BlindKind = "plan"         // what the plan is not certain of
)

// String returns "file:line:column: why (kind)".
func (b Blind) String() string {
	if b.Line == 0 {
		return fmt.Sprintf("%s: %s (%s)", b.File, b.Why, b.Kind)
	}
	return fmt.Sprintf("%s: %s (%s)", b.Place, b.Why, b.Kind)
}

// MigratePath is a call of sqlx's migrate!.
type MigratePath struct {
	diag.Place
	Package *workspace.Package
	Path    string // as written, relative to the package; "" where the call has none
	Dir     string // absolute
	In      []*workspace.Compilation
}

// File is a file whose content, or absence, the result depends on.
type File struct {
	Path   string   // absolute
	Sum    [32]byte // SHA-256 of its content
	Absent bool     // it was looked for and is not there
}
