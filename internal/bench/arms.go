package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/report"
)

// Tools is what the arms of this project run.
type Tools struct {
	Self    []string // the command line of this program's target prepare
	Cargo   string   // for the reference
	SqlxCLI string   // cargo-sqlx; "" leaves the reference out

	Root string // the project's, absolute; it is copied, never written to
	// Targets are the project's target directories, which are not copied.
	Targets []string
	Units   []Unit
}

// Unit is a unit of the project, as the arms need to know it.
type Unit struct {
	Path string // below Root, with forward slashes
	// Reference are the arguments of `cargo sqlx prepare` that do for the
	// unit what this program does; NoReference says why there are none.
	Reference   []string
	NoReference string
	// DatabaseURL is the database that the reference asks, migrated before.
	// Its making is in no figure.
	DatabaseURL string
}

// Choice is which arms to make.
type Choice struct {
	Native       bool
	Profiles     []string // one arm of the cargo engine each
	CodegenUnits []int    // for each profile one more arm each
	Reference    bool
}

// Names of arms.
const (
	nativeArm    = "native"
	referenceArm = "sqlx-cli"
)

// Arms makes the arms, and says what it leaves out.
//
// The runs of both engines are what a user runs: each makes its scratch
// database, whose time is a figure of its own. The reference is given one.
func (t Tools) Arms(choice Choice) (arms []Arm, leftOut []string) {
	add := func(info ArmInfo, flags ...string) {
		arms = append(arms, t.arm(info, func(c *projectCopy) []Command { return []Command{c.prepare(t, flags)} }))
	}
	for _, profile := range choice.Profiles {
		add(ArmInfo{Name: "cargo:" + profile, Engine: "cargo", Profile: profile}, "-engine=cargo", "-profile="+profile)
		for _, n := range choice.CodegenUnits {
			info := ArmInfo{Name: fmt.Sprintf("cargo:%s:%d", profile, n), Engine: "cargo", Profile: profile, CodegenUnits: n}
			add(info, "-engine=cargo", "-profile="+profile, "-codegenunits="+strconv.Itoa(n))
		}
	}
	if choice.Native {
		add(ArmInfo{Name: nativeArm, Engine: "native"}, "-engine=native")
	}
	if !choice.Reference {
		return arms, nil
	}
	why := ""
	for _, u := range t.Units {
		if u.NoReference != "" && why == "" {
			why = fmt.Sprintf("%s: %s", u.Path, u.NoReference)
		}
	}
	if t.SqlxCLI == "" {
		why = "there is no cargo-sqlx"
	}
	if why != "" {
		return arms, []string{referenceArm + ": " + why}
	}
	return append(arms, t.arm(ArmInfo{Name: referenceArm}, func(c *projectCopy) []Command { return c.reference(t) })), nil
}

// arm makes an arm of the commands of a run.
func (t Tools) arm(info ArmInfo, commands func(*projectCopy) []Command) Arm {
	return Arm{ArmInfo: info, Open: func(_ context.Context, dir string) (Copy, error) {
		c := &projectCopy{dir: dir, sources: filepath.Join(dir, "sources"), target: filepath.Join(dir, "target"), store: filepath.Join(dir, "kept")}
		if err := copyTree(t.Root, c.sources, t.Targets); err != nil {
			return nil, fmt.Errorf("copy the project: %w", err)
		}
		if err := newStore(c.store); err != nil {
			return nil, err
		}
		var folders []string
		for _, u := range t.Units {
			folders = append(folders, c.folder(u))
		}
		var err error
		c.edits, err = findEdits(folders)
		c.commands = commands(c)
		return c, err
	}}
}

// prepare is a run of this program.
func (c *projectCopy) prepare(t Tools, flags []string) Command {
	var units []string
	for _, u := range t.Units {
		units = append(units, u.Path)
	}
	args := append(slices.Clone(t.Self[1:]), flags...)
	return Command{
		Path: t.Self[0],
		Args: append(args, "-unit="+strings.Join(units, ","), "-format=json"),
		Env:  append(environ(os.Environ(), c.target), "SQLXMAGE_CACHE="+c.store),
		Dir:  c.sources,
		Disk: []string{c.dir},
		Read: readResult,
	}
}

