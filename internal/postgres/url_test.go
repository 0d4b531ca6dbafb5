package postgres

import (
	"maps"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

func TestURL(t *testing.T) {
	for _, test := range []struct {
		name, url string
		want      string // as keywords
	}{
		{"whole", "postgres://user:pass@host:5433/db", "dbname='db' host='host' password='pass' port='5433' user='user'"},
		{"other scheme", "PostgreSQL://host/db", "dbname='db' host='host'"},
		{"nothing", "postgres://", ""},
		{"white space around", " postgres://host/db\n", "dbname='db' host='host'"},
		{"no user", "postgres://host", "host='host'"},
		{"escapes", "postgres://us%40er:p%2F%25@host/d%20b", "dbname='d b' host='host' password='p/%' user='us@er'"},
		{"at in the password", "postgres://user:p@ss@host/db", "dbname='db' host='host' password='p@ss' user='user'"},
		{"odd characters in the password", "postgres://user:p^{%zz'\\@host/db", `dbname='db' host='host' password='p^{%zz\'\\' user='user'`},
		{"colon in the password", "postgres://user:a:b@host/db", "dbname='db' host='host' password='a:b' user='user'"},
		{"socket as host", "postgres://user@%2Frun%2Fpg:5433/db", "dbname='db' host='/run/pg' port='5433' user='user'"},
		{"socket as parameter", "postgres://user@localhost/db?host=/run/pg&port=5433", "dbname='db' host='/run/pg' port='5433' user='user'"},
		{"IPv6", "postgres://[::1]:5433/db", "dbname='db' host='::1' port='5433'"},
		{"IPv6 without port", "postgres://[::1]/db", "dbname='db' host='::1'"},
		{"slashes before the name", "postgres://host///db", "dbname='db' host='host'"},
		{"fragment", "postgres://host/db#part?user=no", "dbname='db' host='host'"},
		{"parameters win", "postgres://a:b@c/d?user=u&password=p&dbname=n&hostaddr=127.0.0.1", "dbname='n' host='127.0.0.1' password='p' user='u'"},
		{"sqlx's names", "postgres://h/d?ssl-mode=require&ssl-ca=a&ssl-cert=b&ssl-key=c", "dbname='d' host='h' sslcert='b' sslkey='c' sslmode='require' sslrootcert='a'"},
		{"last of two", "postgres://h/d?sslmode=require&ssl-mode=disable", "dbname='d' host='h' sslmode='disable'"},
		{"settings are no parameters", "postgres://h/d?search_path=other&statement_timeout=1&foo=bar", "dbname='d' host='h'"},
		{"cache", "postgres://h/d?statement-cache-capacity=5", "dbname='d' host='h'"},
		{"options", "postgres://h/d?options=-c%20search_path%3Dother", "dbname='d' host='h' options='-c search_path=other'"},
		{"plus is a space", "postgres://h/d?options=-c+geqo=off", "dbname='d' host='h' options='-c geqo=off'"},
		{"one option", "postgres://h/d?options[search_path]=a,%20b", `dbname='d' host='h' options='-c search_path=a,\\ b'`},
		{"escaped brackets", "postgres://h/d?options%5Bgeqo%5D=off", "dbname='d' host='h' options='-c geqo=off'"},
		{"options in their order", "postgres://h/d?options[b]=1&options=-c+c=2&options[a]=3", "dbname='d' host='h' options='-c b=1 -c c=2 -c a=3'"},
		{"open bracket", "postgres://h/d?options[a=3", "dbname='d' host='h'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u, err := database.Parse(test.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := keywords(settings(u, Mode09, "")); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if _, err := parseURL(test.url, Mode09); err != nil && !strings.Contains(test.url, "ssl-ca") {
				t.Error(err)
			}
		})
	}
}

func TestURLOption(t *testing.T) {
	for mode, want := range map[Mode]string{Mode08: `-c a=b c\d`, Mode09: `-c a=b\ c\\d`} {
		u, err := database.Parse("postgres://h/d?options[a]=b+c%5Cd")
		if err != nil {
			t.Fatal(err)
		}
		if got := settings(u, mode, "")["options"]; got != want {
			t.Errorf("sqlx %s: %q; want %q", mode, got, want)
		}
	}
}

func TestBadURL(t *testing.T) {
	for _, test := range []struct{ name, url, want string }{
		{"empty", "", "of no known kind"},
		{"other scheme", "mysql://user:hunter2@host/db", "for mysql, not for postgres"},
		{"no port", "postgres://user:hunter2@host:port/db", "its port is no number"},
		{"port too high", "postgres://user:hunter2@host:70000/db", "its port is no number"},
		{"NUL", "postgres://user:hunter2%00@host/db", "not UTF-8"},
		{"no UTF-8", "postgres://user:hunter2%ff@host/db", "not UTF-8"},
		{"sslmode", "postgres://user:hunter2@host/db?sslmode=maybe", "cannot be used"},
		{"certificate that is not there", "postgres://user:hunter2@host/db?sslmode=verify-full&sslrootcert=/no/such/hunter2", "cannot be used"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseURL(test.url, Mode09)
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want something of %q", err, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

func TestConnectError(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	place := listener.Addr().String()
	listener.Close()
	_, err = Open(t.Context(), "postgres://hunter2:hunter3@"+place+"/db?sslmode=disable", Options{Mode: Mode09})
	if err == nil || !strings.Contains(err.Error(), place) || strings.Contains(err.Error(), "hunter") {
		t.Errorf("%v", err)
	}
}

func TestURLEnvironment(t *testing.T) {
	t.Setenv("PGOPTIONS", "-c geqo=off")
	t.Setenv("PGTZ", "Asia/Tokyo")
	config, err := parseURL("postgres://host/db?options[search_path]=other", Mode09)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"options": "-c geqo=off -c search_path=other"}
	if !maps.Equal(config.RuntimeParams, want) {
		t.Errorf("got %v, want %v", config.RuntimeParams, want)
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"postgres://user:p%40ss@host:5432/db?sslmode=disable&options[search_path]=a%20b",
		"postgresql://[::1]/?host=/tmp&port=1", "postgres://%2Ftmp/db?options=-c+a=b#f", "postgres://@:/?&=&%",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := database.Parse(raw)
		if err != nil || u.Kind != database.Postgres {
			return
		}
		settings := settings(u, Mode08, "")
		for name := range settings {
			if parameters[name] != name && !slices.Contains([]string{"host", "port", "user", "password", "dbname", "options"}, name) {
				t.Errorf("%q: the setting %q is none of sqlx's", raw, name)
			}
		}
		// What was taken apart and is put together again comes out the same.
		config, err := parseURL(raw, Mode08)
		if err == nil && settings["user"] != "" && config.User != settings["user"] {
			t.Errorf("%q: user %q became %q", raw, settings["user"], config.User)
		}
	})
}
