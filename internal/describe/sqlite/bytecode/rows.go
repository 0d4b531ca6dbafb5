package bytecode

import "slices"

// Cursors, tables and rows.

func readColumn(_ *machine, p *path, op *Opcode) int64 {
	read := of(Null, Unknown)
	if row := p.rowOf(op.P1); row != nil {
		if v := slot(p, *row, op.P2); v != nil && v.kind != absent {
			read = *v
		}
	}
	p.set(op.P3, read)
	return p.at + 1
}

func rowData(_ *machine, p *path, op *Opcode) int64 {
	read := value{kind: record}
	if row := p.rowOf(op.P1); row != nil {
		read.row = *row
	}
	p.set(op.P2, read)
	return p.at + 1
}

func makeRecord(_ *machine, p *path, op *Opcode) int64 {
	made := value{kind: record}
	for i := op.P1; i < op.P1+op.P2; i++ {
		column := of(Null, Unknown)
		if v := p.register(i); v != nil {
			column = v.inRow()
		}
		made.row = append(made.row, column)
	}
	p.set(op.P3, made)
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
	row := p.rowOf(op.P1)
	if row == nil {
		return p.at + 1
	}
	nulls := slices.Clone(*row)
	for i := range nulls {
		if nulls[i].kind == single {
			nulls[i].Nullable = Yes
		}
	}
	*row = nulls
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
	var row []value
	if op.P3 == 0 || op.P3 == 1 {
		for number, c := range m.schema[Root{op.P3, op.P2}] {
			store(p, &row, number, of(c.Type, c.Nullable))
		}
	}
	p.open(op.P1, row, Unknown)
	return p.at + 1
}

func openEphemeral(_ *machine, p *path, op *Opcode) int64 {
	if op.P2 < 0 {
		*p.negative = true
		return end
	}
	row := make([]value, op.P2)
	for i := range row {
		row[i] = of(Null, Yes)
	}
	p.open(op.P1, row, Yes)
	return p.at + 1
}
