package database

import (
	"regexp"
	"slices"
	"strings"
)

// withPassword finds a user with a password, in a URL of whatever kind, and a
// password among keywords.
var withPassword = regexp.MustCompile(`(?i):[^\s@]+@|\b(?:password|pwd)\s*=`)

// AddVariable makes known what a variable tells: one that names a database by
// its own name or by the look of its value, or one that drivers read secrets
// from.
func (r *Redactor) AddVariable(name, value string) {
	name = strings.ToUpper(name)
	_, known := KindOf(value)
	switch {
	case slices.Contains(secretVariables(), name):
		r.AddSecret(value)
	case strings.HasSuffix(name, "DATABASE_URL"), known, withPassword.MatchString(value):
		r.Add(value)
	}
}

// AddEnviron makes known what an environment tells.
func (r *Redactor) AddEnviron(environ []string) {
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		r.AddVariable(name, value)
	}
}

// secretVariables are what libpq and the client of MySQL read, and with them
// pgx and sqlx, that is neither host, port, nor database.
func secretVariables() []string {
	return []string{
		"PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGOPTIONS", "PGAPPNAME",
		"PGSSLMODE", "PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGSSLPASSWORD", "PGSSLSNI", "PGSSLNEGOTIATION",
		"PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION", "PGCHANNELBINDING", "PGREQUIREAUTH",
		"PGTARGETSESSIONATTRS", "PGTZ", "PGCONNECT_TIMEOUT", "MYSQL_PWD",
	}
}

var (
	assignment = regexp.MustCompile(`^\s*(?:export\s+)?["']?([\w.-]+)["']?\s*=\s*(.+)$`)
	quoted     = regexp.MustCompile(`"(?:\\.|[^"\\])*"|'[^']*'`)
)

// AddText makes known what the lines of a text set that have the form NAME =
// VALUE: those of a `.env` and of a TOML file, also where something in it is
// wrong. others are further variables that name a database.
func (r *Redactor) AddText(text string, others ...string) {
	for line := range strings.Lines(text) {
		m := assignment.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		values := quoted.FindAllString(m[2], -1)
		for i, value := range values {
			values[i] = value[1 : len(value)-1]
		}
		if values == nil {
			values = []string{m[2]}
		}
		for _, value := range values {
			r.addSetting(m[1], value, others)
			r.addSetting(m[1], strings.ReplaceAll(value, `\`, ""), others)
		}
	}
}

func (r *Redactor) addSetting(name, value string, others []string) {
	if slices.Contains(others, name) {
		r.Add(value)
		return
	}
	r.AddVariable(name, value)
}
