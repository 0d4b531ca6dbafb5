package workspace

// SqlxConfig is a package's sqlx.toml, which sqlx 0.9 reads when its feature
// `sqlx-toml` is enabled (sqlx-core 0.9.0, config/).
type SqlxConfig struct {
	Path           string
	DatabaseURLVar string // common.database-url-var; "DATABASE_URL" when not given
	Migrate        SqlxMigrate
	Macros         SqlxMacros
}

// SqlxMigrate is the section [migrate].
type SqlxMigrate struct {
	Dir            string // migrations-dir, relative to the manifest; "migrations" when not given
	TableName      string // table-name; "_sqlx_migrations" when not given
	IgnoredChars   string // ignored-chars: left out of the files' checksums
	CreateSchemas  []string
	DefaultType    string // defaults.migration-type
	DefaultVersion string // defaults.migration-versioning
}

// SqlxMacros is the section [macros].
type SqlxMacros struct {
	PreferredDateTime string                       // preferred-crates.date-time: "inferred", "time" or "chrono"
	PreferredNumeric  string                       // preferred-crates.numeric: "inferred", "bigdecimal" or "rust_decimal"
	TypeOverrides     map[string]string            // SQL type → Rust type
	ColumnOverrides   map[string]map[string]string // table → column → Rust type
}

// Sqlx is what a package's compilation knows of sqlx.
type Sqlx struct {
	Extern        string   // its name in code: "sqlx" unless renamed
	Version       string   // from Cargo.lock; "" when that is missing
	Features      []string // enabled in the plan, ordered; of sqlx itself
	FeaturesKnown bool     // false: sqlx's own manifest is not on this machine, Features holds only what is asked for
	Macros        bool     // query macros are compiled in
	Postgres      bool     // the drivers
	MySQL         bool
	SQLite        bool
	SqlxTOML      bool     // sqlx.toml is read
	SQLiteSys     []string // versions of libsqlite3-sys in Cargo.lock, ordered
}
