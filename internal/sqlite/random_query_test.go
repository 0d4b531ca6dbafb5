package sqlite_test

import (
	"fmt"
	"slices"
	"strings"
)

// scope is what an expression may name: columns with their table's alias.
type scope []string

// scope is that of a table by an alias, or by no name.
func (t table) scope(alias string, rowid bool) scope {
	if alias != "" {
		alias += "."
	}
	var s scope
	for _, column := range t.columns {
		s = append(s, alias+column)
	}
	if rowid && t.rowid && !slices.Contains(t.columns, "rowid") {
		s = append(s, alias+"rowid")
	}
	return s
}

// list makes n of something, with commas.
func (g *generator) list(n int, make func() string) string {
	parts := []string{}
	for range n {
		parts = append(parts, make())
	}
	return strings.Join(parts, ", ")
}

// query makes a text of one statement, at times two.
func (g *generator) query() string {
	g.named = g.chance(15)
	if g.chance(3) {
		return g.statement() + "; " + g.statement()
	}
	return g.statement()
}

func (g *generator) statement() string {
	switch n := g.IntN(100); {
	case n < 70:
		return g.selection()
	case n < 82:
		return g.insert()
	case n < 91:
		return g.update()
	default:
		return g.deletion()
	}
}

// selection is a whole SELECT, with what may stand around it.
func (g *generator) selection() string {
	before := len(g.tables)
	defer func() { g.tables = g.tables[:before] }()
	with := ""
	if g.chance(15) {
		with = g.with()
	}
	return with + g.compound(nil, 1+g.IntN(5), 3)
}

// with makes common table expressions, which the generator's tables have until
// its caller takes them off.
func (g *generator) with() string {
	var parts []string
	recursive := ""
	for range 1 + g.IntN(2) {
		name := fmt.Sprintf("w%d", len(g.tables))
		columns := columnNames[:1+g.IntN(3)]
		materialized := one(g, "", "", "", "MATERIALIZED ", "NOT MATERIALIZED ")
		body := ""
		if g.chance(30) {
			recursive = "RECURSIVE "
			from := one(g, g.tables...)
			steps := []string{}
			for _, column := range columns {
				steps = append(steps, one(g, name+"."+column+" + 1", name+"."+column, name+"."+column+" || 'x'", "x."+one(g, from.columns...)))
			}
			body = fmt.Sprintf("%s %s SELECT %s FROM %s, %s x WHERE %s LIMIT %d", g.simple(nil, len(columns), 1), one(g, "UNION ALL", "UNION"),
				strings.Join(steps, ", "), name, from.name, g.expression(append(from.scope("x", false), name+"."+columns[0]), 1), 1+g.IntN(9))
		} else {
			body = g.compound(nil, len(columns), 2)
		}
		parts = append(parts, fmt.Sprintf("%s (%s) AS %s(%s)", name, strings.Join(columns, ", "), materialized, body))
		g.tables = append(g.tables, table{name: name, columns: columns})
	}
	return "WITH " + recursive + strings.Join(parts, ", ") + " "
}

// compound is one SELECT, or several, of n columns, with order and limit.
func (g *generator) compound(outer scope, n, depth int) string {
	text := g.simple(outer, n, depth)
	for several := g.chance(14); several; several = g.chance(25) {
		text += " " + one(g, "UNION", "UNION ALL", "UNION ALL", "EXCEPT", "INTERSECT") + " " + g.simple(outer, n, depth-1)
	}
	if g.chance(30) {
		text += fmt.Sprintf(" ORDER BY %d%s", 1+g.IntN(n), one(g, "", "", " DESC", " NULLS LAST", " COLLATE NOCASE"))
	}
	if g.chance(15) {
		text += " LIMIT " + one(g, "10", "1", "0", g.parameter())
		if g.chance(30) {
			text += " OFFSET " + one(g, "2", g.parameter())
		}
	}
	return text
}

