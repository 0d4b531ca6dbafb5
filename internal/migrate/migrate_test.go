package migrate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRead(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"20240101_first.sql":   "SELECT 1",
		"9_before_it.up.sql":   "-- no-transaction\nSELECT 1",
		"9_before_it.down.sql": "SELECT 1",
		"-1_negative.sql":      " -- no-transaction",
		"10_twice.sql.sql":     "SELECT 1",
		"11_.sql":              "",
		"notes.sql":            "passed over",
		"12_notes.txt":         "passed over",
	})
	if err := os.Mkdir(filepath.Join(dir, "x_folder.sql"), 0o777); err != nil {
		t.Fatal(err)
	}
	migrations, err := Read(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range migrations {
		got = append(got, fmt.Sprintf("%d %q %s %v", m.Version, m.Description, filepath.Base(m.File), m.NoTransaction))
	}
	want := []string{
		`-1 "negative" -1_negative.sql false`,
		`9 "before it" 9_before_it.up.sql true`,
		`10 "twice" 10_twice.sql.sql false`,
		`11 "" 11_.sql false`,
		`20240101 "first" 20240101_first.sql false`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
}

func TestReadErrors(t *testing.T) {
	dir := writeFiles(t, map[string]string{"1_a.sql": "", "01_b.up.sql": ""})
	_, err := Read(dir, "")
	var duplicate *diag.Diagnostic
	if !errors.As(err, &duplicate) || filepath.Base(duplicate.File) != "1_a.sql" || filepath.Base(duplicate.Notes[0].File) != "01_b.up.sql" ||
		!strings.Contains(err.Error(), "two migrations have the version 1") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"init_db.sql", "1a_db.sql", "_db.sql", "9223372036854775808_a.sql", "1.5_a.sql", " 1_a.sql"} {
		_, err := Read(writeFiles(t, map[string]string{name: ""}), "")
		var bad *diag.Diagnostic
		if !errors.As(err, &bad) || filepath.Base(bad.File) != name {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Read(filepath.Join(dir, "none"), ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := Read(writeFiles(t, map[string]string{"1_a.sql": "\xff"}), ""); err == nil || !strings.Contains(err.Error(), "1_a.sql: it is not UTF-8") {
		t.Errorf("got %v", err)
	}
}

func TestReadFollowsLinks(t *testing.T) {
	dir := writeFiles(t, map[string]string{"real": "SELECT 1"})
	if err := os.Symlink("real", filepath.Join(dir, "1_a.sql")); err != nil {
		t.Skip(err)
	}
	migrations, err := Read(dir, "")
	if err != nil || len(migrations) != 1 || migrations[0].SQL != "SELECT 1" {
		t.Errorf("got %v, %v", migrations, err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "2_b.sql")); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, ""); err == nil || !strings.Contains(err.Error(), "2_b.sql: the link points nowhere") {
		t.Errorf("got %v", err)
	}
}

// TestChecksumIgnores: a file's checksum is that of its text without the
// ignored characters (sqlx-core 0.9.0, migrate/source.rs, checksum_with).
func TestChecksumIgnores(t *testing.T) {
	const sql = "\uFEFFCREATE TABLE a (\r\n\tid INT\r\n);\r\n"
	ignored := " \t\r\n\uFEFF"
	plain := checksum([]byte("CREATETABLEa(idINT);"), "")
	if got := checksum([]byte(sql), ignored); got != plain {
		t.Errorf("got %x, want %x", got, plain)
	}
	// `printf 'SELECT 1' | sha384sum`
	const want = "a87be5ea59a50f1537b8361d62582b67f0f8665b89a1afa8f5f5ccc3ec84e9b8c62649fb92c16783942166f392ecc20e"
	if got := checksum([]byte("SELECT 1"), ""); hex.EncodeToString(got[:]) != want {
		t.Errorf("got %x", got)
	}
}

// recorder is a Conn that writes down what it is told to run.
type recorder struct {
	texts []string
	fail  string // the text that fails
	open  bool
}

func (r *recorder) Exec(_ context.Context, sql string) error {
	sql, _, _ = strings.Cut(sql, ", TRUE,")
	r.texts = append(r.texts, sql)
	if sql == r.fail {
		return &database.Error{Message: "refused", Offset: len(sql) - 1}
	}
	return nil
}

func (r *recorder) ExecAll(ctx context.Context, texts []string) (int, error) {
	for i, text := range texts {
		if err := r.Exec(ctx, text); err != nil {
			return i, err
		}
	}
	return len(texts), nil
}

func (r *recorder) InTransaction(context.Context) (bool, error) { return r.open, nil }

// dialect is one of no database.
func dialect(noTransaction bool) Dialect {
	return Dialect{
		Timestamp: "TIME", Blob: "BYTES", NoTransaction: noTransaction,
		Bytes:        func(value []byte) string { return fmt.Sprintf("<%x>", value) },
		Text:         func(value string) string { return "<" + value + ">" },
		CreateSchema: func(name string) string { return "MAKE " + name },
	}
}

func TestApply(t *testing.T) {
	migrations := []Migration{
		{Version: 1, Description: "it's one", SQL: "ONE"},
		{Version: 2, Description: "two", SQL: "TWO", NoTransaction: true},
	}
	insert := func(version int, description string) string {
		return fmt.Sprintf("INSERT INTO _sqlx_migrations ( version, description, success, checksum, execution_time ) VALUES ( %d, %s",
			version, description)
	}
	for _, c := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"with no-transaction", Options{Dialect: dialect(true)}, []string{"BEGIN", "ONE", insert(1, "<it's one>"), "COMMIT", "TWO", insert(2, "<two>")}},
		{"without", Options{Dialect: dialect(false)}, []string{"BEGIN", "ONE", insert(1, "<it's one>"), "COMMIT", "BEGIN", "TWO", insert(2, "<two>"), "COMMIT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var conn recorder
			if err := Apply(t.Context(), &conn, migrations, c.options); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, conn.texts[1:]); diff != "" {
				t.Errorf("- want, + got:\n%s", diff)
			}
		})
	}
}

