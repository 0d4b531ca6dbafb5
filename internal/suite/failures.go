package suite

import (
	"fmt"
	"os"
	"unicode"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/describe"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
)

// failures places what the database said of a query at each of its sites.
func (r *run) failures(places []*sites.Site, text string, err *describe.Error) []*diag.Diagnostic {
	failure := diag.Diagnostic{
		Code: diag.Query, SQLState: err.Code,
		Message: diag.Clean(err.Error()), Detail: diag.Clean(err.Detail), Hint: diag.Clean(err.Hint), Query: text,
	}
	if len(places) == 0 {
		return []*diag.Diagnostic{&failure}
	}
	var failures []*diag.Diagnostic
	for _, site := range places {
		f, place := failure, whole(site)
		if err.Offset >= 0 {
			place = within(site, err.Offset, err.Offset+wordLength(text, err.Offset))
		}
		r.showIn(&f, site, place)
		failures = append(failures, &f)
	}
	return failures
}

// refusedSources are the places that rustc's parser refuses in the sources: no
// engine can prepare them.
func (r *run) refusedSources(found *scan) []*diag.Diagnostic {
	var refused []*diag.Diagnostic
	for _, p := range found.problems {
		if p.Code == diag.Syntax {
			d := *p
			r.show(&d, p.Place)
			refused = append(refused, &d)
		}
	}
	return refused
}

// whole is the place of a site's SQL text, or, where it is put together from
// several, that of its first part.
func whole(site *sites.Site) diag.Place {
	if len(site.Parts) == 0 {
		return site.Place
	}
	return site.Parts[0].Place
}

// within is the place of a span of a site's SQL text, as far as it lies in one
// literal.
func within(site *sites.Site, start, end int) diag.Place {
	place := site.Locate(start)
	if last := site.Locate(max(start, end-1)); last.File == place.File && last.End > place.Start {
		place.End = last.End
	}
	return place
}

// showIn sets the place of a failure of a site, and tells of the call where it
// stands elsewhere: the query's text may come from a macro, or from a file.
func (r *run) showIn(f *diag.Diagnostic, site *sites.Site, place diag.Place) {
	r.show(f, place)
	if call := site.Place; place.File != call.File || place.Start < call.Start || place.Start > call.End {
		f.Notes = append(f.Notes, diag.Note{Message: fmt.Sprintf("in the call of %s!", site.Macro), Place: r.place(call)})
	}
}

// show sets a diagnostic's place and takes its line from the file.
func (r *run) show(d *diag.Diagnostic, place diag.Place) {
	d.Place = place
	if text, err := os.ReadFile(place.File); err == nil {
		d.Show(text)
	}
	d.File = r.relative(place.File)
}

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
