// Package trust reads the text of crates from outside a project, and judges
// whether their macros can write a query into the code that calls them. Proof
// is the text itself: no list of names clears a crate.
//
// What counts of a crate's text depends on what it is for. A procedural macro,
// and a build script, may write what any of the crates that it is built with
// has in it: of them the whole text counts. Of every other crate only the
// bodies of its macro_rules! can become code elsewhere.
package trust

import (
	"fmt"
	"iter"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// Finding is why a text is suspect.
type Finding struct {
	Sign   string // the row of the criterion, a sign's or a hint's
	File   string // in the package, with slashes
	Line   int    // from 1
	Column int    // from 1, in characters
	Text   string // what is there, shortened
}

func (f *Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Sign, f.Text)
}

// Reading is what the text of one crate says.
type Reading struct {
	Manifest string   // its Cargo.toml
	Whole    *Finding // the first reason why it may write a query; nil: it cannot
	Rules    *Finding // the same of the bodies of its macro_rules! alone
}

// Read reads a crate's files. Tests, examples and benchmarks are part of no
// library and are left out. An error means that nothing is known of the crate.
func Read(files iter.Seq2[crates.File, error]) (Reading, error) {
	var whole, rules judge
	var reading Reading
	var buf []lex.Token
	for file, err := range files {
		switch {
		case err != nil:
			return Reading{}, err
		case file.Name == "Cargo.toml":
			reading.Manifest = file.Text
			continue
		case !strings.HasSuffix(file.Name, ".rs") || Beside(file.Name):
			continue
		}
		tokens, err := lex.Lex(file.Text, buf)
		if err != nil {
			whole.unlexed(file)
			rules.unlexed(file)
			continue
		}
		buf = tokens
		c := code{file.Text, tokens}
		whole.read(file.Name, c, 0, len(tokens))
		for _, body := range c.bodies() {
			rules.read(file.Name, c, body.start, body.end)
		}
	}
	reading.Whole, reading.Rules = whole.finding(), rules.finding()
	return reading, nil
}

// Beside tells of a file whether a package's library has nothing of it.
func Beside(name string) bool {
	folder, _, ok := strings.Cut(name, "/")
	return ok && (folder == "tests" || folder == "benches" || folder == "examples" || strings.HasPrefix(folder, "."))
}

// judge applies the criterion to one text after another of a crate.
type judge struct {
	sign, hint, maker *Finding // the first of each
}

func (j *judge) read(file string, c code, start, end int) {
	for i := start; i < end && j.sign == nil; i++ {
		if !c.mayBe(i) {
			continue
		}
		look(&j.sign, signs, file, c, i)
		look(&j.hint, hints, file, c, i)
		look(&j.maker, makers, file, c, i)
	}
}

// look notes the first finding of some rows.
func look(found **Finding, rows []row, file string, c code, i int) {
	if *found != nil {
		return
	}
	for _, r := range rows {
		if r.at(c, i) {
			*found = newFinding(r, file, c, i)
			return
		}
	}
}

// unlexed judges a file that is no Rust, which no compiler takes, but which may
// be a template of code.
func (j *judge) unlexed(file crates.File) {
	if j.sign == nil && (stringNames(file.Text) || stringCalls(file.Text)) {
		j.sign = &Finding{Sign: "a text that is no Rust", File: file.Name, Line: 1, Column: 1}
	}
}

func (j *judge) finding() *Finding {
	if j.sign == nil && j.maker != nil {
		return j.hint
	}
	return j.sign
}

// maxShown is how many bytes of a text are shown.
const maxShown = 60

func newFinding(r row, file string, c code, i int) *Finding {
	start := int(c.tokens[i].Start)
	text := c.text[start:min(len(c.text), start+maxShown)]
	text, _, _ = strings.Cut(text, "\n")
	at := diag.PositionOf(c.text, start)
	return &Finding{Sign: r.name, File: file, Line: at.Line, Column: at.Column, Text: strings.ToValidUTF8(strings.TrimSpace(text), "")}
}

// span is a part of a text, in tokens.
type span struct{ start, end int }

// bodies returns what the arms of each macro_rules! in a text make.
func (c code) bodies() []span {
	var list []span
	for i := range c.tokens {
		// macro_rules! name { (…) => {…}; … }
		if c.name(i) != "macro_rules" || c.kind(i+1) != '!' || c.name(i+2) == "" || !c.kind(i+3).IsOpen() {
			continue
		}
		end := int(c.tokens[i+3].Match)
		for j := i + 4; j < end; j++ {
			if c.kind(j) == lex.FatArrow && c.kind(j+1).IsOpen() {
				list = append(list, span{j + 2, int(c.tokens[j+1].Match)})
			}
			if c.kind(j).IsOpen() {
				j = int(c.tokens[j].Match)
			}
		}
	}
	return list
}
