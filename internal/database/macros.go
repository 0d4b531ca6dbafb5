package database

// Macros is what sqlx's macros have of a kind of database.
type Macros struct {
	// Types are the Rust types that stand for types in SQL, in the macros' order
	// (type_checking.rs of sqlx's driver).
	Types []RustType
	// TypeName is the name in messages and in sqlx.toml of a type that query
	// files have as a word, "Int4" (TypeInfo::name).
	TypeName func(word string) string
	// Implied are the features that the macros have in any case, by sqlx's minor
	// version.
	Implied map[string][]string
	Lexis   Lexis
}

// RustType is a Rust type that the macros know.
type RustType struct {
	Rust    string
	Feature string // of sqlx, that it needs; "" for none
	// SQL is what it stands for (Type::type_info and Type::compatible): a
	// builtin type by its word, "Int4"; one that is declared by its name,
	// "citext"; an array or a range, "[citext]", "<Int4>", of such.
	SQL []string
}

// Lexis is how the kind's SQL is written, beyond 'text', "name" and comments.
type Lexis struct {
	Backticks bool   // `name`
	Brackets  bool   // [name]
	Escapes   bool   // E'text with \'
	Dollars   bool   // $tag$text$tag$
	Numbered  bool   // the placeholder $1
	Question  bool   // the placeholders ? and ?1
	Sigils    string // before the name of a placeholder
}
