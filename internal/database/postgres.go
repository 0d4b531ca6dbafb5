package database

import (
	"errors"
	"regexp"
)

// readPostgres reads a URL as PgConnectOptions::parse_from_url of sqlx-postgres
// 0.8.6 and 0.9.0 does (options/parse.rs): parameters win over the parts of the
// same meaning.
func readPostgres(u *URL, rest string) error {
	if err := readServer(u, rest); err != nil {
		return err
	}
	for _, p := range u.Params {
		switch p.Name {
		case "host", "hostaddr":
			u.Host = p.Value
		case "port":
			u.Port = p.Value
		case "dbname":
			u.Database = p.Value
		case "user":
			u.User = p.Value
		case "password":
			u.Password = p.Value
		}
	}
	return u.checkServer()
}

var firstKeyword = regexp.MustCompile(`(?i)^(host|hostaddr|port|dbname|user|password|passfile|service|sslmode|options|application_name|connect_timeout)\s*=`)

// keywords recognises libpq's other form of naming a database.
func keywords(text string) (rest string, is bool) { return text, firstKeyword.MatchString(text) }

func refuseKeywords(*URL, string) error {
	return errors.New("it is a list of keywords (host=…), which sqlx does not know; write postgres://USER:PASSWORD@HOST:PORT/DATABASE")
}
