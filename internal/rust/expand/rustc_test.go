package expand

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

var _ = flag.Bool("update", false, "write what rustc answers into the record")

// published are crates whose macros rustc and this package both expand.
const published = `[package]
name = "published"
version = "0.0.0"
edition = "2021"

[lib]
path = "lib.rs"

[workspace]

[dependencies]
anyhow = "=1.0.104"
bitflags = "=2.13.2"
bytes = "=1.12.2"
chrono = { version = "=0.4.45", default-features = false, features = ["alloc"] }
either = "=1.19.0"
futures-util = { version = "=0.3.34", default-features = false, features = ["std"] }
hashbrown = "=0.15.5"
indexmap = "=2.14.2"
itertools = "=0.14.0"
lazy_static = "=1.5.1"
libm = "=0.2.16"
log = { version = "=0.4.35", features = ["std", "kv"] }
memchr = "=2.8.3"
nom = "=8.0.0"
num-bigint = "=0.4.8"
num-traits = "=0.2.19"
quickcheck = { version = "=1.1.0", default-features = false }
regex-syntax = "=0.8.12"
serde_core = "=1.0.229"
serde_json = "=1.0.154"
smallvec = "=1.16.6"
time = { version = "=0.3.55", features = ["formatting", "parsing"] }
tokio = { version = "=1.54.1", features = ["sync", "rt", "time", "io-util"] }
tracing = { version = "=0.1.44", default-features = false, features = ["std"] }
typenum = "=1.20.1"
`

// known are the calls whose expansion may differ from rustc's, with the reason.
var known = map[string]string{
	"assert_eq": "std::assert_eq beside a macro of the same name in the package's tests",
	"pin":       "std::pin::pin beside a macro of the same name",
	"ready":     "std::task::ready beside a macro of the same name",
	"vec":       "std::vec beside a macro of the same name",
}

// TestRustc compares each expansion of a macro_rules! macro that rustc does
// while it checks published crates. rustc tells of them with -Ztrace-macros: for
// each outermost call a note with the arguments and the result of each step.
func TestRustc(t *testing.T) {
	need.LiveOracle(t, "compares expansions of macros of published crates, which cargo compiles")
	need.Program(t, "rustc")
	packages, traces := traceMacros(t)
	c := comparison{t: t, macros: map[string][]*definition{}, seen: map[string]bool{}, files: map[string]*lexedFile{}}
	for _, p := range packages {
		c.addPackage(p)
	}
	for _, trace := range traces {
		c.trace(trace)
	}
	t.Logf("%d expansions: %d equal, %d not compared (macro or call not in the sources), %d different",
		c.equal+c.skipped+c.different, c.equal, c.skipped, c.different)
	if c.equal < 500 {
		t.Errorf("only %d expansions compared", c.equal)
	}
}

// TestRustcCases checks that rustc takes the same steps as the table of TestExpand
// says, and fails where that says so.
func TestRustcCases(t *testing.T) {
	record := oracle.Recorded(t, "cases")
	for _, edition := range []int{2018, 2021, 2024} {
		var text strings.Builder
		calls := map[int]testCase{} // by offset
		for i, c := range cases {
			if c.year() != edition {
				continue
			}
			fmt.Fprintf(&text, "mod c%d {\nmacro_rules! m { %s }\nfn f() { ", i, c.arms)
			calls[text.Len()] = c
			fmt.Fprintf(&text, "m! {%s} }\n}\n", c.args)
		}
		about := fmt.Sprintf("edition %d", edition)
		traces := oracle.Ask(t, record, about, text.String(), func() []trace { return traceCases(t, edition, text.String()) })
		for _, trace := range traces {
			c, ok := calls[trace.Start]
			if !ok {
				continue
			}
			delete(calls, trace.Start)
			t.Run(c.name, func(t *testing.T) { compareCase(t, c, trace) })
		}
		for _, c := range calls {
			t.Errorf("rustc does not tell of the call in %q", c.name)
		}
	}
}

