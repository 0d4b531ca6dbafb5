package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Result is all that a bench has to show.
type Result struct {
	Report     *Report
	Comparison *Comparison // with an earlier report; nil without one
	History    []*Report   // earlier reports, for the page; without Report
	Skipped    int         // lines of the history that are no report
}

// headline says what was measured, on what.
func (r *Report) headline() string {
	return strings.TrimPrefix(r.subject()+", "+r.Machine.String(), ", ")
}

// about names the project and its units.
func (r *Report) about() string {
	if len(r.Units) == 0 {
		return r.Project
	}
	return fmt.Sprintf("%s (%s)", r.Project, strings.Join(r.Units, ", "))
}

// subject says what was measured.
func (r *Report) subject() string {
	text := r.about()
	if r.Commit != "" {
		text = strings.TrimSpace(text + " at " + short(r.Commit))
		if r.Dirty {
			text += ", changed"
		}
	}
	return text
}

func short(commit string) string { return commit[:min(len(commit), 10)] }

// shown are the metrics of the tables, by their headings.
var shown = []struct{ heading, metric string }{{"incl. database", "database"}, {"CPU", "cpu"}, {"memory", "memory"}, {"disk", "disk"}, {"crates", "crates"}}

// Text writes the result as a table for a terminal, in the manner of benchstat.
func Text(w io.Writer, r Result) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, r.Report.headline())
	tabs := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	var scenario Scenario
	for _, row := range r.Report.Table() {
		if row.Scenario != scenario {
			scenario = row.Scenario
			fmt.Fprintln(tabs, strings.Repeat("\t", 2+len(shown))) // one table: the columns stay
			fmt.Fprintf(tabs, "%s\twall\tvs %s", scenario, r.Report.Baseline)
			for _, s := range shown {
				fmt.Fprint(tabs, "\t", s.heading)
			}
			fmt.Fprintln(tabs)
		}
		fmt.Fprintf(tabs, "  %s\t%s\n", row.Arm, strings.Join(cells(r.Report, row), "\t"))
	}
	if err := tabs.Flush(); err != nil {
		return err
	}
	for _, section := range r.sections() {
		fmt.Fprintf(&b, "\n%s\n", section.title)
		for _, line := range section.lines {
			fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(line, "\n", "\n    "))
		}
	}
	var trimmed bytes.Buffer
	for line := range strings.Lines(b.String()) {
		trimmed.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	_, err := w.Write(trimmed.Bytes())
	return err
}

// cells are a row's figures as text: wall, comparison, and what is shown.
func cells(r *Report, row Row) []string {
	if row.Runs == 0 {
		return []string{"failed"}
	}
	wall := row.Stats["wall"]
	texts := []string{wall.text(metric("wall")), ""}
	if row.Arm == r.Baseline || wall.Versus != nil {
		texts[1] = wall.Versus.text()
	}
	if row.Failed > 0 {
		texts[1] += fmt.Sprintf(", %d failed", row.Failed)
	}
	for _, s := range shown {
		texts = append(texts, metric(s.metric).Text(row.Stats[s.metric].Median))
	}
	return texts
}

// section is a list under a title, after the table.
type section struct {
	title string
	lines []string
}

// sections says all that is no table: what failed first, the advice last.
func (r Result) sections() []section {
	var all []section
	add := func(title string, lines []string) {
		if len(lines) > 0 {
			all = append(all, section{title, lines})
		}
	}
	var failed, fewest []string
	last := map[string]string{} // failure of an arm
	for _, row := range r.Report.Table() {
		if before := last[row.Arm]; row.Failed > 0 && before != "" && strings.HasSuffix(row.Failure, before) {
			failed = append(failed, fmt.Sprintf("%s, %s: for the same reason", row.Scenario, row.Arm))
		} else if row.Failed > 0 {
			failed = append(failed, fmt.Sprintf("%s, %s: %s", row.Scenario, row.Arm, row.Failure))
			last[row.Arm] = row.Failure
		}
		if row.Runs > 0 && !row.Stats["wall"].Interval {
			fewest = append(fewest, fmt.Sprintf("%s, %s (n=%d)", row.Scenario, row.Arm, row.Runs))
		}
	}
	add("failed", failed)
	if len(fewest) > 0 {
		add("no interval", []string{fmt.Sprintf("± ∞: %d runs give the median an interval of 95 %%; there were fewer of %s", DefaultRuns, strings.Join(fewest, "; "))})
	}
	if r.Report.Interrupted {
		add("interrupted", []string{"these are the runs that were finished"})
	}
	add("left out", r.Report.LeftOut)
	add("warnings", r.Report.Warnings)
	if r.Skipped > 0 {
		add("history", []string{fmt.Sprintf("%d lines are no report and were skipped", r.Skipped)})
	}
	if c := r.Comparison; c != nil {
		add("compared with "+c.Old.name(), append(c.lines(), c.Warnings...))
	}
	advice := r.Report.Advise()
	lines := advice.Why
	if advice.Profile != "" {
		lines = append([]string{advice.Setting() + " in sqlxmage.toml: -apply writes it"}, lines...)
	}
	add("advice", lines)
	return all
}

