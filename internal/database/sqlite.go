package database

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
)

// drive is how an absolute path of Windows begins.
var drive = regexp.MustCompile(`^[A-Za-z]:[/\\]`)

// readSQLite reads a URL as SqliteConnectOptions::from_str of sqlx-sqlite 0.8.6
// and 0.9.0 does (options/parse.rs).
func readSQLite(u *URL, rest string) error {
	rest = strings.TrimPrefix(rest, "//")
	file, query, _ := strings.Cut(rest, "?")
	u.Database, u.Params = decode(file), params(query)
	if strings.ContainsAny(u.Database, "\r\n") {
		return errors.New("its file's name has more than one line")
	}
	// What looks like a user, a password, or a parameter may be one.
	name := u.Database
	if drive.MatchString(name) {
		name = name[2:]
	}
	u.clear = plainUser(rest) && (name == ":memory:" || !strings.Contains(name, ":") && !strings.ContainsFunc(name, notFile))
	return nil
}

func showFile(u *URL) string { return "sqlite:" + u.Database }

// SQLiteURL returns sqlx's URL of a database file, given by its absolute path.
// It is "sqlite:" and the path with forward slashes: with "//" Windows'
// drive letters would not survive.
func SQLiteURL(path string) string {
	escape := strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23")
	return "sqlite:" + escape.Replace(filepath.ToSlash(path))
}
