package bytecode

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// value is what is known of a register, or of a column in a row.
type value struct {
	kind kind
	Column
	number int64 // of exact
	row    *row  // of record
}

// row is what is known of the values in a row. It is never changed: cursors,
// registers and paths share it.
type row struct {
	values []value
	sum    *digest // of the values, made when first asked for
}

type kind uint8

const (
	absent kind = iota // nothing was ever stored
	single             // a value, of which the Column is known
	exact              // a known integer: the program's own, such as addresses
	record             // a row
)

func of(t Type, n Nullable) value { return value{kind: single, Column: Column{t, n}} }

// column is what is known of the value as one of a row.
func (v value) column() Column {
	switch v.kind {
	case single:
		return v.Column
	case exact:
		return Column{Integer, No}
	}
	return Column{}
}

// inRow is the value as it goes into a row: numbers are forgotten.
func (v value) inRow() value {
	if v.kind == record {
		return v
	}
	c := v.column()
	return of(c.Type, c.Nullable)
}

// table is what a cursor reads: one row stands for all.
type table struct {
	at    int64 // the instruction that opened it
	row   *row
	empty Nullable // Yes, No, or Unknown
}

// cursor reads a table, or the row in a register.
type cursor struct {
	kind   cursorKind
	number int64 // of the register, or of the instruction that opened the table
}

type cursorKind uint8

const (
	closed cursorKind = iota
	onTable
	onRegister
)

// path is one way through the program, with the memory that it leads to.
type path struct {
	at        int64
	registers []value
	cursors   []cursor
	tables    []table
	visits    []uint8
	negative  *bool // set when a negative number is met
}

// branch is a copy of a path that goes on elsewhere. It takes the room of a
// path that has ended, if there is one: a program may have thousands.
func (m *machine) branch(p *path, at int64) *path {
	b := &path{}
	if last := len(m.ended) - 1; last >= 0 {
		b, m.ended = m.ended[last], m.ended[:last]
	}
	b.at, b.negative = at, p.negative
	b.registers = append(b.registers[:0], p.registers...)
	b.cursors = append(b.cursors[:0], p.cursors...)
	b.tables = append(b.tables[:0], p.tables...)
	b.visits = append(b.visits[:0], p.visits...)
	return b
}

// slot returns the i-th place of a list, nil where the list is shorter.
func slot[T any](p *path, list []T, i int64) *T {
	if i < 0 {
		*p.negative = true
	}
	if i < 0 || i >= int64(len(list)) {
		return nil
	}
	return &list[i]
}

// store puts v into the i-th place of a list, which grows as needed.
func store[T any](p *path, list *[]T, i int64, v T) {
	if i < 0 {
		*p.negative = true
		return
	}
	if grow := i + 1 - int64(len(*list)); grow > 0 {
		*list = append(*list, make([]T, grow)...)
	}
	(*list)[i] = v
}

// register returns a register that something was stored in, else nil.
func (p *path) register(i int64) *value {
	v := slot(p, p.registers, i)
	if v == nil || v.kind == absent {
		return nil
	}
	return v
}

func (p *path) set(i int64, v value) { store(p, &p.registers, i, v) }

func (p *path) setColumn(i int64, t Type, n Nullable) { p.set(i, of(t, n)) }

// notNull notes that the value in a register turned out not to be NULL.
func (p *path) notNull(i int64) {
	if v := p.register(i); v != nil && v.kind == single {
		v.Nullable = No
	}
}

func (p *path) cursor(i int64) *cursor {
	c := slot(p, p.cursors, i)
	if c == nil || c.kind == closed {
		return nil
	}
	return c
}

// tableOf returns the table that a cursor reads, nil where it reads none.
func (p *path) tableOf(i int64) *table {
	c := p.cursor(i)
	if c == nil || c.kind != onTable {
		return nil
	}
	return p.table(c.number)
}

func (p *path) table(at int64) *table {
	for i := range p.tables {
		if p.tables[i].at == at {
			return &p.tables[i]
		}
	}
	return nil
}

// rowOf returns the place of the row that a cursor reads, nil where there is
// none.
func (p *path) rowOf(i int64) **row {
	c := p.cursor(i)
	if c == nil {
		return nil
	}
	if c.kind == onTable {
		if t := p.table(c.number); t != nil {
			return &t.row
		}
		return nil
	}
	if v := p.register(c.number); v != nil && v.kind == record {
		return &v.row
	}
	return nil
}

// open makes a cursor on a new table.
func (p *path) open(i int64, r *row, empty Nullable) {
	opened := table{at: p.at, row: r, empty: empty}
	if t := p.table(p.at); t != nil {
		*t = opened
	} else {
		p.tables = append(p.tables, opened)
		slices.SortFunc(p.tables, func(a, b table) int { return cmp.Compare(a.at, b.at) })
	}
	store(p, &p.cursors, i, cursor{onTable, p.at})
}

// digest tells memories apart. It has 128 bits, so that two are not taken for
// one by chance, and holds for one run.
type digest [2]uint64

// hasher makes digests.
type hasher struct {
	seeds [2]maphash.Seed
	text  []byte // of the path at hand; its room serves all
}

func newHasher() hasher {
	return hasher{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

func (h *hasher) sum(text []byte) digest {
	return digest{maphash.Bytes(h.seeds[0], text), maphash.Bytes(h.seeds[1], text)}
}

// path covers a path's memory and its next instruction. Places that nothing was
// stored in do not count, so shorter and longer lists may be the same.
func (h *hasher) path(p *path) digest {
	text := binary.AppendVarint(h.text[:0], p.at)
	text = h.values(text, p.registers)
	for i, c := range p.cursors {
		if c.kind != closed {
			text = binary.AppendVarint(append(binary.AppendVarint(text, int64(i)), byte(c.kind)), c.number)
		}
	}
	text = binary.AppendVarint(text, -1)
	for _, t := range p.tables {
		text = h.row(append(binary.AppendVarint(text, t.at), byte(t.empty)), t.row)
	}
	h.text = text
	return h.sum(text)
}

// row appends a row's digest.
func (h *hasher) row(text []byte, r *row) []byte {
	if r.sum == nil {
		sum := h.sum(h.values(nil, r.values))
		r.sum = &sum
	}
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(text, r.sum[0]), r.sum[1])
}

// values appends values with their numbers.
func (h *hasher) values(text []byte, values []value) []byte {
	for i := range values {
		v := &values[i]
		if v.kind == absent {
			continue
		}
		text = append(binary.AppendVarint(text, int64(i)), byte(v.kind), byte(v.Type), byte(v.Nullable))
		switch v.kind {
		case exact:
			text = binary.AppendVarint(text, v.number)
		case record:
			text = h.row(text, v.row)
		}
	}
	return binary.AppendVarint(text, -1)
}
