package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sqlxmage/sqlxmage/internal/postgres"
)

const smallSchema = `
CREATE TABLE t (id int PRIMARY KEY, name text);
CREATE DOMAIN required AS text NOT NULL;
CREATE FUNCTION slow() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(30); RETURN 1; END';
CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS 'BEGIN INSERT INTO t VALUES (1); RETURN 1; END';
`

func open(t testing.TB, url string, mode postgres.Mode) *postgres.Session {
	t.Helper()
	describer, err := postgres.Open(t.Context(), url, postgres.Options{Mode: mode})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { describer.Close() })
	return describer
}

// session is a second connection.
func session(t testing.TB, url string) func(sql string) {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRefused wants the error of each bad query, and that the good ones beside
// it are described.
func TestRefused(t *testing.T) {
	db := openScratch(t, smallSchema)
	list := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ", $%d", i+1)
		}
		return b.String()[2:]
	}
	for _, test := range []struct {
		name, text    string
		message, code string
		offset        int
		hint          string
	}{
		{"syntax", "SELECT id FRM t", `syntax error at or near "t"`, "42601", 14, ""},
		{"position behind characters of many bytes", "SELECT 'ü😀', nix FROM t", `column "nix" does not exist`, "42703", 17, ""},
		{"hint of the server's", "SELECT nmae FROM t", `column "nmae" does not exist`, "42703", 7, "Perhaps you meant"},
		{"NUL", "SELECT id\x00 FROM t", "holds a NUL character", "", 9, ""},
		{"domain that is not null", "SELECT $1::required AS r", "domain required does not allow null values", "23502", -1, "sqlx plans with NULL"},
		{"70000 parameters with columns", "SELECT 1 AS one WHERE 1 IN (" + list(70000) + ")", "70000 parameters; 65535 are the most", "", -1, "unnest"},
		{"70000 parameters", "DELETE FROM t WHERE id IN (" + list(70000) + ")", "70000 parameters; 65535 are the most", "", -1, "unnest"},
		{"no UTF-8", "SELECT '\xff' AS x", "invalid byte sequence", "22021", -1, ""},
	} {
		for _, mode := range []postgres.Mode{postgres.Mode08, postgres.Mode09} {
			t.Run(test.name+" "+string(mode), func(t *testing.T) {
				results, err := open(t, db.URL, mode).Describe(t.Context(), []string{"SELECT 1 AS one", test.text, "SELECT id FROM t"})
				if err != nil {
					t.Fatal(err)
				}
				if results[0].Err != nil || results[2].Err != nil {
					t.Errorf("the queries beside it: %v, %v", results[0].Err, results[2].Err)
				}
				got := results[1].Err
				if got == nil {
					t.Fatal("described")
				}
				if !strings.Contains(got.Message, test.message) || got.Code != test.code || got.Offset != test.offset || !strings.Contains(got.Hint, test.hint) {
					t.Errorf("got %+v", got)
				}
			})
		}
	}
}

func TestManyParameters(t *testing.T) {
	db := openScratch(t, smallSchema)
	var b strings.Builder
	for i := range 65535 {
		fmt.Fprintf(&b, ", $%d", i+1)
	}
	results, err := open(t, db.URL, postgres.Mode08).Describe(t.Context(), []string{"DELETE FROM t WHERE id IN (" + b.String()[2:] + ")"})
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.Err != nil || len(r.Description.Parameters.Types) != 65535 {
		t.Errorf("%v, %d parameters", r.Err, len(r.Description.Parameters.Types))
	}
}

func TestLongQuery(t *testing.T) {
	db := openScratch(t, smallSchema)
	long := "SELECT id FROM t WHERE name IN ('" + strings.Repeat("x', '", 200_000) + "')"
	queries := []string{long, long + " AND nix", "SELECT id FROM t"}
	results, err := open(t, db.URL, postgres.Mode09).Describe(t.Context(), queries)
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Err != nil || results[2].Err != nil {
		t.Errorf("%v, %v", results[0].Err, results[2].Err)
	}
	if got := results[1].Err; got == nil || got.Offset != len(long)+len(" AND ") {
		t.Errorf("the error's place: %+v, want offset %d", got, len(long)+len(" AND "))
	}
}

