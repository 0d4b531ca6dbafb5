package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Style says how Text writes.
type Style struct {
	Color   bool
	Verbose bool // also sites, timings, and what is as it should be
}

// Text writes the result for people: what went wrong or differs first, one
// line a unit last, where the eye is. What stopped the run as a whole is the
// caller's to say.
func Text(w io.Writer, r *Result, style Style) error {
	p := &printer{w: w, Style: style, command: r.Command, lookUp: r.LookUp}
	for _, f := range r.Failures {
		p.failure(f)
	}
	for i := range r.Units {
		p.unit(&r.Units[i])
	}
	for _, profile := range r.Profiles {
		p.profile(profile)
	}
	for _, note := range r.Notes {
		p.line("%s %s", p.paint(dim, "note:"), note)
	}
	p.summary(r)
	return p.err
}

// printer keeps the first error of its writer.
type printer struct {
	w   io.Writer
	err error
	Style
	command string
	lookUp  bool
}

type color string

const (
	red   color = "31;1"
	green color = "32"
	amber color = "33"
	dim   color = "2"
	bold  color = "1"
)

func (p *printer) paint(c color, text string) string {
	if !p.Color {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) unit(u *Unit) {
	for _, f := range u.Failures {
		p.failure(f)
	}
	if u.Error != "" && len(u.Failures) == 0 {
		p.failure(&diag.Diagnostic{Message: u.Path + ": " + u.Error})
	}
	places := map[string]diag.Place{}
	for _, site := range u.Sites {
		if _, ok := places[site.Hash]; !ok {
			places[site.Hash] = site.Place
		}
		switch {
		case p.lookUp:
			p.site(site)
		case p.Verbose:
			p.line("%s %s %s %s", site.Place, site.Kind, site.Hash[:12], oneLine(site.Query))
		}
	}
	for _, d := range u.Differences {
		p.difference(d, places[d.Hash])
	}
	for _, f := range u.Unused {
		if f.Action == Kept || p.command == "prepare" {
			p.unused(f)
		}
	}
	for _, b := range u.Blind {
		p.line("%s %s: %s", p.paint(amber, "may be unseen:"), b.Place, b.Reason)
	}
	for _, what := range u.NotChecked {
		p.line("%s %s: %s", p.paint(amber, "not checked:"), u.Path, what)
	}
	for _, note := range u.Notes {
		p.line("%s %s: %s", p.paint(dim, "note:"), u.Path, note)
	}
	if p.Verbose {
		for _, t := range u.Timings {
			p.line("  %-28s %8.1f ms", t.Step, 1000*t.Seconds)
		}
	}
}

// site writes all of a query that was asked for.
func (p *printer) site(site Site) {
	p.line("%s %s", site.Place, p.paint(bold, site.Kind))
	c := green
	if site.State != "present" {
		c = red
	}
	p.line("    query-%s.json: %s", site.Hash, p.paint(c, site.State))
	p.line("    in %s", site.Target)
	for line := range strings.Lines(site.Query) {
		p.line("  | %s", strings.TrimRight(line, "\r\n"))
	}
}

func (p *printer) difference(d sqlxdata.Difference, place diag.Place) {
	c := red
	if d.Kind == sqlxdata.Reformatted {
		c = dim
	}
	where := ""
	if place.File != "" {
		where = "  " + place.String()
	}
	p.line("%s %s%s  %s", p.paint(c, fmt.Sprintf("%-11s", d.Kind)), "query-"+d.Hash[:12]+"…", where, oneLine(d.Query))
	for _, detail := range d.Details {
		p.line("            %s", detail)
	}
}

// unused writes what becomes of a file whose query is not among the unit's, and
// why; in a check the files that would go are among the differences.
func (p *printer) unused(f Unused) {
	c := dim
	if f.Action == Removed {
		c = amber
	}
	why := f.Reason
	if f.Place != nil {
		why = fmt.Sprintf("%s:%d, %s", f.File, f.Line, f.Reason)
	}
	p.line("%s %s  %s  %s", p.paint(c, fmt.Sprintf("%-11s", f.Action)), "query-"+f.Hash[:12]+"…", why, oneLine(f.Query))
}

// failure writes in rustc's manner: message, place, line and marker, notes and
// hint.
func (p *printer) failure(f *diag.Diagnostic) {
	gutter := strings.Repeat(" ", len(fmt.Sprint(f.Line)))
	p.line("%s %s", p.paint(red, "error:"), p.paint(bold, hanging(f.Message, "       ")))
	if f.File != "" {
		p.line("%s%s %s", gutter, p.paint(dim, "-->"), f.Place)
		if f.Excerpt != "" {
			shown, marker := excerpt(f.Excerpt, f.Column, f.Width)
			bar := p.paint(dim, "|")
			p.line("%s %s", gutter, bar)
			p.line("%d %s %s", f.Line, bar, shown)
			p.line("%s %s %s", gutter, bar, p.underline(marker))
		}
	}
	p.remark(gutter, "detail:", f.Detail)
	for _, note := range f.Notes {
		p.remark(gutter, "note:", note.String())
	}
	p.remark(gutter, "hint:", f.Hint)
	if f.Excerpt != "" {
		p.line("")
	}
}

// remark writes a line below an excerpt, in line with its gutter.
func (p *printer) remark(gutter, label, text string) {
	if text != "" {
		p.line("%s = %s %s", gutter, p.paint(bold, label), hanging(text, strings.Repeat(" ", len(gutter)+4+len(label))))
	}
}

func (p *printer) underline(marker string) string {
	at := strings.IndexByte(marker, '^')
	return marker[:at] + p.paint(red, marker[at:])
}

// hanging indents the lines of a text behind its first.
func hanging(text, indent string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\r\n"), "\n", "\n"+indent)
}

func (p *printer) profile(change Profile) {
	if change.Diff != "" {
		p.line("%s", strings.TrimRight(change.Diff, "\n"))
	}
	p.line("profile `%s`: %s in %s", change.Name, change.Action, change.File)
}

func (p *printer) summary(r *Result) {
	if p.err != nil || len(r.Units) == 0 || r.LookUp {
		return
	}
	table := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for i := range r.Units {
		fmt.Fprintln(table, p.row(&r.Units[i]))
	}
	p.err = table.Flush()
}

// row is a unit's one line; its columns are separated by tabs.
func (p *printer) row(u *Unit) string {
	cells := []string{u.Path}
	switch u.Status {
	case Done:
		cells = append(cells, plural(u.Queries, "query", "queries"), p.outcome(u))
	case Stale:
		cells = append(cells, plural(u.Queries, "query", "queries"), "stale: "+kinds(u.Differences))
	case Unproven:
		cells = append(cells, "", "not proven")
	default:
		failed := "failed"
		if p.command == "prepare" {
			failed += ": `.sqlx` is as it was"
		}
		cells = append(cells, "", failed)
	}
	engine := u.Engine
	if u.Profile != "" {
		engine += " (" + u.Profile + ")"
	}
	cells = append(cells, engine, seconds(u.total()))
	if u.Reason != "" && (u.Engine == "cargo" || p.Verbose) {
		cells = append(cells, p.paint(dim, u.Reason))
	}
	return strings.Join(cells, "\t")
}

func (p *printer) outcome(u *Unit) string {
	kept := 0
	for _, f := range u.Unused {
		if f.Action == Kept {
			kept++
		}
	}
	outcome := ""
	switch {
	case len(u.NotChecked) > 0:
		outcome = "right, as far as checked"
	case p.command == "status" && len(u.Differences) > 0:
		outcome = kinds(u.Differences)
	case p.command == "status" && len(u.Blind) > 0:
		outcome = "as far as seen, each has a file"
	case p.command == "status":
		outcome = "each has a file"
	case p.command != "prepare":
		outcome = "right"
	case !u.Any():
		outcome = "unchanged"
	default:
		outcome = fmt.Sprintf("%d written, %d removed, %d unchanged", u.Written, u.Removed, u.Unchanged-kept)
	}
	if kept > 0 {
		outcome += fmt.Sprintf(", %d kept", kept)
	}
	return outcome
}

func (u *Unit) total() float64 {
	sum := 0.0
	for _, t := range u.Timings {
		sum += t.Seconds
	}
	return sum
}

func kinds(differences []sqlxdata.Difference) string {
	counts := map[sqlxdata.DifferenceKind]int{}
	for _, d := range differences {
		counts[d.Kind]++
	}
	var parts []string
	for _, kind := range []sqlxdata.DifferenceKind{sqlxdata.Missing, sqlxdata.Stale, sqlxdata.Unused, sqlxdata.Corrupt, sqlxdata.Reformatted} {
		if counts[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func seconds(s float64) string {
	if s < 1 {
		return fmt.Sprintf("%.0f ms", 1000*s)
	}
	return fmt.Sprintf("%.1f s", s)
}

// oneLine shortens a query to what fits beside its place.
func oneLine(query string) string {
	const most = 72
	text := []rune(strings.Join(strings.Fields(query), " "))
	if len(text) > most {
		return string(text[:most-1]) + "…"
	}
	return string(text)
}
