// Package bytecode infers the types and the nullability of a SQLite
// statement's columns from its program, as EXPLAIN lists it, to the letter as
// sqlx does: explain of sqlx-sqlite 0.8.6 and 0.9.0 (connection/explain.rs).
//
// The program is run on what is known of values instead of values. Where a
// jump depends on a value, both ways are followed: the one not taken at once
// waits on a stack, unless the same memory was met before. A path ends at its
// first row, whose continuation is one more branch; at the fourth visit of an
// instruction; and when the whole run has spent its instructions. The answers
// of sqlx depend on each of these limits, and so do ours.
package bytecode

import "errors"

// Mode is the minor version of sqlx that is followed.
type Mode string

// The modes.
const (
	Mode08 Mode = "0.8"
	Mode09 Mode = "0.9" // knows IdxRowid, and follows IsNull differently
)

// Opcode is one instruction. Opcodes and operands are documented at
// https://sqlite.org/opcode.html. One without a name is not there: it only
// keeps the addresses of the others.
type Opcode struct {
	Name       string
	P1, P2, P3 int64
	P4         string
}

// Column is what is known of the values of a column.
type Column struct {
	Type     Type
	Nullable Nullable
}

// Root is the first page of a table or of an index: what OpenRead names.
type Root struct {
	Database int64 // 0 main, 1 temp
	Page     int64
}

// Schema holds the columns of tables and indexes by their number.
type Schema map[Root]map[int64]Column

// ErrNegative says that the program names a register, a cursor or a column by a
// negative number, at which sqlx panics.
var ErrNegative = errors.New("a negative number of a register, a cursor or a column, at which sqlx panics")

const (
	allInstructions = 100_000 // of one run, over all paths
	allVisits       = 3       // of one instruction, on one path
)

// Interpret runs a program and returns what it tells of the columns: nothing
// where no path reached a row. Its error is ErrNegative.
func Interpret(program []Opcode, schema Schema, mode Mode) ([]Column, error) {
	m := &machine{program: program, schema: schema, mode: mode, seen: map[digest]struct{}{}, hasher: newHasher()}
	does := effectsOf(program, mode)
	m.waiting = []*path{{visits: make([]uint8, len(program)), negative: &m.negative}}
	left := allInstructions
	for len(m.waiting) > 0 {
		p := m.waiting[len(m.waiting)-1]
		m.waiting = m.waiting[:len(m.waiting)-1]
		for p.at >= 0 && p.at < int64(len(program)) {
			op := &program[p.at]
			if op.Name == "" {
				p.at++
				continue
			}
			if left == 0 {
				return merge(m.rows), nil
			}
			left--
			if p.visits[p.at] == allVisits {
				break
			}
			p.visits[p.at]++
			do := does[p.at]
			if do == nil {
				p.at++
				continue
			}
			p.at = do(m, p, op)
			if m.negative {
				return nil, ErrNegative
			}
		}
		m.ended = append(m.ended, p)
	}
	return merge(m.rows), nil
}

// effectsOf returns what each instruction of a program does, nil for nothing.
func effectsOf(program []Opcode, mode Mode) []effect {
	list := make([]effect, len(program))
	for i := range program {
		if name := program[i].Name; name != "IdxRowid" || mode != Mode08 {
			list[i] = effects[name]
		}
	}
	return list
}

// merge makes one answer of all rows, the last first: the first type that is
// not Null, and nullable where one row is.
func merge(rows [][]Column) []Column {
	var merged []Column
	for i := len(rows) - 1; i >= 0; i-- {
		for j, column := range rows[i] {
			if j == len(merged) {
				merged = append(merged, column)
				continue
			}
			if merged[j].Type == Null {
				merged[j].Type = column.Type
			}
			if merged[j].Nullable != Yes && column.Nullable != Unknown {
				merged[j].Nullable = column.Nullable
			}
		}
	}
	return merged
}
