package workspace

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// problemIn is something wrong in a file that does not stop the reading.
func problemIn(path, message string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: diag.Manifest, Message: message, Place: diag.Place{File: path}}
}

// tomlProblem gives a decoder's error its place in the file.
func tomlProblem(path, text string, err error) *diag.Diagnostic {
	if p := (toml.ParseError{}); errors.As(err, &p) && p.Position.Start <= len(text) {
		// It is one before the text where the first character is at fault.
		start := max(0, p.Position.Start)
		problem := problemIn(path, p.Message)
		problem.Place = diag.Span(path, text, start, start+p.Position.Len)
		return problem
	}
	// Of a value with the wrong type, the decoder gives the line in words.
	message := strings.TrimPrefix(err.Error(), "toml: ")
	if m := typeError.FindStringSubmatch(message); m != nil {
		problem := problemIn(path, m[2]+": "+m[3])
		problem.Line, _ = strconv.Atoi(m[1])
		return problem
	}
	return problemIn(path, message)
}

var typeError = regexp.MustCompile(`^line (\d+) \(last key "(.*)"\): ((?s:.*))$`)
