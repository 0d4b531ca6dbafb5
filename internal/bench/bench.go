// Package bench measures what preparing costs: it runs arms (ways of preparing)
// in scenarios (what has changed since the last run), each run a fresh process,
// takes turns between the arms, and tells with statistics what differs.
//
// It knows nothing of cargo or of sqlx: an [Arm] makes a working copy and
// gives a command for each scenario. [Tools] builds the arms of this project.
//
// A [Report] holds the raw figures of every run. All else (tables, comparisons,
// advice, pages) is derived from it, so a history is a list of reports.
package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scenario is the state that a run begins with.
type Scenario string

// The scenarios.
const (
	// Cold: an empty target directory; the sources and the downloaded
	// crates are there, nothing else is.
	Cold Scenario = "cold"
	// Warm: dependencies are compiled, no source has changed, but nothing
	// is kept of earlier answers: every query is asked again.
	Warm Scenario = "warm"
	// Touched: as after a run, then one source file changed, no query.
	Touched Scenario = "touched"
	// Query: as after a run, then the text of one query changed.
	Query Scenario = "query"
	// Noop: as after a run, nothing changed at all.
	Noop Scenario = "noop"
)

// Scenarios returns all scenarios, in the order of a round.
func Scenarios() []Scenario { return []Scenario{Cold, Warm, Touched, Query, Noop} }

// ParseScenarios reads a list with commas; empty means all.
func ParseScenarios(text string) ([]Scenario, error) {
	if text == "" {
		return Scenarios(), nil
	}
	var list []Scenario
	for _, name := range strings.Split(text, ",") {
		s := Scenario(strings.TrimSpace(name))
		if !slices.Contains(Scenarios(), s) {
			return nil, fmt.Errorf("no scenario named %q; there is %s", s, joined(Scenarios()))
		}
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Scenario) int {
		return slices.Index(Scenarios(), a) - slices.Index(Scenarios(), b)
	})
	return list, nil
}

func joined(list []Scenario) string {
	var names []string
	for _, s := range list {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// Report is one run of the bench. It is what the history keeps, one to a line.
type Report struct {
	Schema      int               `json:"schema"` // of this type: 1
	Project     string            `json:"project"`
	Units       []string          `json:"units,omitempty"` // that were prepared
	Started     time.Time         `json:"started"`
	Seconds     float64           `json:"seconds"` // that the whole bench took
	Commit      string            `json:"commit,omitempty"`
	Dirty       bool              `json:"dirty,omitempty"` // the tree differs from the commit
	Machine     Machine           `json:"machine"`
	Versions    map[string]string `json:"versions,omitempty"` // sqlxmage, cargo, rustc, sqlx-cli
	Baseline    string            `json:"baseline"`           // the arm that others are compared with
	Arms        []ArmInfo         `json:"arms"`
	Cells       []Cell            `json:"cells"`
	LeftOut     []string          `json:"leftOut,omitempty"`  // what the budget did not allow, or an arm cannot do
	Warnings    []string          `json:"warnings,omitempty"` // seen while measuring
	Interrupted bool              `json:"interrupted,omitempty"`
}

// Redact takes secrets out of what the runs, and other programs, said.
func (r *Report) Redact(text func(string) string) {
	for _, list := range [][]string{r.LeftOut, r.Warnings} {
		for i := range list {
			list[i] = text(list[i])
		}
	}
	for _, c := range r.Cells {
		for i := range c.Samples {
			c.Samples[i].Error = text(c.Samples[i].Error)
		}
	}
}

// schema is the current Report.Schema.
const schema = 1

// ArmInfo says what an arm does.
type ArmInfo struct {
	Name         string `json:"name"`
	Engine       string `json:"engine,omitempty"`       // native, cargo, or empty for a reference
	Profile      string `json:"profile,omitempty"`      // of cargo
	CodegenUnits int    `json:"codegenUnits,omitempty"` // where they override the profile's
}

// Cell is one arm in one scenario.
type Cell struct {
	Arm      string   `json:"arm"`
	Scenario Scenario `json:"scenario"`
	Samples  []Sample `json:"samples"` // in the order of the runs
}

// Sample is one run.
type Sample struct {
	Wall   float64 `json:"wall"`   // seconds from start to end
	User   float64 `json:"user"`   // seconds of CPU, of the process and all that it waited for
	System float64 `json:"system"` // the same, in the kernel
	// Memory is the peak resident set, in bytes, of the largest process of
	// the tree: what getrusage(2) says of waited-for children, and what
	// /usr/bin/time prints. Processes at the same time do not add up. On
	// Windows it is what the whole tree had committed at its peak.
	Memory int64 `json:"memory"`
	Disk   int64 `json:"disk"`   // bytes added below the copy's directories
	Crates int   `json:"crates"` // compiled or checked
	// Database is the part of Wall, in seconds, in which the run made its
	// scratch database ready; 0 where it was given one.
	Database float64 `json:"database"`
	// Others is the part of the machine's CPU time, from 0 to 1, that went
	// to other programs meanwhile; 0 where the system does not say.
	Others float64 `json:"others,omitempty"`
	// Error says why the run failed; then its figures do not count.
	Error string `json:"error,omitempty"`
}

// same tells whether two reports are about the same units of a project.
func (r *Report) same(other *Report) bool {
	return r.Project == other.Project && slices.Equal(r.Units, other.Units)
}

// Cell returns a cell, or nil where there is none.
func (r *Report) Cell(arm string, s Scenario) *Cell {
	for i := range r.Cells {
		if r.Cells[i].Arm == arm && r.Cells[i].Scenario == s {
			return &r.Cells[i]
		}
	}
	return nil
}

// Scenarios returns the scenarios in the order of a round.
func (r *Report) Scenarios() []Scenario {
	var list []Scenario
	for _, s := range Scenarios() {
		if slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Scenario == s }) {
			list = append(list, s)
		}
	}
	return list
}

// Good returns the samples of the runs that did not fail.
func (c *Cell) Good() []Sample {
	var good []Sample
	for _, s := range c.Samples {
		if s.Error == "" {
			good = append(good, s)
		}
	}
	return good
}

// Failure returns the first failed run's error, "" where none failed.
func (c *Cell) Failure() string {
	for _, s := range c.Samples {
		if s.Error != "" {
			return s.Error
		}
	}
	return ""
}
