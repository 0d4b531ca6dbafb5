package sqlite_test

import (
	"fmt"
	"strings"
)

// literal is a constant.
func (g *generator) literal() string {
	return one(g, "1", "2", "0", "-1", "1.5", "'x'", "'text'", "''", "NULL", "NULL", "x'00ff'", "TRUE", "9223372036854775807",
		"9223372036854775808", "'2020-01-01'", "CURRENT_TIMESTAMP", "'{\"a\": 1}'", "1e3")
}

// parameter is a bind parameter, in a view a constant.
func (g *generator) parameter() string {
	if g.constant {
		return g.literal()
	}
	if g.named {
		return one(g, "?1", "?2", "?3", ":a", "@b", "$c", "?")
	}
	return "?"
}

// expression is any expression over a scope, with no aggregate.
func (g *generator) expression(s scope, depth int) string {
	if depth <= 0 || g.chance(15) {
		return g.leaf(s)
	}
	sub := func() string { return g.expression(s, depth-1) }
	switch g.IntN(28) {
	case 0, 1, 2:
		return g.leaf(s)
	case 3, 4, 5, 6:
		return fmt.Sprintf("%s %s %s", g.leaf(s), one(g, "=", "=", "<>", "<", ">=", "IS", "IS NOT", "IS DISTINCT FROM"), g.leaf(s))
	case 7, 8:
		return fmt.Sprintf("(%s %s %s)", sub(), one(g, "+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>"), sub())
	case 9, 10:
		return fmt.Sprintf("(%s %s %s)", sub(), one(g, "AND", "OR"), sub())
	case 11:
		return one(g, "NOT (", "-(", "~(", "+(") + sub() + ")"
	case 12:
		return "(" + sub() + ")" + one(g, " IS NULL", " IS NOT NULL", " NOTNULL")
	case 13:
		return fmt.Sprintf("(%s %sBETWEEN %s AND %s)", sub(), one(g, "", "NOT "), g.leaf(s), g.leaf(s))
	case 14:
		return fmt.Sprintf("%s %sIN (%s)", g.leaf(s), one(g, "", "NOT "), g.list(g.IntN(4), func() string { return g.leaf(s) }))
	case 15:
		return fmt.Sprintf("%s %sIN (%s)", g.leaf(s), one(g, "", "NOT "), g.compound(s, 1, depth-1))
	case 16:
		return fmt.Sprintf("%sEXISTS (%s)", one(g, "", "NOT "), g.compound(s, 1, depth-1))
	case 17, 18:
		return "(" + g.compound(s, 1, depth-1) + ")"
	case 19, 20:
		return g.conditional(s, depth)
	case 21:
		return fmt.Sprintf("CAST(%s AS %s)", sub(), one(g, "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "BOOLEAN", "DATE", "INT4"))
	case 22:
		return fmt.Sprintf("%s %sLIKE %s", g.leaf(s), one(g, "", "NOT "), one(g, "'a%'", "'%x%'", g.parameter()))
	case 23:
		return fmt.Sprintf("%s COLLATE %s", g.leaf(s), one(g, collations...))
	case 24:
		return fmt.Sprintf("((%s, %s) %s (%s, %s))", g.leaf(s), g.leaf(s), one(g, "=", "<", "IS"), g.leaf(s), g.leaf(s))
	default:
		return g.call(s, depth)
	}
}

// leaf is a column of the scope more often than not.
func (g *generator) leaf(s scope) string {
	switch n := g.IntN(100); {
	case n < 65 && len(s) > 0:
		return one(g, s...)
	case n < 78:
		return g.parameter()
	default:
		return g.literal()
	}
}

func (g *generator) conditional(s scope, depth int) string {
	sub := func() string { return g.expression(s, depth-1) }
	switch g.IntN(5) {
	case 0:
		return fmt.Sprintf("coalesce(%s, %s)", sub(), g.list(1+g.IntN(2), sub))
	case 1:
		return fmt.Sprintf("%s(%s, %s)", one(g, "ifnull", "nullif"), sub(), sub())
	case 2:
		return fmt.Sprintf("iif(%s, %s, %s)", sub(), sub(), sub())
	}
	text := "CASE"
	if g.chance(30) {
		text += " " + g.leaf(s)
	}
	for range 1 + g.IntN(2) {
		text += fmt.Sprintf(" WHEN %s THEN %s", sub(), sub())
	}
	if g.chance(60) {
		text += " ELSE " + sub()
	}
	return text + " END"
}

// call is a function of values.
func (g *generator) call(s scope, depth int) string {
	name := one(g, "abs/1", "length/1", "lower/1", "upper/1", "trim/1", "typeof/1", "hex/1", "quote/1", "round/1", "round/2", "sign/1",
		"instr/2", "substr/2", "substr/3", "replace/3", "printf/2", "max/2", "min/3", "random/0", "changes/0", "last_insert_rowid/0",
		"date/1", "datetime/1", "time/1", "julianday/1", "unixepoch/1", "strftime/2", "json_extract/2", "json_array/2", "json_valid/1",
		"json_object/2", "json_type/1", "concat/2", "likely/1", "unlikely/1", "zeroblob/1", "unicode/1", "char/1", "total_changes/0")
	name, count, _ := strings.Cut(name, "/")
	return fmt.Sprintf("%s(%s)", name, g.list(int(count[0]-'0'), func() string { return g.expression(s, depth-1) }))
}

// aggregate is an aggregate function over a scope.
func (g *generator) aggregate(s scope) string {
	value := g.expression(s, 1)
	text := one(g, "count(*)", "count("+value+")", "count(DISTINCT "+one(g, s...)+")", "sum("+value+")", "avg("+value+")", "min("+value+")",
		"max("+one(g, s...)+")", "total("+value+")", "group_concat("+value+")", "group_concat("+value+", '-')", "json_group_array("+value+")",
		"max("+value+")", "min("+one(g, s...)+")", "sum("+one(g, s...)+")")
	if g.chance(12) {
		text += " FILTER (WHERE " + g.expression(s, 1) + ")"
	}
	return text
}

// window is a window function over a scope.
func (g *generator) window(s scope) string {
	value := one(g, s...)
	text := one(g, "row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(3)", "lag("+value+")", "lead("+value+", 2, 0)",
		"first_value("+value+")", "last_value("+value+")", "nth_value("+value+", 2)", g.aggregate(s))
	for strings.Contains(text, "DISTINCT") {
		text = "sum(" + value + ")"
	}
	over := ""
	if g.chance(40) {
		over = "PARTITION BY " + one(g, s...)
	}
	if g.chance(70) {
		over += " ORDER BY " + one(g, s...) + one(g, "", " DESC")
		if g.chance(25) {
			over += one(g, " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " RANGE UNBOUNDED PRECEDING", " GROUPS BETWEEN CURRENT ROW AND 1 FOLLOWING", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW")
		}
	}
	return text + " OVER (" + strings.TrimSpace(over) + ")"
}
