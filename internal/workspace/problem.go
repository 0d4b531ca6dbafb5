package workspace

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Problem is something wrong in a file that does not stop the reading.
type Problem struct {
	File   string // absolute path
	Line   int    // from 1; 0: the file as a whole
	Column int    // from 1, in bytes; 0: the line as a whole
	Msg    string
}

// Error returns "file:line:column: message".
func (p Problem) Error() string {
	switch {
	case p.Line == 0:
		return fmt.Sprintf("%s: %s", p.File, p.Msg)
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Msg)
}

// tomlProblem gives a decoder's error its place in the file.
func tomlProblem(path, text string, err error) Problem {
	if p := (toml.ParseError{}); errors.As(err, &p) && p.Position.Start <= len(text) {
		// It is one before the text where the first character is at fault.
		before := text[:max(0, p.Position.Start)]
		return Problem{
			File:   path,
			Line:   1 + strings.Count(before, "\n"),
			Column: len(before) - strings.LastIndexByte(before, '\n'),
			Msg:    p.Message,
		}
	}
	// Of a value with the wrong type, the decoder gives the line in words.
	msg := strings.TrimPrefix(err.Error(), "toml: ")
	if m := typeError.FindStringSubmatch(msg); m != nil {
		line, _ := strconv.Atoi(m[1])
		return Problem{File: path, Line: line, Msg: m[2] + ": " + m[3]}
	}
	return Problem{File: path, Msg: msg}
}

var typeError = regexp.MustCompile(`^line (\d+) \(last key "(.*)"\): ((?s:.*))$`)
