package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// maxExcerpt is the number of cells of a terminal that a line of a file may
// take; of a longer one the part around the marker is shown.
const maxExcerpt = 140

// cell is what a terminal shows of a character.
type cell struct {
	text  string
	width int // cells: 0 for a combining character, 2 for a wide one
}

// cells replaces what would move or change a terminal's output: a tab becomes
// four spaces, as rustc shows it, and control characters become a mark.
func cells(line string) []cell {
	list := make([]cell, 0, len(line))
	for _, c := range line {
		switch {
		case c == '\t':
			list = append(list, cell{"    ", 4})
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c) && c != zeroWidthJoiner:
			list = append(list, cell{"\uFFFD", 1})
		case unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
			list = append(list, cell{string(c), 0})
		default:
			list = append(list, cell{string(c), cellWidth(c)})
		}
	}
	return list
}

const zeroWidthJoiner = '\u200D'

func cellWidth(c rune) int {
	switch width.LookupRune(c).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func total(list []cell) int {
	sum := 0
	for _, c := range list {
		sum += c.width
	}
	return sum
}

// excerpt returns a line as a terminal shows it, and a marker to stand below
// it, under n characters from column, which counts from 1.
func excerpt(line string, column, n int) (shown, marker string) {
	list := cells(line)
	start := min(max(column-1, 0), len(list))
	end := min(start+max(n, 1), len(list))
	first, last := window(list, start)
	end = min(end, max(last, start))
	var b strings.Builder
	before := total(list[first:start])
	if first > 0 {
		b.WriteString("…")
		before++
	}
	for _, c := range list[first:last] {
		b.WriteString(c.text)
	}
	if last < len(list) {
		b.WriteString("…")
	}
	marks := max(total(list[start:end]), 1)
	return strings.TrimRight(b.String(), " "), strings.Repeat(" ", before) + strings.Repeat("^", marks)
}

// window is the part of a line that is shown, with the character at start in
// it.
func window(list []cell, start int) (first, last int) {
	if total(list) <= maxExcerpt {
		return 0, len(list)
	}
	for first = start; first > 0 && total(list[first:start]) < maxExcerpt/3; first-- {
	}
	for last = first; last < len(list) && total(list[first:last]) < maxExcerpt; last++ {
	}
	return first, last
}
