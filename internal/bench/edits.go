package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// edits changes one source file of a copy, each time to a text that it never
// had before.
type edits struct {
	file    string
	text    string // as copied
	query   int    // where the SQL text of a query begins, -1 where none was found
	touches int
	queries int
}

// aQuery matches a query macro up to the text of its SQL.
var aQuery = regexp.MustCompile(`\bquery(?:_as|_scalar)?(?:_unchecked)?!\s*[({\[]\s*(?:[A-Za-z_][\w:<>' ]*,\s*)?r?#*"`)

// findEdits takes the first file of the folders with a query in its sources,
// else the first source file.
func findEdits(folders []string) (*edits, error) {
	var first *edits
	for _, dir := range folders {
		e, err := editsBelow(dir)
		if err != nil {
			return nil, fmt.Errorf("find a source file to change: %w", err)
		}
		if e != nil && e.query >= 0 {
			return e, nil
		}
		if first == nil {
			first = e
		}
	}
	if first == nil {
		return nil, errors.New("find a source file to change: there is none")
	}
	return first, nil
}

// editsBelow looks in one folder; nil means that it has no source file.
func editsBelow(dir string) (*edits, error) {
	var first, best *edits
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || d.Name() == "tests" || d.Name() == "benches" || d.Name() == "examples"):
			return filepath.SkipDir
		case !d.Type().IsRegular() || filepath.Ext(path) != ".rs" || d.Name() == "build.rs":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		e := &edits{file: path, text: string(text), query: firstQuery(string(text))}
		if first == nil {
			first = e
		}
		if e.query >= 0 {
			best = e
			return filepath.SkipAll
		}
		return nil
	})
	if best == nil {
		best = first
	}
	return best, err
}

// firstQuery returns where the SQL text of a query begins that is in no comment
// and no test, -1 where there is none.
func firstQuery(text string) int {
	if tests := strings.Index(text, "#[cfg(test)]"); tests >= 0 {
		text = text[:tests]
	}
	for _, m := range aQuery.FindAllStringIndex(text, -1) {
		line := text[strings.LastIndexByte(text[:m[0]], '\n')+1 : m[0]]
		if !strings.Contains(line, "//") && !strings.Contains(line, "*") {
			return m[1]
		}
	}
	return -1
}

// touch changes the file, but nothing that it says.
func (e *edits) touch() error {
	e.touches++
	return e.write()
}

// changeQuery changes the text of one query, but not what it means.
func (e *edits) changeQuery() error {
	if e.query < 0 {
		return errors.New("no query to change: there is no query macro with its SQL in place")
	}
	e.queries++
	return e.write()
}

func (e *edits) write() error {
	text := e.text
	if e.queries > 0 {
		text = fmt.Sprintf("%s/* %d */ %s", text[:e.query], e.queries, text[e.query:])
	}
	if e.touches > 0 {
		text += fmt.Sprintf("\n// %d\n", e.touches)
	}
	if err := os.WriteFile(e.file, []byte(text), 0o666); err != nil {
		return fmt.Errorf("change a source file: %w", err)
	}
	return nil
}
