package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes schemas and queries on them, by chance. Nearly all of them
// are valid: SQLite takes a value of any type anywhere.
type generator struct {
	*rand.Rand
	untyped bool    // columns may have no declared type
	tables  []table // with the views
	parameters
}

// parameters are the forms of bind parameters that the query at hand uses.
type parameters struct {
	named    bool
	constant bool // none at all
}

type table struct {
	name    string
	columns []string // that can be selected
	written []string // that can be inserted and updated; none of a view
	rowid   bool
	unique  [][]string // the columns of each unique constraint
}

// one picks one of several.
func one[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// chance is true with a probability in per cent.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// some picks between one and most of a list, in its order.
func some[T any](g *generator, of []T, most int) []T {
	if len(of) == 0 {
		return nil
	}
	n := 1 + g.IntN(min(most, len(of)))
	var picked []T
	for _, i := range slices.Sorted(slices.Values(g.Perm(len(of))[:n])) {
		picked = append(picked, of[i])
	}
	return picked
}

var (
	columnNames = []string{"a", "b", "c", "d", "e", "f", "g", "h"}

	declaredTypes = []string{
		"INTEGER", "INTEGER", "INT", "BIGINT", "INT8", "INT4", "TINYINT(1)", "UNSIGNED BIG INT", "TEXT", "TEXT", "TEXT",
		"VARCHAR(20)", "NATIVE CHARACTER(5)", "CLOB", "BLOB", "REAL", "DOUBLE PRECISION", "FLOAT", "NUMERIC", "DECIMAL(10, 2)",
		"BOOLEAN", "BOOL", "DATE", "TIME", "DATETIME", "TIMESTAMP", "JSON", "UUID", "POINT", "STRING", "text", "Integer",
	}
	strictTypes = []string{"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"}
	collations  = []string{"NOCASE", "BINARY", "RTRIM"}
)

// schema makes the statements of a new schema.
func (g *generator) schema() []string {
	g.tables = nil
	g.untyped = g.chance(15)
	var statements []string
	for i := range 2 + g.IntN(4) {
		statements = append(statements, g.table(fmt.Sprintf("t%d", i)))
		statements = append(statements, g.indexes()...)
	}
	bases := g.tables
	for i := range g.IntN(3) {
		statements = append(statements, g.view(fmt.Sprintf("v%d", i)))
	}
	if g.chance(15) {
		t := one(g, bases...)
		statements = append(statements, fmt.Sprintf("CREATE TRIGGER tr AFTER %s ON %s BEGIN DELETE FROM %s WHERE 0; END",
			one(g, "INSERT", "UPDATE", "DELETE"), t.name, one(g, bases...).name))
	}
	if g.chance(20) {
		for _, t := range bases {
			for range g.IntN(4) {
				statements = append(statements, fmt.Sprintf("INSERT OR IGNORE INTO %s (%s) VALUES (%s)",
					t.name, strings.Join(t.written, ", "), g.list(len(t.written), g.literal)))
			}
		}
		if g.chance(30) {
			statements = append(statements, "ANALYZE")
		}
	}
	return statements
}

// table makes a table, and adds it to the generator's.
func (g *generator) table(name string) string {
	t := table{name: name, rowid: true}
	strict, withoutRowid := g.chance(10), g.chance(15)
	names := some(g, columnNames, len(columnNames))
	primary := "" // "" no key, "column" in the first column, "table" as a constraint
	switch {
	case withoutRowid && g.chance(50), g.chance(10):
		primary = "table"
	case withoutRowid, g.chance(70):
		primary = "column"
	}
	if primary == "column" && !slices.Contains(names, "id") {
		names = append([]string{"id"}, names...)
	}
	var parts []string
	for i, column := range names {
		declared := one(g, declaredTypes...)
		switch {
		case strict:
			declared = one(g, strictTypes...)
		case g.untyped && g.chance(25):
			declared = ""
		}
		if i == 0 && primary == "column" {
			if g.chance(70) {
				declared = "INTEGER"
			}
			parts = append(parts, column+" "+declared+" "+one(g, "PRIMARY KEY", "PRIMARY KEY", "NOT NULL PRIMARY KEY", "PRIMARY KEY DESC"))
			if declared == "INTEGER" && !withoutRowid && g.chance(15) {
				parts[0] = column + " INTEGER PRIMARY KEY AUTOINCREMENT"
			}
			t.columns, t.written = append(t.columns, column), append(t.written, column)
			t.unique = append(t.unique, []string{column})
			continue
		}
		t.columns = append(t.columns, column)
		definition := column + " " + declared
		if len(t.written) > 0 && g.chance(8) {
			definition += fmt.Sprintf(" GENERATED ALWAYS AS (%s) %s", one(g, t.written[0]+" + 1", t.written[0]+" || 'x'", "5", "coalesce("+t.written[0]+", 1.5)"), one(g, "VIRTUAL", "STORED"))
			parts = append(parts, definition+one(g, "", "", " NOT NULL"))
			continue
		}
		if g.chance(50) {
			definition += " NOT NULL"
		}
		if g.chance(20) {
			definition += " DEFAULT " + one(g, "0", "'x'", "NULL", "1.5", "CURRENT_TIMESTAMP", "(1 + 1)")
		}
		if g.chance(10) {
			definition += " UNIQUE"
			t.unique = append(t.unique, []string{column})
		}
		if g.chance(10) {
			definition += " COLLATE " + one(g, collations...)
		}
		if g.chance(8) {
			definition += fmt.Sprintf(" CHECK (%s <> 99)", column)
		}
		if len(g.tables) > 0 && g.chance(10) {
			definition += " REFERENCES " + one(g, g.tables...).name
		}
		parts = append(parts, definition)
		t.written = append(t.written, column)
	}
	if primary == "table" {
		key := some(g, t.written, 3)
		parts = append(parts, "PRIMARY KEY ("+strings.Join(key, ", ")+")")
		t.unique = append(t.unique, key)
	}
	if len(t.written) > 1 && g.chance(15) {
		key := some(g, t.written, 2)
		parts = append(parts, "UNIQUE ("+strings.Join(key, ", ")+")")
		t.unique = append(t.unique, key)
	}
	var options []string
	if withoutRowid {
		options = append(options, "WITHOUT ROWID")
		t.rowid = false
	}
	if strict {
		options = append(options, "STRICT")
	}
	g.tables = append(g.tables, t)
	return strings.TrimSpace(fmt.Sprintf("CREATE TABLE %s (%s) %s", name, strings.Join(parts, ", "), strings.Join(options, ", ")))
}

// indexes makes some on the newest table.
func (g *generator) indexes() []string {
	t := &g.tables[len(g.tables)-1]
	var statements []string
	for i := range g.IntN(3) {
		columns := some(g, t.columns, 3)
		unique := g.chance(25)
		keys := slices.Clone(columns)
		plain := true
		for k := range keys {
			switch {
			case g.chance(10):
				keys[k] = one(g, "lower(%s)", "%s + 1", "%s || 'x'", "coalesce(%s, 0)")
				keys[k] = strings.ReplaceAll(keys[k], "%s", columns[k])
				plain = false
			case g.chance(15):
				keys[k] += " COLLATE " + one(g, collations...)
				plain = false
			case g.chance(15):
				keys[k] += " DESC"
			}
		}
		where := ""
		if g.chance(12) {
			where = " WHERE " + columns[0] + one(g, " IS NOT NULL", " > 1", " = 'x'")
			plain = false
		}
		kind := ""
		if unique {
			kind = "UNIQUE "
			if plain {
				t.unique = append(t.unique, columns)
			}
		}
		statements = append(statements, fmt.Sprintf("CREATE %sINDEX %s_i%d ON %s (%s)%s", kind, t.name, i, t.name, strings.Join(keys, ", "), where))
	}
	return statements
}

// view makes a view of what there is, and adds it.
func (g *generator) view(name string) string {
	g.constant = true
	defer func() { g.constant = false }()
	columns := slices.Clone(columnNames[:1+g.IntN(4)])
	var outputs []string
	body := g.compound(nil, len(columns), 2)
	if g.chance(70) {
		outputs = columns
		body = fmt.Sprintf("CREATE VIEW %s (%s) AS %s", name, strings.Join(columns, ", "), body)
	} else {
		t := one(g, g.tables...)
		outputs = t.columns
		body = fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM %s WHERE %s", name, t.name, g.expression(t.scope("", false), 2))
	}
	g.tables = append(g.tables, table{name: name, columns: outputs})
	return body
}
