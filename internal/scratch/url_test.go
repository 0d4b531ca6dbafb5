package scratch

import (
	"strings"
	"testing"
)

func TestSQLiteURL(t *testing.T) {
	for path, want := range map[string]string{
		"/tmp/a.db":           "sqlite:/tmp/a.db",
		"/tmp/50% #1?/ü b.db": "sqlite:/tmp/50%25 %231%3F/ü b.db",
	} {
		if got := SQLiteURL(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestRedact(t *testing.T) {
	for raw, want := range map[string]string{
		"postgres://u:secret@h:5/db?sslmode=disable":         "postgres://u:***@h:5/db?sslmode=disable",
		"postgres://u:se@cr/et@h/db":                         "postgres://u:***@h/db",
		"postgres://u@h/db":                                  "postgres://u@h/db",
		"postgres://h/db?user=u&password=secret&sslkey=/key": "postgres://h/db?user=u&password=***&sslkey=***",
		"postgres://:secret@h":                               "postgres://:***@h",
		"sqlite:/tmp/a.db":                                   "sqlite:/tmp/a.db",
		"sqlite:///tmp/a.db?mode=ro":                         "sqlite:///tmp/a.db?mode=ro",
		"":                                                   "",
		"no url":                                             "no url",
	} {
		if got := Redact(raw); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("secret", "?x=y")
	f.Add("se@cr:et/", "")
	f.Fuzz(func(t *testing.T, password, query string) {
		if strings.Contains(password, "?") || len(password) < 4 || strings.Contains("postgres://user:***@host/name"+query, password) {
			t.Skip()
		}
		if got := Redact("postgres://user:" + password + "@host/name" + query); strings.Contains(got, password) {
			t.Errorf("%q stays in %q", password, got)
		}
	})
}

func TestLive(t *testing.T) {
	db, err := Live("postgresql://u:secret@h/db")
	if err != nil || db.Kind != Postgres || !db.Live || db.URL != "postgresql://u:secret@h/db" {
		t.Errorf("got %+v, %v", db, err)
	}
	if db.Done() != nil || db.Err() != nil || db.Close() != nil {
		t.Error("a database of the user's own has an end")
	}
	if db, err := Live("sqlite:x.db"); err != nil || db.Kind != SQLite {
		t.Errorf("got %+v, %v", db, err)
	}
	for _, raw := range []string{"mysql://u:secret@h/db", "secret", ""} {
		if _, err := Live(raw); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", raw, err)
		}
	}
}
