package sqlite

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
)

// SQLite's primary codes of failures that are no query's fault.
var outer = map[int]bool{5: true, 6: true, 10: true, 11: true, 13: true, 14: true, 26: true}

const outOfMemory = 7

// lacking is SQLite's message of what it does not know.
var lacking = regexp.MustCompile(`^no such (function|module): (.*)$`)

// miscounted is its message of a function that was taken away, and of one that
// takes other arguments.
var miscounted = regexp.MustCompile(`^wrong number of arguments to function (.*)\(\)$`)

// refused makes SQLite's failure the query's error. Its error is for what is
// no query's fault, such as a locked database.
func (s *Session) refused(text string, f *bundled.Failure) (*database.Error, error) {
	primary := f.Code & 0xff
	message := f.Message
	if match := miscounted.FindStringSubmatch(message); match != nil && !s.bundled.HasFunction(match[1]) {
		message = "no such function: " + match[1]
	}
	switch {
	case outer[primary]:
		return nil, fmt.Errorf("the database cannot be read: %s (%d)", f.Message, f.Code)
	case primary == outOfMemory || primary == interrupted:
		return unproven("SQLite gives up: %s", f.Message), nil
	}
	if match := lacking.FindStringSubmatch(message); match != nil {
		has := s.bundled.HasFunction
		if match[1] == "module" {
			has = s.bundled.HasModule
		}
		if has(match[2]) {
			return unproven("the %s %s is in sqlx's SQLite, and not in this program's", match[1], match[2]), nil
		}
	}
	failed := &database.Error{Message: message, Code: strconv.Itoa(f.Code), Offset: f.Offset}
	if failed.Offset < 0 {
		failed.Offset = place(text, message)
	}
	return failed, nil
}

// naming are SQLite's messages about a name.
var naming = []*regexp.Regexp{
	regexp.MustCompile(`^no such (?:table column|column|table|function|module|index|collation sequence): (.+)$`),
	regexp.MustCompile(`^(?:ambiguous column name|circular reference|unknown table option): (.+)$`),
	regexp.MustCompile(`^(?:unknown database|table|view|cannot modify|use DROP (?:TABLE|VIEW) to delete (?:table|view)) (\S+?)\b`),
	regexp.MustCompile(`^cannot (?:INSERT into|UPDATE) generated column "(.+)"$`),
	regexp.MustCompile(`function (\w+)\(\)`),
}

// place finds the name that a message is about in the text; it returns -1 where
// there is none.
func place(text, message string) int {
	name := ""
	for _, pattern := range naming {
		if match := pattern.FindStringSubmatch(message); match != nil && name == "" {
			name = match[1]
		}
	}
	for {
		if at := word(text, name); at >= 0 {
			return at
		}
		// "no such column: t.x" may be said of x, "no such table: main.t" of t.
		_, rest, qualified := strings.Cut(name, ".")
		if !qualified {
			return -1
		}
		name = rest
	}
}

// word returns where a word first stands in the text by itself, -1 for
// nowhere.
func word(text, name string) int {
	if name == "" {
		return -1
	}
	lower, wanted := strings.ToLower(text), strings.ToLower(name)
	if len(lower) != len(text) {
		lower, wanted = text, name
	}
	for from := 0; ; {
		at := strings.Index(lower[from:], wanted)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(wanted)
		if (at == 0 || !inWord(lower[at-1])) && (end == len(lower) || !inWord(lower[end])) {
			return at
		}
		from = at + 1
	}
}

func inWord(b byte) bool {
	return b == '_' || b == '$' || b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// hasPragma tells whether a text may hold a PRAGMA statement.
func hasPragma(text string) bool { return word(text, "pragma") >= 0 }
