package bytecode

import "slices"

// Cursors, tables and rows.

func readColumn(_ *machine, p *path, op *Opcode) int64 {
	read := of(Null, Unknown)
	if r := p.rowOf(op.P1); r != nil {
		if v := slot(p, (*r).values, op.P2); v != nil && v.kind != absent {
			read = *v
		}
	}
	p.set(op.P3, read)
	return p.at + 1
}

func rowData(_ *machine, p *path, op *Opcode) int64 {
	read := value{kind: record, row: &row{}}
	if r := p.rowOf(op.P1); r != nil {
		read.row = *r
	}
	p.set(op.P2, read)
	return p.at + 1
}

func makeRecord(_ *machine, p *path, op *Opcode) int64 {
	made := &row{}
	for i := op.P1; i < op.P1+op.P2; i++ {
		column := of(Null, Unknown)
		if v := p.register(i); v != nil {
			column = v.inRow()
		}
		made.values = append(made.values, column)
	}
	p.set(op.P3, value{kind: record, row: made})
	return p.at + 1
}

func insert(_ *machine, p *path, op *Opcode) int64 {
	v := p.register(op.P2)
	if v == nil || v.kind == exact || v.kind == single && v.Type != Null {
		return p.at + 1
	}
	if t := p.tableOf(op.P1); t != nil {
		if v.kind == record {
			t.row = v.row
		}
		t.empty = No
	}
	return p.at + 1
}

func deleteRow(_ *machine, p *path, op *Opcode) int64 {
	if t := p.tableOf(op.P1); t != nil && t.empty == No {
		t.empty = Unknown
	}
	return p.at + 1
}

// nullRow is the row that an outer join makes up.
func nullRow(_ *machine, p *path, op *Opcode) int64 {
	r := p.rowOf(op.P1)
	if r == nil {
		return p.at + 1
	}
	nulls := &row{values: slices.Clone((*r).values)}
	for i := range nulls.values {
		if v := &nulls.values[i]; v.kind == single {
			v.Nullable = Yes
		}
	}
	*r = nulls
	return p.at + 1
}

func openPseudo(_ *machine, p *path, op *Opcode) int64 {
	store(p, &p.cursors, op.P1, cursor{onRegister, op.P2})
	return p.at + 1
}

func openDup(_ *machine, p *path, op *Opcode) int64 {
	if c := p.cursor(op.P2); c != nil {
		store(p, &p.cursors, op.P1, *c)
	}
	return p.at + 1
}

func openTable(m *machine, p *path, op *Opcode) int64 {
	r := &row{}
	if op.P3 == 0 || op.P3 == 1 {
		for number, c := range m.schema[Root{op.P3, op.P2}] {
			store(p, &r.values, number, of(c.Type, c.Nullable))
		}
	}
	p.open(op.P1, r, Unknown)
	return p.at + 1
}

func openEphemeral(_ *machine, p *path, op *Opcode) int64 {
	if op.P2 < 0 {
		*p.negative = true
		return end
	}
	r := &row{values: make([]value, op.P2)}
	for i := range r.values {
		r.values[i] = of(Null, Yes)
	}
	p.open(op.P1, r, Yes)
	return p.at + 1
}
