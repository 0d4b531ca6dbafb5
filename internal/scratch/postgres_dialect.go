package scratch

import (
	"encoding/hex"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/migrate"
)

// postgresDialect is how sqlx applies migrations to Postgres (sqlx-postgres
// 0.8.6 and 0.9.0, migrate.rs).
func postgresDialect() migrate.Dialect {
	return migrate.Dialect{
		Timestamp: "TIMESTAMPTZ NOT NULL DEFAULT now()",
		Blob:      "BYTEA",
		Bytes:     func(value []byte) string { return "decode('" + hex.EncodeToString(value) + "', 'hex')" },
		Text: func(value string) string { // whatever standard_conforming_strings says
			value = strings.ReplaceAll(value, "'", "''")
			if strings.Contains(value, `\`) {
				return "E'" + strings.ReplaceAll(value, `\`, `\\`) + "'"
			}
			return "'" + value + "'"
		},
		CreateSchema:  func(name string) string { return "CREATE SCHEMA IF NOT EXISTS " + name },
		NoTransaction: true,
	}
}