// traceCases returns what rustc tells of a program of the cases.
func traceCases(t *testing.T, edition int, text string) []trace {
	dir := t.TempDir()
	source := filepath.Join(dir, "cases.rs")
	if err := os.WriteFile(source, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(need.Program(t, "rustc"), "-Ztrace-macros", "--error-format=json", "--crate-type=lib", "--emit=metadata",
		"--out-dir="+dir, fmt.Sprintf("--edition=%d", edition), "cases.rs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RUSTC_BOOTSTRAP=1")
	var out strings.Builder
	cmd.Stderr = &out
	// What the macros expand to is mostly no program.
	_ = cmd.Run()
	return readNotes(t, out.String())
}

func compareCase(t *testing.T, c testCase, trace trace) {
	results, err := steps(t, compile(t, c.arms, c.year()), tokensOf(t, "call.rs", c.args))
	for i, s := range trace.Steps {
		switch {
		case s.Name != "m" || i > len(results):
			return
		case i == len(results) && err == nil:
			// A call within the result.
			return
		case i == len(results):
			if s.Done {
				t.Errorf("step %d: got error %v, rustc got %s", i, err, s.Result)
			}
			return
		case !s.Done:
			t.Errorf("step %d: got %s, rustc fails", i, show(results[i]))
			return
		}
		if got, want := normalTokens(Flatten(results[i])), normal(t, s.Result); got != want {
			t.Errorf("step %d: got %s, rustc got %s", i, got, want)
		}
	}
	if len(trace.Steps) < len(results) {
		t.Errorf("got %d steps, rustc %d", len(results), len(trace.Steps))
	}
}

type pkg struct {
	dir     string
	edition int
}

// A trace is one note of rustc.
type trace struct {
	pkg
	File       string
	Start, End int // of the outermost call, in bytes
	Steps      []step
}

type step struct {
	Name, Args, Result string
	Done               bool // there is a result
}

// traceMacros returns what rustc tells. Cargo does not repeat notes of what is
// compiled already, so they are kept.
func traceMacros(t *testing.T) ([]pkg, []trace) {
	rustc, err := exec.Command(need.Program(t, "rustc"), "--version", "--verbose").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := need.Kept(t, "expand-published")
	key := sha256.Sum256(append(rustc, published...))
	kept := filepath.Join(dir, fmt.Sprintf("notes-%x.json", key[:8]))
	if _, err := os.Stat(kept); err != nil {
		runCargo(t, dir, kept)
	}
	notes, err := os.Open(kept)
	if err != nil {
		t.Fatal(err)
	}
	defer notes.Close()
	return readMessages(t, json.NewDecoder(bufio.NewReaderSize(notes, 1<<20)))
}

// runCargo writes cargo's messages to a file.
func runCargo(t *testing.T, dir, to string) {
	for name, text := range map[string]string{"Cargo.toml": published, "lib.rs": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	target := filepath.Join(dir, "target")
	if err := os.RemoveAll(target); err != nil {
		t.Fatal(err)
	}
	out, err := os.CreateTemp(dir, "notes-*.tmp")
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd := exec.Command(need.Program(t, "cargo"), "check", "--message-format=json")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, &stderr
	cmd.Env = append(os.Environ(), "RUSTC_BOOTSTRAP=1", "RUSTFLAGS=-Ztrace-macros", "CARGO_TARGET_DIR="+target)
	err = errors.Join(cmd.Run(), out.Close())
	if err != nil {
		_ = os.Remove(out.Name())
		need.Missing(t, "rustc", fmt.Sprintf("cargo check: %v\n%s", err, stderr.String()))
	}
	if err := os.Rename(out.Name(), to); err != nil {
		t.Fatal(err)
	}
	_ = os.RemoveAll(target)
}

// A diagnostic is a message of rustc's.
type diagnostic struct {
	Message string
	Spans   []struct {
		FileName  string `json:"file_name"`
		ByteStart int    `json:"byte_start"`
		ByteEnd   int    `json:"byte_end"`
	}
	Children []struct{ Message string }
}

// trace returns the steps of a note of -Ztrace-macros.
func (d diagnostic) trace() (trace, bool) {
	if d.Message != "trace_macro" || len(d.Spans) == 0 {
		return trace{}, false
	}
	span := d.Spans[0]
	tr := trace{File: span.FileName, Start: span.ByteStart, End: span.ByteEnd}
	for _, child := range d.Children {
		if call, ok := strings.CutPrefix(child.Message, "expanding `"); ok {
			name, args, _ := strings.Cut(strings.TrimSuffix(call, "`"), "! {")
			tr.Steps = append(tr.Steps, step{Name: name, Args: strings.TrimSuffix(args, "}")})
		} else if result, ok := strings.CutPrefix(child.Message, "to `"); ok && len(tr.Steps) > 0 {
			last := &tr.Steps[len(tr.Steps)-1]
			last.Result, last.Done = strings.TrimSuffix(result, "`"), true
		}
	}
	return tr, true
}

// readNotes reads rustc's own output.
func readNotes(t *testing.T, out string) (traces []trace) {
	for decoder := json.NewDecoder(strings.NewReader(out)); decoder.More(); {
		var d diagnostic
		if err := decoder.Decode(&d); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if tr, ok := d.trace(); ok {
			traces = append(traces, tr)
		}
	}
	return traces
}

// readMessages reads cargo's output.
func readMessages(t *testing.T, messages *json.Decoder) (packages []pkg, traces []trace) {
	for messages.More() {
		var m struct {
			ManifestPath string `json:"manifest_path"`
			Target       struct {
				Edition int `json:",string"`
			}
			Message diagnostic
		}
		if err := messages.Decode(&m); err != nil {
			t.Fatal(err)
		}
		in := pkg{filepath.Dir(m.ManifestPath), m.Target.Edition}
		if m.ManifestPath != "" {
			packages = append(packages, in)
		}
		if tr, ok := m.Message.trace(); ok {
			tr.pkg = in
			if !filepath.IsAbs(tr.File) {
				tr.File = filepath.Join(in.dir, tr.File)
			}
			traces = append(traces, tr)
		}
	}
	return packages, traces
}

type definition struct {
	dir      string // of the package
	exported bool
	macro    *Macro
	err      error
}

type comparison struct {
	t                         *testing.T
	macros                    map[string][]*definition // by name
	seen                      map[string]bool          // packages and definitions
	files                     map[string]*lexedFile
	equal, skipped, different int
	expander                  Expander
}

type lexedFile struct {
	src    *Source
	tokens []lex.Token
}

func (c *comparison) file(path string) *lexedFile {
	if f, ok := c.files[path]; ok {
		return f
	}
	var f *lexedFile
	if text, err := os.ReadFile(path); err == nil {
		src := &Source{Name: path, Text: string(text)}
		if tokens, err := lex.Lex(src.Text, nil); err == nil {
			f = &lexedFile{src, tokens}
		}
	}
	c.files[path] = f
	return f
}

// addPackage finds the definitions in all files of a package.
func (c *comparison) addPackage(in pkg) {
	if c.seen[in.dir] {
		return
	}
	c.seen[in.dir] = true
	err := filepath.WalkDir(in.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".rs" {
			return err
		}
		if f := c.file(path); f != nil {
			c.define(Tokens(f.src, f.tokens), in)
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// define finds the definitions among tokens.
func (c *comparison) define(tokens []Token, in pkg) {
	exported := false
	for i := 0; i+3 < len(tokens); i++ {
		if tokens[i].Is("macro_export") {
			exported = true
		}
		if !tokens[i].Is("macro_rules") || tokens[i+1].Kind != '!' || !tokens[i+2].Kind.IsName() || !tokens[i+3].Kind.IsOpen() {
			continue
		}
		name := tokens[i+2].Text
		body := tokens[i+4 : i+3+int(tokens[i+3].Partner)]
		i += 3 + int(tokens[i+3].Partner)
		key := in.dir + " " + name + textOf(body)
		if c.seen[key] {
			continue
		}
		c.seen[key] = true
		m, err := Compile(Definition{Name: name, Crate: in.dir, Edition: in.edition, Body: body})
		c.macros[name] = append(c.macros[name], &definition{in.dir, exported, m, err})
		exported = false
	}
}

// trace compares the steps of one outermost call. Calls within results are
// found by their arguments.
func (c *comparison) trace(tr trace) {
	calls := map[string][]Token{}
	var at Token
	if f := c.file(tr.File); f != nil {
		var inside []lex.Token
		for _, token := range f.tokens {
			if int(token.Start) >= tr.Start && int(token.End) <= tr.End {
				inside = append(inside, token)
			}
		}
		findCalls(Tokens(f.src, inside), calls)
		at = Token{Source: f.src, Start: uint32(tr.Start), End: uint32(tr.End)}
	}
	for _, s := range tr.Steps {
		args, ok := calls[s.Name+"!"+normal(c.t, s.Args)]
		if !ok || !s.Done || len(c.candidates(s.Name, tr.pkg)) == 0 {
			c.skipped++
			continue
		}
		want := normal(c.t, s.Result)
		result, message := c.expand(s, tr, Call{At: at, Args: args}, want)
		if message != "" {
			c.differ(s, tr, message)
			continue
		}
		c.equal++
		findCalls(result, calls)
		c.define(result, tr.pkg)
	}
}

// expand tries the macros of the name, those of the same package first. The
// message says how the first one differs if all do.
func (c *comparison) expand(s step, tr trace, call Call, want string) (result []Token, message string) {
	for _, candidate := range c.candidates(s.Name, tr.pkg) {
		var got string
		err := candidate.err
		if err == nil {
			if result, err = c.expander.Expand(candidate.macro, call); err == nil {
				if got = normalTokens(Flatten(result)); got == want {
					return result, ""
				}
			}
		}
		if message == "" {
			message = fmt.Sprintf("got  %s\nwant %s", got, want)
			if err != nil {
				message = err.Error()
			}
		}
	}
	return nil, message
}

// candidates are the macros of a name that may be in scope in a package.
func (c *comparison) candidates(name string, in pkg) []*definition {
	var own, others []*definition
	for _, d := range c.macros[name] {
		if d.dir == in.dir {
			own = append(own, d)
		} else if d.exported {
			others = append(others, d)
		}
	}
	return append(own, others...)
}

func (c *comparison) differ(s step, tr trace, message string) {
	if known[s.Name] != "" {
		c.skipped++
		return
	}
	c.different++
	if c.different <= 10 {
		c.t.Errorf("%s:%d: %s! {%s}\n%s", tr.File, tr.Start, s.Name, s.Args, message)
	}
}

// findCalls adds the arguments of each `name!(…)`, by name and normal text.
func findCalls(tokens []Token, calls map[string][]Token) {
	for i := 0; i+2 < len(tokens); i++ {
		if tokens[i].Kind.IsName() && tokens[i+1].Kind == '!' && tokens[i+2].Kind.IsOpen() && tokens[i+2].Partner > 0 {
			args := tokens[i+3 : i+2+int(tokens[i+2].Partner)]
			calls[lex.Name(tokens[i].Text)+"!"+normalTokens(Flatten(args))] = args
		}
	}
}

// normal is a form in which rustc's print and the tokens printed are the same:
// without space, since rustc leaves some out between names, and doc comments
// without their layout.
func normal(t *testing.T, text string) string {
	lexed, err := lex.Lex(text, nil)
	if err != nil {
		t.Fatalf("rustc's output: %v\n%s", err, text)
	}
	return normalTokens(Tokens(&Source{Text: text}, lexed))
}

func normalTokens(tokens []Token) string {
	var b strings.Builder
	for i, token := range tokens {
		if token.Kind.IsString() && i > 1 && tokens[i-1].Kind == '=' && tokens[i-2].Is("doc") {
			b.WriteString(strings.Join(strings.Fields(strings.Trim(token.Text, `r#"`)), " "))
		} else {
			b.WriteString(token.Text)
		}
	}
	return b.String()
}
