package macros

// sqliteRows are equal in sqlx-sqlite 0.8.6 and 0.9.0. Null, Numeric and Time
// have no Rust type.
var sqliteRows = []row{
	{"bool", "", []string{"Bool", "Int4", "Integer"}},
	{"i32", "", []string{"Int4", "Integer"}},
	{"i64", "", []string{"Integer", "Int4"}},
	{"f64", "", []string{"Float"}},
	{"String", "", []string{"Text"}},
	{"Vec<u8>", "", []string{"Blob", "Text"}},
	{"sqlx::types::chrono::NaiveDate", "chrono", []string{"Date", "Text"}},
	{"sqlx::types::chrono::NaiveDateTime", "chrono", []string{"Datetime", "Text", "Integer", "Int4", "Float"}},
	{"sqlx::types::chrono::DateTime<sqlx::types::chrono::Utc>", "chrono", []string{"Datetime", "Text", "Integer", "Int4", "Float"}},
	{"sqlx::types::time::OffsetDateTime", "time", []string{"Datetime", "Text", "Integer", "Int4"}},
	{"sqlx::types::time::PrimitiveDateTime", "time", []string{"Datetime", "Text", "Integer", "Int4"}},
	{"sqlx::types::time::Date", "time", []string{"Date", "Text"}},
	{"sqlx::types::Uuid", "uuid", []string{"Blob", "Text"}},
}