// simple is one SELECT without order and limit.
func (g *generator) simple(outer scope, n, depth int) string {
	if depth <= 0 || g.chance(4) {
		return "SELECT " + g.list(n, g.literal)
	}
	if g.chance(3) {
		return g.values(n)
	}
	from, own := g.from(outer, depth)
	all := append(slices.Clone(own), outer...)
	grouping := ""
	var keys scope
	if g.chance(20) {
		keys = some(g, own, 2)
		grouping = " GROUP BY " + strings.Join(keys, ", ")
		if g.chance(20) {
			key := g.expression(own, 1)
			grouping += ", " + g.nonInteger(key)
		}
		if g.chance(30) {
			grouping += " HAVING " + g.aggregate(own) + one(g, " > 1", " IS NOT NULL", " < 'x'")
		}
	}
	aggregated := grouping != "" || g.chance(8)
	windowed := !aggregated && g.chance(10)
	column := func() string {
		text := ""
		switch {
		case aggregated && g.chance(60):
			text = g.aggregate(own)
			if g.chance(25) {
				text = one(g, "coalesce("+text+", 0)", text+" + 1", "CAST("+text+" AS TEXT)", text+" > 1")
			}
		case windowed && g.chance(50):
			text = g.window(own)
		case g.chance(65):
			text = one(g, own...)
		default:
			text = g.expression(all, depth)
		}
		if g.chance(25) {
			text += " AS " + one(g, "x", "y", `"z!"`, `"q: String"`)
		}
		return text
	}
	text := "SELECT " + one(g, "", "", "", "", "", "", "DISTINCT ") + g.list(n, column) + " FROM " + from
	if g.chance(45) {
		text += " WHERE " + g.expression(all, depth)
	}
	return text + grouping
}

// nonInteger keeps an expression from being a column's number.
func (g *generator) nonInteger(text string) string { return "(" + text + ") || ''" }

func (g *generator) values(n int) string {
	rows := []string{}
	for range 1 + g.IntN(3) {
		rows = append(rows, "("+g.list(n, g.literal)+")")
	}
	return "VALUES " + strings.Join(rows, ", ")
}

// from makes a FROM clause and tells what it brings into scope.
func (g *generator) from(outer scope, depth int) (string, scope) {
	text, own, last := "", scope{}, table{}
	for i, more := 0, true; more && i < 4; i, more = i+1, g.chance(38) {
		alias := fmt.Sprintf("x%d%d", depth, i)
		source, t := g.source(alias, outer, depth)
		columns := t.scope(alias, g.chance(15))
		if i == 0 {
			text, own, last = source, columns, t
			continue
		}
		join := one(g, ", ", " JOIN ", " JOIN ", " LEFT JOIN ", " LEFT JOIN ", " LEFT JOIN ", " CROSS JOIN ", " RIGHT JOIN ", " FULL JOIN ")
		shared := intersection(last.columns, t.columns)
		text += join + source
		switch {
		case join == ", ":
		case len(shared) > 0 && i == 1 && g.chance(15):
			text += " USING (" + shared[0] + ")"
		case g.chance(75):
			text += fmt.Sprintf(" ON %s = %s", one(g, columns...), one(g, own...))
		case g.chance(80):
			text += " ON " + g.expression(append(slices.Clone(own), columns...), 1)
		}
		own, last = append(own, columns...), t
	}
	return text, own
}

func intersection(a, b []string) []string {
	var both []string
	for _, x := range a {
		if slices.Contains(b, x) {
			both = append(both, x)
		}
	}
	return both
}

