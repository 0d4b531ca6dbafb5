package scratch

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// kindOf tells the kind of database from a URL's scheme, as sqlx does.
func kindOf(raw string) (Kind, error) {
	scheme, _, found := strings.Cut(raw, ":")
	if !found {
		return "", errors.New("the database URL has no scheme, as in postgres://… or sqlite:…")
	}
	switch scheme {
	case "postgres", "postgresql":
		return Postgres, nil
	case "sqlite":
		return SQLite, nil
	}
	return "", fmt.Errorf("the database URL's scheme %q is not supported: postgres and sqlite are", scheme)
}

// SQLiteURL returns sqlx's URL of a database file, given by its absolute path.
// It is "sqlite:" and the path with forward slashes: with "//" Windows'
// drive letters would not survive.
func SQLiteURL(path string) string {
	escape := strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23")
	return "sqlite:" + escape.Replace(filepath.ToSlash(path))
}

// socketURL returns the URL of a database behind a Unix socket; all that
// clients would otherwise take from the environment stands in it.
func socketURL(dir string, port int, name string) string {
	return fmt.Sprintf("postgres://%s@localhost:%d/%s?host=%s&sslmode=disable",
		superuser, port, url.PathEscape(name), url.QueryEscape(dir))
}

func tcpURL(port int, password, name string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable",
		superuser, password, port, url.PathEscape(name))
}

// Redact takes the secrets out of a database URL, for people to read.
func Redact(raw string) string {
	head, rest, found := strings.Cut(raw, "://")
	if !found {
		return raw // sqlite:path
	}
	rest, query, hasQuery := strings.Cut(rest, "?")
	// The last @: a password may hold one.
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		user, _, hasPassword := strings.Cut(rest[:at], ":")
		if hasPassword {
			user += ":***"
		}
		rest = user + rest[at:]
	}
	if hasQuery {
		rest += "?" + redactQuery(query)
	}
	return head + "://" + rest
}

func redactQuery(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		key, _, _ := strings.Cut(pair, "=")
		if strings.Contains(strings.ToLower(key), "pass") || strings.Contains(strings.ToLower(key), "key") {
			pairs[i] = key + "=***"
		}
	}
	return strings.Join(pairs, "&")
}
