package suite

import "fmt"

const checkedItems = `struct Row { id: i32, name: String }
struct Wrapper(i64);
mod other { pub struct Id(pub i32); }`

const postgresChecks = `
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION ltree;
CREATE EXTENSION cube;
CREATE SCHEMA apart;
CREATE EXTENSION isn SCHEMA apart;
CREATE TYPE mood AS ENUM ('sad', 'fine');
CREATE TYPE pair AS (a int4, b text);
CREATE DOMAIN words AS text CHECK (value <> '');
CREATE DOMAIN more_words AS words;
CREATE DOMAIN short AS varchar(8);
CREATE DOMAIN lists AS text[];
CREATE DOMAIN short_lists AS varchar(8)[];
CREATE DOMAIN number AS int4;
CREATE DOMAIN moods AS mood;
CREATE DOMAIN address AS inet;
CREATE DOMAIN insensitive AS citext;
CREATE TYPE int_range AS RANGE (subtype = int4);
CREATE TYPE float_range AS RANGE (subtype = float8);
CREATE TYPE day_range AS RANGE (subtype = date);
CREATE TYPE number_range AS RANGE (subtype = number);
CREATE TYPE apart.text AS ENUM ('a');
CREATE TYPE "Citext" AS ENUM ('a');
CREATE TABLE t (id int4 PRIMARY KEY, name text NOT NULL, at timestamptz, ip inet, feeling mood);
`

// postgresTypes are types of sqlx's own list and of the schema.
var postgresTypes = []string{
	"bool", "bytea", `"char"`, "name", "int8", "int2", "int4", "text", "oid", "json", "point", "lseg", "path", "box", "polygon", "line",
	"cidr", "float4", "float8", "circle", "macaddr8", "macaddr", "inet", "bpchar", "varchar", "date", "time", "timestamp", "timestamptz",
	"interval", "timetz", "bit(3)", "varbit", "numeric", "uuid", "jsonb", "int4range", "numrange", "tsrange", "tstzrange", "daterange",
	"int8range", "jsonpath", "money", "record",
	"mood", "pair", "words", "more_words", "short", "lists", "short_lists", "number", "moods", "address", "insensitive",
	"int_range", "float_range", "day_range", "number_range", "apart.text", `"Citext"`, "apart.isbn",
	"citext", "hstore", "ltree", "lquery", "ltxtquery", "cube", "xml", "tsvector", "xid", "regclass", "int4multirange", "pg_lsn",
}

var noArrays = map[string]bool{"lists": true, "short_lists": true}

// postgresCalls are a column, a parameter and an array of each type, and the
// calls that are listed.
func postgresCalls() []string {
	var calls []string
	for _, name := range postgresTypes {
		all := []string{name}
		if !noArrays[name] && name != "record" {
			all = append(all, name+"[]")
		}
		for _, name := range all {
			value := "NULL::" + name
			if name == "record" {
				value = "ROW(1, 2)"
			}
			calls = append(calls, fmt.Sprintf("sqlx::query!(r#\"SELECT %s AS c\"#)", value))
			if name != "record" {
				calls = append(calls, fmt.Sprintf("sqlx::query!(r#\"SELECT 1 AS one WHERE $1::%s IS NULL\"#, 1)", name))
			}
		}
	}
	return append(calls, postgresHand...)
}

