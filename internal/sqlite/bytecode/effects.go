package bytecode

import "strings"

// machine is one run of a program.
type machine struct {
	program  []Opcode
	schema   Schema
	mode     Mode
	waiting  []*path
	ended    []*path // whose room is free
	seen     map[digest]struct{}
	hasher   hasher
	rows     [][]Column
	negative bool
}

// wait lets a path wait for its turn, unless one like it did.
func (m *machine) wait(p *path) {
	for p.at >= 0 && p.at < int64(len(m.program)) && m.program[p.at].Name == "" {
		p.at++
	}
	d := m.hasher.path(p)
	if _, known := m.seen[d]; known {
		m.ended = append(m.ended, p)
		return
	}
	m.seen[d] = struct{}{}
	m.waiting = append(m.waiting, p)
}

// effect is what an instruction does; it returns the next one's number.
type effect func(*machine, *path, *Opcode) int64

// end is the next instruction of a path that goes no further.
const end = -1

// effects are the instructions that count; all others do nothing.
var effects = effectTable()

func effectTable() map[string]effect {
	table := map[string]effect{
		"Init": jump, "Goto": jump, "FkIfZero": jump,
		"Gosub": goSub, "Return": goBack, "Jump": threeWays,
		"InitCoroutine": initCoroutine, "Yield": yield, "EndCoroutine": endCoroutine,
		"IsNull": isNull, "NotNull": isNotNull, "MustBeInt": mustBeInt, "If": ifTrue, "IfPos": ifPositive,

		"Column": readColumn, "MakeRecord": makeRecord, "Delete": deleteRow, "NullRow": nullRow,
		"OpenPseudo": openPseudo, "OpenDup": openDup,

		"Integer": integer, "Not": not, "Null": null, "Cast": cast, "Copy": copyRegisters, "Move": move,
		"Sequence": constant(Integer), "OffsetLimit": constant(Integer), "Variable": variable, "HaltIfNull": haltIfNull,
		"Function": function, "AggFinal": aggregateEnd,

		"ResultRow": resultRow, "Halt": halt,
	}
	for _, group := range []struct {
		names string
		do    effect
	}{
		{`DecrJumpZero ElseEq Eq Filter Found Ge Gt IdxGE IdxGT IdxLE IdxLT IfNoHope IfNot IfNotOpen IfNotZero
			IfNullRow IfSmaller IncrVacuum IsNullOrType Le Lt Ne Next NoConflict NotExists Once Prev Program
			RowSetRead RowSetTest SeekGE SeekGT SeekLE SeekLT SeekRowid SeekScan SequenceTest SorterNext
			VFilter VNext`, either},
		{"Rewind Last Sort SorterSort", rewind},
		{"RowData SorterData", rowData},
		{"Insert IdxInsert SorterInsert", insert},
		{"OpenRead OpenWrite", openTable},
		{"OpenEphemeral OpenAutoindex SorterOpen", openEphemeral},
		{"SCopy IntCopy", shallowCopy},
		{"Or And BitAnd BitOr ShiftLeft ShiftRight Add Subtract Multiply Divide Remainder Concat", operation},
		{"Blob", constant(Blob)},
		{"Real", constant(Float)},
		{"String8", constant(Text)},
		{"Count Rowid NewRowid IdxRowid", constant(Integer)},
		{"AggStep AggValue", aggregate},
	} {
		for _, name := range strings.Fields(group.names) {
			table[name] = group.do
		}
	}
	return table
}

// The flow of control.

func jump(_ *machine, _ *path, op *Opcode) int64 { return op.P2 }

func halt(*machine, *path, *Opcode) int64 { return end }

// either is a jump that no one can tell the outcome of.
func either(m *machine, p *path, op *Opcode) int64 {
	m.wait(m.branch(p, op.P2))
	return p.at + 1
}

// threeWays follows a comparison. That sqlx also goes on behind it is a slip
// that its answers depend on.
func threeWays(m *machine, p *path, op *Opcode) int64 {
	for _, to := range []int64{op.P1, op.P2, op.P3} {
		m.wait(m.branch(p, to))
	}
	return p.at + 1
}

func goSub(_ *machine, p *path, op *Opcode) int64 {
	p.set(op.P1, value{kind: exact, number: p.at})
	return op.P2
}

func goBack(_ *machine, p *path, op *Opcode) int64 {
	if v := p.register(op.P1); v != nil && v.kind == exact {
		to := v.number + 1
		*v = value{}
		return to
	}
	if op.P3 == 1 {
		return p.at + 1
	}
	return end
}

