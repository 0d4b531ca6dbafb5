package sqlxdata

import (
	"bytes"
	"encoding/json"
	goflag "flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
)

func flag(b bool) *bool { return &b }

func sample() *File {
	f := &File{DBName: "PostgreSQL", Query: "SELECT \"a\" FROM t\n\twhere x < $1 -- é\u2028"}
	f.Hash = Hash(f.Query)
	f.Describe = Description{
		Columns: []Column{
			{Ordinal: 0, Name: "a", Type: TypeName("Int4")},
			{Ordinal: 1, Name: "k", Type: TypeInfo(`{"Custom":{"name":"mood","kind":{"Enum":["sad","ok"]}}}`)},
		},
		Parameters: &Parameters{Types: []TypeInfo{TypeName("Int8")}},
		Nullable:   []*bool{flag(false), nil},
	}
	return f
}

func TestEncode(t *testing.T) {
	f := sample()
	want := `{
  "db_name": "PostgreSQL",
  "query": "SELECT \"a\" FROM t\n\twhere x < $1 -- é` + "\u2028" + `",
  "describe": {
    "columns": [
      {
        "ordinal": 0,
        "name": "a",
        "type_info": "Int4"
      },
      {
        "ordinal": 1,
        "name": "k",
        "type_info": {
          "Custom": {
            "name": "mood",
            "kind": {
              "Enum": [
                "sad",
                "ok"
              ]
            }
          }
        }
      }
    ],
    "parameters": {
      "Left": [
        "Int8"
      ]
    },
    "nullable": [
      false,
      null
    ]
  },
  "hash": "` + f.Hash + `"
}
`
	if diff := cmp.Diff(want, string(f.Encode())); diff != "" {
		t.Error(diff)
	}
}

func TestEncodeEmptyAndOrigins(t *testing.T) {
	f := &File{DBName: "SQLite", Query: "q", Hash: Hash("q")}
	f.Describe.Parameters = &Parameters{Count: 0}
	for _, want := range []string{`"columns": [],`, "\"parameters\": {\n      \"Right\": 0\n    },", `"nullable": []`} {
		if !strings.Contains(string(f.Encode()), want) {
			t.Errorf("%s lacks %s", f.Encode(), want)
		}
	}
	f.Describe.Parameters = nil
	f.Describe.Columns = []Column{
		{Name: "a", Type: TypeName("Text"), Origin: &Origin{Kind: OriginTable, Table: "t", Name: "a"}},
		{Name: "b", Type: TypeName("Text"), Origin: &Origin{Kind: OriginExpression}},
		{Name: "c", Type: TypeName("Text"), Origin: &Origin{Kind: OriginUnknown}},
	}
	decoded, err := Decode(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(f.Encode()), string(decoded.Encode())); diff != "" {
		t.Error(diff)
	}
	if !bytes.Contains(f.Encode(), []byte(`"parameters": null`)) {
		t.Errorf("%s", f.Encode())
	}
}

