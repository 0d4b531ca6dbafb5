package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// manyQueries is a Rust module of distinct queries of all sorts.
func manyQueries(n int) string {
	var b strings.Builder
	b.WriteString("fn many() {\n")
	for i := range n {
		fmt.Fprintf(&b, "    let _ = sqlx::query!(%q%s);\n", fmt.Sprintf([]string{
			"SELECT id, name, email, %d AS n FROM customers WHERE id = $1",
			"SELECT o.id, o.status AS \"status: String\", c.name, %d AS n FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.id = $1",
			"SELECT count(*) AS n FROM orders WHERE customer_id = $1 AND %d > 0",
			"DELETE FROM orders WHERE id = $1 AND %d > 0",
		}[i%4], i), ", id")
	}
	b.WriteString("}\n")
	return b.String()
}

// BenchmarkPostgres makes all query files of a package anew, with the database
// already cached, and tells what a run costs in which nothing has changed.
func BenchmarkPostgres(b *testing.B) {
	for _, n := range []int{200, 1_000, 10_000} {
		p := newProject(b)
		p.write("src/many.rs", manyQueries(n))
		p.edit("src/lib.rs", "pub mod customer;", "mod many;\npub mod customer;")
		p.mustPrepare()
		b.Run(fmt.Sprintf("all/%d", n), func(b *testing.B) {
			for b.Loop() {
				for _, kind := range []string{"outlines", "states", "descriptions"} {
					if err := os.RemoveAll(filepath.Join(os.Getenv("SQLXMAGE_CACHE"), kind)); err != nil {
						b.Fatal(err)
					}
				}
				if unit := p.mustPrepare(); unit.Described < n {
					b.Fatalf("%d described", unit.Described)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/query")
		})
		b.Run(fmt.Sprintf("one/%d", n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				p.write("queries/labels.sql", fmt.Sprintf("SELECT 'x' AS label, %d AS n", i))
				if unit := p.mustPrepare(); unit.Described != 1 {
					b.Fatalf("%d described", unit.Described)
				}
			}
		})
		b.Run(fmt.Sprintf("none/%d", n), func(b *testing.B) {
			for b.Loop() {
				if unit := p.mustPrepare(); !unit.UpToDate {
					b.Fatal("not up to date")
				}
			}
		})
	}
}