var postgresHand = []string{
	// numbers of arguments
	`sqlx::query!("SELECT 1 AS one WHERE $1::int4 = $2", 1, 1)`,
	`sqlx::query!("SELECT 1 AS one WHERE $1::int4 = $2", 1)`,
	`sqlx::query!("SELECT 1 AS one WHERE $1::int4 = $2", 1, 1, 1)`,
	`sqlx::query!("SELECT 1 AS one WHERE $1::int4 = $2")`,
	`sqlx::query!("SELECT 1 AS one WHERE $1::int4 = $2", 1, 1,)`,
	`sqlx::query!("SELECT 1 AS one", 1)`,
	`sqlx::query_unchecked!("SELECT 1 AS one", 1)`,
	`sqlx::query_unchecked!("SELECT 1 AS one WHERE $1::int4 = $2", 1)`,
	`sqlx::query_as!(Row, "SELECT id, name FROM t WHERE id = $1")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id, name FROM t WHERE id = $1", 1, 2)`,
	`sqlx::query_scalar!("SELECT id FROM t WHERE id = $1", 1, 2)`,
	`sqlx::query!("DELETE FROM t WHERE id = $1")`,
	`sqlx::query!("DELETE FROM t WHERE id = $1", 1)`,
	`sqlx::query!("DELETE FROM t", 1)`,
	// overridden arguments
	`sqlx::query!("UPDATE t SET feeling = $1", 1)`,
	`sqlx::query!("UPDATE t SET feeling = $1", 1 as i32)`,
	`sqlx::query!("UPDATE t SET feeling = $1", 1 as _)`,
	`sqlx::query!("UPDATE t SET feeling = $1", (1 as i32))`,
	`sqlx::query!("UPDATE t SET feeling = $1", &1 as &i32)`,
	`sqlx::query!("UPDATE t SET feeling = $1", 1 as i32 + 1)`,
	`sqlx::query!("UPDATE t SET feeling = $1", -1 as i32)`,
	`sqlx::query!("UPDATE t SET feeling = $1", { 1 as i32 })`,
	`sqlx::query!("UPDATE t SET feeling = $1", Some(1) as Option<i32>)`,
	`sqlx::query!("UPDATE t SET feeling = $1, name = $2", 1 as _, "name")`,
	`sqlx::query!("UPDATE t SET name = $1, feeling = $2", "name", 1)`,
	`sqlx::query_unchecked!("UPDATE t SET feeling = $1", 1)`,
	`sqlx::query_as_unchecked!(Row, "SELECT id, name FROM t WHERE feeling = $1", 1)`,
	`sqlx::query_as!(Row, "SELECT id, name FROM t WHERE feeling = $1", 1)`,
	// names of columns
	`sqlx::query!("SELECT 1")`,
	`sqlx::query!("SELECT count(*) FROM t")`,
	`sqlx::query!("SELECT 1, 2")`,
	`sqlx::query!("SELECT 1 AS \"a b\"")`,
	`sqlx::query!("SELECT 1 AS \"1a\"")`,
	`sqlx::query!("SELECT 1 AS \"_\"")`,
	`sqlx::query!("SELECT 1 AS \"_a\"")`,
	`sqlx::query!("SELECT 1 AS \"type\"")`,
	`sqlx::query!("SELECT 1 AS \"self\"")`,
	`sqlx::query!("SELECT 1 AS \"crate\"")`,
	`sqlx::query!("SELECT 1 AS \"Self\"")`,
	`sqlx::query!("SELECT 1 AS \"r#type\"")`,
	`sqlx::query!("SELECT 1 AS \"größe\"")`,
	`sqlx::query!("SELECT 1 AS \"名前\"")`,
	`sqlx::query!("SELECT 1 AS \"x²\"")`,
	`sqlx::query!("SELECT 1 AS \"a!\"")`,
	`sqlx::query!("SELECT 1 AS \"a?\"")`,
	`sqlx::query!("SELECT 1 AS \"a!?\"")`,
	`sqlx::query!("SELECT 1 AS \"a! \"")`,
	`sqlx::query!("SELECT 1 AS \"a !\"")`,
	`sqlx::query!("SELECT 1 AS \"a: i32\"")`,
	`sqlx::query!("SELECT 1 AS \"a!: i32\"")`,
	`sqlx::query!("SELECT 1 AS \"a?: other::Id\"")`,
	`sqlx::query!("SELECT 1 AS \"a: Vec<Option<i32>>\"")`,
	`sqlx::query!("SELECT 1 AS \"a: Vec<\"")`,
	`sqlx::query!("SELECT 1 AS \"a:\"")`,
	`sqlx::query!("SELECT 1 AS \"a: \"")`,
	`sqlx::query!("SELECT 1 AS \"a: 1\"")`,
	`sqlx::query!("SELECT 1 AS \"a: i32, b\"")`,
	`sqlx::query!("SELECT 1 AS \"a i32\"")`,
	`sqlx::query!("SELECT 1 AS \"a::i32\"")`,
	`sqlx::query!("SELECT 1 AS \"a:::std::string::String\"")`,
	`sqlx::query!("SELECT 1 AS \"a: (i32, String)\"")`,
	`sqlx::query!("SELECT 1 AS \"a: [u8; 4]\"")`,
	`sqlx::query!("SELECT 1 AS \"a: &'static str\"")`,
	// types that the parser takes, and others
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Box<dyn Fn(i32) -> i32 + Send>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: *const u8\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: *u8\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: for<'a> fn(&'a u8) -> u8\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: fn\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: fn(i32\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: 'static\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: [u8]\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: [u8; 2 + 2]\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: [u8; ]\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: (i32,)\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: (i32,,)\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: ()\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: std::vec::Vec::<i32>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Vec<i32>>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: &mut\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: &'static mut i32\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: i32;\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: {}\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: <i32 as Default>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: <Vec<i32> as IntoIterator>::Item\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Option<Option<i32>>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Option\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: i32 String\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: i32.\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: i32::\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: #i32\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: r#type\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: r#i32\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: type\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: impl Copy\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: dyn Copy\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Vec<'a>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Foo<N = i32>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Foo<{ 1 + 1 }>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Foo<-1>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: Foo<=>\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: (i32)\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: _ _\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: &&str\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: macro_call!(x)\", name FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id AS \"id: macro_call! x\", name FROM t")`,
	// wildcards
	`sqlx::query!("SELECT 1 AS \"a: _\"")`,
	`sqlx::query!("SELECT 1 AS \"a!: _\"")`,
	`sqlx::query_unchecked!("SELECT 1 AS \"a?: _\"")`,
	`sqlx::query_as!(Row, "SELECT id AS \"id: _\", name AS \"name!: _\" FROM t")`,
	`sqlx::query_scalar!("SELECT feeling AS \"feeling: _\" FROM t")`,
	`sqlx::query!("SELECT ARRAY[1] AS \"a: Vec<_>\"")`,
	`sqlx::query_as!(Row, "SELECT id AS \"id: Vec<_>\", name FROM t")`,
	// one name twice
	`sqlx::query!("SELECT 1 AS a, 2 AS a")`,
	`sqlx::query!("SELECT 1 AS a, 2 AS \"a!\"")`,
	`sqlx::query!("SELECT 1 AS \"a: i32\", 2 AS \"a?\"")`,
	`sqlx::query!("SELECT 1 AS a, 2 AS \"A\"")`,
	`sqlx::query_as!(Row, "SELECT id, name, id FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT id, name, id FROM t")`,
	`sqlx::query_unchecked!("SELECT t.*, u.* FROM t, t u")`,
	// types of columns, by macro
	`sqlx::query!("SELECT feeling FROM t")`,
	`sqlx::query_unchecked!("SELECT feeling FROM t")`,
	`sqlx::query!("SELECT feeling AS \"feeling: i32\" FROM t")`,
	`sqlx::query_as!(Row, "SELECT feeling FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT feeling FROM t")`,
	`sqlx::query_as!(Row, "SELECT feeling AS \"feeling!\" FROM t")`,
	`sqlx::query_as!(Row, "SELECT feeling AS \"feeling: _\" FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT feeling AS \"feeling?!\" FROM t")`,
	`sqlx::query!("SELECT at, ip FROM t")`,
	`sqlx::query_unchecked!("SELECT at, ip FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT at, ip FROM t")`,
	// scalars
	`sqlx::query_scalar!("SELECT id FROM t")`,
	`sqlx::query_scalar!("SELECT id, name FROM t")`,
	`sqlx::query_scalar_unchecked!("SELECT id, name FROM t")`,
	`sqlx::query_scalar!("SELECT count(*) FROM t")`,
	`sqlx::query_scalar!("SELECT 1")`,
	`sqlx::query_scalar!("SELECT 1 AS \"a b\"")`,
	`sqlx::query_scalar!("SELECT feeling FROM t")`,
	`sqlx::query_scalar_unchecked!("SELECT feeling FROM t")`,
	`sqlx::query_scalar!("SELECT feeling AS \"a b\" FROM t")`,
	`sqlx::query_scalar_unchecked!("SELECT feeling AS \"a b\" FROM t")`,
	`sqlx::query_scalar!("SELECT feeling AS \"a: i32\" FROM t")`,
	`sqlx::query_scalar!("SELECT feeling AS \"a: i32 b\" FROM t")`,
	`sqlx::query_scalar!("DELETE FROM t")`,
	// no columns, and void ones
	`sqlx::query!("SELECT FROM t")`,
	`sqlx::query_as!(Row, "DELETE FROM t")`,
	`sqlx::query!("SELECT pg_sleep(0)")`,
	`sqlx::query!("SELECT pg_sleep(0), pg_sleep(0)")`,
	`sqlx::query!("SELECT pg_sleep(0) AS \"a b\"")`,
	`sqlx::query_scalar!("SELECT pg_sleep(0), pg_sleep(0)")`,
	`sqlx::query!("SELECT pg_sleep(0), 1 AS a")`,
	`sqlx::query!("SELECT pg_sleep(0) AS \"a b\", 1 AS a")`,
	// what the server refuses
	`sqlx::query!("SELECT no FROM t")`,
	`sqlx::query!("SELEC 1")`,
}

