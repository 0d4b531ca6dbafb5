package macros

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/postgres"
	"github.com/sqlxmage/sqlxmage/internal/sqlite"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

var (
	ofPostgres = postgres.New(database.Settings{}).Macros()
	ofSQLite   = sqlite.New(database.Settings{}).Macros()
)

// describe makes a description of columns written as `name Type`, a type as the
// query file has it.
func describe(parameters *sqlxdata.Parameters, columns ...string) sqlxdata.Description {
	d := sqlxdata.Description{Parameters: parameters}
	for i, text := range columns {
		at := strings.LastIndexByte(text, ' ')
		d.Columns = append(d.Columns, sqlxdata.Column{Ordinal: i, Name: text[:at], Type: sqlxdata.TypeName(text[at+1:])})
		d.Nullable = append(d.Nullable, nil)
	}
	return d
}

func types(names ...string) *sqlxdata.Parameters {
	p := &sqlxdata.Parameters{Types: []sqlxdata.TypeInfo{}}
	for _, name := range names {
		p.Types = append(p.Types, sqlxdata.TypeName(name))
	}
	return p
}

func call(record Record, overridden ...bool) Call {
	return Call{Record: record, Overridden: overridden}
}

func unchecked(c Call) Call {
	c.Unchecked = true
	return c
}

