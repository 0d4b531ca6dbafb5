package oracle

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// fake is a test that may fail.
type fake struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (f *fake) Helper()          {}
func (f *fake) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }
func (f *fake) Failed() bool     { return len(f.failures) > 0 }
func (f *fake) Skipped() bool    { return false }
func (f *fake) Errorf(format string, args ...any) {
	f.failures = append(f.failures, format)
}
func (f *fake) Fatalf(format string, args ...any) {
	f.failures = append(f.failures, format)
	panic(f)
}

// run runs a test of a fake and returns how that failed first.
func run(t *testing.T, test func(t *fake)) string {
	t.Helper()
	f := &fake{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(f) {
				panic(r)
			}
		}()
		test(f)
	}()
	for _, c := range f.cleanups {
		c()
	}
	return strings.Join(append(f.failures, "")[:1], "")
}

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	old := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, old) })
}

// TestAsk is of records that are right, wrong and missing.
func TestAsk(t *testing.T) {
	const record = `{"versions": {}, "answers": {"one HASH": "recorded"}}`
	for _, test := range []struct {
		name     string
		live     string
		update   string
		question string
		real     string
		failure  string // "" for none
		answer   string
		after    string // in the record
	}{
		{name: "everyday", question: "q", real: "another", answer: "recorded"},
		{name: "everyday, another question", question: "r", failure: "holds no answer"},
		{name: "live", live: "live", question: "q", real: "recorded", answer: "recorded"},
		{name: "live, wrong", live: "live", question: "q", real: "another", failure: "wrong or missing", answer: "another"},
		{name: "live, missing", live: "live", question: "r", real: "recorded", failure: "wrong or missing", answer: "recorded"},
		{name: "update", live: "live", update: "true", question: "q", real: "another", answer: "another", after: `"another"`},
		{name: "update of another question", live: "live", update: "true", question: "r", real: "another", answer: "another", after: `"another"`},
		{name: "update everyday", update: "true", question: "q", real: "another", answer: "recorded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("SQLXMAGE_ORACLE", test.live)
			setFlag(t, "test.run", "")
			if test.update != "" {
				need.Program(t, "cargo") // their versions stand in the record
				need.Program(t, "rustc")
				setFlag(t, "update", test.update)
			}
			path := filepath.Join("testdata", "oracle", "some.json")
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(record, "HASH", hashOf(t, "q"), 1)), 0o666); err != nil {
				t.Fatal(err)
			}
			answer := ""
			failure := run(t, func(t *fake) {
				answer = Ask(t, Recorded(t, "some"), "one", test.question, func() string { return test.real })
			})
			if !strings.Contains(failure, test.failure) || test.failure == "" && failure != "" || answer != test.answer {
				t.Errorf("answer %q, failure %q", answer, failure)
			}
			after, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(after), test.after) || test.after != "" && strings.Contains(string(after), `"recorded"`) {
				t.Errorf("the record is now %s, %v", after, err)
			}
		})
	}
}

// TestUnasked: a live run of all tests fails where the record holds more.
func TestUnasked(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("SQLXMAGE_ORACLE", "live")
	if err := os.MkdirAll("testdata/oracle", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/oracle/some.json", []byte(`{"answers": {"old 0": 1}}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]string{"": "nobody asks", "TestSome": ""} {
		setFlag(t, "test.run", filter)
		failure := run(t, func(t *fake) { Recorded(t, "some") })
		if !strings.Contains(failure, want) || want == "" && failure != "" {
			t.Errorf("with -run %q: %q", filter, failure)
		}
	}
}

// TestLayOut: lines of a record are short, and its values stay.
func TestLayOut(t *testing.T) {
	long := strings.Repeat("a word, ", 30)
	for name, value := range map[string]any{
		"short":  map[string]any{"b": 1, "a": []int{1, 2}},
		"nested": map[string]any{"empty": []any{}, "list": []any{long, map[string]any{"k": long, "n": nil}, []any{[]any{long}}}},
		"text":   long,
	} {
		data := encode(t, value)
		var out bytes.Buffer
		layOut(&out, data, "")
		if got := compact(out.Bytes()); !bytes.Equal(got, data) {
			t.Errorf("%s: %s became %s", name, data, got)
		}
		for line := range strings.Lines(out.String()) {
			if len(line) > lineWidth && !strings.Contains(line, long) {
				t.Errorf("%s: a long line: %s", name, line)
			}
		}
	}
}

// TestQueryFile: what sqlx wrote is read back to the byte.
func TestQueryFile(t *testing.T) {
	for name, text := range map[string]string{
		"as sqlx writes it": "{\n  \"query\": \"a < b & 'é\\u0001\\u2028'\",\n  \"columns\": []\n}\n",
		"without its end":   "{\n  \"query\": 1\n}",
		"compact":           `{"query":1}`,
		"no JSON":           "{",
		"empty":             "",
	} {
		data := encode(t, map[string]QueryFile{"hash": QueryFile(text)})
		var back map[string]QueryFile
		if err := json.Unmarshal(data, &back); err != nil || string(back["hash"]) != text {
			t.Errorf("%s: %q became %q by %s, %v", name, text, back["hash"], data, err)
		}
	}
}
