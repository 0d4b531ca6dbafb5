package suite

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-multierror"

	"github.com/sqlxmage/sqlxmage/internal/report"
)

// failing are calls that Postgres, or the macros, refuse, each in its own way.
const failing = `
macro_rules! count { ($table:literal) => { sqlx::query_scalar!("SELECT count(*) FROM " + $table) } }

async fn failing(pool: sqlx::PgPool) {
    sqlx::query!("SELECT id, nmae FROM customers");
    sqlx::query!("SELECT 'ü😀', \"id\" FRM customers");
    sqlx::query!(
        r#"
        SELECT id
        FROM customers
        WHERE missing($1) = 'x'
        "#,
        1,
    );
    sqlx::query!("SELECT id \
        FROM " + "orders WHERE id = "
        + "'x'::no_such_type");
    count!("customers");
    count!("no_such_table");
    sqlx::query!("SELECT id FROM customers WHERE id = $1");
    sqlx::query!("SELECT $1::uuid AS a, $2::int AS b, now() AS c", 1, 2, 3);
    sqlx::query!("SELECT 1 AS a, 2 AS a");
    sqlx::query!("");
    sqlx::query!("SELECT 1; SELECT 2");
    sqlx::query_as!(Nothing, "SELECT 1 AS \"1\"");
    sqlx::query_scalar!("SELECT 1, 2");
    sqlx::query!("SELECT 1 / 0 AS never");
}
`

// TestPostgresFailures wants every failing query of a run reported, with the
// place, the line and a mark below it.
func TestPostgresFailures(t *testing.T) {
	p := newProject(t)
	p.write("src/failing.rs", failing)
	p.edit("src/lib.rs", "pub mod customer;", "mod failing;\npub mod customer;")
	before := allFiles(t, p.root)
	unit, err := p.prepare()
	var all *multierror.Error
	if !errors.As(err, &all) || len(all.Errors) == 0 {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(before, allFiles(t, p.root)); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	if err := report.Text(&out, &report.Result{Units: []report.Unit{{Failures: unit.Failures}}}, report.Style{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(out.String(), "\n") // the last is the unit's
	golden(t, filepath.Join("testdata", "postgres-failures.txt"), strings.Join(lines[:len(lines)-2], ""))
}