// TestReadOnly wants that describing writes nothing, not even by a function.
func TestReadOnly(t *testing.T) {
	db := openScratch(t, smallSchema)
	results, err := open(t, db.URL, postgres.Mode08).Describe(t.Context(), []string{
		"INSERT INTO t VALUES (1) RETURNING id", "SELECT writes() AS w", "CREATE TABLE made (id int)", "DELETE FROM t",
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Err != nil {
			t.Errorf("query %d: %v", i, r.Err)
		}
	}
	session(t, db.URL)("DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM t); ASSERT to_regclass('made') IS NULL; END $$")
}

// TestLock wants an error in bounded time for a query on a locked table.
func TestLock(t *testing.T) {
	db := openScratch(t, smallSchema)
	other := session(t, db.URL)
	other("BEGIN; LOCK TABLE t")
	start := time.Now()
	results, err := open(t, db.URL+"&options[lock_timeout]=1", postgres.Mode08).Describe(t.Context(), []string{"SELECT 1 AS one", "SELECT id FROM t"})
	if err != nil {
		t.Fatal(err)
	}
	if got := results[1].Err; got == nil || got.Code != "55P03" || !strings.Contains(got.Hint, "another session holds a lock") {
		t.Errorf("got %+v after %v", got, time.Since(start))
	}
	if results[0].Err != nil {
		t.Error(results[0].Err)
	}
}

// TestTimeout wants the same for a query that takes too long to plan.
func TestTimeout(t *testing.T) {
	db := openScratch(t, smallSchema)
	results, err := open(t, db.URL+"&options[statement_timeout]=200", postgres.Mode08).Describe(t.Context(), []string{"SELECT slow() AS s", "SELECT id FROM t"})
	if err != nil {
		t.Fatal(err)
	}
	if got := results[0].Err; got == nil || got.Code != "57014" || got.Hint == "" {
		t.Errorf("got %+v", got)
	}
	if results[1].Err != nil {
		t.Error(results[1].Err)
	}
}

// TestCancel wants that the context's end ends a description under way.
func TestCancel(t *testing.T) {
	db := openScratch(t, smallSchema)
	describer := open(t, db.URL, postgres.Mode08)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := describer.Describe(ctx, []string{"SELECT slow() AS s"})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v, as long as the query", took)
	}
}

// TestServerDies wants one error for the whole, not one a query.
func TestServerDies(t *testing.T) {
	db := openScratch(t, smallSchema)
	describer := open(t, db.URL, postgres.Mode08)
	done := make(chan error)
	go func() {
		_, err := describer.Describe(t.Context(), []string{"SELECT 1 AS one", "SELECT slow() AS s", "SELECT id FROM t"})
		done <- err
	}()
	time.Sleep(200 * time.Millisecond) // most often it is then in the middle
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil || !strings.Contains(err.Error(), "the database is gone") {
		t.Errorf("got %v", err)
	}
	if _, err := postgres.Open(t.Context(), db.URL, postgres.Options{Mode: postgres.Mode08}); err == nil || !strings.Contains(err.Error(), "connect to the database") {
		t.Errorf("a new connection: %v", err)
	}
}

// TestTerminated wants the same when only the session is ended.
func TestTerminated(t *testing.T) {
	db := openScratch(t, smallSchema)
	describer := open(t, db.URL, postgres.Mode09)
	session(t, db.URL)("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
	_, err := describer.Describe(t.Context(), []string{"SELECT 1 AS one"})
	if err == nil || !strings.Contains(err.Error(), "the database is gone") {
		t.Errorf("got %v", err)
	}
}

func TestNoConnection(t *testing.T) {
	_, err := postgres.Open(t.Context(), "postgres://user:hunter2@localhost:1/db?host="+os.TempDir(), postgres.Options{Mode: postgres.Mode08})
	if err == nil || !strings.Contains(err.Error(), "connect to the database") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestMoreThanAChunk(t *testing.T) {
	db := openScratch(t, smallSchema)
	var queries []string
	for i := range 300 {
		queries = append(queries, fmt.Sprintf("SELECT id, %d AS n FROM t", i))
	}
	queries[77] = "SELECT nix"
	results, err := open(t, db.URL, postgres.Mode08).Describe(t.Context(), queries)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if bad := r.Err != nil; bad != (i == 77) || !bad && len(r.Description.Columns) != 2 {
			t.Errorf("query %d: %+v", i, r)
		}
	}
}
