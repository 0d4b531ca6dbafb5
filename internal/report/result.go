// Package report holds the one result of a run and renders it: as text for
// people, as JSON for programs.
package report

import (
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// Result is what a run found and did. Its JSON form is documented in
// docs/json.md; keys are added, never changed.
type Result struct {
	Command string `json:"command"` // the target: "prepare", "prepareCheck", …
	Version string `json:"version"` // sqlxmage's own
	Status  Status `json:"status"`
	Units   []Unit `json:"units"`
	// Profiles are the files in which a cargo profile was looked for.
	Profiles []Profile `json:"profiles,omitempty"`
	Notes    []string  `json:"notes,omitempty"` // what concerns the whole run
	Error    string    `json:"error,omitempty"` // what stopped the run as a whole
	// Failures are the same, where it stands in files.
	Failures []*diag.Diagnostic `json:"failures,omitempty"`
	Seconds  float64            `json:"seconds"`

	// LookUp: the units hold only the queries that were asked for.
	LookUp bool `json:"-"`
}

// Status is the outcome of a run or of one of its units.
type Status string

// The outcomes.
const (
	Done     Status = "done"
	Stale    Status = "stale"    // `.sqlx` is not what it should be
	Unproven Status = "unproven" // the native engine cannot vouch, and there is no cargo
	Failed   Status = "failed"
)

// Unit is the result for one `.sqlx` directory.
type Unit struct {
	Path     string `json:"path"`               // relative to the root, forward slashes
	Database string `json:"database,omitempty"` // "postgres 15.18, 35 migrations"
	Status   Status `json:"status"`
	Engine   string `json:"engine,omitempty"`
	Reason   string `json:"reason,omitempty"` // why that engine
	Profile  string `json:"profile,omitempty"`
	// ProfileReason says why that profile.
	ProfileReason string `json:"profileReason,omitempty"`
	Queries       int    `json:"queries"`
	sqlxdata.Change
	UpToDate    bool                  `json:"upToDate"` // nothing had changed since the last run
	Described   int                   `json:"described"`
	Differences []sqlxdata.Difference `json:"differences,omitempty"`
	Unused      []Unused              `json:"unused,omitempty"`
	Sites       []Site                `json:"sites,omitempty"`
	Blind       []Blind               `json:"blind,omitempty"`
	NotChecked  []string              `json:"notChecked,omitempty"`
	Failures    []*diag.Diagnostic    `json:"failures,omitempty"`
	Notes       []string              `json:"notes,omitempty"`
	Error       string                `json:"error,omitempty"`
	Timings     []Timing              `json:"timings,omitempty"`
}

// Site is one place of a query in the sources.
type Site struct {
	Hash  string `json:"hash"`
	Query string `json:"query"`
	Kind  string `json:"kind"` // the macro's name
	diag.Place
	Target string `json:"target,omitempty"`
	State  string `json:"state"` // "present" or "missing", as to its file
}

// Unused is a query file that no query accounts for which the unit's arguments
// take in.
type Unused struct {
	Hash        string `json:"hash"`
	Query       string `json:"query,omitempty"`
	Action      string `json:"action"` // Kept or Removed; in a check what prepare would do
	Reason      string `json:"reason"`
	*diag.Place        // of its query, if that stands anywhere
	With        string `json:"with,omitempty"` // the cargo arguments that take the query in
}

// What becomes of a file that is unused.
const (
	Kept    = "kept"
	Removed = "removed"
)

// Blind is something in the sources that may hold queries that are not seen.
type Blind struct {
	diag.Place
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}

// Profile is what happened to a cargo profile.
type Profile struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Action string `json:"action"` // in words: "installed", "already there", …
	Diff   string `json:"diff,omitempty"`
}

// DatabaseStep is the step in which a unit's database is made ready.
const DatabaseStep = "open the database"

// Timing is the time that one step took.
type Timing struct {
	Step    string  `json:"step"`
	Seconds float64 `json:"seconds"`
}
