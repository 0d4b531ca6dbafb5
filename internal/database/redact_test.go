package database_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

func TestRedactor(t *testing.T) {
	const long = "s3cr3t-s3cr3t"
	for _, test := range []struct{ name, url, text, want string }{
		{"the URL", "postgres://me:s3cr3t@h/db", "connect postgres://me:s3cr3t@h/db: refused", "connect postgres://h/db: refused"},
		{"another database of the server", "postgres://me:s3cr3t@h/db", "postgres://me:s3cr3t@h/other", "postgres://h/other"},
		{"a URL that was not added", "", `at "mysql://me:s3cr3t@h/db", line 2`, `at "mysql://h/db", line 2`},
		{"one that cannot be parsed", "", "at postgres://me:p@s3cr3t@h/db", "at postgres"},
		{"one of another kind", "", "fetch https://me:s3cr3t@example.com/a and https://example.com/@b and ssh://git@example.com", "fetch https://***@example.com/a and https://example.com/@b and ssh://git@example.com"},
		{"paths of Rust", "postgres://me:s3cr3t@h/db", "sqlx::postgres::PgPool, sqlx::sqlite::types", "sqlx::postgres::PgPool, sqlx::sqlite::types"},
		{"long password alone", "postgres://me:" + long + "@h/db", "PGPASSWORD=" + long, "PGPASSWORD=***"},
		{"in other case", "postgres://me:" + long + "@h/db", strings.ToUpper(long), "***"},
		{"short words", "postgres://me:ab@h/db", `about me: user "me", user=me password=ab`, `about me: user "***", user=*** password=***`},
		{"user as database", "postgres://bookshop:x@h/bookshop", `database "bookshop"`, `database "bookshop"`},
		{"common words", "postgres://postgres:postgres@h/postgres", `Compiling sqlx-postgres: role "postgres"`, `Compiling sqlx-postgres: role "postgres"`},
		{"encoded", "postgres://me:p%40ssw0rd%21@h/db", "p@ssw0rd! p%40ssw0rd%21", "*** ***"},
		{"encoded without need", "postgres://me:%73s3cr3ts3cr3t%21@h/db", "%73s3cr3ts3cr3t%21", "***"},
		{"password that a parameter replaces", "postgres://me:s3cr3ts3cr3t@h/db?password=x", "s3cr3ts3cr3t", "***"},
		{"in the query", "postgres://h/db?password=" + long + "&x=1", "password " + long, "password ***"},
		{"word of a parameter", "postgres://h/db?options=-c+a%3Ds3cr3ts3cr3t", `invalid value "s3cr3ts3cr3t"`, `invalid value "***"`},
		{"name of a parameter", "sqlite:a.db?s3cr3ts3cr3t", "unknown query parameter `s3cr3ts3cr3t`", "unknown query parameter `***`"},
		{"piece of what cannot be parsed", "postgres://me:a@s3cr3ts3cr3t@h/db", "lookup s3cr3ts3cr3t", "lookup ***"},
		{"cut", "postgres://" + strings.Repeat("s3cr3t", 20) + "@h/db", `user "` + strings.Repeat("s3cr3t", 10) + `s3c"`, `user "***"`},
		{"file of SQLite", "sqlite:/a/b.db?mode=ro", "open sqlite:/a/b.db?mode=ro", "open sqlite:/a/b.db"},
		{"opaque", "s3cr3ts3cr3t", "s3cr3ts3cr3t", "a URL of an unknown kind"},
		{"none", "", "text", "text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &database.Redactor{}
			r.Add(test.url)
			if got := r.Text(test.text); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestRedactorError(t *testing.T) {
	r := &database.Redactor{}
	r.AddVariable("PGPASSWORD", "s3cr3ts3cr3t")
	err := r.Error(fmt.Errorf("open s3cr3ts3cr3t: %w", fs.ErrNotExist))
	if err.Error() != "open ***: file does not exist" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if r.Error(nil) != nil || r.Error(fs.ErrExist) != fs.ErrExist {
		t.Error("an error without secrets is another one")
	}
}

func TestRedactorOfNothing(t *testing.T) {
	var r *database.Redactor
	r.Add("postgres://u:s3cr3t@h/db")
	r.AddSecret("s3cr3t")
	if got := r.Text("postgres://u:s3cr3t@h/db"); got != "postgres://h/db" {
		t.Error(got)
	}
}

func TestAddText(t *testing.T) {
	for _, test := range []struct{ name, text string }{
		{".env", "A=b\nexport DATABASE_URL=postgres://u:s3cr3ts3cr3t@h/db\n"},
		{"double quotes", `DATABASE_URL="postgres://u:s3cr3ts3cr3t@h/db" # comment`},
		{"single quotes", `TEST_DATABASE_URL='s3cr3ts3cr3t'`},
		{"by its look", `APP_DB = "sqlite:x.db?key=s3cr3ts3cr3t"`},
		{"by its name", `APP = "s3cr3ts3cr3t"`},
		{"TOML", "[env]\r\nDATABASE_URL = { value = 'postgres://u:s3cr3ts3cr3t@h/db', force = true }\r\n"},
		{"no quotes", "DATABASE_URL = postgres://u:s3cr3ts3cr3t@h/db"},
		{"keywords", "DATABASE_URL=host=h password=s3cr3ts3cr3t"},
		{"variable of a driver", "PGUSER=s3cr3ts3cr3t"},
		{"escaped", `PGPASSWORD="s3cr3t\s3cr3t"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &database.Redactor{}
			r.AddText(test.text, "APP")
			if got := r.Text("s3cr3ts3cr3t"); got == "s3cr3ts3cr3t" {
				t.Errorf("got %q", got)
			}
			if got := r.Text("postgres, comment, force"); got != "postgres, comment, force" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// FuzzRedactor: whatever is added, and whatever the text, the secret goes.
func FuzzRedactor(f *testing.F) {
	f.Add("postgres://u:", "@h/db", "error: ", "")
	f.Add("postgres://u:\xff", "@h/db", "\xff", "\xff")
	f.Add("(?i)[", "*", "\\", "|")
	f.Add("sqlite:a?", "", "", "")
	f.Fuzz(func(t *testing.T, before, after, left, right string) {
		const secret = "Zq7w9Kx2Vb4n"
		r := &database.Redactor{}
		r.Add(before + " " + secret + " " + after)
		r.Add(before + secret + after)
		if strings.Contains(database.Show(before+secret+after), secret) {
			t.Skip("it is no secret")
		}
		if got := r.Text(left + " " + secret + " " + right); strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
		if got := r.Text(left + before + secret + after + right); strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
	})
}

// FuzzWriter: in whatever pieces a text arrives, the password is covered and
// the rest is as it was.
func FuzzWriter(f *testing.F) {
	f.Add("error: postgres://me:s3cr3t-s3cr3t@host/db refused\n", 3)
	f.Add("s3cr3t-s3cr3t-s3cr3t-s3cr3t", 5)
	f.Add("s3cr3t-s3cr3", 1)
	f.Add("a\rpostgres://me:s3cr3t-s3cr3t", 7)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 {
			t.Skip()
		}
		const password = "s3cr3t-s3cr3t"
		r := &database.Redactor{}
		r.Add("postgres://me:" + password + "@host/db")
		var out strings.Builder
		w := r.Writer(&out)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if m, err := w.Write([]byte(rest[:n])); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), password) {
			t.Errorf("%q shows the password", &out)
		}
		if !strings.ContainsAny(text, "=:") && !strings.Contains(strings.ToLower(text), password) && !strings.Contains(strings.ToLower(text), "me") && out.String() != text {
			t.Errorf("%q became %q", text, &out)
		}
	})
}