// name is what a report is called where it is compared with.
func (r *Report) name() string {
	if r.Commit != "" {
		return short(r.Commit)
	}
	return "the run of " + r.Started.Format("2006-01-02 15:04")
}

// Setting is what the advice comes to in sqlxmage.toml, for people.
func (a Advice) Setting() string {
	text := fmt.Sprintf("profile = %q", a.Profile)
	if a.CodegenUnits > 0 {
		text += fmt.Sprintf(" with %d codegen units", a.CodegenUnits)
	}
	return text
}

// lines says of each arm what has become of it.
func (c *Comparison) lines() []string {
	wall := metric("wall")
	var lines []string
	for _, d := range c.Deltas {
		line := fmt.Sprintf("%s, %s: %s, ", d.Scenario, d.Arm, d.Old.text(wall))
		switch {
		case d.Failed:
			line += "now fails"
		default:
			line += "now " + d.New.text(wall) + ": " + d.New.Versus.text()
		}
		if d.Slower {
			line += fmt.Sprintf(": slower by more than %.4g %%", 100*c.FailAbove)
		}
		lines = append(lines, line)
	}
	return lines
}

// Markdown writes the result for a pull request.
func Markdown(w io.Writer, r Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "### Preparing: %s\n", escapeMarkdown(r.Report.headline()))
	fmt.Fprintf(&b, "\n| scenario | arm | wall | vs %s |", escapeMarkdown(r.Report.Baseline))
	rule := "| --- | --- | ---: | --- |"
	for _, s := range shown {
		fmt.Fprintf(&b, " %s |", s.heading)
		rule += " ---: |"
	}
	fmt.Fprintf(&b, "\n%s\n", rule)
	for _, row := range r.Report.Table() {
		texts := append([]string{string(row.Scenario), row.Arm}, cells(r.Report, row)...)
		for len(texts) < 4+len(shown) {
			texts = append(texts, "")
		}
		for i, text := range texts {
			texts[i] = escapeMarkdown(text)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(texts, " | "))
	}
	for _, section := range r.sections() {
		fmt.Fprintf(&b, "\n**%s**\n\n", escapeMarkdown(strings.ToUpper(section.title[:1])+section.title[1:]))
		for _, line := range section.lines {
			fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(escapeMarkdown(line), "\n", "<br>"))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// escapeMarkdown keeps what a run printed from being read as Markdown or HTML.
func escapeMarkdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "#", `\#`, "~", `\~`).Replace(text)
}

// JSON writes the result as one object: the report as the history keeps it,
// and what is derived from it.
func JSON(w io.Writer, r Result) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Report     *Report     `json:"report"`
		Table      []Row       `json:"table"`
		Comparison *Comparison `json:"comparison,omitempty"`
		Advice     Advice      `json:"advice"`
		Skipped    int         `json:"skippedHistoryLines,omitempty"`
	}{r.Report, r.Report.Table(), r.Comparison, r.Report.Advise(), r.Skipped})
}

// GoBench writes the runs in Go's benchmark format, which benchstat reads:
// `benchstat -col /arm FILE` compares the arms.
func GoBench(w io.Writer, r *Report) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: %s\n", r.Machine.OS, r.Machine.Arch, oneLine(r.Project))
	if r.Machine.CPU != "" {
		fmt.Fprintf(&b, "cpu: %s\n", oneLine(r.Machine.CPU))
	}
	if r.Commit != "" {
		fmt.Fprintf(&b, "commit: %s\n", r.Commit)
	}
	for _, m := range Metrics() {
		fmt.Fprintf(&b, "Unit %s assume=nothing better=lower\n", m.Unit)
	}
	b.WriteByte('\n')
	for _, c := range r.Cells {
		name := strings.NewReplacer(" ", "_", "/", "_").Replace(c.Arm)
		for _, s := range c.Good() {
			fmt.Fprintf(&b, "BenchmarkPrepare/arm=%s/scenario=%s 1", name, c.Scenario)
			for _, m := range Metrics() {
				fmt.Fprintf(&b, " %.9g %s", m.Of(s), m.Unit)
			}
			b.WriteByte('\n')
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
