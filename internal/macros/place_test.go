package macros

import (
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

func TestColumnPlace(t *testing.T) {
	for _, test := range []struct {
		name  string
		kind  *database.Macros
		sql   string
		names []string
		i     int
		want  string // "" where the text does not show it
	}{
		{"a name", ofPostgres, `SELECT id, name FROM t`, []string{"id", "name"}, 1, "name"},
		{"an alias", ofPostgres, `SELECT id AS "id!: Id", name FROM t`, []string{"id!: Id", "name"}, 0, `"id!: Id"`},
		{"an alias without AS", ofPostgres, `SELECT a+b sum FROM t`, []string{"sum"}, 0, `sum`},
		{"an expression", ofPostgres, `SELECT id, count(*) FROM t`, []string{"id", "count"}, 1, "count(*)"},
		{"a cast", ofPostgres, `SELECT (1+2)::numeric, $1::inet`, []string{"numeric", "inet"}, 1, "inet"},
		{"commas within", ofPostgres, `SELECT coalesce(a, b, 'x,y'), ARRAY[1,2], E'\',' FROM t`, []string{"coalesce", "array", "?column?"}, 2, `E'\','`},
		{"two of a name", ofPostgres, `SELECT a.id, b.id FROM a, b`, []string{"id", "id"}, 1, "id"},
		{"a star", ofPostgres, `SELECT * FROM t`, []string{"a", "b"}, 1, ""},
		{"a star of a table", ofPostgres, `SELECT t.*, 1 FROM t`, []string{"a", "b"}, 1, ""},
		{"a star, and a name elsewhere", ofPostgres, `SELECT * FROM t WHERE b = 1`, []string{"a", "b"}, 1, "b"},
		{"RETURNING", ofPostgres, `INSERT INTO t (a) SELECT 1 RETURNING id, "a b"`, []string{"id", "a b"}, 1, `"a b"`},
		{"WITH", ofPostgres, `WITH x AS (SELECT 1, 2, 3) SELECT y FROM x`, []string{"y"}, 0, "y"},
		{"DISTINCT", ofPostgres, `SELECT DISTINCT y FROM x`, []string{"y"}, 0, "y"},
		{"DISTINCT ON", ofPostgres, `SELECT DISTINCT ON (a) b FROM x`, []string{"b"}, 0, "b"},
		{"a union", ofPostgres, `SELECT a UNION SELECT b`, []string{"a"}, 0, "a"},
		{"comments", ofPostgres, "SELECT a -- b, c\n, /* d, */ e FROM t", []string{"a", "e"}, 1, "e"},
		{"dollar quotes", ofPostgres, `SELECT $a$ FROM x, $a$, b`, []string{"?column?", "b"}, 1, "b"},
		{"brackets, SQLite", ofSQLite, "SELECT [a b], `c``d` FROM t", []string{"a b", "c`d"}, 0, "[a b]"},
		{"a backtick, SQLite", ofSQLite, "SELECT [a b], `c``d` FROM t", []string{"a b", "c`d"}, 1, "`c``d`"},
		{"a string as a name, SQLite", ofSQLite, `SELECT 1 AS 'id!'`, []string{"id!"}, 0, `'id!'`},
		{"no SQL", ofSQLite, `)(,'`, []string{"a"}, 0, ""},
		{"nothing", ofSQLite, ``, []string{"a"}, 0, ""},
		{"a comma too many", ofPostgres, `SELECT a,,b`, []string{"a", "b", "c"}, 1, "b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			start, end, ok := Column(test.kind.Lexis, test.sql, test.names, test.i)
			if got := test.sql[start:end]; got != test.want || ok != (test.want != "") {
				t.Errorf("got %q, %v; want %q", got, ok, test.want)
			}
		})
	}
}

func TestParameterPlace(t *testing.T) {
	for _, test := range []struct {
		name    string
		kind    *database.Macros
		sql     string
		i, want int // the place's beginning, -1 for none
	}{
		{"the second", ofPostgres, `SELECT $1, $2`, 1, 11},
		{"the tenth", ofPostgres, `SELECT $10, $1`, 9, 7},
		{"in a string", ofPostgres, `SELECT '$1', $$ $1 $$, "$1" /* $1 */, $1`, 0, 38},
		{"none", ofPostgres, `SELECT 1`, 0, -1},
		{"question marks", ofSQLite, `SELECT ?, ?`, 1, 10},
		{"numbers", ofSQLite, `SELECT ?2, ?`, 2, 11},
		{"names", ofSQLite, `SELECT :a, @b, $c, :a, ?`, 3, 23},
		{"a name again", ofSQLite, `SELECT :a, :a, :b`, 1, 15},
		{"an operator", ofPostgres, `SELECT a ? 'b', $1`, 0, 16},
	} {
		t.Run(test.name, func(t *testing.T) {
			start, _, ok := Parameter(test.kind.Lexis, test.sql, test.i)
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
		lexis := ofPostgres.Lexis
		if isSQLite {
			lexis = ofSQLite.Lexis
		}
		last := 0
		for _, token := range scanSQL(lexis, sql) {
			if token.start < last || token.end <= token.start || token.end > len(sql) {
				t.Fatalf("%q: a token from %d to %d behind %d", sql, token.start, token.end, last)
			}
			last = token.end
		}
		for i := range 3 {
			start, end, _ := Column(lexis, sql, []string{"a", "b"}, i)
			_ = sql[start:end]
			start, end, _ = Parameter(lexis, sql, i)
			_ = sql[start:end]
		}
	})
}
