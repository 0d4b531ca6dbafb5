package cargo

import (
	"strings"
	"sync"
	"testing"
)

func TestRedact(t *testing.T) {
	for _, c := range []struct{ name, url, text, want string }{
		{"url", "postgres://me:s3cr3t@h/db", "connect postgres://me:s3cr3t@h/db", "connect postgres://me:***@h/db"},
		{"other database of the server", "postgres://me:s3cr3t@h/db", "postgres://me:s3cr3t@h/other", "postgres://me:***@h/other"},
		{"long password alone", "postgres://me:s3cr3t-s3cr3t@h/db", "PGPASSWORD=s3cr3t-s3cr3t", "PGPASSWORD=***"},
		{"short password alone", "postgres://me:ab@h/db", "about abs", "about abs"},
		{"password that is a common word", "postgres://postgres:postgres@h/postgres", "Compiling sqlx-postgres", "Compiling sqlx-postgres"},
		{"encoded", "postgres://me:p%40ssw0rd%21@h/db", "p@ssw0rd! p%40ssw0rd%21", "*** ***"},
		{"at in the password", "postgres://me:p@ssw0rd@h/db", "postgres://me:p@ssw0rd@h/db", "postgres://me:***@h/db"},
		{"in the query", "postgres://h/db?password=s3cr3t-s3cr3t&x=1", "postgres://h/db?password=s3cr3t-s3cr3t&x=1", "postgres://h/db?password=***&x=1"},
		{"no password", "postgres://me@h/db", "postgres://me@h/db", "postgres://me@h/db"},
		{"empty password", "postgres://me:@h/db", "postgres://me:@h/db", "postgres://me:@h/db"},
		{"sqlite", "sqlite:/a/b.db", "sqlite:/a/b.db", "sqlite:/a/b.db"},
		{"not a URL", "postgres://me:s3cr3t@h:port/db", "invalid postgres://me:s3cr3t@h:port/db", "invalid ***"},
		{"none", "", "text", "text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := redact(c.url).string(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzRedactor: in whatever pieces a text arrives, the password is covered and
// the rest is as it was.
func FuzzRedactor(f *testing.F) {
	f.Add("error: postgres://me:s3cr3t-s3cr3t@host/db refused", 3)
	f.Add("s3cr3t-s3cr3t-s3cr3t-s3cr3t", 5)
	f.Add("s3cr3t-s3cr3", 1)
	f.Add("postgres://me:s3cr3t-s3cr3t", 7)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 {
			t.Skip()
		}
		const password = "s3cr3t-s3cr3t"
		r := redact("postgres://me:" + password + "@host/db")
		var out strings.Builder
		w := &redactor{redaction: r, lock: new(sync.Mutex), to: &out}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if m, err := w.Write([]byte(rest[:n])); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), password) {
			t.Errorf("%q shows the password", &out)
		}
		if !strings.Contains(text, password) && out.String() != text {
			t.Errorf("%q became %q", text, &out)
		}
	})
}
