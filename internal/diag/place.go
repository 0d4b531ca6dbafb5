package diag

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Place is a span of a file. Offsets are bytes from the file's beginning; lines
// and columns are those of Start and count from 1, columns in characters. A
// place without a line is the file, or folder, as a whole; one without a column
// a whole line.
type Place struct {
	File   string `json:"file"`
	Start  int    `json:"-"`
	End    int    `json:"-"` // behind the last byte
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String returns "file:line:column", as far as it is known.
func (p Place) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Holds reports whether the span q lies in p.
func (p Place) Holds(q Place) bool { return p.File == q.File && p.Start <= q.Start && q.End <= p.End }

// Span returns the place of a span of bytes in a file's text.
func Span(file, text string, start, end int) Place {
	at := PositionOf(text, start)
	return Place{File: file, Start: start, End: end, Line: at.Line, Column: at.Column}
}

// Position is a place in a text as people count: both start at 1, and columns
// count characters.
type Position struct{ Line, Column int }

// PositionOf returns the position of a byte offset. An offset outside of the
// text stands for its nearest end. A byte order mark takes no column.
func PositionOf(text string, offset int) Position {
	before := text[:min(max(offset, 0), len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	line := before[start:]
	if start == 0 {
		line = strings.TrimPrefix(line, ByteOrderMark)
	}
	return Position{Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(line)}
}

// Lines are the offsets at which the lines of a text begin, for many positions
// in one text.
type Lines []uint32

// NewLines finds the lines of a text.
func NewLines(text string) Lines {
	lines := make(Lines, 1, strings.Count(text, "\n")+1)
	for at := 0; ; {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return lines
		}
		at += n + 1
		lines = append(lines, uint32(at))
	}
}

// Position returns what PositionOf does; text is the lines' text.
func (l Lines) Position(text string, offset int) Position {
	offset = min(max(offset, 0), len(text))
	n, found := slices.BinarySearch(l, uint32(offset))
	if !found {
		n--
	}
	line := text[l[n]:offset]
	if n == 0 {
		line = strings.TrimPrefix(line, ByteOrderMark)
	}
	return Position{Line: n + 1, Column: 1 + utf8.RuneCountInString(line)}
}

// Show takes the line to show from the text of the diagnostic's file, and its
// column and width in characters. Of a span of several lines the first is
// marked; of a place that is a line alone, all of it is.
func (d *Diagnostic) Show(text []byte) {
	start, end := d.Start, d.End
	if d.Line > 0 && d.Column == 0 {
		start, end = lineSpan(text, d.Line)
	}
	if d.Line == 0 || start < 0 || start > len(text) {
		return
	}
	begin := bytes.LastIndexByte(text[:start], '\n') + 1
	stop := len(text)
	if n := bytes.IndexByte(text[start:], '\n'); n >= 0 {
		stop = start + n
	}
	if begin == 0 && bytes.HasPrefix(text, []byte(ByteOrderMark)) {
		begin = len(ByteOrderMark)
	}
	line := bytes.TrimRight(text[begin:max(begin, stop)], "\r")
	from := min(max(start-begin, 0), len(line))
	to := min(max(end-begin, from), len(line))
	d.Excerpt = string(line)
	d.Column = utf8.RuneCount(line[:from]) + 1
	d.Width = max(utf8.RuneCount(bytes.TrimRight(line[from:to], " \t")), 1)
}

// lineSpan is what a line holds, but for the space around it.
func lineSpan(text []byte, line int) (start, end int) {
	for n := 1; n < line; n++ {
		next := bytes.IndexByte(text[start:], '\n')
		if next < 0 {
			return len(text), len(text)
		}
		start += next + 1
	}
	end = len(text)
	if n := bytes.IndexByte(text[start:], '\n'); n >= 0 {
		end = start + n
	}
	content := bytes.TrimLeft(text[start:end], " \t")
	return end - len(content), start + len(bytes.TrimRight(text[start:end], " \t\r"))
}

// ByteOrderMark may stand at a text's beginning, where it is no character of it.
const ByteOrderMark = "\uFEFF"
