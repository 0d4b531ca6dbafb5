package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Tools is what the arms of this project run.
type Tools struct {
	Self    string // this program, which has the target prepare
	Cargo   string // for the reference
	SqlxCLI string // cargo-sqlx; "" leaves the reference out
	// Reference are the arguments of `cargo sqlx prepare` that do for the
	// unit what this program does.
	Reference []string

	Root string // the project's, absolute; it is copied, never written to
	Unit string // below Root, with forward slashes; "" is every unit
	// Target is the project's target directory, which is not copied.
	Target string
	// DatabaseURL is the database that every arm asks, migrated before. Its
	// making is in no figure. Without one each run makes its own scratch
	// database, and the reference is left out.
	DatabaseURL string
}

// Choice is which arms to make.
type Choice struct {
	Native       bool
	Profiles     []string // one arm of the cargo engine each
	CodegenUnits []int    // for each profile one more arm each
	// Scratch asks for one more native arm, whose runs make their scratch
	// database as a user's do: what the database costs, as a figure of its
	// own.
	Scratch bool
}

// Names of arms.
const (
	nativeArm    = "native"
	scratchArm   = "native+db"
	referenceArm = "sqlx-cli"
)

// Arms makes the arms, and says what it leaves out.
func (t Tools) Arms(choice Choice) (arms []Arm, leftOut []string) {
	add := func(info ArmInfo, db string, args ...string) {
		arms = append(arms, t.arm(info, func(env []string) Command {
			args := append([]string{"prepare"}, args...)
			if t.Unit != "" {
				args = append(args, "-unit="+t.Unit)
			}
			if db != "" {
				env = append(env, "SQLXMAGE_LIVE=true", "SQLXMAGE_DATABASE_URL="+db)
			}
			return Command{Path: t.Self, Args: args, Env: env}
		}))
	}
	for _, profile := range choice.Profiles {
		info := ArmInfo{Name: "cargo:" + profile, Engine: "cargo", Profile: profile}
		add(info, t.DatabaseURL, "-engine=cargo", "-profile="+profile)
		for _, n := range choice.CodegenUnits {
			info := ArmInfo{Name: fmt.Sprintf("cargo:%s:%d", profile, n), Engine: "cargo", Profile: profile, CodegenUnits: n}
			add(info, t.DatabaseURL, "-engine=cargo", "-profile="+profile, "-codegenunits="+strconv.Itoa(n))
		}
	}
	if choice.Native {
		add(ArmInfo{Name: nativeArm, Engine: "native"}, t.DatabaseURL, "-engine=native")
	}
	if choice.Scratch && t.DatabaseURL != "" {
		add(ArmInfo{Name: scratchArm, Engine: "native"}, "", "-engine=native")
	}
	switch {
	case t.SqlxCLI == "":
		leftOut = append(leftOut, referenceArm+": there is no cargo-sqlx")
	case t.DatabaseURL == "":
		leftOut = append(leftOut, referenceArm+": cargo sqlx prepare needs a database of its own: give one with -live and -databaseurl")
	default:
		arms = append(arms, t.arm(ArmInfo{Name: referenceArm}, func(env []string) Command {
			return Command{
				Path: t.SqlxCLI,
				Args: append([]string{"sqlx", "prepare"}, t.Reference...),
				Env:  append(env, "DATABASE_URL="+t.DatabaseURL, "CARGO="+t.Cargo),
				Dir:  t.Unit,
			}
		}))
	}
	return arms, leftOut
}

// arm makes an arm of a command; its Dir is below the copy's sources.
func (t Tools) arm(info ArmInfo, command func(env []string) Command) Arm {
	return Arm{ArmInfo: info, Open: func(_ context.Context, dir string) (Copy, error) {
		c := &projectCopy{
			sources: filepath.Join(dir, "sources"),
			target:  filepath.Join(dir, "target"),
		}
		if err := copyTree(t.Root, c.sources, t.Target); err != nil {
			return nil, fmt.Errorf("copy the project: %w", err)
		}
		edits, err := findEdits(filepath.Join(c.sources, filepath.FromSlash(t.Unit)))
		if err != nil {
			return nil, err
		}
		c.edits = edits
		c.command = command(environ(os.Environ(), c.target))
		c.command.Dir = filepath.Join(c.sources, filepath.FromSlash(c.command.Dir))
		c.command.Disk = []string{dir}
		c.command.Crates = countCrates
		c.command.Redact = redactor(t.DatabaseURL)
		return c, nil
	}}
}

// Warnings says what in the user's environment decides over profiles, or lets
// a cold run find what an earlier one has compiled.
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

// projectCopy is a copy of a project's sources with a target directory of its
// own.
type projectCopy struct {
	sources, target string
	edits           *edits
	command         Command
}

func (c *projectCopy) Ready(_ context.Context, s Scenario) (Command, error) {
	var err error
	switch s {
	case Cold:
		if err = os.RemoveAll(c.target); err == nil {
			err = os.MkdirAll(c.target, 0o777)
		}
	case Warm:
		err = os.RemoveAll(filepath.Join(c.target, "sqlxmage")) // what is kept of earlier answers
	case Touched:
		err = c.edits.touch()
	case Query:
		err = c.edits.changeQuery()
	}
	return c.command, err
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

// redactor returns a function that takes a database's address and password out
// of a text.
func redactor(address string) func(string) string {
	if address == "" {
		return nil
	}
	pairs := []string{address, "the database's URL"}
	if u, err := url.Parse(address); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok && password != "" {
			pairs = append(pairs, password, "***", url.QueryEscape(password), "***")
		}
	}
	return strings.NewReplacer(pairs...).Replace
}
