package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// Crate is Rust code with query macros in it, and the database that they ask.
type Crate struct {
	Sqlx string // "0.8.6", one of Versions

	// DatabaseURL names the database, Server its server's version. Schema is
	// what tells its content apart from any other's: the SQL that made it.
	// Crates that agree in all but DatabaseURL and Server are one question.
	DatabaseURL string
	Server      string
	Schema      string

	// Features are those of sqlx that bring types ("chrono"); nil stands for
	// AllFeatures. sqlite and postgres are always there.
	Features []string

	Items string            // Rust items that the calls use
	Calls []string          // expressions, each a macro call: `sqlx::query!("SELECT 1")`
	Files map[string]string // what the calls read, below the package: "queries/one.sql"
}

// Recording is what the macros made of a crate.
type Recording struct {
	// Files are the query files: the content by the hash in the name.
	Files map[string]QueryFile `json:",omitempty"`
	// Refused are the macros' errors by the index of the call, each the
	// first line of the first one.
	Refused map[int]string
	// Codes are those of the compiler's own errors ("E0062"), by the index of
	// the call, once each. Errors of one stage of the compiler keep it from
	// the next.
	Codes map[int][]string
}

// QueryFile is the content of a query file. In a record it is compact where
// that loses nothing.
type QueryFile []byte

// MarshalJSON implements json.Marshaler.
func (f QueryFile) MarshalJSON() ([]byte, error) {
	if short := compact(f); json.Valid(short) && bytes.Equal(pretty(short), f) {
		return short, nil
	}
	return marshal(string(f))
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *QueryFile) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*f = QueryFile(text)
		return nil
	}
	*f = pretty(data)
	return nil
}

// pretty lays JSON out as sqlx writes it.
func pretty(data []byte) []byte {
	var b bytes.Buffer
	_ = json.Indent(&b, data, "", "  ")
	b.WriteByte('\n')
	return b.Bytes()
}

// Expand tells what the macros make of a crate, whose calls cargo expands with
// the macros of the crate's version of sqlx, as `cargo sqlx prepare` does. About
// says what the crate is about. Errors of the compiler that are not a macro's
// own, an argument of a wrong type for instance, refuse no call. A call that
// ends the compiler fails the test.
func (a *Answers) Expand(t testing.TB, about string, crate Crate) Recording {
	t.Helper()
	return Ask(t, a, about, crate.question(t), func() Recording { return crate.ExpandLive(t) })
}

// Refusals is Expand for who does not look at the files.
func (a *Answers) Refusals(t testing.TB, about string, crate Crate) Recording {
	t.Helper()
	return Ask(t, a, about+", refusals", crate.question(t), func() Recording {
		recording := crate.ExpandLive(t)
		recording.Files = nil
		return recording
	})
}

// ExpandLive is Answers.Expand without a record. What the macros made is kept
// on the machine, and found again for a crate that is the same, with the same
// compiler and server.
func (c Crate) ExpandLive(t testing.TB) Recording {
	t.Helper()
	text, starts := c.rust()
	kept := filepath.Join(need.Kept(t, "oracle-recordings"), hashOf(t, append(c.question(t), rustc(t), c.Server))+".json")
	var recording Recording
	if data, err := os.ReadFile(kept); err == nil && json.Unmarshal(data, &recording) == nil {
		return recording
	}
	recording = c.expand(t, text, starts)
	err := os.WriteFile(kept+".new", encode(t, recording), 0o666)
	if err == nil {
		err = os.Rename(kept+".new", kept)
	}
	if err != nil {
		t.Fatal(fmt.Errorf("keep a recording: %w", err))
	}
	return recording
}

// Write writes the crate into a folder as a package, to be read without
// compiling. Each call begins at one of the lines; arguments are those of the
// `cargo check` that Record would run.
func (c Crate) Write(t testing.TB, dir string) (lines []int, arguments []string) {
	t.Helper()
	text, lines := c.rust()
	files := map[string]string{"calls.rs": text}
	for _, name := range packageFiles {
		files[path.Base(name)] = string(source(t, c.Sqlx, name))
	}
	maps.Copy(files, c.Files)
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return lines, c.arguments()
}

// Fetch downloads what a version of sqlx consists of, without compiling.
func Fetch(t testing.TB, sqlx string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), need.Program(t, "cargo"), "fetch", "--locked")
	cmd.Dir = t.TempDir()
	Crate{Sqlx: sqlx}.Write(t, cmd.Dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("download sqlx %s: %v\n%s", sqlx, err, out)
	}
}

func (c *Crate) arguments() []string {
	return []string{"--locked", "--bin=calls", "--features=" + c.features()}
}

func (c *Crate) features() string {
	if c.Features == nil {
		return features(AllFeatures)
	}
	return features(c.Features)
}