func TestApplyNames(t *testing.T) {
	var conn recorder
	o := Options{Dialect: dialect(true), Table: `foo."bar"`, Schemas: []string{"foo"}}
	if err := Apply(t.Context(), &conn, []Migration{{Version: 1, SQL: "ONE"}}, o); err != nil {
		t.Fatal(err)
	}
	if conn.texts[0] != "MAKE foo" ||
		!strings.HasPrefix(conn.texts[1], `CREATE TABLE IF NOT EXISTS foo."bar" (`) ||
		!strings.HasPrefix(conn.texts[4], `INSERT INTO foo."bar" (`) {
		t.Errorf("got %q", conn.texts)
	}
}

func TestApplyFails(t *testing.T) {
	one := []Migration{{Version: 1, File: "1_a.sql", SQL: "first\nsäcond x", NoTransaction: true}}
	err := Apply(t.Context(), &recorder{fail: one[0].SQL}, one, Options{Dialect: dialect(true)})
	if err == nil || err.Error() != "1_a.sql:2:8: refused" {
		t.Errorf("got %v", err)
	}
	err = Apply(t.Context(), &recorder{open: true}, one, Options{Dialect: dialect(true)})
	if !errors.Is(err, ErrOpenTransaction) {
		t.Errorf("got %v", err)
	}
	err = Apply(t.Context(), &recorder{fail: "säcond", open: true}, []Migration{{File: "1_a.sql", SQL: "säcond"}}, Options{Dialect: dialect(true)})
	if err == nil || err.Error() != "1_a.sql:1:6: refused" {
		t.Errorf("got %v", err)
	}
	err = Apply(t.Context(), &recorder{fail: "COMMIT"}, []Migration{{File: "1_a.sql"}}, Options{Dialect: dialect(true)})
	if err == nil || err.Error() != "1_a.sql: commit: refused" {
		t.Errorf("got %v", err)
	}
}

func TestSkipSpace(t *testing.T) {
	for sql, want := range map[string]int{
		"x":                         0,
		"":                          0,
		" \n x":                     3,
		"-- a\n /* b */ /* c\n */x": 22,
		" -- the end":               1,
		" /* not closed":            1,
	} {
		if got := skipSpace(sql, 0); got != want {
			t.Errorf("%q: got %d, want %d", sql, got, want)
		}
	}
}
