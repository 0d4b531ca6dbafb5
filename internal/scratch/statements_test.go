package scratch

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

var statementCases = []struct {
	name, sql string
	want      []string // how each begins
}{
	{"none", "", nil},
	{"only space", " \n;; -- a;b\n/* c; */ ;", nil},
	{"two", "SELECT 1;SELECT 2", []string{"SELECT 1", "SELECT 2"}},
	{"empty ones between", ";;SELECT 1;; ;SELECT 2;", []string{"SELECT 1", "SELECT 2"}},
	{"quotes", `SELECT ';', 'it''s;', ";", "a"";"; SELECT 2`, []string{"SELECT '", "SELECT 2"}},
	{"escapes", `SELECT E'\';', '\'; SELECT 2`, []string{"SELECT E", "SELECT 2"}},
	{"a name that ends in e", `SELECT 'a' AS name;SELECT 'x\';SELECT 3`, []string{"SELECT 'a", "SELECT 'x", "SELECT 3"}},
	{"dollars", "SELECT $$;$$, $a$;$$;$a$, $1; SELECT 2", []string{"SELECT $", "SELECT 2"}},
	{"a dollar in a name", "SELECT a$b$ FROM t; SELECT $b$;$b$", []string{"SELECT a", "SELECT $b"}},
	{"comments", "/* ; /* ; */ ; */ SELECT 1 -- ;\n; SELECT 2 /* ; */; SELECT 3", []string{"SELECT 1", "SELECT 2", "SELECT 3"}},
	{"a rule", "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3", []string{"CREATE RULE", "SELECT 3"}},
	{"atomic", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
		[]string{"CREATE FUNCTION", "SELECT 3"}},
	{"a transaction", "BEGIN; SELECT 1; END; SELECT 2", []string{"BEGIN", "SELECT 1", "END", "SELECT 2"}},
	{"not closed", "SELECT 1; SELECT 'a; SELECT 2", []string{"SELECT 1", "SELECT 'a"}},
}

func split(sql string) (offsets []int) {
	for s := (splitter{sql: sql}); ; {
		offset := s.next()
		if offset < 0 {
			return offsets
		}
		offsets = append(offsets, offset)
	}
}

func TestStatements(t *testing.T) {
	for _, c := range statementCases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for i, offset := range split(c.sql) {
				text := c.sql[offset:]
				if i < len(c.want) {
					text = text[:min(len(text), len(c.want[i]))]
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("- want, + got:\n%s", diff)
			}
		})
	}
}

// FuzzStatements: the splitter ends, goes forward only, and begins statements
// where there is something.
func FuzzStatements(f *testing.F) {
	for _, c := range statementCases {
		f.Add(c.sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		last := -1
		for _, offset := range split(sql) {
			if offset <= last || offset >= len(sql) || strings.IndexByte(" \t\n\r;", sql[offset]) >= 0 {
				t.Fatalf("a statement at %d after one at %d of %q", offset, last, sql)
			}
			last = offset
		}
	})
}

// FuzzStatementsAsServer compares with the server, which fails at the
// statement that we append. The texts run as a user that may do little.
func FuzzStatementsAsServer(f *testing.F) {
	for _, c := range statementCases {
		f.Add(c.sql)
	}
	s := spec(f, map[string]string{"1_a.sql": "CREATE ROLE fuzz LOGIN; ALTER ROLE fuzz SET statement_timeout = '1s'"})
	s.Progress = nil
	db, err := OpenPostgres(context.Background(), s)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	conn, err := connect(context.Background(), strings.Replace(db.URL, superuser+"@", "fuzz@", 1), 15)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { conn.close(context.Background()) })
	const last = "DROP TABLE no_such_table"
	f.Fuzz(func(t *testing.T, sql string) {
		if strings.ContainsRune(sql, 0) || len(sql) > 1000 {
			t.Skip()
		}
		defer conn.Exec(context.Background(), "ROLLBACK; DISCARD ALL")
		whole := sql + "\n;" + last
		err := conn.Exec(context.Background(), whole)
		var said *database.Error
		if !errors.As(err, &said) || said.Message != `table "no_such_table" does not exist` {
			t.Skip() // the text failed before it
		}
		if want := len(whole) - len(last); said.Offset != want {
			t.Errorf("%q fails at %d, we say %d", whole, want, said.Offset)
		}
	})
}