func initCoroutine(_ *machine, p *path, op *Opcode) int64 {
	p.set(op.P1, value{kind: exact, number: op.P3})
	if op.P2 != 0 {
		return op.P2
	}
	return p.at + 1
}

// yielding returns the Yield at an address.
func (m *machine) yielding(at int64) *Opcode {
	if at < 0 || at >= int64(len(m.program)) || m.program[at].Name != "Yield" {
		return nil
	}
	return &m.program[at]
}

func yield(m *machine, p *path, op *Opcode) int64 {
	v := p.register(op.P1)
	if v == nil || v.kind != exact {
		return end
	}
	to := v.number
	v.number = p.at
	if m.yielding(to) != nil {
		to++
	}
	return to
}

func endCoroutine(m *machine, p *path, op *Opcode) int64 {
	v := p.register(op.P1)
	if v == nil || v.kind != exact {
		return end
	}
	at := m.yielding(v.number)
	if at == nil {
		return end
	}
	*v = value{}
	return at.P2
}

func isNull(m *machine, p *path, op *Opcode) int64 {
	v := p.register(op.P1)
	if v == nil {
		return end
	}
	c := v.column()
	maybe, maybeNot := c.Nullable != No, c.Type != Null
	if m.mode == Mode09 {
		maybeNot = c.Nullable != No // as it is, though it looks like a slip
	}
	if maybe {
		b := m.branch(p, op.P2)
		b.setColumn(op.P1, Null, Unknown)
		m.wait(b)
	}
	if !maybeNot {
		return end
	}
	p.notNull(op.P1)
	return p.at + 1
}

func isNotNull(m *machine, p *path, op *Opcode) int64 {
	v := p.register(op.P1)
	if v == nil {
		return end
	}
	c := v.column()
	if c.Type != Null {
		b := m.branch(p, op.P2)
		b.notNull(op.P1)
		m.wait(b)
	}
	if c.Nullable == No {
		return end
	}
	p.setColumn(op.P1, Null, Unknown)
	return p.at + 1
}

func mustBeInt(m *machine, p *path, op *Opcode) int64 {
	if op.P2 != 0 {
		m.wait(m.branch(p, op.P2))
	}
	return p.at + 1
}

func ifTrue(m *machine, p *path, op *Opcode) int64 {
	maybe, maybeNot := true, true
	if v := p.register(op.P1); v != nil && v.kind == exact {
		maybe, maybeNot = v.number != 0, v.number == 0
	}
	if maybe {
		b := m.branch(p, op.P2)
		if op.P3 == 0 {
			b.set(op.P1, value{kind: exact, number: 1})
		}
		m.wait(b)
	}
	if !maybeNot {
		return end
	}
	if op.P3 == 0 {
		p.set(op.P1, value{kind: exact})
	}
	return p.at + 1
}

// ifPositive counts down, as for OFFSET. From the second round on both ways
// are followed, so that a large number does not end at the limit of visits.
func ifPositive(m *machine, p *path, op *Opcode) int64 {
	v := p.register(op.P1)
	counts := v != nil && v.kind == exact
	maybe, maybeNot := !counts || v.number >= 1, !counts || v.number < 1
	again := p.visits[p.at] > 1
	if maybe || again {
		b := m.branch(p, op.P2)
		if counts {
			b.register(op.P1).number--
		}
		m.wait(b)
	}
	switch {
	case maybeNot:
	case again:
		p.setColumn(op.P1, Integer, No)
	default:
		return end
	}
	return p.at + 1
}

func rewind(m *machine, p *path, op *Opcode) int64 {
	if op.P2 == 0 {
		return p.at + 1
	}
	c := p.cursor(op.P1)
	if c == nil {
		return end
	}
	empty := No // a row in a register is one
	if c.kind == onTable {
		empty = Yes
		if t := p.tableOf(op.P1); t != nil {
			empty = t.empty
		}
	}
	if empty != No {
		b := m.branch(p, op.P2)
		if t := b.tableOf(op.P1); t != nil {
			t.empty = Yes
		}
		m.wait(b)
	}
	if empty == Yes {
		return end
	}
	return p.at + 1
}

func resultRow(m *machine, p *path, op *Opcode) int64 {
	var row []Column
	for i := op.P1; i < op.P1+op.P2; i++ {
		var c Column
		if v := p.register(i); v != nil {
			c = v.column()
		}
		row = append(row, c)
	}
	m.wait(m.branch(p, p.at+1))
	m.rows = append(m.rows, row)
	return end
}
