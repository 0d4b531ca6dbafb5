package scratch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// spec returns a Postgres spec with these files as migrations, named
// <version>_<name>.sql.
func spec(t testing.TB, migrations map[string]string) Spec {
	t.Helper()
	needPostgres(t)
	return Spec{
		Name: "remote", Migrations: writeFiles(t, migrations),
		Kept:     testStore(t),
		Progress: func(message string) { t.Log(message) },
	}
}

func needPostgres(t testing.TB) {
	t.Helper()
	if _, err := findPrograms(t.Context(), ""); err != nil {
		need.Missing(t, "postgres", err.Error())
	}
	if _, err := serverAccount(); err != nil {
		need.Missing(t, "postgres", err.Error())
	}
}

func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t testing.TB, s Spec) *Database {
	t.Helper()
	db, err := OpenPostgres(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// query returns the first column of the rows, as text.
func query(t testing.TB, url, sql string) (column []string) {
	t.Helper()
	conn, err := pgconn.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	results, err := conn.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range results[len(results)-1].Rows {
		column = append(column, string(row[0]))
	}
	return column
}

func TestOpenPostgres(t *testing.T) {
	s := spec(t, map[string]string{
		"1_role.sql":   "CREATE ROLE reader; GRANT CONNECT ON DATABASE remote TO reader;",
		"2_orders.sql": "CREATE TABLE orders (id BIGINT PRIMARY KEY, label TEXT);",
		"3_index.sql":  "-- no-transaction\nCREATE INDEX CONCURRENTLY orders_label ON orders (label);",
	})
	s.Kept = kepttest.New(t)
	for _, cached := range []bool{false, true} {
		db := open(t, s)
		if db.Cached != cached {
			t.Errorf("cached is %v", db.Cached)
		}
		if got := query(t, db.URL, "SELECT datname FROM pg_database"); len(got) != 1 || got[0] != "remote" {
			t.Errorf("databases: %q", got)
		}
		if got := query(t, db.URL, "SELECT relname FROM pg_class WHERE relname = 'orders_label'"); len(got) != 1 {
			t.Errorf("the index: %q", got)
		}
		select {
		case <-db.Done():
			t.Errorf("gone: %v", db.Err())
		default:
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Err(); err != nil {
			t.Errorf("after Close: %v", err)
		}
		if _, err := os.Stat(db.run.path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder is left: %v", err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	s := spec(b, map[string]string{"1_orders.sql": "CREATE TABLE orders (id BIGINT PRIMARY KEY, label TEXT);"})
	s.Progress = nil
	run := func(b *testing.B, fresh bool) {
		for b.Loop() {
			if fresh {
				s.Kept = kepttest.New(b)
			}
			db, err := OpenPostgres(b.Context(), s)
			if err != nil {
				b.Fatal(err)
			}
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("cold", func(b *testing.B) { run(b, true) })
	s.Kept = kepttest.New(b)
	open(b, s)
	b.Run("cached", func(b *testing.B) { run(b, false) })
}