// source is one part of a FROM clause.
func (g *generator) source(alias string, outer scope, depth int) (string, table) {
	switch {
	case depth > 1 && g.chance(12):
		columns := columnNames[:1+g.IntN(3)]
		parts := []string{}
		for i, part := range strings.Split(strings.Repeat(",", len(columns)-1), ",") {
			parts = append(parts, part+alias+"s."+columns[i])
		}
		inner := fmt.Sprintf("(WITH %ss (%s) AS (%s) SELECT %s FROM %ss) %s", alias, strings.Join(columns, ", "), g.compound(nil, len(columns), depth-1), strings.Join(parts, ", "), alias, alias)
		return inner, table{columns: columns}
	case depth > 1 && g.chance(10):
		t := one(g, g.tables...)
		return fmt.Sprintf("(SELECT * FROM %s%s) %s", t.name, one(g, "", " LIMIT 3", " WHERE "+g.expression(t.scope("", false), 1), " ORDER BY "+t.columns[0]), alias), table{columns: t.columns}
	case g.chance(2):
		return fmt.Sprintf("json_each(%s) %s", one(g, "'[1, 2]'", "'{}'", g.parameter()), alias), table{columns: []string{"atom"}}
	}
	t := one(g, g.tables...)
	return t.name + " " + alias, t
}

// insert, update and deletion change base tables.
func (g *generator) insert() string {
	t := g.base()
	columns := some(g, t.written, 9)
	text := one(g, "INSERT", "INSERT", "INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE", "REPLACE")
	conflicts := text == "INSERT"
	text += " INTO " + t.name
	switch {
	case g.chance(4):
		text += " DEFAULT VALUES"
		conflicts = false
	case g.chance(25):
		text += fmt.Sprintf(" (%s) %s WHERE true", strings.Join(columns, ", "), "SELECT * FROM ("+g.compound(nil, len(columns), 2)+")")
	default:
		value := func() string { return one(g, g.parameter(), g.literal(), g.expression(nil, 1)) }
		text += fmt.Sprintf(" (%s) VALUES (%s)", strings.Join(columns, ", "), g.list(len(columns), value))
		if g.chance(15) {
			text += ", (" + g.list(len(columns), value) + ")"
		}
	}
	if conflicts && g.chance(30) {
		text += " ON CONFLICT"
		if len(t.unique) > 0 {
			text += " (" + strings.Join(one(g, t.unique...), ", ") + ")"
		}
		if column := one(g, t.written...); len(t.unique) > 0 && g.chance(70) {
			text += fmt.Sprintf(" DO UPDATE SET %s = %s", column, one(g, "excluded."+column, t.name+"."+column, g.parameter()))
			if g.chance(30) {
				text += " WHERE excluded." + column + " > 1"
			}
		} else {
			text += " DO NOTHING"
		}
	}
	return text + g.returning(t)
}

func (g *generator) update() string {
	t := g.base()
	from, own := "", scope{}
	if g.chance(15) {
		from, own = g.from(nil, 1)
		from = " FROM " + from
	}
	all := append(t.scope(t.name, false), own...)
	var sets []string
	for _, column := range some(g, t.written, 3) {
		sets = append(sets, column+" = "+one(g, g.parameter(), g.expression(all, 2)))
	}
	text := "UPDATE " + one(g, "", "", "", "OR IGNORE ", "OR REPLACE ") + t.name + " SET " + strings.Join(sets, ", ") + from
	if g.chance(70) {
		text += " WHERE " + g.expression(all, 2)
	}
	return text + g.returning(t)
}

func (g *generator) deletion() string {
	t := g.base()
	text := "DELETE FROM " + t.name
	if g.chance(75) {
		text += " WHERE " + g.expression(t.scope(t.name, g.chance(10)), 2)
	}
	return text + g.returning(t)
}

func (g *generator) base() table {
	for {
		if t := one(g, g.tables...); len(t.written) > 0 {
			return t
		}
	}
}

func (g *generator) returning(t table) string {
	if g.chance(25) {
		return ""
	}
	s := t.scope("", g.chance(20))
	return " RETURNING " + one(g, "*", "*", g.list(1+g.IntN(3), func() string {
		if g.chance(75) {
			return one(g, s...)
		}
		return g.expression(s, 2) + " AS x"
	}))
}
