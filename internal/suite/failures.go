package suite

import (
	"os"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/describe"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
)

// failures places what the database said of a query at each of its sites.
func (r *run) failures(places []*sites.Site, text string, err *describe.Error) []report.Failure {
	failure := report.Failure{Message: err.Error(), Detail: err.Detail, Hint: err.Hint, Query: text}
	if len(places) == 0 {
		return []report.Failure{failure}
	}
	var failures []report.Failure
	for _, site := range places {
		f, place := failure, site.Place
		if err.Offset >= 0 {
			place = site.Locate(err.Offset)
			f.Width = wordLength(text, err.Offset)
		}
		r.show(&f, place)
		failures = append(failures, f)
	}
	return failures
}

// show sets a failure's place and takes its line from the file.
func (r *run) show(f *report.Failure, place sites.Place) {
	f.Place = r.place(place)
	data, err := os.ReadFile(place.File)
	if err != nil || place.Line < 1 {
		return
	}
	lines := strings.SplitAfterN(string(data), "\n", place.Line+1)
	if place.Line > len(lines) {
		return
	}
	line := strings.TrimRight(lines[place.Line-1], "\r\n")
	column := min(max(place.Column-1, 0), len(line))
	// People count characters.
	f.Column = utf8.RuneCountInString(line[:column]) + 1
	f.Excerpt = line
	if f.Width == 0 {
		f.Width = utf8.RuneCountInString(line[column:])
		if end := place.End - place.Start; end > 0 && end < len(line)-column {
			f.Width = utf8.RuneCountInString(line[column : column+end])
		}
	}
}

// wordLength is the number of characters of the word at an offset of a query.
func wordLength(text string, offset int) int {
	if offset >= len(text) {
		return 1
	}
	n := 0
	for _, c := range text[offset:] {
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		n++
	}
	return max(n, 1)
}

func sortFailures(failures []report.Failure) {
	sort.SliceStable(failures, func(i, j int) bool {
		a, b := failures[i].Place, failures[j].Place
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
}
