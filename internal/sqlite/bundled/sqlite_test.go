package bundled

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
)

const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

const schema = `
CREATE TABLE author (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, born NUMERIC);
CREATE TABLE book (isbn TEXT PRIMARY KEY, author INTEGER NOT NULL REFERENCES author (id), title, price REAL DEFAULT 1.5) STRICT;
CREATE VIEW titles AS SELECT b.title AS title, a.name FROM book b JOIN author a ON a.id = b.author;
INSERT INTO author VALUES (1, 'Ada', NULL);
`

// What each version says of some texts stands in testdata/<version>.json; the
// two differ, and that is why there are two.
func TestDescribe(t *testing.T) {
	queries := []string{
		"SELECT * FROM author WHERE id = ?",
		"SELECT a.name, count(b.isbn) AS n, ?2 FROM author a LEFT JOIN book b ON b.author = a.id GROUP BY a.id",
		"SELECT * FROM titles",
		"INSERT INTO author (id, name) VALUES (?, ?)",
		"DELETE FROM author WHERE id = ? RETURNING *",
		"INSERT INTO author (id, name) VALUES (?, ?); SELECT last_insert_rowid() AS id; ",
		"SELECT 'ä', \"text\", rowid FROM author",
		"SELECT nothing FROM author",
		"SELECT 1; SELECT FROM author",
		"SELECT ceil(price) FROM nowhere",
		"-- nothing at all",
		"",
	}
	eachVersion(t, func(t *testing.T, e *Engine) {
		db := memory(t, e, strings.ReplaceAll(schema, "title, price", "title TEXT, price"))
		described, err := db.Describe(t.Context(), queries)
		if err != nil {
			t.Fatal(err)
		}
		if len(described) != len(queries) {
			t.Fatalf("%d answers to %d queries", len(described), len(queries))
		}
		var got bytes.Buffer
		for i, query := range queries {
			got.WriteString("-- " + query + "\n")
			writeDescribed(t, &got, described[i])
		}
		golden(t, filepath.Join("testdata", e.Version()+".txt"), got.Bytes())
	})
}

// writeDescribed writes one fact a line, programs in SQLite's own order.
func writeDescribed(t *testing.T, w *bytes.Buffer, d Described) {
	t.Helper()
	line := func(what string, value any) {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		w.WriteString(what + " " + string(text) + "\n")
	}
	for _, s := range d.Statements {
		program := s.Program
		columns := s.Columns
		s.Program, s.Columns = nil, nil
		line("statement", s)
		for _, column := range columns {
			line("  column", column)
		}
		for _, opcode := range program {
			line("  opcode", []any{opcode.Name, opcode.P1, opcode.P2, opcode.P3, opcode.P4})
		}
	}
	if d.Error != nil {
		line("error", d.Error)
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (written by -update); got\n%s", path, got)
	}
}

func TestExec(t *testing.T) {
	for _, c := range []struct {
		name, sql, message, code string
		offset                   int
	}{
		{"nothing", "", "", "", 0},
		{"comment", "-- nothing", "", "", 0},
		{"several", "CREATE TABLE t (a); INSERT INTO t VALUES (1)", "", "", 0},
		{"rows are dropped", "SELECT 1; SELECT 2", "", "", 0},
		{"syntax", "SELECT 1; SELEC 2", `near "SELEC": syntax error`, "1", 10},
		{"table", "SELECT 1;\nSELECT * FROM nowhere", "no such table: nowhere", "1", 10},
		{"constraint", "INSERT INTO author VALUES (2, 'Bo', 1);\n\nINSERT INTO author VALUES (1, 'Cy', 1)", "UNIQUE constraint failed: author.id", "1555", 41},
		{"foreign key", "INSERT INTO book VALUES ('i', 9, 't', 1)", "FOREIGN KEY constraint failed", "787", 0},
		{"strict", "INSERT INTO book VALUES ('i', 1, 't', 'dear')", "cannot store TEXT value in REAL column book.price", "3091", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, e *Engine) {
				db := memory(t, e, strings.ReplaceAll(schema, "title, price", "title TEXT, price"))
				err := db.Exec(t.Context(), c.sql)
				if c.message == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				var refused *database.Error
				if !errors.As(err, &refused) {
					t.Fatalf("got %v", err)
				}
				if refused.Message != c.message || refused.Code != c.code || refused.Offset != c.offset {
					t.Errorf("got %q, code %s, offset %d", refused.Message, refused.Code, refused.Offset)
				}
			})
		})
	}
}

