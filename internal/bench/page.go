package bench

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
)

//go:embed page.html
var pageText string

// HTML writes the result as one page that needs nothing else: no script, no
// file from elsewhere. Its plots are SVG; it follows the reader's choice of
// light or dark and is readable on a telephone.
func HTML(w io.Writer, r Result) error {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, newPage(r)); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// page is what the template shows. Positions are percentages of a plot's
// width, so that bars stretch and text does not.
type page struct {
	Title, Date string
	Machine     string
	Baseline    string
	Headings    []string
	Plots       []plot
	Rows        [][]string
	Advice      []string
	Sections    []pageSection
	Trends      []trend
	Versions    map[string]string
	Colours     []int
}

type pageSection struct {
	Title string
	Lines []string
}

// plot is one metric in one scenario: a bar for each arm.
type plot struct {
	Title  string
	Bars   []bar
	Height int
}

type bar struct {
	Arm, Text string
	Class     int // of the arm's colour
	Y         int
	Width     string // percent
	Low, High string // percent; empty without an interval
}

// colours is how many the page has for arms.
const colours = 8

// barHeight is what one bar and the text above it take.
const barHeight = 46

// trend is one scenario over the history: a line for each arm.
type trend struct {
	Title       string
	Lines       []trendLine
	First, Last string
	Top         string // the value at the top of the plot
}

type trendLine struct {
	Arm    string
	Class  int
	Points string // of a polyline in a square of 100
	Dots   []dot
}

type dot struct {
	X, Y      string // percent
	Low, High string
	Text      string
}

func percent(value, whole float64) string {
	if whole <= 0 {
		return "0%"
	}
	return fmt.Sprintf("%.2f%%", max(0, min(100, 100*value/whole)))
}

func newPage(r Result) page {
	rep := r.Report
	p := page{
		Title:    rep.subject(),
		Machine:  rep.Machine.String(),
		Date:     rep.Started.Format("2 January 2006, 15:04 MST"),
		Baseline: rep.Baseline,
		Headings: []string{"scenario", "arm", "wall", "vs " + rep.Baseline},
		Versions: rep.Versions,
	}
	for i := range colours {
		p.Colours = append(p.Colours, i)
	}
	for _, s := range shown {
		p.Headings = append(p.Headings, s.heading)
	}
	table := rep.Table()
	for _, row := range table {
		p.Rows = append(p.Rows, append([]string{string(row.Scenario), row.Arm}, cells(rep, row)...))
	}
	for _, name := range []string{"wall", "memory"} {
		for _, s := range rep.Scenarios() {
			p.Plots = append(p.Plots, rep.plot(table, s, metric(name)))
		}
	}
	for _, s := range r.sections() {
		section := pageSection{s.title, s.lines}
		if s.title == "advice" {
			p.Advice = section.Lines
			continue
		}
		p.Sections = append(p.Sections, section)
	}
	p.Trends = trends(append(slices.Clone(r.History), rep))
	return p
}

var plotTitles = map[string]string{"wall": "wall time", "memory": "peak memory"}

func (r *Report) plot(table []Row, s Scenario, m Metric) plot {
	p := plot{Title: fmt.Sprintf("%s: %s", s, plotTitles[m.Name])}
	var most float64
	for _, row := range table {
		if row.Scenario == s && row.Runs > 0 {
			most = max(most, row.Stats[m.Name].High)
		}
	}
	for _, row := range table {
		if row.Scenario != s {
			continue
		}
		if row.Runs == 0 {
			p.Bars = append(p.Bars, bar{Arm: row.Arm, Text: "failed", Y: barHeight * len(p.Bars), Width: "0%"})
			continue
		}
		stat := row.Stats[m.Name]
		b := bar{Arm: row.Arm, Text: stat.text(m), Class: r.class(row.Arm), Y: barHeight * len(p.Bars), Width: percent(stat.Median, most)}
		if stat.Interval {
			b.Low, b.High = percent(stat.Low, most), percent(stat.High, most)
		}
		p.Bars = append(p.Bars, b)
	}
	p.Height = barHeight * len(p.Bars)
	return p
}

// class numbers an arm's colour, the same in every plot.
func (r *Report) class(arm string) int {
	return slices.IndexFunc(r.Arms, func(a ArmInfo) bool { return a.Name == arm }) % colours
}

// trends draws the wall time over reports, the last of which is this one; none
// where there is only that. Reports of other machines, and of other units, are
// left out.
func trends(reports []*Report) []trend {
	last := reports[len(reports)-1]
	reports = slices.DeleteFunc(slices.Clone(reports), func(r *Report) bool { return r.Machine != last.Machine || !r.same(last) })
	if len(reports) < 2 {
		return nil
	}
	var all []trend
	for _, s := range last.Scenarios() {
		t := trend{Title: fmt.Sprintf("%s: wall time over %d runs on this machine", s, len(reports)), First: reports[0].name(), Last: last.name()}
		var most float64
		each := func(arm string, do func(i int, r *Report, stat Stat)) {
			for i, r := range reports {
				if cell := r.Cell(arm, s); cell != nil && len(cell.Good()) > 0 {
					do(i, r, summarize(cell.Good(), metric("wall")))
				}
			}
		}
		for _, arm := range last.Arms {
			each(arm.Name, func(_ int, _ *Report, stat Stat) { most = max(most, stat.High) })
		}
		most *= 1.05
		t.Top = metric("wall").Text(most)
		for _, arm := range last.Arms {
			line := trendLine{Arm: arm.Name, Class: last.class(arm.Name)}
			each(arm.Name, func(i int, r *Report, stat Stat) {
				x := 2 + 96*float64(i)/float64(len(reports)-1)
				line.Points += fmt.Sprintf("%.2f,%.2f ", x, 100-100*stat.Median/most)
				line.Dots = append(line.Dots, dot{
					X: percent(x, 100), Y: percent(most-stat.Median, most),
					Low: percent(most-stat.Low, most), High: percent(most-stat.High, most),
					Text: fmt.Sprintf("%s, %s: %s", arm.Name, r.name(), stat.text(metric("wall"))),
				})
			})
			if len(line.Dots) > 0 {
				t.Lines = append(t.Lines, line)
			}
		}
		if len(t.Lines) > 0 {
			all = append(all, t)
		}
	}
	return all
}
