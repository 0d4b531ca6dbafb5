// Package macros is what sqlx's query macros check of a call once the database
// has described its query: that there is an argument for each parameter, that
// sqlx has a Rust type for each type in SQL, that the columns' names can be
// fields of a struct.
//
// It follows the macros' expansion (sqlx-macros-core 0.8.6 and 0.9.0,
// query/mod.rs, args.rs, output.rs) and, of what rustc says of the expansion,
// only that two fields have one name, or that a field's type is left open. What
// rustc alone knows stays unseen: the Rust type of an argument, the fields of the record type of query_as!, whether
// an override names a type that exists.
package macros

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Call is a macro call.
type Call struct {
	Record    Record
	Unchecked bool // the macro's name ends in _unchecked
	// Overridden tells of each argument whether it has the form `expr as T`,
	// `expr as _` included.
	Overridden []bool
}

// Record is what a macro makes of a row.
type Record uint8

// The records.
const (
	Generated Record = iota // query!: a struct of its own
	Given                   // query_as!: the caller's type
	Scalar                  // query_scalar!: the only column
)

// Problem is one thing for which the macro, or rustc in what the macro made,
// refuses a call.
type Problem struct {
	Message string
	Hint    string // what to do
	// Unproven: Build.Unknown may enable what the macro lacks.
	Unproven bool
	// Argument is the index of the call's argument that is wrong, Parameter
	// that of the query's parameter, Column that of its column; -1 for none.
	Argument, Parameter, Column int
}

// Checker checks the calls of what is compiled with one build of the macros. It
// keeps what it found out of a type, and is for one goroutine.
type Checker struct {
	build Build
	types map[string]mapping
}

// Build is how the macros are compiled, which decides how they check.
type Build struct {
	Kind    *database.Macros // what they have of the kind of database
	Version string           // of sqlx, as far as it counts: "0.8" or "0.9"
	// Features are those of sqlx-macros-core. Unknown are the packages that
	// may enable more of them, "name version".
	Features, Unknown []string
	Config            Config
}

// Config is the section [macros] of sqlx.toml, which sqlx 0.9 reads
// (sqlx-core 0.9.0, config/macros.rs).
type Config struct {
	DateTime       string                       // preferred-crates.date-time: "chrono", "time", else either
	Numeric        string                       // preferred-crates.numeric: "bigdecimal", "rust_decimal", else either
	TypeOverrides  map[string]string            // Rust types by the name of the type in SQL
	TableOverrides map[string]map[string]string // Rust types by table and column
}

// New returns a checker.
func New(m Build) *Checker {
	m.Features = slices.Concat(m.Features, m.Kind.Implied[m.Version])
	return &Checker{build: m, types: map[string]mapping{}}
}

// Check returns all that is wrong with a call of the described query: the
// macro itself stops at the first.
func (c *Checker) Check(call Call, d sqlxdata.Description) []Problem {
	problems := c.parameters(call, d.Parameters)
	if allVoid(d.Columns) {
		return problems // no row to decode: neither names nor types count
	}
	if call.Record == Scalar {
		return append(problems, c.scalar(call, d)...)
	}
	return append(problems, c.columns(call, d)...)
}

// parameters follows expand_with_data and quote_args.
func (c *Checker) parameters(call Call, p *sqlxdata.Parameters) []Problem {
	if p == nil {
		return nil
	}
	want, got := p.Count, len(call.Overridden)
	if p.Types != nil {
		want = len(p.Types)
	}
	var problems []Problem
	if want != got {
		problems = append(problems, wrongCount(want, got))
	}
	if call.Unchecked {
		return problems
	}
	for i := 0; i < min(len(p.Types), got); i++ {
		if call.Overridden[i] {
			continue
		}
		t := typeOf(c.build.Kind, p.Types[i])
		if why := c.missing(t, nil); why != nil {
			problems = append(problems, Problem{
				Message:  fmt.Sprintf("parameter #%d has the type %s, %s", i+1, t, why.reason),
				Hint:     join(why.remedy, "say the argument's type: `expr as T`, or `expr as _` to take it as it is"),
				Argument: i, Parameter: i, Column: -1, Unproven: why.unproven,
			})
		}
	}
	return problems
}

