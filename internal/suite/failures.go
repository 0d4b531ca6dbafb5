package suite

import (
	"bytes"
	"fmt"
	"os"
	"sort"
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
		f, place := failure, whole(site)
		if err.Offset >= 0 {
			place = within(site, err.Offset, err.Offset+wordLength(text, err.Offset))
		}
		r.showIn(&f, site, place)
		failures = append(failures, f)
	}
	return failures
}

// whole is the place of a site's SQL text, or, where it is put together from
// several, that of its first part.
func whole(site *sites.Site) sites.Place {
	if len(site.Parts) == 0 {
		return site.Place
	}
	return site.Parts[0].Place
}

// within is the place of a span of a site's SQL text, as far as it lies in one
// literal.
func within(site *sites.Site, start, end int) sites.Place {
	place := site.Locate(start)
	if last := site.Locate(max(start, end-1)); last.File == place.File && last.End > place.Start {
		place.End = last.End
	}
	return place
}

// showIn sets the place of a failure of a site, and tells of the call where it
// stands elsewhere: the query's text may come from a macro, or from a file.
func (r *run) showIn(f *report.Failure, site *sites.Site, place sites.Place) {
	r.show(f, place)
	if call := site.Place; place.File != call.File || place.Start < call.Start || place.Start > call.End {
		f.Notes = append(f.Notes, fmt.Sprintf("in the call of %s! at %s", site.Macro, r.place(call)))
	}
}

// show sets a failure's place and takes its line from the file. Columns and
// widths count characters; of a span of several lines the first is marked.
func (r *run) show(f *report.Failure, place sites.Place) {
	f.Place = r.place(place)
	data, err := os.ReadFile(place.File)
	if err != nil || place.Start < 0 || place.Start > len(data) {
		return
	}
	begin := bytes.LastIndexByte(data[:place.Start], '\n') + 1
	end := len(data)
	if n := bytes.IndexByte(data[place.Start:], '\n'); n >= 0 {
		end = place.Start + n
	}
	if begin == 0 && bytes.HasPrefix(data, []byte(byteOrderMark)) {
		begin = len(byteOrderMark)
	}
	line := bytes.TrimRight(data[begin:max(begin, end)], "\r")
	start := min(max(place.Start-begin, 0), len(line))
	stop := min(max(place.End-begin, start), len(line))
	f.Excerpt = string(line)
	f.Column = utf8.RuneCount(line[:start]) + 1
	f.Width = max(utf8.RuneCount(bytes.TrimRight(line[start:stop], " \t")), 1)
}

const byteOrderMark = "\uFEFF"

// wordLength is the number of bytes of the word at an offset of a query.
func wordLength(text string, offset int) int {
	if offset >= len(text) {
		return 1
	}
	for i, c := range text[offset:] {
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			if i == 0 {
				return utf8.RuneLen(c)
			}
			return i
		}
	}
	return len(text) - offset
}

func sortFailures(failures []report.Failure) {
	sort.SliceStable(failures, func(i, j int) bool {
		a, b := failures[i], failures[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		if a.Column != b.Column {
			return a.Column < b.Column
		}
		return a.Message < b.Message
	})
}
