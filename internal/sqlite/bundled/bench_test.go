package bundled

import (
	"fmt"
	"strings"
	"testing"
)

// From nothing to an answer.
func BenchmarkStart(b *testing.B) {
	o := options(b, Newest)
	for b.Loop() {
		e, err := Start(b.Context(), o)
		if err != nil {
			b.Skip(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	e := engine(b, Newest)
	for b.Loop() {
		db, err := e.Open(b.Context(), ":memory:", false)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	db := memory(b, engine(b, Newest), "")
	for b.Loop() {
		if _, err := db.InTransaction(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDescribe describes 110 queries on 31 tables, in one request.
func BenchmarkDescribe(b *testing.B) {
	schema, queries := workload()
	db := memory(b, engine(b, Newest), schema)
	for b.Loop() {
		if _, err := db.Describe(b.Context(), queries); err != nil {
			b.Fatal(err)
		}
	}
}

func workload() (schema string, queries []string) {
	text := &strings.Builder{}
	text.WriteString("CREATE TABLE person (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT UNIQUE);\n")
	const tables = 30
	for i := range tables {
		fmt.Fprintf(text, `CREATE TABLE t%d (id INTEGER PRIMARY KEY NOT NULL, person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
			title TEXT NOT NULL, body TEXT, kind TEXT NOT NULL DEFAULT 'a' CHECK (kind IN ('a', 'b')), score REAL, made TEXT NOT NULL, gone BOOLEAN NOT NULL DEFAULT 0);
			CREATE INDEX i%d ON t%d (person, made);
			`, i, i, i)
	}
	shapes := []string{
		"SELECT * FROM t%d WHERE id = ?",
		"SELECT a.id, b.title AS other, p.name, count(*) AS n FROM t%d a LEFT JOIN t%d b ON b.person = a.person JOIN person p ON p.id = a.person WHERE a.kind = ? GROUP BY a.id ORDER BY n DESC LIMIT ?",
		"INSERT INTO t%d (person, title, made) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title RETURNING id, title",
		"UPDATE t%d SET title = ?, body = ? WHERE id = ? RETURNING *",
		"WITH x AS (SELECT id, person, row_number() OVER (PARTITION BY person ORDER BY made) AS rank FROM t%d) SELECT x.id, rank, coalesce(p.email, '') AS email FROM x JOIN person p ON p.id = x.person UNION ALL SELECT id, 0, title FROM t%d",
		"DELETE FROM t%d WHERE person = ? AND made < ? RETURNING id",
	}
	for i := range 110 {
		shape := shapes[i%len(shapes)]
		query := fmt.Sprintf(strings.Replace(shape, "%d", "%[1]d", 1), i%tables)
		if strings.Count(shape, "%d") > 1 {
			query = fmt.Sprintf(shape, i%tables, (i+1)%tables)
		}
		queries = append(queries, query)
	}
	return text.String(), queries
}