func TestRows(t *testing.T) {
	eachVersion(t, func(t *testing.T, e *Engine) {
		db := memory(t, e, "CREATE TABLE t (a)")
		got, err := db.Rows(t.Context(), "SELECT 1, 2.5, 'ä\n', NULL, x'4142' UNION ALL SELECT 2, 0, '', 1, ''; SELECT 3")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(got)
		if want := `[["1","2.5","ä\n","","AB"],["2","0","","1",""],["3"]]`; string(text) != want {
			t.Errorf("got %s, want %s", text, want)
		}
		if _, err := db.Rows(t.Context(), "SELECT * FROM nowhere"); err == nil {
			t.Error("no error")
		}
	})
}

func TestInTransaction(t *testing.T) {
	eachVersion(t, func(t *testing.T, e *Engine) {
		db := memory(t, e, "")
		for _, c := range []struct {
			sql  string
			want bool
		}{{"SELECT 1", false}, {"BEGIN", true}, {"SELECT 1", true}, {"COMMIT", false}} {
			if err := db.Exec(t.Context(), c.sql); err != nil {
				t.Fatal(err)
			}
			if got, err := db.InTransaction(t.Context()); err != nil || got != c.want {
				t.Errorf("after %s: %v, %v", c.sql, got, err)
			}
		}
	})
}

func TestStep(t *testing.T) {
	const row, done, interrupted = 100, 101, 9
	for _, c := range []struct {
		name, sql string
		index     int
		limit     time.Duration
		code      int // 0: no step at all
		types     string
	}{
		{"each type", "SELECT 1, 2.5, 'a', x'00', NULL", 0, time.Minute, row, "[1,2,3,4,5]"},
		{"no row", "SELECT id FROM author WHERE 0", 0, time.Minute, done, "[5]"},
		{"parameters are NULL", "SELECT ?1, ?1 + 1", 0, time.Minute, row, "[5,5]"},
		{"second statement", "SELECT 1; SELECT 'a'", 1, time.Minute, row, "[3]"},
		{"writes", "DELETE FROM author RETURNING id", 0, time.Minute, 0, ""},
		{"no such statement", "SELECT 1", 1, time.Minute, 0, ""},
		{"runs away", endless, 0, 50 * time.Millisecond, interrupted, "[5]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, func(t *testing.T, e *Engine) {
				db := memory(t, e, strings.ReplaceAll(schema, "title, price", "title TEXT, price"))
				got, err := db.Step(t.Context(), c.sql, c.index, int(c.limit.Milliseconds()))
				if err != nil {
					t.Fatal(err)
				}
				if (got == nil) != (c.code == 0) {
					t.Fatalf("got %+v", got)
				}
				if got != nil {
					if types, _ := json.Marshal(got.Types); got.Code != c.code || string(types) != c.types {
						t.Errorf("got code %d, types %s", got.Code, types)
					}
				}
				if rows, err := db.Rows(t.Context(), "SELECT count(*) FROM author"); err != nil || rows[0][0] != "1" {
					t.Errorf("afterwards: %v, %v", rows, err)
				}
			})
		})
	}
}

