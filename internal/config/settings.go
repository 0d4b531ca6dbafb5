package config

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Setting is one thing that a user can set for a run. The documentation's
// table is made from these.
type Setting struct {
	Flag    string // name of the mage flag: one word, lower case
	Env     string // environment variable, empty where there is none
	Key     string // key in sqlxmage.toml, empty where there is none
	Default string
	Targets []string // the targets that take the flag
	Doc     string
	// Values are what it may be; nil where anything of its type is allowed.
	Values []string
	set    func(*Options, string) error
}

// Settings returns all settings in the order of the documentation.
func Settings() []Setting {
	both := []string{"prepare", "prepareCheck"}
	making := []string{"prepare", "prepareCheck", "bench"}
	check := []string{"prepareCheck"}
	bench := []string{"bench"}
	others := []string{"prepare", "prepareCheck", "revert", "status", "verify"}
	all := []string{"prepare", "prepareCheck", "bench", "revert", "status", "verify"}
	return []Setting{
		{Flag: "unit", Env: "SQLXMAGE_UNIT", Default: "all", Targets: []string{"prepare", "prepareCheck", "status", "verify", "bench"},
			Doc: "the units to work on, by their paths, with commas between them",
			set: func(o *Options, v string) error { o.Units = list(v); return nil }},
		{Flag: "engine", Env: "SQLXMAGE_ENGINE", Key: "engine", Default: EngineAuto, Targets: making,
			Values: Engines(), Doc: "what turns sources into query files; a unit's own `engine` in the file is more specific than the file's; bench measures both and `cargo sqlx prepare`, or the one that is named here",
			set: func(o *Options, v string) error { o.Engine = v; return nil }},
		{Flag: "profile", Env: "SQLXMAGE_PROFILE", Key: "profile", Default: "by what cargo has built", Targets: both,
			Doc: "the cargo profile of the cargo engine",
			set: func(o *Options, v string) error { o.Profile = v; return nil }},
		{Flag: "codegenunits", Env: "SQLXMAGE_CODEGEN_UNITS", Key: "profile.NAME.codegen-units", Default: "the profile's", Targets: both,
			Doc: "codegen units of the profile: fewer where memory is short",
			set: func(o *Options, v string) (err error) { o.CodegenUnits, err = positive(v); return err }},
		{Flag: "scenarios", Default: "all", Targets: bench,
			Doc: "what to measure: cold, warm, touched, query, noop, with commas between them",
			set: func(o *Options, v string) error { o.Bench.Scenarios = v; return nil }},
		{Flag: "runs", Default: "6", Targets: bench,
			Doc: "runs of each arm in each scenario; six give an interval; 0 measures nothing and shows the newest report of the history",
			set: func(o *Options, v string) (err error) { o.Bench.Runs, err = whole(v); return err }},
		{Flag: "warmup", Default: "0", Targets: bench,
			Doc: "runs that do not count, after each cold one",
			set: func(o *Options, v string) (err error) { o.Bench.Warmup, err = whole(v); return err }},
		{Flag: "budget", Default: "10m", Targets: bench,
			Doc: "the time for all runs; what does not fit is left out, the dearest first; 0 is no limit",
			set: func(o *Options, v string) (err error) { o.Bench.Budget, err = span(v); return err }},
		{Flag: "profiles", Default: "dev,sqlx-prepare", Targets: bench,
			Doc: "cargo profiles to measure, with commas between them",
			set: func(o *Options, v string) error { o.Bench.Profiles = list(v); return nil }},
		{Flag: "codegenunits", Default: "the profile's alone", Targets: bench,
			Doc: "measure each profile with these codegen units too, as in `16,64,256`",
			set: func(o *Options, v string) error { o.Bench.CodegenUnits = v; return nil }},
		{Flag: "history", Default: "`sqlxmage/bench.jsonl` in cargo's target directory", Targets: bench,
			Doc: "the file to which each report is added",
			set: func(o *Options, v string) error { o.Bench.History = v; return nil }},
		{Flag: "compare", Default: "", Targets: bench,
			Doc: "compare with the report of a revision in the history, or with the newest in a file",
			set: func(o *Options, v string) error { o.Bench.Compare = v; return nil }},
		{Flag: "failabove", Default: "no limit", Targets: bench,
			Doc: "with `-compare`: exit code 5 where something got significantly slower by more than this, as in `20%`",
			set: func(o *Options, v string) error { o.Bench.FailAbove = v; return nil }},
		{Flag: "apply", Default: "off", Targets: bench,
			Doc: "write the profile that is best into sqlxmage.toml",
			set: boolean(func(o *Options) *bool { return &o.Bench.Apply })},
		{Flag: "live", Env: "SQLXMAGE_LIVE", Default: "off", Targets: []string{"prepare", "prepareCheck", "verify"},
			Doc: "ask the database of the given URL, read only, instead of a scratch database",
			set: boolean(func(o *Options) *bool { return &o.Live })},
		{Flag: "databaseurl", Env: "SQLXMAGE_DATABASE_URL", Key: "database.url", Default: "with `-live` also `DATABASE_URL`", Targets: []string{"prepare", "prepareCheck", "verify"},
			Doc: "the URL for `-live`",
			set: func(o *Options, v string) error { o.DatabaseURL = v; return nil }},
		{Flag: "offline", Env: "SQLXMAGE_OFFLINE", Default: "off", Targets: check,
			Doc: "no database and no compiling: check what sources and files alone tell",
			set: boolean(func(o *Options) *bool { return &o.Offline })},
		{Flag: "network", Env: "SQLXMAGE_NETWORK", Key: "network", Default: "on", Targets: []string{"prepare", "prepareCheck", "status", "verify"},
			Doc: "off: nothing is fetched, neither the sources of crates nor server programs; cargo's own `net.offline` keeps it from crates too",
			set: func(o *Options, v string) error {
				var network bool
				o.Network = &network
				return boolean(func(*Options) *bool { return &network })(o, v)
			}},
		{Flag: "compile", Env: "SQLXMAGE_COMPILE", Default: "off", Targets: check,
			Doc: "also run `cargo check` against the committed `.sqlx`",
			set: boolean(func(o *Options) *bool { return &o.Compile })},
		{Flag: "prune", Env: "SQLXMAGE_PRUNE", Default: "off", Targets: []string{"prepare"},
			Doc: "also remove query files whose queries the arguments do not take in, or that may be unseen",
			set: boolean(func(o *Options) *bool { return &o.Prune })},
		{Flag: "allowunused", Env: "SQLXMAGE_ALLOW_UNUSED", Default: "off", Targets: check,
			Doc: "unused query files do not fail the check",
			set: boolean(func(o *Options) *bool { return &o.AllowUnused })},
		{Flag: "query", Default: "", Targets: []string{"status"},
			Doc: "show the query of this hash, or of the hashes that begin so",
			set: func(o *Options, v string) error { o.Query = v; return nil }},
		{Flag: "site", Default: "", Targets: []string{"status"},
			Doc: "show the query at `FILE:LINE`",
			set: func(o *Options, v string) error { o.Site = v; return nil }},
		{Flag: "dryrun", Default: "off", Targets: []string{"revert"},
			Doc: "show what would change, and change nothing",
			set: boolean(func(o *Options) *bool { return &o.DryRun })},
		{Flag: "force", Default: "off", Targets: []string{"revert"},
			Doc: "also remove a profile whose values are not ours",
			set: boolean(func(o *Options) *bool { return &o.Force })},
		{Flag: "format", Env: "SQLXMAGE_FORMAT", Default: FormatText, Targets: others,
			Values: []string{FormatText, FormatJSON}, Doc: "the form of the result on standard output",
			set: func(o *Options, v string) error { o.Format = v; return nil }},
		{Flag: "format", Env: "SQLXMAGE_FORMAT", Default: FormatText, Targets: bench,
			Values: []string{FormatText, FormatJSON, FormatGo, FormatMarkdown, FormatHTML}, Doc: "the form of the result; go is what benchstat reads",
			set: func(o *Options, v string) error { o.Format = v; return nil }},
		{Flag: "quiet", Env: "SQLXMAGE_QUIET", Default: "off", Targets: all,
			Doc: "no progress, only the result and what went wrong",
			set: boolean(func(o *Options) *bool { return &o.Quiet })},
		{Flag: "verbose", Env: "SQLXMAGE_VERBOSE", Default: "off", Targets: all,
			Doc: "say more: every query, every step with its time",
			set: boolean(func(o *Options) *bool { return &o.Verbose })},
	}
}

