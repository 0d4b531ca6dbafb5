package tomltext

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

func TestScan(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"blank, comment", " \n# a = 1\n", "blank\ncomment\n"},
		{"no newline", "a = 1", "a=1\n"},
		{"comment behind", "a = '#' # b\n", "a='#'\n"},
		{"CRLF", "a = 1\r\n[b]\r\nc = 2\r\n", "a=1\n[b]\nb.c=2\n"},
		{"BOM", BOM + "a = 1\n", "a=1\n"},
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
	for _, text := range []string{"a = 1\n", BOM + "[a]\r\nb=\"\"\"\n\"\"\"\r\n", "a=[1,#\n2]\n", "a.\"b\"={c='}'}", "a=1979-05-27T07:32:00Z#"} {
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
		all := strings.TrimPrefix(text, BOM)
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
