package lex

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Position is a place in a text as people count: both start at 1, and columns
// count characters.
type Position struct{ Line, Column int }

// Pos returns the position of a byte offset. An offset outside of the text
// stands for its nearest end.
func Pos(src string, offset int) Position {
	before := src[:min(max(offset, 0), len(src))]
	start := strings.LastIndexByte(before, '\n') + 1
	line := before[start:]
	if start == 0 {
		line = strings.TrimPrefix(line, bom)
	}
	return Position{
		Line:   1 + strings.Count(before, "\n"),
		Column: 1 + utf8.RuneCountInString(line),
	}
}

// Lines are the offsets at which the lines of a text begin, for many positions
// in one text.
type Lines []uint32

// NewLines finds the lines of a text.
func NewLines(src string) Lines {
	lines := make(Lines, 1, strings.Count(src, "\n")+1)
	for at := 0; ; {
		n := strings.IndexByte(src[at:], '\n')
		if n < 0 {
			return lines
		}
		at += n + 1
		lines = append(lines, uint32(at))
	}
}

// Pos returns what the function of that name does; src is the lines' text.
func (l Lines) Pos(src string, offset int) Position {
	offset = min(max(offset, 0), len(src))
	n, found := slices.BinarySearch(l, uint32(offset))
	if !found {
		n--
	}
	line := src[l[n]:offset]
	if n == 0 {
		line = strings.TrimPrefix(line, bom)
	}
	return Position{Line: n + 1, Column: 1 + utf8.RuneCountInString(line)}
}

const bom = "\uFEFF"
