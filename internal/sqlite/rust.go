package sqlite

import "github.com/sqlxmage/sqlxmage/internal/database"

// rustTypes are equal in sqlx-sqlite 0.8.6 and 0.9.0. Null, Numeric and Time
// have no Rust type.
func rustTypes() []database.RustType {
	return []database.RustType{
		{Rust: "bool", SQL: []string{"Bool", "Int4", "Integer"}},
		{Rust: "i32", SQL: []string{"Int4", "Integer"}},
		{Rust: "i64", SQL: []string{"Integer", "Int4"}},
		{Rust: "f64", SQL: []string{"Float"}},
		{Rust: "String", SQL: []string{"Text"}},
		{Rust: "Vec<u8>", SQL: []string{"Blob", "Text"}},
		{Rust: "sqlx::types::chrono::NaiveDate", Feature: "chrono", SQL: []string{"Date", "Text"}},
		{Rust: "sqlx::types::chrono::NaiveDateTime", Feature: "chrono", SQL: []string{"Datetime", "Text", "Integer", "Int4", "Float"}},
		{Rust: "sqlx::types::chrono::DateTime<sqlx::types::chrono::Utc>", Feature: "chrono", SQL: []string{"Datetime", "Text", "Integer", "Int4", "Float"}},
		{Rust: "sqlx::types::time::OffsetDateTime", Feature: "time", SQL: []string{"Datetime", "Text", "Integer", "Int4"}},
		{Rust: "sqlx::types::time::PrimitiveDateTime", Feature: "time", SQL: []string{"Datetime", "Text", "Integer", "Int4"}},
		{Rust: "sqlx::types::time::Date", Feature: "time", SQL: []string{"Date", "Text"}},
		{Rust: "sqlx::types::Uuid", Feature: "uuid", SQL: []string{"Blob", "Text"}},
	}
}
