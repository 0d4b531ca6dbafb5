package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Delta is what has become of one arm in one scenario.
type Delta struct {
	Arm      string   `json:"arm"`
	Scenario Scenario `json:"scenario"`
	Old      Stat     `json:"old"`
	New      Stat     `json:"new"`              // its Versus compares with the old one
	Slower   bool     `json:"slower,omitempty"` // significantly, and by more than is allowed
	Failed   bool     `json:"failed,omitempty"` // ran before, fails now
}

// Comparison compares the wall time of two reports.
type Comparison struct {
	Old, New  *Report  `json:"-"`
	FailAbove float64  `json:"failAbove,omitempty"` // 0.2: one fifth; negative: never
	Deltas    []Delta  `json:"deltas"`
	Warnings  []string `json:"warnings,omitempty"`
	// Failed is set where an arm is slower than allowed in a scenario, or
	// fails where it did not.
	Failed bool `json:"failed"`
}

// Compare compares what both reports have. failAbove is the slow-down that is
// still allowed, as a part of the old time; negative allows all.
func Compare(old, new *Report, failAbove float64) *Comparison {
	c := &Comparison{Old: old, New: new, FailAbove: failAbove, Deltas: []Delta{}}
	if old.Machine != new.Machine {
		c.Warnings = append(c.Warnings, fmt.Sprintf("different machines: %v, and %v now: a difference may be theirs", old.Machine, new.Machine))
	}
	if !old.same(new) {
		c.Warnings = append(c.Warnings, fmt.Sprintf("different projects: %s, and %s now", old.about(), new.about()))
	}
	for name, version := range new.Versions {
		if before := old.Versions[name]; before != "" && before != version && name != "sqlxmage" {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s was %s, is %s", name, before, version))
		}
	}
	wall := metric("wall")
	for i := range new.Cells {
		now := &new.Cells[i]
		before := old.Cell(now.Arm, now.Scenario)
		if before == nil || len(before.Good()) == 0 || len(now.Samples) == 0 {
			continue
		}
		d := Delta{Arm: now.Arm, Scenario: now.Scenario, Old: summarize(before.Good(), wall)}
		if len(now.Good()) == 0 {
			d.Failed = true
		} else {
			v := compare(before.Good(), now.Good(), wall)
			d.New = summarize(now.Good(), wall)
			d.New.Versus = &v
			d.Slower = failAbove >= 0 && v.Significant && v.Ratio > 1+failAbove
		}
		c.Failed = c.Failed || failAbove >= 0 && (d.Slower || d.Failed)
		c.Deltas = append(c.Deltas, d)
	}
	if len(c.Deltas) == 0 {
		c.Warnings = append(c.Warnings, "the two have no arm in the same scenario in common")
	}
	return c
}

// Earlier finds the report to compare with: the newest of a file (a history, or
// one report as JSON writes it), or that of a revision in the history h.
func Earlier(ctx context.Context, root string, h *History, revisionOrFile string) (*Report, error) {
	text, err := os.ReadFile(revisionOrFile)
	if err == nil {
		var one struct{ Report json.RawMessage }
		if json.Unmarshal(text, &one) == nil && one.Report != nil {
			text = one.Report
		}
		if report, ok := decodeReport(text); ok {
			return report, nil
		}
		found, err := readHistory(bytes.NewReader(text))
		if err != nil || found.Last() == nil {
			return nil, fmt.Errorf("compare with %s: there is no report in it", revisionOrFile)
		}
		return found.Last(), nil
	}
	commit, err := Resolve(ctx, root, revisionOrFile)
	if err != nil {
		return nil, fmt.Errorf("compare with %s: neither a file nor a revision: %w", revisionOrFile, err)
	}
	if report := h.Find(commit); report != nil {
		return report, nil
	}
	return nil, fmt.Errorf("compare with %s: the history has no report of commit %s", revisionOrFile, short(commit))
}

// ParsePercent reads "20%" or "20" as 0.2; empty is -1, for no limit.
func ParsePercent(text string) (float64, error) {
	if text == "" {
		return -1, nil
	}
	number := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !(value >= 0 && value <= 1e6) {
		return 0, fmt.Errorf("%q is no percentage such as 20%%", text)
	}
	return value / 100, nil
}
