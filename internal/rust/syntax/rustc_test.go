package syntax

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

var _ = flag.Bool("update", false, "write what rustc answers into the record")

// A verdict is what is said of a file in which each `compile_error!("N")` is a
// marker.
type verdict struct {
	// Refused is what the parser says of a file that it does not take. Nothing
	// is told of its markers then.
	Refused string `json:",omitempty"`
	// Later is what a later pass says where it cannot do what an attribute asks:
	// then nothing is told of the markers either.
	Later string `json:",omitempty"`
	Kept  []int  `json:",omitempty"` // the markers that no attribute removed, ordered
}

// rustcVerdicts asks rustc of files at once, each of which is a module of one
// crate: an error in one does not keep it from going on with the next.
func rustcVerdicts(t testing.TB, files []string) []verdict {
	t.Helper()
	rustc := need.Program(t, "rustc")
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	lib := "macro_rules! m { ($($t:tt)*) => { $($t)* } }\n"
	for i, text := range files {
		write(fmt.Sprintf("s%d.rs", i), text)
		lib += fmt.Sprintf("mod s%d;\n", i)
	}
	write("lib.rs", lib)
	cmd := exec.Command(rustc, "--edition=2024", "--crate-type=lib", "--emit=metadata", "--error-format=json", "--cap-lints=allow", "lib.rs")
	cmd.Dir = dir
	var out strings.Builder
	cmd.Stderr = &out
	_ = cmd.Run() // markers are errors
	verdicts := make([]verdict, len(files))
	for decoder := json.NewDecoder(strings.NewReader(out.String())); decoder.More(); {
		var d diagnostic
		if err := decoder.Decode(&d); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if i := d.file(); i >= 0 && d.Level == "error" {
			verdicts[i].add(d)
		}
	}
	for i := range verdicts {
		slices.Sort(verdicts[i].Kept)
		if verdicts[i].Refused != "" || verdicts[i].Later != "" {
			verdicts[i].Kept = nil
		}
	}
	return verdicts
}

// A diagnostic is a message of rustc's.
type diagnostic struct {
	Message string
	Level   string
	Code    *struct{ Code string }
	Spans   []struct {
		FileName string `json:"file_name"`
	}
}

// file returns the number of the file that the diagnostic is about, or -1.
func (d diagnostic) file() int {
	for _, span := range d.Spans {
		name := strings.TrimSuffix(strings.TrimPrefix(span.FileName, "s"), ".rs")
		if n, err := strconv.Atoi(name); err == nil {
			return n
		}
	}
	return -1
}

func (v *verdict) add(d diagnostic) {
	marker, err := strconv.Atoi(d.Message)
	switch {
	case err == nil:
		v.Kept = append(v.Kept, marker)
	case strings.HasPrefix(d.Message, "removing an expression is not supported"):
		v.Later = d.Message
	case d.Code == nil && v.Refused == "" && !afterParsing.MatchString(d.Message):
		v.Refused = d.Message
	}
}

// afterParsing are messages without a code that do not come from the parser.
var afterParsing = regexp.MustCompile(`^cannot find macro|without body|^macro expansion ignores|^implicit types in closure signatures|^defaults for generic parameters|^generic parameters may not be used|^.Self. is not valid in`)

// verdictOf says the same by this package's grammar.
func verdictOf(t testing.TB, text string) verdict {
	t.Helper()
	tokens, err := lex.Lex(text, nil)
	if err != nil {
		return verdict{Refused: err.Error()}
	}
	src := &Source{text, tokens}
	var p Parser
	var tree Tree
	p.File(src, &tree)
	if len(tree.Errors) > 0 {
		_, msg := src.Explain(tree.Errors[0])
		return verdict{Refused: msg}
	}
	var v verdict
	for i := 0; i < len(tree.Nodes); i++ {
		switch n := tree.Nodes[i]; n.Kind {
		case Attributed:
			if removed(src, tree.Nodes[i+1:i+1+int(n.Size)]) {
				i += int(n.Size)
			}
		case Call:
			if tokens[n.Start].Text(text) == "compile_error" {
				marker, err := strconv.Atoi(strings.Trim(tokens[n.Open+1].Text(text), `"`))
				if err != nil {
					t.Fatal(err)
				}
				v.Kept = append(v.Kept, marker)
			}
		}
	}
	slices.Sort(v.Kept)
	return v
}

// removed reports whether one of the attributes that nodes begin with is
// `#[cfg(any())]`.
func removed(src *Source, nodes []Node) bool {
	for i := 0; i < len(nodes) && nodes[i].Kind == Attribute; i += 1 + int(nodes[i].Size) {
		if src.Text[src.Tokens[nodes[i].Start].Start:src.Tokens[nodes[i].End-1].End] == "#[cfg(any())]" {
			return true
		}
	}
	return false
}

// TestShapes compares with rustc what an attribute in front of a shape removes.
func TestShapes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "shapes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var shapes, files []string
	arm := false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		arm = arm || line == "# match arms"
		if line != "" && line[0] != '#' {
			shapes, files = append(shapes, line), append(files, shapeFile(line, arm))
		}
	}
	record := oracle.Recorded(t, "shapes")
	ask := sync.OnceValue(func() []verdict { return rustcVerdicts(t, files) })
	for i, text := range files {
		want := oracle.Ask(t, record, shapes[i], text, func() verdict { return ask()[i] })
		if msg := disagree(verdictOf(t, text), want); msg != "" {
			t.Errorf("%s\n%s", shapes[i], msg)
		}
	}
}

var query = regexp.MustCompile(`\bQ2?\b`)

// shapeFile is a file with a shape that is removed, and a marker behind it.
func shapeFile(shape string, arm bool) string {
	n := 0
	shape = query.ReplaceAllStringFunc(shape, func(string) string {
		n++
		return fmt.Sprintf("compile_error!(\"%d\")", n)
	})
	if arm {
		return "fn f() { match a {\n#[cfg(any())] " + shape + "\n_ => { compile_error!(\"0\"); }\n} }\n"
	}
	return "fn f() {\n#[cfg(any())] " + shape + "\ncompile_error!(\"0\");\n}\n"
}

// disagree says in what way a verdict is not that of rustc. Where a later pass
// of rustc refuses the file, all is right but an error.
func disagree(got, want verdict) string {
	switch {
	case got.Refused != "" && want.Refused == "":
		return fmt.Sprintf("refused: %s, but rustc takes it: %+v", got.Refused, want)
	case got.Refused == "" && want.Refused != "":
		return fmt.Sprintf("taken: %+v, but rustc refuses it: %s", got, want.Refused)
	case want.Refused == "" && want.Later == "" && !slices.Equal(got.Kept, want.Kept):
		return fmt.Sprintf("keeps %v, rustc keeps %v", got.Kept, want.Kept)
	}
	return ""
}