// The end of its context ends a request, whatever SQLite is doing, and the next
// helper works.
func TestContext(t *testing.T) {
	e := engine(t, "3.46.0")
	db := memory(t, e, "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := db.Exec(ctx, endless)
	var gone *GoneError
	if !errors.As(err, &gone) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	if !e.Gone() {
		t.Error("it is not gone")
	}
	if _, err := e.Open(t.Context(), ":memory:", false); !errors.As(err, &gone) {
		t.Errorf("then: %v", err)
	}
	memory(t, engine(t, "3.46.0"), "SELECT 1")
}

// A request whose turn does not come ends with its context, and harms nobody.
func TestContextOfWaiting(t *testing.T) {
	e := engine(t, "3.46.0")
	db := memory(t, e, "")
	stepped := make(chan error)
	go func() {
		_, err := db.Step(t.Context(), endless, 0, 500)
		stepped <- err
	}()
	for len(e.turn) > 0 { // until the step has the turn
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	var gone *GoneError
	if err := db.Exec(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &gone) {
		t.Errorf("got %v", err)
	}
	if err := <-stepped; err != nil {
		t.Error(err)
	}
}

func TestStartEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e, err := Start(ctx, options(t, "3.46.0"))
	if err != nil {
		t.Skip(err)
	}
	defer e.Close()
	cancel()
	for err == nil { // the end takes a moment
		_, err = e.Open(t.Context(), ":memory:", false)
	}
	var gone *GoneError
	if !errors.As(err, &gone) {
		t.Errorf("got %v", err)
	}
}

func TestKilled(t *testing.T) {
	e := engine(t, "3.46.0")
	db := memory(t, e, "")
	if err := e.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var gone *GoneError
	if err := db.Exec(t.Context(), "SELECT 1"); !errors.As(err, &gone) {
		t.Fatalf("got %v", err)
	}
	memory(t, engine(t, "3.46.0"), "SELECT 1")
}

// Close ends a helper that is at work.
func TestCloseAtWork(t *testing.T) {
	e := engine(t, "3.46.0")
	db := memory(t, e, "")
	asked := make(chan error)
	go func() { asked <- db.Exec(t.Context(), endless) }()
	for len(e.turn) > 0 {
		time.Sleep(time.Millisecond)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	var gone *GoneError
	if err := <-asked; !errors.As(err, &gone) {
		t.Errorf("got %v", err)
	}
}

func TestBadHelpers(t *testing.T) {
	for _, c := range []struct{ role, want string }{
		{"crashes", "SQLite's helper process is gone: exit status 2: SIGSEGV: segmentation violation"},
		{"ends", "SQLite's helper process is gone: it ended"},
		{"chatters", "SQLite's helper process is gone: invalid character 'h' looking for beginning of value"},
		{"differs", "it says that it is SQLite 3.46.0, 2024-05-23 13:25:27 0000"},
	} {
		t.Run(c.role, func(t *testing.T) {
			o := actor(t, c.role)
			_, err := Start(t.Context(), o)
			if err == nil || !strings.HasSuffix(err.Error(), ": "+c.want) {
				t.Fatalf("got %v", err)
			}
			var gone *GoneError
			if errors.As(err, &gone) && len(gone.Stderr) > headSize {
				t.Errorf("%d bytes of stderr", len(gone.Stderr))
			}
		})
	}
}

// A helper that never answers is ended with the context of the start.
func TestSilentHelper(t *testing.T) {
	o := actor(t, "stays")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// The helper refuses to take all of the machine's memory, and goes on.
func TestMemoryLimit(t *testing.T) {
	e, err := Start(t.Context(), options(t, Newest))
	if err != nil {
		t.Skip(err)
	}
	defer e.Close()
	db := memory(t, e, "CREATE TABLE t (a)")
	err = db.Exec(t.Context(), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO t SELECT zeroblob(64000000) FROM n")
	var refused *database.Error
	if !errors.As(err, &refused) || refused.Code != "7" {
		t.Fatalf("got %v", err)
	}
	memory(t, e, "SELECT 1")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	const limit = 700 << 20 // what SQLite may take, and Go's own
	if peak := e.cmd.Usage().PeakRSS; peak > limit {
		t.Errorf("it took %d MB", peak>>20)
	}
}

func TestOpen(t *testing.T) {
	eachVersion(t, func(t *testing.T, e *Engine) {
		dir := t.TempDir()
		notSQLite := filepath.Join(dir, "text")
		if err := os.WriteFile(notSQLite, bytes.Repeat([]byte("no database "), 1000), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Open(t.Context(), filepath.Join(dir, "none"), true); err == nil || !strings.Contains(err.Error(), "unable to open database file") {
			t.Errorf("a missing file, read only: %v", err)
		}
		if _, err := e.Open(t.Context(), filepath.Join(dir, "none", "none"), false); err == nil {
			t.Error("a file in no folder: no error")
		}
		if conn, err := e.OpenFile(t.Context(), filepath.Join(dir, "none", "none")); err == nil || conn != nil {
			t.Errorf("the same, for migrations: %v, %v", conn, err)
		}
		db, err := e.Open(t.Context(), notSQLite, true)
		if err == nil {
			_, err = db.Rows(t.Context(), "SELECT * FROM sqlite_schema")
		}
		var refused *database.Error
		if !errors.As(err, &refused) || refused.Code != "26" {
			t.Errorf("no database: %v", err)
		}
	})
}

// Names that a URL would read otherwise are taken as they are.
func TestFileNames(t *testing.T) {
	e := engine(t, Newest)
	for _, name := range []string{"a b", "ä", "100%20", "a#b", "a&b"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := e.OpenFile(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := db.Exec(t.Context(), "CREATE TABLE t (a)"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// A cache on a file system that runs no programs.
func TestNotExecutable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("every file is executable")
	}
	o := Options{Version: "3.46.0", Kept: kepttest.New(t)}
	path := shelved(t, o, "helper")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), o); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "SQLXMAGE_CACHE names another") {
		t.Errorf("got %v", err)
	}
}
