package tomltext

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

func TestScan(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"blank, comment", " \n# a = 1\n", "blank\ncomment\n"},
		{"no newline", "a = 1", "a=1\n"},
		{"comment behind", "a = '#' # b\n", "a='#'\n"},
		{"CRLF", "a = 1\r\n[b]\r\nc = 2\r\n", "a=1\n[b]\nb.c=2\n"},
		{"BOM", diag.ByteOrderMark + "a = 1\n", "a=1\n"},
		{"keys", "a . \"b.c\".'d' = 1\n[ x.y ]\n[[z]]\n", "a.b.c.d=1\n[x.y]\n[z]\n"},
		{"escape in a key", `"\u0061" = 1`, "a=1\n"},
		{"multi-line string", "a = \"\"\"\n[b]\\\"\"\"\"\"\nc = 1\n", "a=\"\"\"\n[b]\\\"\"\"\"\"\nc=1\n"},
		{"literal", "a = '''\n'b = 1'''\n", "a='''\n'b = 1'''\n"},
		{"array", "a = [ # ]\n '[',\n]\nb = { c = \"}\" }\n", "a=[ # ]\n '[',\n]\nb={ c = \"}\" }\n"},
		{"empty strings", "a = \"\"\nb = ''\nc = \"\"\"\"\"\"\n", "a=\"\"\nb=''\nc=\"\"\"\"\"\"\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			statements, err := Scan(test.text)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, st := range statements {
				path := strings.Join(st.Path, ".")
				switch st.Kind {
				case Blank:
					got.WriteString("blank\n")
				case Comment:
					got.WriteString("comment\n")
				case Header:
					got.WriteString("[" + path + "]\n")
				case KeyValue:
					got.WriteString(path + "=" + test.text[st.ValueStart:st.ValueEnd] + "\n")
				}
			}
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The statements cover the document, and their values are what the decoder
// finds at their paths.
func FuzzScan(f *testing.F) {
	for _, text := range []string{"a = 1\n", diag.ByteOrderMark + "[a]\r\nb=\"\"\"\n\"\"\"\r\n", "a=[1,#\n2]\n", "a.\"b\"={c='}'}", "a=1979-05-27T07:32:00Z#"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var tree map[string]any
		meta, err := toml.Decode(text, &tree)
		if err != nil {
			return
		}
		statements, err := Scan(text)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.TrimPrefix(text, diag.ByteOrderMark)
		var joined strings.Builder
		for _, st := range statements {
			joined.WriteString(text[st.Start:st.End])
			if st.Kind != KeyValue {
				continue
			}
			if !meta.IsDefined(st.Path...) && !strings.Contains(text, "[[") {
				t.Errorf("%q: no key %q", text, st.Path)
			}
			if _, err := toml.Decode("v = "+text[st.ValueStart:st.ValueEnd], &tree); err != nil {
				t.Errorf("%q: value %q: %v", text, text[st.ValueStart:st.ValueEnd], err)
			}
		}
		if joined.String() != all {
			t.Errorf("%q is not covered: %q", all, joined.String())
		}
	})
}

func TestSet(t *testing.T) {
	for _, test := range []struct {
		name, text, want string
		path             []string
	}{
		{"empty", "", "k = 1\n", []string{"k"}},
		{"only a BOM", diag.ByteOrderMark, diag.ByteOrderMark + "k = 1\n", []string{"k"}},
		{"in its place", "k = [\n2] # why\na=1", "k = 1 # why\na=1", []string{"k"}},
		{"no newline", "a = 1", "a = 1\nk = 1\n", []string{"k"}},
		{"comment alone", "# a", "# a\nk = 1\n", []string{"k"}},
		{"before a header", diag.ByteOrderMark + "# a\r\n[t]\r\n", diag.ByteOrderMark + "k = 1\r\n\r\n# a\r\n[t]\r\n", []string{"k"}},
		{"behind the last key", "a = 1\n\n[t]\n", "a = 1\nk = 1\n\n[t]\n", []string{"k"}},
		{"dotted", "t.k = 2\n", "t.k = 1\n", []string{"t", "k"}},
		{"in its table", "[t]\na = 1\n[u]\n", "[t]\nk = 1\na = 1\n[u]\n", []string{"t", "k"}},
		{"in an empty table", "[t]", "[t]\nk = 1", []string{"t", "k"}},
		{"new table", "a = 1", "a = 1\n\n[t.\"u v\"]\nk = 1\n", []string{"t", "u v", "k"}},
	} {
		got, err := Set(test.text, "1", test.path...)
		if err != nil || got != test.want {
			t.Errorf("%s: %v, got %q, want %q", test.name, err, got, test.want)
		}
	}
	if got, err := Delete("a = 1\nb.c = [\n] # x\n[d]\n", "b", "c"); err != nil || got != "a = 1\n[d]\n" {
		t.Errorf("deleted: %q, %v", got, err)
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("a\"\\\n\x7f\u00e9", "")
	f.Fuzz(func(t *testing.T, key, value string) {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return
		}
		var tree map[string]any
		if _, err := toml.Decode(Key(key)+" = "+Quote(value), &tree); err != nil || tree[key] != value {
			t.Errorf("%q = %q: %v, %v", key, value, tree, err)
		}
	})
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.toml")
	if err := ReplaceFile(file, nil, []byte("1")); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"one that came in between": ReplaceFile(file, nil, []byte("2")),
		"one that changed":         ReplaceFile(file, []byte("0"), []byte("2")),
		"one that went":            ReplaceFile(file+"x", []byte("0"), []byte("2")),
		"removal of a changed one": RemoveFile(file, []byte("0")),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := ReplaceFile(file, []byte("1"), []byte("2")); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(dir)
	if text, _ := os.ReadFile(file); err != nil || len(left) != 1 || string(text) != "2" {
		t.Errorf("%v, %q, %v", left, text, err)
	}
	if err := RemoveFile(file, []byte("2")); err != nil {
		t.Error(err)
	}
}