var sqliteChecks = []string{
	`CREATE TABLE t (id INTEGER PRIMARY KEY, i4 INT4, flag BOOLEAN NOT NULL, day DATE, hour TIME, at DATETIME, stamp TIMESTAMP, amount NUMERIC, price DECIMAL(5, 2), odd ODDITY)`,
}

var sqliteCalls = []string{
	`sqlx::query!("SELECT id, i4, flag FROM t")`,
	`sqlx::query!("SELECT day FROM t")`,
	`sqlx::query!("SELECT hour FROM t")`,
	`sqlx::query!("SELECT hour AS 'hour: String' FROM t")`,
	`sqlx::query!("SELECT at FROM t")`,
	`sqlx::query!("SELECT stamp FROM t")`,
	`sqlx::query!("SELECT amount FROM t")`,
	`sqlx::query!("SELECT price FROM t")`,
	`sqlx::query!("SELECT odd FROM t")`,
	`sqlx::query_as_unchecked!(Row, "SELECT day, hour, at, odd FROM t")`,
	`sqlx::query_scalar!("SELECT day FROM t")`,
	`sqlx::query_scalar!("SELECT max(at) FROM t")`,
	`sqlx::query_scalar_unchecked!("SELECT max(at) FROM t")`,
	`sqlx::query!("INSERT INTO t (id, flag) VALUES (?, ?) RETURNING at", 1, true)`,
	`sqlx::query!("INSERT INTO t (id, flag) VALUES (?, ?)", 1)`,
	`sqlx::query!("SELECT 1 AS a")`,
	`sqlx::query!("SELECT NULL AS a")`,
	`sqlx::query!("SELECT NULL AS \"a: i64\"")`,
	`sqlx::query_as!(Row, "SELECT NULL AS id")`,
	`sqlx::query_as_unchecked!(Row, "SELECT NULL AS id")`,
	`sqlx::query_unchecked!("SELECT NULL AS a")`,
	`sqlx::query_scalar!("SELECT NULL")`,
	`sqlx::query_scalar_unchecked!("SELECT NULL")`,
	`sqlx::query_scalar_unchecked!("SELECT NULL AS a")`,
	`sqlx::query!("SELECT 'a' AS a, 1.5 AS b, x'00' AS c, 1 AS d")`,
	`sqlx::query!("SELECT CAST(1 AS NUMERIC) AS a")`,
	`sqlx::query!("SELECT date('now') AS a")`,
	`sqlx::query!("SELECT count(*) FROM sqlite_schema")`,
	`sqlx::query!("SELECT count(*) AS n FROM sqlite_schema")`,
	`sqlx::query!("SELECT 1")`,
	`sqlx::query!("SELECT name, name FROM sqlite_schema")`,
	`sqlx::query!("SELECT name, rootpage AS 'name!' FROM sqlite_schema")`,
	`sqlx::query!("SELECT name AS type, type AS name FROM sqlite_schema")`,
	`sqlx::query!("SELECT name AS 'name: _' FROM sqlite_schema")`,
	`sqlx::query!("SELECT name AS 'name!: String' FROM sqlite_schema")`,
	`sqlx::query!("SELECT name AS 'name!: Str ing' FROM sqlite_schema")`,
	`sqlx::query!("SELECT ?", 1)`,
	`sqlx::query!("SELECT ? AS a", 1)`,
	`sqlx::query!("SELECT ? AS a")`,
	`sqlx::query!("SELECT ? AS a", 1, 2)`,
	`sqlx::query!("SELECT ?2 AS a, ? AS b", 1, 2, 3)`,
	`sqlx::query!("SELECT ?2 AS a, ? AS b", 1, 2)`,
	`sqlx::query!("SELECT :a AS a, :a AS b, :b AS c", 1, 2)`,
	`sqlx::query!("SELECT :a AS a, :a AS b, :b AS c", 1, 2, 3)`,
	`sqlx::query_unchecked!("SELECT ? AS a", 1, 2)`,
	`sqlx::query_unchecked!("SELECT ? AS \"a: i64\"", 1)`,
	`sqlx::query!("SELECT 1 AS a; SELECT 2 AS b")`,
	`sqlx::query!("SELECT ? AS \"a: i64\"; SELECT ? AS \"b: i64\"", 1, 2)`,
	`sqlx::query!("SELECT ? AS \"a: i64\"; SELECT ? AS \"b: i64\"", 1)`,
	`sqlx::query_scalar!("SELECT 1, 2")`,
	`sqlx::query_scalar!("SELECT 1")`,
	`sqlx::query_scalar!("SELECT 1 AS 'a: _'")`,
	`sqlx::query_scalar!("DELETE FROM sqlite_schema WHERE 0")`,
	`sqlx::query!("SELECT no FROM sqlite_schema")`,
	`sqlx::query!("")`,
	`sqlx::query!("CREATE TABLE a (b)")`,
	`sqlx::query_as!(Row, "SELECT 1 AS id, 'a' AS name")`,
	`sqlx::query_as!(Row, "SELECT 1 AS id, 'a' AS name, 2 AS id")`,
	`sqlx::query_as!(Row, "SELECT 1 AS 'id: _', 'a' AS 'name?: _'")`,
	`sqlx::query_as!(Row, "SELECT 1 AS self, 'a' AS name")`,
	`sqlx::query!("SELECT 1 AS type, 2 AS fn, 3 AS super")`,
	`sqlx::query!("SELECT 1 AS type, 2 AS fn")`,
	`sqlx::query!("SELECT 1 AS [a!: Wrapper]")`,
	"sqlx::query!(\"SELECT 1 AS `a?`\")",
	`sqlx::query!("SELECT 1 AS 'a ?'")`,
}