// rust is the program's text, and for each call the line that it begins at.
func (c *Crate) rust() (text string, starts []int) {
	var b strings.Builder
	b.WriteString("#![allow(warnings)]\n" + c.Items + "\nfn main() {}\n")
	line := strings.Count(b.String(), "\n") + 1
	for i, call := range c.Calls {
		starts = append(starts, line)
		item := fmt.Sprintf("fn call_%d() { let _ = %s; }\n", i, call)
		line += strings.Count(item, "\n")
		b.WriteString(item)
	}
	return b.String(), starts
}

// question is all that a recording depends on, but for the compiler and the
// server.
func (c *Crate) question(t testing.TB) []string {
	t.Helper()
	text, _ := c.rust()
	scheme, _, _ := strings.Cut(c.DatabaseURL, ":")
	parts := []string{c.Sqlx, scheme, c.Schema, c.features(), text}
	for _, name := range packageFiles {
		parts = append(parts, string(source(t, c.Sqlx, name)))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		parts = append(parts, name, c.Files[name])
	}
	return parts
}

func (c *Crate) expand(t testing.TB, text string, starts []int) Recording {
	t.Helper()
	p := openPackage(t, c.Sqlx)
	defer p.close()
	for name, data := range c.Files {
		p.write(name, []byte(data))
		defer os.Remove(filepath.Join(p.dir, filepath.FromSlash(name)))
	}
	p.write("calls.rs", []byte(text))
	// A macro's expansion is not repeated for a text that was compiled before,
	// whatever has become of the database.
	fingerprints, err := filepath.Glob(filepath.Join(p.dir, "target", "debug", ".fingerprint", "oracle-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range fingerprints {
		if found, _ := filepath.Glob(filepath.Join(dir, "*bin-calls*")); len(found) > 0 {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	stage := t.TempDir()
	cmd := p.cargo(
		[]string{"SQLX_OFFLINE=false", "SQLX_OFFLINE_DIR=" + stage, "DATABASE_URL=" + c.DatabaseURL},
		append([]string{"check", "--message-format=json"}, c.arguments()...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	failure := cmd.Run()
	recording := Recording{Files: map[string]QueryFile{}, Refused: map[int]string{}, Codes: map[int][]string{}}
	compiled := false
	for line := range bytes.Lines(stdout.Bytes()) {
		var m message
		if json.Unmarshal(line, &m) != nil || m.Target.Name != "calls" {
			continue
		}
		compiled = true
		if m.Reason != "compiler-message" || m.Message.Level != "error" {
			continue
		}
		at := m.Message.line()
		if at < starts[0] && at > 0 {
			t.Fatalf("the items do not compile: %s", m.Message.Rendered)
		}
		if at == 0 {
			continue // "aborting due to …"
		}
		call, found := slices.BinarySearch(starts, at)
		if !found {
			call--
		}
		if code := m.Message.Code; code != nil {
			if !slices.Contains(recording.Codes[call], code.Code) {
				recording.Codes[call] = append(recording.Codes[call], code.Code)
			}
			continue
		}
		if _, ok := recording.Refused[call]; !ok {
			recording.Refused[call] = strings.ReplaceAll(m.Message.Message, p.dir+string(filepath.Separator), "")
		}
	}
	if !compiled || crashed(stderr.String()) {
		t.Fatalf("cargo check: %v\n%s", failure, &stderr)
	}
	found, err := filepath.Glob(filepath.Join(stage, "query-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		hash := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "query-"), ".json")
		recording.Files[hash] = data
	}
	return recording
}

// crashed tells whether the compiler ended otherwise than by itself, according
// to what cargo says: it names the exit code of rustc only then. The macros of
// sqlx can do that to it, and what would have come after is not recorded.
func crashed(stderr string) bool {
	return strings.Contains(stderr, "process didn't exit successfully")
}

// message is one of cargo's.
type message struct {
	Reason  string
	Target  struct{ Name string }
	Message diagnostic
}

type diagnostic struct {
	Level    string
	Message  string
	Rendered string
	Code     *struct{ Code string }
	Spans    []span
}

type span struct {
	File      string `json:"file_name"`
	Line      int    `json:"line_start"`
	Primary   bool   `json:"is_primary"`
	Expansion *struct{ Span span }
}

// line is where in calls.rs the diagnostic arose, 0 for nowhere: its span lies
// in a macro of sqlx, which was called from there.
func (d *diagnostic) line() int {
	for _, s := range d.Spans {
		if !s.Primary {
			continue
		}
		for s.Expansion != nil {
			s = s.Expansion.Span
		}
		if s.File == "calls.rs" {
			return s.Line
		}
	}
	return 0
}
