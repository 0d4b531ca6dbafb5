package scratch

import (
	"encoding/hex"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/migrate"
)

// sqliteDialect is how sqlx applies migrations to SQLite (sqlx-sqlite 0.8.6 and
// 0.9.0, migrate.rs); only 0.9 honours "-- no-transaction".
func sqliteDialect(noTransaction bool) migrate.Dialect {
	return migrate.Dialect{
		Timestamp: "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP",
		Blob:      "BLOB",
		Bytes:     func(value []byte) string { return "x'" + hex.EncodeToString(value) + "'" },
		Text:      func(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" },
		// sqlx only looks whether it is there.
		CreateSchema:  func(name string) string { return "PRAGMA " + name + ".schema_version" },
		NoTransaction: noTransaction,
	}
}
