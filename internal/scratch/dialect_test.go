package scratch

import "testing"

func TestDialects(t *testing.T) {
	for _, test := range []struct{ name, got, want string }{
		{"text of Postgres", postgresDialect().Text("it's"), "'it''s'"},
		{"a backslash of Postgres", postgresDialect().Text(`it's \ one`), `E'it''s \\ one'`},
		{"bytes of Postgres", postgresDialect().Bytes([]byte{0xab, 1}), "decode('ab01', 'hex')"},
		{"text of SQLite", sqliteDialect(false).Text(`it's \ one`), `'it''s \ one'`},
		{"bytes of SQLite", sqliteDialect(false).Bytes([]byte{0xab, 1}), "x'ab01'"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s, want %s", test.name, test.got, test.want)
		}
	}
}
