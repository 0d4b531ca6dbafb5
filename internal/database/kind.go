// Package database is what all kinds of database have in common: how a URL of
// one reads, what of it may be shown, and how messages of others are freed of
// what may not.
//
// A URL is never shown as it was given. What is shown is put together from
// parts that are known to be harmless: kind, host, port, and the database's
// name or file. See [URL.String], and [Redactor] for messages of drivers, of
// cargo, and of whatever else was told a secret.
package database

import (
	"slices"
	"strings"
)

// Kind is a kind of database, in the words of sqlxmage.toml.
type Kind string

// The kinds.
const (
	Postgres Kind = "postgres"
	SQLite   Kind = "sqlite"
	MySQL    Kind = "mysql" // MariaDB too
)

// form is how the URLs of a kind are written.
type form struct {
	kind    Kind
	schemes []string // the first is the one that is shown
	// read takes apart what follows the scheme and its colon.
	read func(u *URL, rest string) error
	// show puts the harmless parts together.
	show func(u *URL) string
	// other recognises what means this kind without being a URL, and says
	// what it is; nil: there is no such form.
	other func(text string) (what string, is bool)
}

// forms returns the form of each kind.
func forms() []form {
	return []form{
		{kind: Postgres, schemes: []string{"postgres", "postgresql"}, read: readPostgres, show: showServer, other: keywordValue},
		{kind: SQLite, schemes: []string{"sqlite"}, read: readSQLite, show: showFile},
		{kind: MySQL, schemes: []string{"mysql", "mariadb"}, read: readServer, show: showServer},
	}
}

// formOf finds the form by a URL's scheme, or by what stands in a URL's place.
// what is what was recognised, rest what follows a scheme's colon; of what is
// no URL there is none.
func formOf(text string) (f form, rest string, isURL, found bool) {
	scheme, rest, isURL := strings.Cut(text, ":")
	for _, f := range forms() {
		if isURL && slices.Contains(f.schemes, strings.ToLower(scheme)) {
			return f, rest, true, true
		}
	}
	for _, f := range forms() {
		if f.other == nil {
			continue
		}
		if _, is := f.other(text); is {
			return f, "", false, true
		}
	}
	return form{}, "", false, false
}

// KindOf tells which kind of database a URL is for, also one that cannot be
// read otherwise.
func KindOf(raw string) (kind Kind, known bool) {
	f, _, _, known := formOf(strings.TrimSpace(raw))
	return f.kind, known
}
