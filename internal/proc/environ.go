package proc

import "strings"

// WithoutDatabases returns an environment without what names a database or
// holds its secrets: few children ask one, and other users may see what a child
// is told.
func WithoutDatabases(environ []string) []string {
	var kept []string
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !tellsDatabase(strings.ToUpper(name), strings.ToLower(value)) {
			kept = append(kept, entry)
		}
	}
	return kept
}

// tellsDatabase knows sqlx's variable and ours by their ends, those of libpq
// and of MySQL's client by their beginnings, and others by a URL.
func tellsDatabase(name, value string) bool {
	if strings.HasSuffix(name, "DATABASE_URL") || strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "MYSQL_") {
		return true
	}
	for _, scheme := range []string{"postgres:", "postgresql:", "sqlite:", "mysql:", "mariadb:"} {
		if strings.HasPrefix(value, scheme) {
			return true
		}
	}
	return false
}
