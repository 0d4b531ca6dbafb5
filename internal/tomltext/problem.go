package tomltext

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Problem makes a decoder's error a diagnostic with its place in the file.
func Problem(code diag.Code, file, text string, err error) *diag.Diagnostic {
	problem := &diag.Diagnostic{Code: code, Place: diag.Place{File: file}}
	if at := (toml.ParseError{}); errors.As(err, &at) && at.Position.Start <= len(text) {
		start := max(0, at.Position.Start) // it is one before the text where the first character is at fault
		problem.Message, problem.Place = at.Message, diag.Span(file, text, start, start+at.Position.Len)
		return problem
	}
	problem.Message = strings.TrimPrefix(err.Error(), "toml: ")
	// Of a value with the wrong type the decoder gives the line in words.
	if m := valueError.FindStringSubmatch(problem.Message); m != nil {
		problem.Line, _ = strconv.Atoi(m[1])
		problem.Message = m[2] + ": " + m[3]
		if types := typeError.FindStringSubmatch(m[3]); types != nil {
			problem.Message = fmt.Sprintf("`%s` is %s; it must be %s", m[2], typeWords(types[1]), typeWords(types[2]))
		}
	}
	return problem
}

var (
	valueError = regexp.MustCompile(`^line (\d+) \(last key "(.*)"\): ((?s:.*))$`)
	typeError  = regexp.MustCompile(`^incompatible types: TOML value has type (.*); destination has type (.*)$`)
)

func typeWords(name string) string {
	switch name {
	case "int64", "integer":
		return "a whole number"
	case "float64", "float":
		return "a number"
	case "string":
		return "a string, in quotes"
	case "bool", "boolean":
		return "true or false"
	case "slice", "[]any":
		return "a list"
	case "map[string]any":
		return "a table"
	}
	return "of the type " + name
}
