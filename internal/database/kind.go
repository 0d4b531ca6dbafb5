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

// The kinds that sqlx has macros for.
const (
	Postgres Kind = "postgres"
	SQLite   Kind = "sqlite"
	MySQL    Kind = "mysql" // MariaDB too
)

// facts are what sqlx itself says of a kind.
type facts struct {
	kind     Kind
	dbName   string
	features []string
}

func allFacts() []facts {
	return []facts{
		{Postgres, "PostgreSQL", []string{"postgres"}},
		{SQLite, "SQLite", []string{"sqlite", "sqlite-unbundled"}},
		{MySQL, "MySQL", []string{"mysql"}},
	}
}

func (k Kind) facts() facts {
	for _, f := range allFacts() {
		if f.kind == k {
			return f
		}
	}
	return facts{kind: k, dbName: string(k)}
}

// Kinds returns all kinds.
func Kinds() (kinds []Kind) {
	for _, f := range allFacts() {
		kinds = append(kinds, f.kind)
	}
	return kinds
}

// DBName is the kind's name in query files, and for people (sqlx's
// Database::NAME).
func (k Kind) DBName() string { return k.facts().dbName }

// KindNamed returns the kind that query files name so, "" for none.
func KindNamed(dbName string) Kind {
	for _, f := range allFacts() {
		if f.dbName == dbName {
			return f.kind
		}
	}
	return ""
}

// Features are those of sqlx of which each brings the kind's driver, the usual
// one first.
func (k Kind) Features() []string { return k.facts().features }

// In tells whether features of sqlx bring the kind's driver.
func (k Kind) In(features []string) bool {
	return slices.ContainsFunc(k.Features(), func(name string) bool { return slices.Contains(features, name) })
}

// form is a way of naming a database of a kind.
type form struct {
	kind Kind
	// match recognises the form, and returns what there is to read.
	match func(text string) (rest string, is bool)
	read  func(u *URL, rest string) error
	// show puts the harmless parts together.
	show func(u *URL) string
}

// forms returns all forms that are known.
func forms() []form {
	return []form{
		{Postgres, scheme("postgres", "postgresql"), readPostgres, showServer},
		{Postgres, keywords, refuseKeywords, showKind},
		{SQLite, scheme("sqlite"), readSQLite, showFile},
		{MySQL, scheme("mysql", "mariadb"), readServer, showServer},
	}
}

// scheme matches URLs by their schemes, and returns what follows the colon.
func scheme(names ...string) func(string) (string, bool) {
	return func(text string) (string, bool) {
		name, rest, isURL := strings.Cut(text, ":")
		return rest, isURL && slices.Contains(names, strings.ToLower(name))
	}
}

func showKind(u *URL) string { return string(u.Kind) }

// formOf returns the form of what is given as a URL, and what there is to read.
func formOf(raw string) (f form, rest string, known bool) {
	for _, f := range forms() {
		if rest, is := f.match(strings.TrimSpace(raw)); is {
			return f, rest, true
		}
	}
	return form{}, "", false
}

// KindOf tells which kind of database a URL is for, also one that cannot be
// read otherwise.
func KindOf(raw string) (kind Kind, known bool) {
	f, _, known := formOf(raw)
	return f.kind, known
}