// The engines, the values of the setting `engine`.
const (
	EngineAuto   = "auto"
	EngineNative = "native"
	EngineCargo  = "cargo"
)

// Engines returns the values of the setting `engine`.
func Engines() []string { return []string{EngineAuto, EngineNative, EngineCargo} }

// The forms of a result, the values of the setting `format`.
const (
	FormatText     = "text"
	FormatJSON     = "json"
	FormatGo       = "go" // Go's benchmark format
	FormatMarkdown = "markdown"
	FormatHTML     = "html"
)

// Options is what flags and environment say of one run. Empty means that they
// say nothing.
type Options struct {
	Units        []string
	Engine       string
	Profile      string
	CodegenUnits int
	Live         bool
	DatabaseURL  string
	Offline      bool
	Network      *bool // nil: as the file says
	Compile      bool
	Prune        bool
	AllowUnused  bool
	Query, Site  string
	DryRun       bool
	Force        bool
	Format       string
	Quiet        bool
	Verbose      bool
	Bench        Bench
}

// Bench is what the flags say of a bench. Lists and percentages are as
// written: what they may hold is known where they are used.
type Bench struct {
	Scenarios    string
	Runs         int
	Warmup       int
	Budget       time.Duration // 0: none
	Profiles     []string
	CodegenUnits string
	History      string // a file; empty: the kept one
	Compare      string // a revision or a file
	FailAbove    string
	Apply        bool
}

