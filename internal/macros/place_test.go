package macros

import "testing"

func TestColumnPlace(t *testing.T) {
	for _, test := range []struct {
		name, database, sql string
		names               []string
		i                   int
		want                string // "" where the text does not show it
	}{
		{"a name", postgres, `SELECT id, name FROM t`, []string{"id", "name"}, 1, "name"},
		{"an alias", postgres, `SELECT id AS "id!: Id", name FROM t`, []string{"id!: Id", "name"}, 0, `"id!: Id"`},
		{"an alias without AS", postgres, `SELECT a+b sum FROM t`, []string{"sum"}, 0, `sum`},
		{"an expression", postgres, `SELECT id, count(*) FROM t`, []string{"id", "count"}, 1, "count(*)"},
		{"a cast", postgres, `SELECT (1+2)::numeric, $1::inet`, []string{"numeric", "inet"}, 1, "inet"},
		{"commas within", postgres, `SELECT coalesce(a, b, 'x,y'), ARRAY[1,2], E'\',' FROM t`, []string{"coalesce", "array", "?column?"}, 2, `E'\','`},
		{"two of a name", postgres, `SELECT a.id, b.id FROM a, b`, []string{"id", "id"}, 1, "id"},
		{"a star", postgres, `SELECT * FROM t`, []string{"a", "b"}, 1, ""},
		{"a star of a table", postgres, `SELECT t.*, 1 FROM t`, []string{"a", "b"}, 1, ""},
		{"a star, and a name elsewhere", postgres, `SELECT * FROM t WHERE b = 1`, []string{"a", "b"}, 1, "b"},
		{"RETURNING", postgres, `INSERT INTO t (a) SELECT 1 RETURNING id, "a b"`, []string{"id", "a b"}, 1, `"a b"`},
		{"WITH", postgres, `WITH x AS (SELECT 1, 2, 3) SELECT y FROM x`, []string{"y"}, 0, "y"},
		{"DISTINCT", postgres, `SELECT DISTINCT y FROM x`, []string{"y"}, 0, "y"},
		{"DISTINCT ON", postgres, `SELECT DISTINCT ON (a) b FROM x`, []string{"b"}, 0, "b"},
		{"a union", postgres, `SELECT a UNION SELECT b`, []string{"a"}, 0, "a"},
		{"comments", postgres, "SELECT a -- b, c\n, /* d, */ e FROM t", []string{"a", "e"}, 1, "e"},
		{"dollar quotes", postgres, `SELECT $a$ FROM x, $a$, b`, []string{"?column?", "b"}, 1, "b"},
		{"brackets, SQLite", sqlite, "SELECT [a b], `c``d` FROM t", []string{"a b", "c`d"}, 0, "[a b]"},
		{"a backtick, SQLite", sqlite, "SELECT [a b], `c``d` FROM t", []string{"a b", "c`d"}, 1, "`c``d`"},
		{"a string as a name, SQLite", sqlite, `SELECT 1 AS 'id!'`, []string{"id!"}, 0, `'id!'`},
		{"no SQL", sqlite, `)(,'`, []string{"a"}, 0, ""},
		{"nothing", sqlite, ``, []string{"a"}, 0, ""},
		{"a comma too many", postgres, `SELECT a,,b`, []string{"a", "b", "c"}, 1, "b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			start, end, ok := Column(test.database, test.sql, test.names, test.i)
			if got := test.sql[start:end]; got != test.want || ok != (test.want != "") {
				t.Errorf("got %q, %v; want %q", got, ok, test.want)
			}
		})
	}
}

func TestParameterPlace(t *testing.T) {
	for _, test := range []struct {
		name, database, sql string
		i, want             int // the place's beginning, -1 for none
	}{
		{"the second", postgres, `SELECT $1, $2`, 1, 11},
		{"the tenth", postgres, `SELECT $10, $1`, 9, 7},
		{"in a string", postgres, `SELECT '$1', $$ $1 $$, "$1" /* $1 */, $1`, 0, 38},
		{"none", postgres, `SELECT 1`, 0, -1},
		{"question marks", sqlite, `SELECT ?, ?`, 1, 10},
		{"numbers", sqlite, `SELECT ?2, ?`, 2, 11},
		{"names", sqlite, `SELECT :a, @b, $c, :a, ?`, 3, 23},
		{"a name again", sqlite, `SELECT :a, :a, :b`, 1, 15},
		{"an operator", postgres, `SELECT a ? 'b', $1`, 0, 16},
	} {
		t.Run(test.name, func(t *testing.T) {
			start, _, ok := Parameter(test.database, test.sql, test.i)
			if !ok {
				start = -1
			}
			if start != test.want {
				t.Errorf("got %d, want %d", start, test.want)
			}
		})
	}
}

func FuzzPlace(f *testing.F) {
	for _, sql := range []string{`SELECT "a`, `$$`, `$a$`, `'`, `[`, `/*`, `--`, `SELECT é, $1`, `E'\`} {
		f.Add(sql, true)
		f.Add(sql, false)
	}
	f.Fuzz(func(t *testing.T, sql string, isSQLite bool) {
		database := postgres
		if isSQLite {
			database = sqlite
		}
		last := 0
		for _, token := range scanSQL(database, sql) {
			if token.start < last || token.end <= token.start || token.end > len(sql) {
				t.Fatalf("%q: a token from %d to %d behind %d", sql, token.start, token.end, last)
			}
			last = token.end
		}
		for i := range 3 {
			start, end, _ := Column(database, sql, []string{"a", "b"}, i)
			_ = sql[start:end]
			start, end, _ = Parameter(database, sql, i)
			_ = sql[start:end]
		}
	})
}