func wrongCount(want, got int) Problem {
	p := Problem{Argument: -1, Parameter: -1, Column: -1}
	p.Message = fmt.Sprintf("the query has %s, the call %s", count(want, "parameter"), count(got, "argument"))
	if got > want {
		p.Argument = want
		p.Hint = fmt.Sprintf("take %s out of the call", last(got-want))
		return p
	}
	p.Parameter = got
	p.Hint = fmt.Sprintf("add %s to the call", count(want-got, "argument"))
	return p
}

// scalar follows quote_query_scalar.
func (c *Checker) scalar(call Call, d sqlxdata.Description) []Problem {
	if n := len(d.Columns); n != 1 {
		return []Problem{{
			Message:  fmt.Sprintf("query_scalar! takes a query with one column, this one has %d", n),
			Hint:     "select one column, or use query! or query_as!",
			Argument: -1, Parameter: -1, Column: 1,
		}}
	}
	decl, err := parseColumn(d.Columns[0].Name)
	if err == nil && decl.typed || err != nil && call.Unchecked {
		return nil
	}
	return c.column(0, d.Columns[0])
}

// columns follows columns_to_rust, and quote_query_as.
func (c *Checker) columns(call Call, d sqlxdata.Description) []Problem {
	var problems []Problem
	first := map[string]int{}
	for i, column := range d.Columns {
		problem := func(message, hint string) {
			problems = append(problems, Problem{Message: message, Hint: hint, Argument: -1, Parameter: -1, Column: i})
		}
		decl, err := parseColumn(column.Name)
		if err != nil {
			problem(fmt.Sprintf("column #%d %s", i+1, err.message), err.hint)
			continue
		}
		if decl.open && call.Record == Generated {
			problem(fmt.Sprintf("column #%d, %q: the type `_` needs a record type to take it from", i+1, column.Name),
				"use query_as!, or write the type instead of `_`")
		}
		if !decl.typed && (call.Record == Generated || !call.Unchecked) {
			problems = append(problems, c.column(i, column)...)
		}
		before, twice := first[decl.field]
		if !twice {
			first[decl.field] = i
			continue
		}
		problem(fmt.Sprintf("columns #%d and #%d both have the name %q", before+1, i+1, decl.field),
			"give one of them another name: `AS name`")
	}
	return problems
}

// column follows get_column_type.
func (c *Checker) column(i int, column sqlxdata.Column) []Problem {
	t := typeOf(c.build.Kind, column.Type)
	why := c.missing(t, column.Origin)
	if why == nil {
		return nil
	}
	return []Problem{{
		Message:  fmt.Sprintf("column #%d, %q, has the type %s, %s", i+1, column.Name, t, why.reason),
		Hint:     join(why.remedy, fmt.Sprintf("say the type in the column's name: `AS \"%s: T\"`", fieldOf(column.Name))),
		Argument: -1, Parameter: -1, Column: i, Unproven: why.unproven,
	}}
}

// fieldOf is a column's name as far as it may name a field.
func fieldOf(name string) string {
	if decl, err := parseColumn(name); err == nil {
		return name[:len(decl.field)+len(decl.mark)]
	}
	return "name"
}

func allVoid(columns []sqlxdata.Column) bool {
	return !slices.ContainsFunc(columns, func(c sqlxdata.Column) bool { return string(c.Type) != `"Void"` })
}

func join(alternatives ...string) string {
	return strings.Join(slices.DeleteFunc(alternatives, func(s string) bool { return s == "" }), "; or ")
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// last names the last n arguments.
func last(n int) string {
	if n == 1 {
		return "the last argument"
	}
	return fmt.Sprintf("the last %d arguments", n)
}
