package cargo

import "slices"

// unit is one crate that cargo compiles: a library, a program, a test.
type unit struct {
	Package     string   // its name
	Fingerprint string   // the folder of what cargo knows of it
	Outputs     []string // the compiler's files
	Library     bool     // other units may depend on it

	compiled bool // in the run that reported it
}

// history holds cargo's runs for one argument list, the oldest first.
//
// A run counts when all that it wrote is still true: no stranger wrote to its
// directory, and of what it compiled nothing was compiled again later. A unit
// is done when its newest run counts. So a directory that counts holds the
// queries of units in their newest form, and of nothing else; and when all
// units of the last run are done, those directories hold all of them.
type history []*run

// newest returns the index of the last run that compiled the unit, or -1.
func (h history) newest(u unit) int {
	for i := len(h) - 1; i >= 0; i-- {
		if slices.ContainsFunc(h[i].units, func(v unit) bool {
			return v.compiled && v.Fingerprint == u.Fingerprint
		}) {
			return i
		}
	}
	return -1
}

func (h history) counts(i int) bool {
	return len(h[i].strangers) == 0 && !slices.ContainsFunc(h[i].units, func(u unit) bool {
		return u.compiled && h.newest(u) != i
	})
}

// pending returns the units of the last run that are not done.
func (h history) pending() []unit {
	var pending []unit
	for _, u := range h[len(h)-1].units {
		if i := h.newest(u); i < 0 || !h.counts(i) {
			pending = append(pending, u)
		}
	}
	return pending
}

// directories returns those that hold the queries when nothing is pending.
func (h history) directories() []string {
	var dirs []string
	for i, r := range h {
		last := slices.ContainsFunc(h[len(h)-1].units, func(u unit) bool { return h.newest(u) == i })
		if last && r.writes != "" {
			dirs = append(dirs, r.writes)
		}
	}
	return dirs
}

func (h history) unproven() *UnprovenError {
	e := &UnprovenError{Runs: len(h), Strangers: h[len(h)-1].strangers}
	for _, u := range h.pending() {
		e.Pending = append(e.Pending, u.Package)
	}
	slices.Sort(e.Pending)
	e.Pending = slices.Compact(e.Pending)
	return e
}