// Flags are the flags that were given, by name, as text.
type Flags map[string]string

// ParseOptions reads the flags that were given to a target and, for those that
// were not, the environment. All mistakes are reported, as one *Error.
func ParseOptions(target string, flags Flags, environ func(string) string) (Options, error) {
	if environ == nil {
		environ = os.Getenv
	}
	options := Options{Format: FormatText, Bench: Bench{Runs: 6, Budget: 10 * time.Minute, Profiles: []string{"dev", "sqlx-prepare"}}}
	var mistakes []string
	for _, s := range Settings() {
		if !contains(s.Targets, target) {
			continue
		}
		value, given := flags[s.Flag]
		name := "-" + s.Flag
		if !given && s.Env != "" {
			value = environ(s.Env)
			given = value != ""
			name = s.Env
		}
		if !given {
			continue
		}
		if s.Values != nil && !contains(s.Values, value) {
			mistakes = append(mistakes, fmt.Sprintf("%s is %q; it may be %s", name, value, strings.Join(s.Values, ", ")))
			continue
		}
		if err := s.set(&options, value); err != nil {
			mistakes = append(mistakes, fmt.Sprintf("%s is %q: %v", name, value, err))
		}
	}
	if options.Offline && options.Live {
		mistakes = append(mistakes, "-offline and -live exclude each other")
	}
	if len(mistakes) > 0 {
		sort.Strings(mistakes)
		return options, Errorf("%s", strings.Join(mistakes, "; "))
	}
	return options, nil
}

func boolean(field func(*Options) *bool) func(*Options, string) error {
	return func(o *Options, text string) error {
		value, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("it may be true or false")
		}
		*field(o) = value
		return nil
	}
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("it must be a whole number above 0")
	}
	return n, nil
}

func whole(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("it must be a whole number, 0 or more")
	}
	return n, nil
}

func span(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("it must be a time such as 10m or 1h30m")
	}
	return d, nil
}

func list(text string) []string {
	var items []string
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func contains(items []string, item string) bool {
	for _, i := range items {
		if i == item {
			return true
		}
	}
	return false
}
