package bytecode

import "strings"

// What instructions leave in registers.

// constant stores a value of a type that is never NULL.
func constant(t Type) effect {
	return func(_ *machine, p *path, op *Opcode) int64 {
		p.setColumn(op.P2, t, No)
		return p.at + 1
	}
}

func integer(_ *machine, p *path, op *Opcode) int64 {
	p.set(op.P2, value{kind: exact, number: op.P1})
	return p.at + 1
}

func variable(_ *machine, p *path, op *Opcode) int64 {
	p.setColumn(op.P2, Null, Yes)
	return p.at + 1
}

func null(_ *machine, p *path, op *Opcode) int64 {
	for i := op.P2; i <= max(op.P2, op.P3); i++ {
		p.setColumn(i, Null, Yes)
	}
	return p.at + 1
}

func cast(_ *machine, p *path, op *Opcode) int64 {
	if v := p.register(op.P1); v != nil {
		*v = of(affinities[byte(op.P2)], v.column().Nullable)
	}
	return p.at + 1
}

func haltIfNull(_ *machine, p *path, op *Opcode) int64 {
	p.notNull(op.P3)
	return p.at + 1
}

func shallowCopy(_ *machine, p *path, op *Opcode) int64 {
	p.copy(op.P1, op.P2)
	return p.at + 1
}

// copy copies a register that something was stored in, and tells whether it
// did.
func (p *path) copy(from, to int64) bool {
	v := p.register(from)
	if v != nil {
		p.set(to, *v)
	}
	return v != nil
}

func not(_ *machine, p *path, op *Opcode) int64 {
	p.copy(op.P1, op.P2)
	return p.at + 1
}

func copyRegisters(_ *machine, p *path, op *Opcode) int64 {
	for i := int64(0); i <= op.P3; i++ {
		p.copy(op.P1+i, op.P2+i)
	}
	return p.at + 1
}

func move(_ *machine, p *path, op *Opcode) int64 {
	for i := int64(0); i < op.P3; i++ {
		if p.copy(op.P1+i, op.P2+i) {
			p.setColumn(op.P1+i, Null, Yes)
		}
	}
	return p.at + 1
}

// operation is one of two operands: the first one's type, or the second's.
func operation(_ *machine, p *path, op *Opcode) int64 {
	a, b := p.register(op.P1), p.register(op.P2)
	var result Column
	switch {
	case a != nil && b != nil:
		x, y := a.column(), b.column()
		result = Column{x.Type, x.Nullable.or(y.Nullable)}
		if x.Type == Null {
			result.Type = y.Type
		}
	case a != nil:
		result.Type = a.column().Type
	case b != nil:
		result.Type = b.column().Type
	}
	p.setColumn(op.P3, result.Type, result.Nullable)
	return p.at + 1
}

// functions are the functions whose results are known; those of time are NULL
// only when an argument is wrong.
var functions = map[string]Type{
	"date(-1)": Text, "time(-1)": Text, "datetime(-1)": Text, "strftime(-1)": Text,
	"julianday(-1)": Float, "unixepoch(-1)": Integer,
}

func function(_ *machine, p *path, op *Opcode) int64 {
	if op.P4 == "last_insert_rowid(0)" {
		p.setColumn(op.P3, Integer, No)
	} else if t, known := functions[op.P4]; known {
		p.setColumn(op.P3, t, nullable(op.P2 != 0))
	}
	return p.at + 1
}

// beginsWith tells whether a function's name and arguments begin with one of
// the words.
func beginsWith(function string, words ...string) bool {
	for _, word := range words {
		if strings.HasPrefix(function, word) {
			return true
		}
	}
	return false
}

func counts(function string) bool {
	return beginsWith(function, "count(", "row_number(", "rank(", "dense_rank(", "ntile(")
}

func ranks(function string) bool { return beginsWith(function, "percent_rank(", "cume_dist") }

func shifts(function string) bool { return beginsWith(function, "lead(", "lag(") }

// aggregate is a step of an aggregate over the argument in P2.
func aggregate(_ *machine, p *path, op *Opcode) int64 {
	switch {
	case counts(op.P4):
		p.setColumn(op.P3, Integer, No)
		return p.at + 1
	case ranks(op.P4):
		p.setColumn(op.P3, Float, No)
		return p.at + 1
	}
	argument := p.register(op.P2)
	if argument == nil {
		return p.at + 1
	}
	c := argument.column()
	switch {
	case beginsWith(op.P4, "sum("):
		t := Float
		if c.Type == Integer || c.Type == Int4 || c.Type == Bool {
			t = Integer
		}
		p.setColumn(op.P3, t, c.Nullable)
	case shifts(op.P4):
		p.setColumn(op.P3, c.Type, Yes)
	default:
		p.set(op.P3, *argument)
	}
	return p.at + 1
}

// aggregateEnd is the end of an aggregate, whose result is in P1. That sqlx
// writes some to P3 is a slip that its answers depend on.
func aggregateEnd(_ *machine, p *path, op *Opcode) int64 {
	switch {
	case counts(op.P4):
		p.setColumn(op.P1, Integer, No)
	case ranks(op.P4):
		p.setColumn(op.P3, Float, No)
	case shifts(op.P4):
		if argument := p.register(op.P2); argument != nil {
			p.setColumn(op.P3, argument.column().Type, Yes)
		}
	}
	return p.at + 1
}