func TestCheck(t *testing.T) {
	plain := Build{Kind: ofPostgres, Version: "0.8"}
	for _, test := range []struct {
		name  string
		build Build
		call  Call
		d     sqlxdata.Description
		want  []string // message | hint | argument parameter column
	}{
		{"nothing wrong", plain, call(Generated, false), describe(types("Int4"), "id Int4", "name Text"), nil},
		{"too few arguments", plain, call(Generated, false), describe(types("Int4", "Int4", "Int4"), "id Int4"),
			[]string{"the query has 3 parameters, the call 1 argument | add 2 arguments to the call | -1 1 -1"}},
		{"no argument", plain, call(Generated), describe(types("Int4"), "id Int4"),
			[]string{"the query has 1 parameter, the call no arguments | add 1 argument to the call | -1 0 -1"}},
		{"too many arguments, SQLite", Build{Kind: ofSQLite}, call(Generated, false, false), describe(&sqlxdata.Parameters{Count: 1}, "id Integer"),
			[]string{"the query has 1 parameter, the call 2 arguments | take the last argument out of the call | 1 -1 -1"}},
		{"a parameter without a feature", plain, call(Generated, false, false), describe(types("Int4", "Inet"), "id Int4"),
			[]string{"parameter #2 has the type INET, for which sqlx has a Rust type only with its feature `ipnetwork` or `ipnet` | enable sqlx's feature `ipnetwork` or `ipnet` in Cargo.toml; or say the argument's type: `expr as T`, or `expr as _` to take it as it is | 1 1 -1"}},
		{"a parameter without a feature, overridden", plain, call(Generated, true), describe(types("Inet"), "id Int4"), nil},
		{"a parameter without a feature, unchecked", plain, unchecked(call(Given, false)), describe(types("Inet"), "id Inet"), nil},
		{"a column without a feature", plain, call(Given), describe(nil, "at Timestamptz"),
			[]string{"column #1, \"at\", has the type TIMESTAMPTZ, for which sqlx has a Rust type only with its feature `chrono` or `time` | enable sqlx's feature `chrono` or `time` in Cargo.toml; or say the type in the column's name: `AS \"at: T\"` | -1 -1 0"}},
		{"a column without a feature, of a record of its own, unchecked", plain, unchecked(call(Generated)), describe(nil, "at! Timestamptz"),
			[]string{"column #1, \"at!\", has the type TIMESTAMPTZ, for which sqlx has a Rust type only with its feature `chrono` or `time` | enable sqlx's feature `chrono` or `time` in Cargo.toml; or say the type in the column's name: `AS \"at!: T\"` | -1 -1 0"}},
		{"a column whose feature may be on", Build{Kind: ofPostgres, Version: "0.8", Unknown: []string{"other 1.0.0"}}, call(Given), describe(nil, "at Timestamptz"),
			[]string{"column #1, \"at\", has the type TIMESTAMPTZ, for which sqlx has a Rust type only with its feature `chrono` or `time`; whether it is enabled is not known without the manifest of other 1.0.0 | enable sqlx's feature `chrono` or `time` in Cargo.toml; or say the type in the column's name: `AS \"at: T\"` | -1 -1 0, unproven"}},
		{"json, which sqlx 0.9 always has", Build{Kind: ofPostgres, Version: "0.9"}, call(Generated), describe(nil, "doc Jsonb"), nil},
		{"json, which sqlx 0.8 has as a feature", plain, call(Generated), describe(nil, "doc Json"),
			[]string{"column #1, \"doc\", has the type JSON, for which sqlx has a Rust type only with its feature `json` | enable sqlx's feature `json` in Cargo.toml; or say the type in the column's name: `AS \"doc: T\"` | -1 -1 0"}},
		{"a wildcard in a record of its own", plain, call(Generated), describe(nil, "at: _ Timestamptz"),
			[]string{"column #1, \"at: _\": the type `_` needs a record type to take it from | use query_as!, or write the type instead of `_` | -1 -1 0"}},
		{"a wildcard within a type of a record of its own", plain, call(Generated), describe(nil, "at: Vec<_> Timestamptz", "f: fn(_:i32) Int4"),
			[]string{"column #1, \"at: Vec<_>\": the type `_` needs a record type to take it from | use query_as!, or write the type instead of `_` | -1 -1 0"}},
		{"a wildcard in a given record", plain, call(Given), describe(nil, "at: _ Timestamptz"), nil},
		{"a wildcard in a scalar", plain, call(Scalar), describe(nil, "at!: _ Timestamptz"), nil},
		{"one name twice", plain, call(Given), describe(nil, "id Int4", "name Text", "id! Int4"),
			[]string{"columns #1 and #3 both have the name \"id\" | give one of them another name: `AS name` | -1 -1 2"}},
		{"no name", plain, call(Generated), describe(nil, "?column? Int4"),
			[]string{"column #1 has the name \"?column?\", which has no name in it | give it a name: `AS name`, or with an override, `AS \"name!: T\"` | -1 -1 0"}},
		{"no name, a scalar", plain, call(Scalar), describe(nil, "?column? Int4"), nil},
		{"no name and no type, a scalar", plain, call(Scalar), describe(nil, "?column? Inet"),
			[]string{"column #1, \"?column?\", has the type INET, for which sqlx has a Rust type only with its feature `ipnetwork` or `ipnet` | enable sqlx's feature `ipnetwork` or `ipnet` in Cargo.toml; or say the type in the column's name: `AS \"name: T\"` | -1 -1 0"}},
		{"no name and no type, a scalar, unchecked", plain, unchecked(call(Scalar)), describe(nil, "?column? Inet"), nil},
		{"two columns, a scalar", plain, call(Scalar), describe(nil, "a Int4", "b Int4"),
			[]string{"query_scalar! takes a query with one column, this one has 2 | select one column, or use query! or query_as! | -1 -1 1"}},
		{"no columns, a scalar", plain, call(Scalar), describe(nil), nil},
		{"nothing but void", plain, call(Scalar), describe(nil, "? Void", "? Void"), nil},
		{"void and more", plain, call(Generated), describe(nil, "f Void", "a Int4"), nil},
		{"no type at all, SQLite", Build{Kind: ofSQLite, Features: []string{"time"}}, call(Generated), describe(nil, "n Null", "t Time", "d Date"),
			[]string{
				"column #1, \"n\", has the type NULL, for which sqlx has no Rust type | say the type in the column's name: `AS \"n: T\"` | -1 -1 0",
				"column #2, \"t\", has the type TIME, for which sqlx has no Rust type | say the type in the column's name: `AS \"t: T\"` | -1 -1 1",
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, p := range New(test.build).Check(test.call, test.d) {
				text := fmt.Sprintf("%s | %s | %d %d %d", p.Message, p.Hint, p.Argument, p.Parameter, p.Column)
				if p.Unproven {
					text += ", unproven"
				}
				got = append(got, text)
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

func TestColumnNames(t *testing.T) {
	good := []string{
		"id", "_x", "type", "r", "größe", "名前", "a1", "id!", "id?", "id: i64", "id!: i64", "id?: i64", "id:_", "id! : i64",
		"id: Vec<Option<String>>", "id: &'static str", "id: (i32, i32)", "id: [u8; 4]", "id: ::std::string::String",
		"id: crate::Id", "id: <T as Trait>::X", "id: fn(i32) -> i32", "id: Box<dyn Fn() + Send>", "id: m!(x)", "id: sqlx::types::Json<Vec<u8>>",
		"type!: r#type", "id:i64 ", "id!\n",
	}
	for _, name := range good {
		if _, err := parseColumn(name); err != nil {
			t.Errorf("%q: %s", name, err.message)
		}
	}
	bad := []string{
		"", "?column?", "count(*)", "1", "1a", "a b", "a.b", "a-b", " id", "id ", "_", "self", "Self", "super", "crate", "r#type", "²", "x²", "a\u0301", "!", ": i64",
		"id!?", "id!!", "id! x", "id:", "id!:", "id: ,", "id: i64,", "id: i64 x", "id: Vec<", "id: Vec<i64", "id: 1", "id::", "id!i64", "id: \"x\"",
	}
	for _, name := range bad {
		if d, err := parseColumn(name); err == nil {
			t.Errorf("%q is taken for %+v", name, d)
		}
	}
}

func TestSameName(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"citext", "citext", true}, {"CIText", "citext", true}, {`"citext"`, "citext", true}, {`"Citext"`, "citext", false},
		{"ext.citext", "citext", false}, {"foo.foo", `foo."foo"`, true}, {"foo.foo", `foo."Foo"`, false}, {"citex", "citext", false},
		{"U&citext", "u&citext", false}, {"U&x", "U&x", true}, {`a""b`, `a"b`, false}, {`"a""b"`, `"a""b"`, true},
	} {
		if sameName(test.a, test.b) != test.same {
			t.Errorf("%s and %s: not %v", test.a, test.b, test.same)
		}
	}
}

// TestCustomTypes is of types that the server's catalogue describes.
func TestCustomTypes(t *testing.T) {
	custom := func(name, kind string) string {
		return fmt.Sprintf(`{"Custom":{"name":%q,"kind":%s}}`, name, kind)
	}
	citext := custom("citext", `"Simple"`)
	for _, test := range []struct {
		name     string
		info     string
		v08, v09 bool
	}{
		{"an enum", custom("mood", `{"Enum":["a"]}`), false, false},
		{"citext", citext, true, true},
		{"citext outside the search path", custom("ext.citext", `"Simple"`), false, false},
		{"an array of citext", custom("citext[]", `{"Array":`+citext+`}`), true, true},
		{"hstore", custom("hstore", `"Simple"`), true, true},
		{"an array of hstore", custom("hstore[]", `{"Array":`+custom("hstore", `"Simple"`)+`}`), true, true},
		{"a domain of text", custom("d", `{"Domain":"Text"}`), false, true},
		{"a domain of a domain", custom("e", `{"Domain":`+custom("d", `{"Domain":"Text"}`)+`}`), false, false},
		{"a domain of citext", custom("d", `{"Domain":`+citext+`}`), false, false},
		{"a domain of varchar", custom("d", `{"Domain":"Varchar"}`), false, true},
		{"a domain of text[]", custom("d", `{"Domain":"TextArray"}`), false, true},
		{"a domain of varchar[]", custom("d", `{"Domain":"VarcharArray"}`), false, false},
		{"an array of domains of text", custom("d[]", `{"Array":`+custom("d", `{"Domain":"Text"}`)+`}`), false, true},
		{"an array of domains of int4", custom("d[]", `{"Array":`+custom("d", `{"Domain":"Int4"}`)+`}`), false, false},
		{"a domain of an enum", custom("d", `{"Domain":`+custom("mood", `{"Enum":[]}`)+`}`), false, false},
		{"a domain of a point", custom("d", `{"Domain":"Point"}`), false, false},
		{"a range of int4", custom("r", `{"Range":"Int4"}`), true, true},
		{"a range of float8", custom("r", `{"Range":"Float8"}`), false, false},
		{"a range of domains of int4", custom("r", `{"Range":`+custom("d", `{"Domain":"Int4"}`)+`}`), false, true},
		{"an array of ranges of int4", custom("r[]", `{"Array":`+custom("r", `{"Range":"Int4"}`)+`}`), false, false},
		{"a composite", custom("c", `{"Composite":[["a","Int4"]]}`), false, false},
		{"a pseudo type", custom("anyelement", `"Pseudo"`), false, false},
	} {
		for version, want := range map[string]bool{"0.8": test.v08, "0.9": test.v09} {
			c := New(Build{Kind: ofPostgres, Version: version})
			if why := c.missing(typeOf(ofPostgres, sqlxdata.TypeInfo(test.info)), nil); (why == nil) != want {
				t.Errorf("%s, sqlx %s: %v", test.name, version, why)
			}
		}
	}
}

// TestConfig is of the section [macros] of sqlx.toml.
func TestConfig(t *testing.T) {
	all := []string{"chrono", "time", "bigdecimal", "rust_decimal"}
	for _, test := range []struct {
		name     string
		features []string
		config   Config
		info     string
		want     string // in the reason; "" for none
	}{
		{"preferred and there", all, Config{DateTime: "chrono", Numeric: "rust_decimal"}, `"Date"`, ""},
		{"preferred and not there", []string{"time"}, Config{DateTime: "chrono"}, `"Date"`, "prefers `chrono`"},
		{"preferred of another kind and not there", []string{"time", "bigdecimal"}, Config{DateTime: "chrono"}, `"Numeric"`, "prefers `chrono`"},
		{"preferred behind what is found", []string{"time"}, Config{Numeric: "bigdecimal"}, `"Date"`, ""},
		{"preferred number and not there", []string{"bigdecimal"}, Config{Numeric: "rust_decimal"}, `"Numeric"`, "prefers `rust_decimal`"},
		{"inferred", []string{"chrono"}, Config{DateTime: "inferred"}, `"TimestamptzArray"`, ""},
		{"preferred, but of no account", nil, Config{DateTime: "chrono"}, `"Int4"`, ""},
		{"overridden", nil, Config{TypeOverrides: map[string]string{"DATE": "crate::Date"}}, `"Date"`, ""},
		{"overridden by a name of SQL", nil, Config{TypeOverrides: map[string]string{"mood": "crate::Mood"}}, `{"Custom":{"name":"mood","kind":{"Enum":[]}}}`, ""},
		{"overridden by another name", nil, Config{TypeOverrides: map[string]string{"date": "crate::Date"}}, `"Date"`, "`chrono` or `time`"},
		{"overridden by what is no type", all, Config{TypeOverrides: map[string]string{"DATE": "crate::"}}, `"Date"`, "no Rust type"},
		{"overridden by table", nil, Config{TableOverrides: map[string]map[string]string{"t": {"c": "crate::Date"}}}, `"Date"`, ""},
		{"overridden by another table", nil, Config{TableOverrides: map[string]map[string]string{"u": {"c": "crate::Date"}}}, `"Date"`, "`chrono` or `time`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(Build{Kind: ofPostgres, Version: "0.9", Features: test.features, Config: test.config})
			why := c.missing(typeOf(ofPostgres, sqlxdata.TypeInfo(test.info)), &sqlxdata.Origin{Kind: sqlxdata.OriginTable, Table: "t", Name: "c"})
			switch {
			case why == nil && test.want != "":
				t.Errorf("nothing is missing, not %q", test.want)
			case why != nil && (test.want == "" || !strings.Contains(why.reason, test.want)):
				t.Errorf("%q, not %q", why.reason, test.want)
			}
		})
	}
}

func FuzzColumnName(f *testing.F) {
	for _, name := range []string{"id", "id!: Vec<Option<i64>>", "id?:_", "a b", "x²", "id: fn(_: u8)", "!", ":", "\xff!", "id: r#\"", "id: 'a"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		d, err := parseColumn(name)
		if !strings.HasPrefix(name, d.field+d.mark) {
			t.Errorf("%q does not begin with %q", name, d.field+d.mark)
		}
		if err == nil && d.field == "" {
			t.Errorf("%q has no field", name)
		}
		if err == nil && !d.typed && strings.Contains(name, ":") {
			t.Errorf("%q has a type that is not seen", name)
		}
		_ = fieldOf(name)
	})
}