// TestExamplesRoundTrip reads what `cargo sqlx prepare` 0.8.6 wrote and writes
// the same.
func TestExamplesRoundTrip(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/*/.sqlx/query-*.json")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		hash := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "query-"), ".json")
		f, err := DecodeNamed(hash, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(string(data), string(f.Encode())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDecodeMistakes(t *testing.T) {
	good := string(sample().Encode())
	tests := []struct{ name, data, want string }{
		{"no JSON", "{\n  \"db_name\": oops", "line 2, column 14"},
		{"empty", "", "unexpected end"},
		{"a merge conflict", "<<<<<<< HEAD\n" + good, "line 1, column 1"},
		{"an absent key", `{"db_name":"SQLite","query":"q"}`, "absent"},
		{"another text", strings.Replace(good, "FROM t", "FROM u", 1), "does not match its text"},
		{"a wrong kind", strings.Replace(good, `"ordinal": 0`, `"ordinal": "0"`, 1), "ordinal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := DecodeNamed(sample().Hash, []byte(test.data))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v lacks %q", err, test.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	f := sample()
	changed := sample()
	changed.Describe.Parameters.Types[0] = TypeName("Int4")
	changed.Describe.Nullable[1] = flag(true)
	var compacted bytes.Buffer
	if err := json.Compact(&compacted, f.Encode()); err != nil {
		t.Fatal(err)
	}
	want := Set{}
	want.Add(f)
	tests := []struct {
		name    string
		have    Set
		kind    DifferenceKind
		details []string
	}{
		{"missing", Set{}, Missing, nil},
		{"reformatted", Set{f.Hash: compacted.Bytes()}, Reformatted, nil},
		{"corrupt", Set{f.Hash: []byte("{")}, Corrupt, []string{"line 1, column 1: unexpected end of JSON input"}},
		{"stale", Set{f.Hash: changed.Encode()}, Stale, []string{
			"parameter 1 was `Int4`, is `Int8`", "nullability of column 2 (k) was nullable, is unknown"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Compare(test.have, want)
			if diff := cmp.Diff([]Difference{{Kind: test.kind, Hash: f.Hash, Query: f.Query, Details: test.details, Nullability: test.kind == Stale}}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := Compare(want, want); len(got) != 0 {
		t.Errorf("equal sets differ: %v", got)
	}
	if got := Compare(want, Set{}); len(got) != 1 || got[0].Kind != Unused {
		t.Errorf("unused: %v", got)
	}
}

func FuzzString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\x1f\"\\/\b\f\n\r\t\x7f<>&\u2028\u2029é\U0001f600")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("Rust's strings are UTF-8")
		}
		encoded := String(s)
		var back string
		if err := json.Unmarshal(encoded, &back); err != nil || back != s {
			t.Fatalf("%q became %s, which is %q, %v", s, encoded, back, err)
		}
		for _, escape := range []string{`\/`, `\u2028`, `\u003c`, `\u007f`} {
			if bytes.Contains(encoded, []byte(escape)) && !strings.Contains(s, escape[1:]) {
				t.Errorf("%q: serde_json never writes %s", s, escape)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(sample().Encode())
	f.Add([]byte(`{"db_name":"","query":"","describe":{"columns":[{"type_info":{}}],"parameters":{"Right":1},"nullable":[]},"hash":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Decode(file.Encode())
		if err != nil {
			t.Fatalf("what was decoded does not encode: %v", err)
		}
		if _, err := DecodeNamed(file.Hash, data); (err == nil) != (Hash(file.Query) == file.Hash) {
			t.Errorf("below its hash %s: %v", file.Hash, err)
		}
		if diff := cmp.Diff(string(file.Encode()), string(again.Encode())); diff != "" {
			t.Error(diff)
		}
	})
}

var _ = goflag.Bool("update", false, "write what serde_json answers into the record")

// TestStringAsSerdeJSON compares with serde_json itself on every character of
// the basic plane.
func TestStringAsSerdeJSON(t *testing.T) {
	var text strings.Builder
	for c := rune(0); c <= 0xffff; c++ {
		if c < 0xd800 || c > 0xdfff {
			text.WriteRune(c)
		}
	}
	// Most characters stand for themselves.
	escaped := oracle.Ask(t, oracle.Recorded(t, "serde-json"), "serde_json 1.0.140", text.String(), func() map[string]string {
		escaped := map[string]string{}
		lines := strings.Split(strings.TrimSuffix(encodeBySerde(t, text.String()), "\n"), "\n")
		if len(lines) != utf8.RuneCountInString(text.String()) {
			t.Fatalf("serde_json writes %d lines", len(lines))
		}
		for _, c := range text.String() {
			if lines[0] != `"a`+string(c)+`b"` {
				escaped[fmt.Sprintf("%U", c)] = lines[0]
			}
			lines = lines[1:]
		}
		return escaped
	})
	if len(escaped) != 34 {
		t.Errorf("serde_json escapes %d characters", len(escaped))
	}
	for _, c := range text.String() {
		want, ok := escaped[fmt.Sprintf("%U", c)]
		if !ok {
			want = `"a` + string(c) + `b"`
		}
		if got := String("a" + string(c) + "b"); string(got) != want {
			t.Errorf("%U: %s, serde_json writes %s", c, got, want)
		}
	}
}

// encodeBySerde encodes each character of a text, between two others, on a line.
func encodeBySerde(t *testing.T, text string) string {
	t.Helper()
	cargo := need.Program(t, "cargo")
	dir := need.Kept(t, "serde-json")
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("Cargo.toml", "[package]\nname = \"oracle\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\nserde_json = \"=1.0.140\"\n")
	write("src/main.rs", `use std::io::*;
fn main() {
    let mut text = String::new();
    stdin().read_to_string(&mut text).unwrap();
    for c in text.chars() {
        println!("{}", serde_json::to_string(&format!("a{c}b")).unwrap());
    }
}
`)
	cmd := exec.Command(cargo, "run", "--quiet")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(text)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
