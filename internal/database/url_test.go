package database_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

func TestShow(t *testing.T) {
	for _, test := range []struct{ name, raw, want string }{
		{"whole", "postgres://u:s3cr3t@h:5/db?sslmode=disable#f", "postgres://h:5/db"},
		{"other scheme", "PostgreSQL://u@h/db", "postgres://h/db"},
		{"white space around", " postgres://u:s3cr3t@h/db\n", "postgres://h/db"},
		{"nothing", "postgres://", "postgres://"},
		{"escaped", "postgres://u%40x:s3%3Acr3t%2F@h/d%20b", "postgres://h/d b"},
		{"IPv6", "postgres://u:s3cr3t@[::1]:5433/db", "postgres://[::1]:5433/db"},
		{"socket", "postgres://u@%2Frun%2Fpg/db", "postgres://%2Frun%2Fpg/db"},
		{"parameters win", "postgres://u:s3cr3t@h/db?host=/run/pg&port=6&dbname=n&password=s3cr3t", "postgres://%2Frun%2Fpg:6/n"},
		{"escaped parameter", "postgres://h/db?p%61ssword=s3cr3t", "postgres://h/db"},
		{"second @", "postgres://u:p@s3cr3t@h/db", "postgres"},
		{"@ in the query", "postgres://u:s3cr3t@h/db?application_name=a@b", "postgres"},
		{"second colon", "postgres://u:p:s3cr3t@h/db", "postgres"},
		{"slash", "postgres://u:p/s3cr3t@h/db", "postgres"},
		{"question mark", "postgres://u:p?s3cr3t@h/db", "postgres"},
		{"hash", "postgres://u:p#s3cr3t@h/db", "postgres"},
		{"@ escaped that should not be", "postgres://u:s3cr3t%40h/db", "postgres"},
		{"@ escaped, no password", "postgres://s3cr3t%40h/db", "postgres"},
		{"no @", "postgres://u:s3cr3t/db", "postgres"},
		{"parameter in the name", "postgres://h/db;password=s3cr3t", "postgres"},
		{"parameter without ?", "postgres://h/db&password=s3cr3t", "postgres"},
		{"more than a name", "postgres://h/db/s3cr3t", "postgres"},
		{"host as parameter", "postgres://u@x/db?host=u:s3cr3t@h", "postgres"},
		{"port as parameter", "postgres://u@x/db?port=s3cr3t", "postgres"},
		{"no //", "postgres:u:s3cr3t@h/db", "postgres"},
		{"keywords", "host=h password=s3cr3t", "postgres"},
		{"other keywords", "user = 's3cr3t' dbname=x", "postgres"},
		{"mysql", "mysql://u:s3cr3t@h:3306/db?ssl-mode=DISABLED", "mysql://h:3306/db"},
		{"mariadb", "mariadb://u:s3cr3t@h/db", "mysql://h/db"},
		{"mysql's parameters name no part", "mysql://h/db?host=s3cr3t&password=s3cr3t", "mysql://h/db"},
		{"sqlite", "sqlite:/tmp/a.db?mode=ro&key=s3cr3t", "sqlite:/tmp/a.db"},
		{"sqlite with //", "sqlite:///tmp/a.db", "sqlite:/tmp/a.db"},
		{"sqlite relative", "sqlite://a.db", "sqlite:a.db"},
		{"sqlite on Windows", `sqlite:C:/Users/Jo%20Doe/a.db`, "sqlite:C:/Users/Jo Doe/a.db"},
		{"sqlite in memory", "sqlite::memory:", "sqlite::memory:"},
		{"sqlite of a server", "sqlite://u:s3cr3t@h/db", "sqlite"},
		{"sqlite with a colon", "sqlite://u:s3cr3t/db", "sqlite"},
		{"sqlite with a parameter", "sqlite:/tmp/a.db;key=s3cr3t", "sqlite"},
		{"other kind", "postgresql+asyncpg://u:s3cr3t@h/db", "a URL of an unknown kind"},
		{"secret as scheme", "s3cr3t:x@h/db", "a URL of an unknown kind"},
		{"none", "s3cr3t", "a URL of an unknown kind"},
		{"empty", "", "a URL of an unknown kind"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := database.Show(test.raw); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			u, err := database.Parse(test.raw)
			if err != nil {
				if strings.Contains(err.Error(), "s3cr3t") {
					t.Errorf("the error tells the secret: %v", err)
				}
				return
			}
			encoded, err := json.Marshal(map[string]any{"pointer": u, "value": *u})
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q", u, *u, *u, u, *u), string(encoded)} {
				if strings.Contains(text, "s3cr3t") {
					t.Errorf("printing tells the secret: %s", text)
				}
			}
			if u.Secret() != test.raw {
				t.Errorf("the URL is %q", u.Secret())
			}
		})
	}
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ name, raw, want string }{
		{"keywords", "host=h password=s3cr3t", "write postgres://USER:PASSWORD@HOST:PORT/DATABASE"},
		{"no //", "postgres:u:s3cr3t@h/db", "the postgres URL of the database cannot be read: `//` is missing"},
		{"unknown", "s3cr3t://h/db", "of no known kind"},
		{"port", "mysql://u:s3cr3t@h:s3cr3t/db", "its port is no number"},
		{"port too high", "mysql://u:s3cr3t@h:65536/db", "its port is no number"},
		{"host", "mysql://u:s3cr3t@h;s3cr3t/db", "its host is no name"},
		{"NUL", "postgres://u:s3cr3t%00@h/db", "a part of it is not UTF-8"},
		{"no UTF-8", "postgres://u:s3cr3t%ff@h/db", "a part of it is not UTF-8"},
		{"two lines", "sqlite:a\ns3cr3t", "more than one line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := database.Parse(test.raw)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestSQLiteURL(t *testing.T) {
	for path, want := range map[string]string{
		"/tmp/a.db":           "sqlite:/tmp/a.db",
		"/tmp/50% #1?/ü b.db": "sqlite:/tmp/50%25 %231%3F/ü b.db",
	} {
		got := database.SQLiteURL(path)
		if got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
		if u, err := database.Parse(got); err != nil || u.Database != path {
			t.Errorf("%s is read as %+v, %v", got, u, err)
		}
	}
}

// FuzzShow: nothing of a password, a parameter or a fragment is shown, and of a
// URL that is not well-formed nothing but its kind.
func FuzzShow(f *testing.F) {
	f.Add("postgres", "u", "s3cr3t", "h:5/db", "sslmode=disable")
	f.Add("mysql", "", "p@:/?#", "[::1]", "")
	f.Add("sqlite", "", "", "/tmp/a.db", "key=x")
	f.Add("x", "", "", "", "")
	f.Fuzz(func(t *testing.T, scheme, user, password, place, query string) {
		const secret = "Zq7w9Kx2Vb4n"
		raw := scheme + "://" + user + ":" + password + secret + "@" + place + "?" + query + secret
		if shown := database.Show(raw); strings.Contains(shown, secret) {
			t.Errorf("%q is shown as %q", raw, shown)
		}
		if _, err := database.Parse(raw); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
