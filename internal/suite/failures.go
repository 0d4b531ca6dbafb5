package suite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
)

// failures places what the database said of a query at each of its sites.
func (r *run) failures(places []*sites.Site, text string, err *database.Error) []*diag.Diagnostic {
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

// diagnostics returns what an error says of files: each diagnostic in it, with
// the line that it is about. Files are named from the root.
func diagnostics(root string, err error) []*diag.Diagnostic {
	var many interface{ WrappedErrors() []error }
	if errors.As(err, &many) {
		var all []*diag.Diagnostic
		for _, err := range many.WrappedErrors() {
			all = append(all, diagnostics(root, err)...)
		}
		return all
	}
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.File == "" {
		return nil
	}
	shown := *d
	show(root, &shown, d.Place)
	return []*diag.Diagnostic{&shown}
}

// show sets a diagnostic's place and takes its line from the file.
func (r *run) show(d *diag.Diagnostic, place diag.Place) { show(r.file.Root, d, place) }

func show(root string, d *diag.Diagnostic, place diag.Place) {
	d.Place = place
	if !filepath.IsAbs(place.File) {
		place.File = filepath.Join(root, place.File)
	}
	if text, err := os.ReadFile(place.File); err == nil && quotable(d.Code, text) {
		d.Show(text)
	}
	d.File = relative(root, place.File)
	d.Notes = slices.Clone(d.Notes) // which may be another's as well
	for i := range d.Notes {
		if d.Notes[i].File != "" {
			d.Notes[i].File = relative(root, d.Notes[i].File)
		}
	}
}

// secretWords are what a file of settings has that may hold a secret: the URL of
// a database, or what cargo signs in to a registry by.
var secretWords = regexp.MustCompile(`(?i)url|://|@|token|password|secret`)

// quotable tells whether lines of a file may be shown. Of settings that may hold
// a secret none is: a mistake in them can lie anywhere, the secret in its line.
func quotable(code diag.Code, text []byte) bool {
	switch code {
	case diag.Config, diag.Profile, diag.Manifest:
		return !secretWords.Match(text)
	}
	return true
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
