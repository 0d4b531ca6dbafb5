package migrate

import (
	"crypto/sha512"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// FuzzRead wants a file that is read to be what its name and its text say.
func FuzzRead(f *testing.F) {
	f.Add("20240101_first.sql", "SELECT 1", "")
	f.Add("9_before_it.up.sql", "-- no-transaction\nSELECT 1", " \n")
	f.Add("9_before_it.down.sql", "", "")
	f.Add("+1_a.sql.sql", "\ufeffSELECT 'ä'", "ä")
	f.Add("x_a.sql", "\xff", "\xff")
	f.Fuzz(func(t *testing.T, name, text, ignored string) {
		dir := t.TempDir()
		if strings.ContainsAny(name, "/\\\x00") || os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666) != nil {
			return // no name of a file
		}
		migrations, err := Read(dir, ignored)
		var named *diag.Diagnostic
		if errors.As(err, &named) {
			prefix, _, _ := strings.Cut(name, "_")
			if _, err := strconv.ParseInt(prefix, 10, 64); err == nil {
				t.Errorf("%q begins with a version, but %v", name, named)
			}
		}
		if err != nil && !strings.Contains(err.Error(), dir) {
			t.Errorf("%v does not say which file", err)
		}
		if err != nil || len(migrations) == 0 {
			return
		}
		m := migrations[0]
		if m.SQL != text || !strings.HasSuffix(name, ".sql") || strings.HasSuffix(name, ".down.sql") {
			t.Errorf("%q is read as %+v", name, m)
		}
		if version, err := strconv.ParseInt(name[:strings.IndexByte(name, '_')], 10, 64); err != nil || version != m.Version {
			t.Errorf("the version of %q is %d", name, m.Version)
		}
		if ignored == "" && m.Checksum != sha512.Sum384([]byte(text)) {
			t.Errorf("the checksum of %q is %x", text, m.Checksum)
		}
		if strings.ContainsRune(m.Description, '_') {
			t.Errorf("the description of %q is %q", name, m.Description)
		}
	})
}

// FuzzLocated wants the place of an error to be one in the file.
func FuzzLocated(f *testing.F) {
	f.Add("CREATE TABLE a (id INT);\n\nCREATE TABL b ();\n", 25)
	f.Add("SELECT 1; /* a */ -- b\n  /* open", 9)
	f.Add("\xffä", 1)
	f.Fuzz(func(t *testing.T, sql string, offset int) {
		var at *diag.Diagnostic
		if err := located("a.sql", sql, &database.Error{Message: "no", Offset: offset}); !errors.As(err, &at) {
			t.Fatal(err)
		}
		lines := strings.Split(sql, "\n")
		if offset < 0 || offset > len(sql) {
			if at.Line != 0 {
				t.Errorf("line %d of an unknown place", at.Line)
			}
			return
		}
		if at.Line < 1 || at.Line > len(lines) || at.Column < 1 || at.Column > len(lines[at.Line-1])+1 {
			t.Errorf("%q at %d is in line %d, column %d", sql, offset, at.Line, at.Column)
		}
		if at.Line < 1+strings.Count(sql[:offset], "\n") {
			t.Errorf("%q at %d is in line %d, before it", sql, offset, at.Line)
		}
	})
}
