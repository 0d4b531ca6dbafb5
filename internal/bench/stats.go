package bench

import (
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Metric is one figure of a sample.
type Metric struct {
	Name string // as in JSON
	Of   func(Sample) float64
	Text func(float64) string // with its unit, for people
	Unit string               // of Go's benchmark format
}

// Metrics returns all metrics; the first is what arms are judged by.
func Metrics() []Metric {
	return []Metric{
		{"wall", func(s Sample) float64 { return s.Wall }, secondsText, "sec/op"},
		{"cpu", func(s Sample) float64 { return s.User + s.System }, secondsText, "cpu-sec/op"},
		{"user", func(s Sample) float64 { return s.User }, secondsText, "user-sec/op"},
		{"system", func(s Sample) float64 { return s.System }, secondsText, "sys-sec/op"},
		{"memory", func(s Sample) float64 { return float64(s.Memory) }, bytesText, "peak-B"},
		{"disk", func(s Sample) float64 { return float64(s.Disk) }, bytesText, "disk-B"},
		{"database", func(s Sample) float64 { return s.Database }, secondsText, "db-sec/op"},
		{"crates", func(s Sample) float64 { return float64(s.Crates) }, func(n float64) string { return fmt.Sprintf("%.4g", n) }, "crates"},
	}
}

func metric(name string) Metric {
	all := Metrics()
	return all[slices.IndexFunc(all, func(m Metric) bool { return m.Name == name })]
}

// confidence is the level of every interval.
const confidence = 0.95

// Stat is what several runs say of one metric.
type Stat struct {
	Median float64 `json:"median"`
	// Low and High bound the median with a confidence of 95 %. Without
	// Interval (fewer than six runs) they are the median.
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Interval bool    `json:"interval"`
	Versus   *Versus `json:"versus,omitempty"` // the baseline; nil for the baseline itself
}

// Versus is a comparison by the Mann-Whitney U test.
type Versus struct {
	Ratio       float64 `json:"ratio"` // of the medians, new to old; 0 where the old one is 0
	P           float64 `json:"p"`
	N           [2]int  `json:"n"` // runs, old and new
	Significant bool    `json:"significant"`
	// TooFew is set where so few runs cannot show a difference, however
	// large it is.
	TooFew bool `json:"tooFew,omitempty"`
}

// Row is one arm in one scenario, in figures.
type Row struct {
	Arm      string          `json:"arm"`
	Scenario Scenario        `json:"scenario"`
	Runs     int             `json:"runs"` // that did not fail
	Failed   int             `json:"failed,omitempty"`
	Failure  string          `json:"failure,omitempty"`
	Stats    map[string]Stat `json:"stats,omitempty"` // by the metric's name; none without a run
}

// Table returns the report's figures: scenario by scenario, each arm.
func (r *Report) Table() []Row {
	var rows []Row
	for _, s := range r.Scenarios() {
		base := r.Cell(r.Baseline, s)
		for _, arm := range r.Arms {
			cell := r.Cell(arm.Name, s)
			if cell == nil || len(cell.Samples) == 0 {
				continue
			}
			good := cell.Good()
			row := Row{Arm: arm.Name, Scenario: s, Runs: len(good), Failed: len(cell.Samples) - len(good), Failure: cell.Failure()}
			if len(good) > 0 {
				row.Stats = map[string]Stat{}
				for _, m := range Metrics() {
					stat := summarize(good, m)
					if base != nil && arm.Name != r.Baseline && len(base.Good()) > 0 {
						versus := compare(base.Good(), good, m)
						stat.Versus = &versus
					}
					row.Stats[m.Name] = stat
				}
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func sample(samples []Sample, m Metric) *benchmath.Sample {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = m.Of(s)
	}
	return benchmath.NewSample(values, &benchmath.DefaultThresholds)
}

// summarize needs at least one sample.
func summarize(samples []Sample, m Metric) Stat {
	sum := benchmath.AssumeNothing.Summary(sample(samples, m), confidence)
	if math.IsInf(sum.Lo, 0) || math.IsInf(sum.Hi, 0) {
		return Stat{Median: sum.Center, Low: sum.Center, High: sum.Center}
	}
	return Stat{Median: sum.Center, Low: sum.Lo, High: sum.Hi, Interval: true}
}

// compare needs at least one sample each.
func compare(old, new []Sample, m Metric) Versus {
	a, b := sample(old, m), sample(new, m)
	c := benchmath.AssumeNothing.Compare(a, b)
	v := Versus{P: c.P, N: [2]int{c.N1, c.N2}, Significant: c.P < c.Alpha, TooFew: minP(c.N1, c.N2) >= c.Alpha}
	if base := benchmath.AssumeNothing.Summary(a, confidence).Center; base != 0 {
		v.Ratio = benchmath.AssumeNothing.Summary(b, confidence).Center / base
	}
	return v
}

// minP is the smallest p value that the U test can give for samples of these
// sizes: when all of one are below all of the other, on either side.
func minP(n1, n2 int) float64 {
	ways := 1.0 // to choose n1 of n1+n2
	for i := 1; i <= n1; i++ {
		ways *= float64(n2+i) / float64(i)
	}
	return 2 / ways
}

// noise says where the machine was too unsteady for the figures to tell much,
// and where no memory below the floor could be told.
func noise(r *Report, floor int64) []string {
	var warnings []string
	wall := metric("wall")
	own := float64(floor)
	if others := r.others(); others > 0.1 {
		warnings = append(warnings, fmt.Sprintf("other programs had %.0f %% of the machine while runs were going", 100*others))
	}
	for _, cell := range r.Cells {
		good := cell.Good()
		if len(good) == 0 {
			continue
		}
		stat := summarize(good, wall)
		if width := max(stat.High/stat.Median-1, 1-stat.Low/stat.Median); stat.Interval && width > 0.1 {
			warnings = append(warnings, fmt.Sprintf("%s, %s: noisy: the median is known to ± %.0f %% only", cell.Scenario, cell.Arm, 100*width))
		}
		half := len(good) / 2
		if v := compare(good[:half:half], good[len(good)-half:], wall); half > 0 && v.Significant && math.Abs(v.Ratio-1) > 0.05 {
			warnings = append(warnings, fmt.Sprintf("%s, %s: the later runs took %.2f times as long as the earlier ones: the machine's speed changed", cell.Scenario, cell.Arm, v.Ratio))
		}
		if peak := summarize(good, metric("memory")).Median; own > 0 && peak > 0 && peak <= own {
			warnings = append(warnings, fmt.Sprintf("%s, %s: read the memory as at most %s: what is below this program's own cannot be told", cell.Scenario, cell.Arm, bytesText(own)))
		}
	}
	return warnings
}

// others is the part of the machine's CPU time that other programs had while
// runs were going, long runs counting more.
func (r *Report) others() float64 {
	var taken, all float64
	for _, cell := range r.Cells {
		for _, s := range cell.Good() {
			taken += s.Others * s.Wall
			all += s.Wall
		}
	}
	if all == 0 {
		return 0
	}
	return taken / all
}

func secondsText(s float64) string {
	switch {
	case s == 0:
		return "0s"
	case s >= 100:
		return fmt.Sprintf("%.0fs", s)
	case s >= 10:
		return fmt.Sprintf("%.1fs", s)
	case s >= 1:
		return fmt.Sprintf("%.2fs", s)
	case s >= 0.1:
		return fmt.Sprintf("%.0fms", 1000*s)
	case s >= 0.01:
		return fmt.Sprintf("%.1fms", 1000*s)
	}
	return fmt.Sprintf("%.2fms", 1000*s)
}

func bytesText(n float64) string {
	units := []string{"B", "KiB", "MiB", "GiB"}
	i := 0
	for ; math.Abs(n) >= 1024 && i < len(units)-1; i++ {
		n /= 1024
	}
	if i == 0 || math.Abs(n) >= 100 {
		return fmt.Sprintf("%.0f %s", n, units[i])
	}
	return fmt.Sprintf("%.3g %s", n, units[i])
}

// text is the median with its interval: "4.52s ± 3%".
func (s Stat) text(m Metric) string {
	switch {
	case !s.Interval:
		return m.Text(s.Median) + " ± ∞"
	case s.Median == 0:
		return m.Text(0)
	}
	return fmt.Sprintf("%s ± %.0f%%", m.Text(s.Median), 100*max(s.High/s.Median-1, 1-s.Low/s.Median))
}

// text is what a comparison comes to: "0.31x (p=0.002 n=6)".
func (v *Versus) text() string {
	if v == nil {
		return "baseline"
	}
	n := fmt.Sprint("n=", v.N[0])
	if v.N[0] != v.N[1] {
		n = fmt.Sprintf("n=%d+%d", v.N[0], v.N[1])
	}
	switch {
	case v.TooFew:
		return fmt.Sprintf("%s, too few runs to tell (%s)", ratioText(v.Ratio), n)
	case !v.Significant:
		return fmt.Sprintf("no difference (p=%.3f %s)", v.P, n)
	}
	return fmt.Sprintf("%s (p=%.3f %s)", ratioText(v.Ratio), v.P, n)
}

func ratioText(ratio float64) string {
	if ratio == 0 {
		return "from 0"
	}
	return fmt.Sprintf("%.3gx", ratio)
}