// reference is one run of sqlx-cli for each unit, one after the other.
func (c *projectCopy) reference(t Tools) []Command {
	var all []Command
	for _, u := range t.Units {
		all = append(all, Command{
			Path: t.SqlxCLI,
			Args: append([]string{"sqlx", "prepare"}, u.Reference...),
			Env:  append(environ(os.Environ(), c.target), "DATABASE_URL="+u.DatabaseURL, "CARGO="+t.Cargo),
			Dir:  c.folder(u),
			Disk: []string{c.dir},
			Read: func(_, stderr []byte) Said { return Said{Crates: countCrates(stderr)} },
		})
	}
	return all
}

// readResult reads what prepare says of itself as JSON.
func readResult(stdout, stderr []byte) Said {
	said := Said{Crates: countCrates(stderr)}
	var result report.Result
	if err := json.Unmarshal(stdout, &result); err != nil {
		return said // it died before it could say anything
	}
	for _, u := range result.Units {
		for _, timing := range u.Timings {
			if timing.Step == report.DatabaseStep {
				said.Database += time.Duration(timing.Seconds * float64(time.Second))
			}
		}
	}
	if result.Status != report.Done {
		var b bytes.Buffer
		_ = report.Text(&b, &result, report.Style{}) // to memory: no error
		fmt.Fprintln(&b, result.Error)
		said.Failure = strings.TrimSpace(b.String())
	}
	return said
}

// Warnings says what in the user's environment decides over profiles, or lets
// a cold run find what an earlier one has compiled; and what differs in a copy.
func (t Tools) Warnings() []string {
	var warnings []string
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case name == "CARGO_INCREMENTAL" || strings.HasPrefix(name, "CARGO_PROFILE_"):
			warnings = append(warnings, fmt.Sprintf("%s=%s is set: it wins over what a profile says", name, value))
		case name == "RUSTC_WRAPPER" && value != "":
			warnings = append(warnings, fmt.Sprintf("%s=%s is set: with a cache of compiled crates, cold runs are not cold", name, value))
		}
	}
	slices.Sort(warnings)
	if len(t.Targets) > 1 {
		warnings = append(warnings, fmt.Sprintf("the project has %d target directories, a copy has one: what workspaces share is compiled once", len(t.Targets)))
	}
	return warnings
}

// ParseCodegenUnits reads a list of numbers with commas; empty is none.
func ParseCodegenUnits(text string) ([]int, error) {
	var list []int
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(item)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("codegen units: %q is no whole number above 0", item)
		}
		list = append(list, n)
	}
	return list, nil
}

// environ is the environment of a run: the user's, but for what would lead it
// out of the copy or to another database.
func environ(user []string, target string) []string {
	gone := []string{"DATABASE_URL", "SQLX_OFFLINE", "SQLX_OFFLINE_DIR", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR",
		"CARGO_BUILD_BUILD_DIR", "CARGO_TERM_QUIET", "CARGO_TERM_VERBOSE", "CARGO_TERM_COLOR", "CARGO_TERM_PROGRESS_WHEN"}
	env := slices.DeleteFunc(slices.Clone(user), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(gone, name) || strings.HasPrefix(name, "SQLXMAGE_")
	})
	return append(env,
		"CARGO_TARGET_DIR="+target,
		"CARGO_BUILD_BUILD_DIR="+target,
		"CARGO_TERM_QUIET=false",
		"CARGO_TERM_COLOR=never",
		"CARGO_TERM_PROGRESS_WHEN=never",
	)
}

// projectCopy is a copy of a project's sources with a target directory and a
// store of its own.
type projectCopy struct {
	dir             string // holds all three
	sources, target string
	store           string // see newStore
	edits           *edits
	commands        []Command
}

// folder is the unit's in the copy.
func (c *projectCopy) folder(u Unit) string {
	return filepath.Join(c.sources, filepath.FromSlash(u.Path))
}

func (c *projectCopy) Ready(_ context.Context, s Scenario) ([]Command, error) {
	var err error
	switch s {
	case Cold:
		err = errors.Join(forget(c.store), os.RemoveAll(c.target), os.MkdirAll(c.target, 0o777))
	case Warm:
		err = forget(c.store)
	case Touched:
		err = c.edits.touch()
	case Query:
		err = c.edits.changeQuery()
	}
	return c.commands, err
}

var crateLine = regexp.MustCompile(`(?m)^\s*(?:Compiling|Checking) (\S+ v\S+)`)

// countCrates counts the crates that cargo says it compiles or checks; one that
// it names twice (its build script and itself) is one.
func countCrates(output []byte) int {
	crates := map[string]bool{}
	for _, m := range crateLine.FindAllSubmatch(output, -1) {
		crates[string(m[1])] = true
	}
	return len(crates)
}
