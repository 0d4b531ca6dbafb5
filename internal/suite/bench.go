package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/bench"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
)

// SlowerError says that preparing takes longer than is allowed.
type SlowerError struct{ Where []string }

func (e *SlowerError) Error() string {
	return "slower than allowed: " + strings.Join(e.Where, "; ")
}

// Bench measures what preparing the units costs, in copies of the project.
// self is the command line of the target prepare, which the runs use. show
// gets the result before the copies are removed: after Ctrl-C there is little
// time for that. Bench's error is a *SlowerError where only that is wrong.
func Bench(ctx context.Context, request Request, self []string, show func(*bench.Result) error) error {
	r, err := open(ctx, request)
	if err != nil {
		return err
	}
	defer r.close()
	b := &benching{run: r, self: self}
	if err := b.read(ctx); err != nil {
		return err
	}
	if r.Options.Bench.Runs == 0 {
		newest := b.history.Last()
		if newest == nil {
			return config.Errorf("-runs=0 shows the newest report, and there is none in %s", b.file)
		}
		b.history.Reports = b.history.Reports[:len(b.history.Reports)-1]
		return b.conclude(newest, show)
	}
	return b.measure(ctx, show)
}

// benching is one run of the bench.
type benching struct {
	*run
	self      []string
	scenarios []bench.Scenario
	choice    bench.Choice
	failAbove float64
	file      string // the history's
	history   *bench.History
	earlier   *bench.Report // to compare with, or nil
}

// read reads all that the user says and has kept, so that a mistake is told
// before anything is measured.
func (b *benching) read(ctx context.Context) error {
	o := b.Options.Bench
	var mistakes []error
	may := func(err error) { mistakes = append(mistakes, err) }
	var err error
	b.scenarios, err = bench.ParseScenarios(o.Scenarios)
	may(err)
	b.choice.CodegenUnits, err = bench.ParseCodegenUnits(o.CodegenUnits)
	may(err)
	b.failAbove, err = bench.ParsePercent(o.FailAbove)
	may(err)
	if o.FailAbove != "" && o.Compare == "" {
		may(errors.New("-failabove needs -compare: slower than what?"))
	}
	engine := b.Options.Engine
	b.choice.Native = engine != config.EngineCargo
	b.choice.Reference = engine == "" || engine == config.EngineAuto
	if engine != config.EngineNative {
		b.choice.Profiles = o.Profiles
		may(b.checkProfiles())
	}
	b.file = o.History
	if b.file == "" {
		b.file = filepath.Join(b.units[0].workDir(), "bench.jsonl")
	}
	if err := errors.Join(mistakes...); err != nil {
		return config.Errorf("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if b.history, err = bench.ReadHistory(b.file); err != nil {
		return err
	}
	for _, report := range b.history.Reports {
		report.Redact(b.Secrets.Text) // an earlier version may have kept more
	}
	if o.Compare == "" {
		return nil
	}
	if filepath.Clean(o.Compare) == filepath.Clean(b.file) {
		if b.earlier = b.history.Last(); b.earlier == nil {
			b.Listener.Say("nothing to compare with yet: there is no report in " + b.file)
		}
		return nil
	}
	if b.earlier, err = bench.Earlier(ctx, b.run.file.Root, b.history, o.Compare); err != nil {
		return config.Errorf("%s", err.Error())
	}
	return nil
}

// checkProfiles finds the names that no workspace defines.
func (b *benching) checkProfiles() error {
	for _, u := range b.units {
		if err := bench.CheckProfiles(b.choice.Profiles, u.workspace.ProfileNames()); err != nil {
			return err
		}
	}
	return nil
}

func (b *benching) measure(ctx context.Context, show func(*bench.Result) error) error {
	tools, leftOut, err := b.tools(ctx)
	if err != nil {
		return err
	}
	arms, without := tools.Arms(b.choice)
	if len(arms) == 0 {
		return &UnprovenError{Unit: tools.Units[0].Path, Reason: strings.Join(leftOut, "; "), Cargo: errors.New("-engine=native was asked for")}
	}
	root, o := b.run.file.Root, b.Options.Bench
	commit, dirty := bench.Commit(ctx, root)
	versions := tools.Versions(ctx)
	versions["sqlxmage"] = Version
	warnings := append(tools.Warnings(), b.mismatch(ctx, versions["sqlx-cli"])...)
	var shown error
	_, err = bench.Run(ctx, bench.Plan{
		Arms: arms, Scenarios: b.scenarios, Runs: o.Runs, Warmup: o.Warmup, Budget: o.Budget,
		Progress: b.progress,
		Measured: func(report *bench.Report) {
			report.Project, report.Commit, report.Dirty, report.Versions = filepath.Base(root), commit, dirty, versions
			for _, u := range b.units {
				report.Units = append(report.Units, u.path)
			}
			report.LeftOut = slices.Concat(leftOut, without, report.LeftOut)
			report.Warnings = append(warnings, report.Warnings...)
			report.Redact(b.Secrets.Text)
			shown = errors.Join(b.keep(report), b.conclude(report, show))
		},
	})
	return errors.Join(err, shown)
}

func (b *benching) progress(p bench.Progress) {
	b.Listener.Progress(p.String())
	if b.Options.Verbose {
		b.Listener.Say(p.String())
	}
}

// tools finds what the arms run and makes the databases, so that no run has to
// apply the migrations. It also says what cannot be measured.
func (b *benching) tools(ctx context.Context) (bench.Tools, []string, error) {
	tools := bench.Tools{Self: b.self, Root: b.run.file.Root}
	cargo, err := b.cargoTool(ctx)
	switch {
	case err == nil:
		tools.Cargo, tools.SqlxCLI = cargo.Path, sqlxCLI(cargo.Path)
	case b.choice.Profiles != nil:
		return tools, nil, withHint(err)
	}
	var leftOut []string
	for _, u := range b.units {
		if target := u.workspace.Config.TargetDir; !slices.Contains(tools.Targets, target) {
			tools.Targets = append(tools.Targets, target)
		}
		b.Listener.Progress("make the database of " + u.path)
		db, err := u.variants[0].db(ctx)
		if err == nil {
			err = db.open(ctx)
		}
		if err != nil {
			return tools, nil, fmt.Errorf("unit %s: %w", u.path, err)
		}
		unit := bench.Unit{Path: u.path, DatabaseURL: db.address()}
		b.Secrets.Add(unit.DatabaseURL)
		unit.Reference, unit.NoReference = u.reference()
		tools.Units = append(tools.Units, unit)
		if why := b.doubt(ctx, u); why != "" && b.choice.Native {
			b.choice.Native = false
			leftOut = append(leftOut, fmt.Sprintf("native: %s: %s", u.path, why))
		}
	}
	return tools, leftOut, nil
}

// doubt says why the native engine cannot vouch for a unit, "" where it can.
// What else goes wrong is for the runs to show.
func (r *run) doubt(ctx context.Context, u *unit) string {
	var doubt *doubtError
	if _, err := r.union(ctx, nativeEngine{r}, u, &report.Unit{}); errors.As(err, &doubt) {
		return doubt.Error()
	}
	return ""
}

// reference returns the arguments of `cargo sqlx prepare` that do for the unit
// what this program does, or says why there are none.
func (u *unit) reference() (args []string, none string) {
	if len(u.arguments) > 1 {
		return nil, "cargo sqlx prepare knows no variants"
	}
	if u.pkg == nil {
		args = []string{"--workspace"}
	}
	return append(append(args, "--"), u.arguments[0]...), ""
}

// sqlxCLI finds cargo-sqlx on PATH or beside cargo, "" where there is none.
func sqlxCLI(cargo string) string {
	if path, err := exec.LookPath("cargo-sqlx"); err == nil {
		return path
	}
	path := filepath.Join(filepath.Dir(cargo), "cargo-sqlx")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// mismatch warns where sqlx-cli, of that version, is not of the sqlx that a unit
// uses.
func (b *benching) mismatch(ctx context.Context, cli string) []string {
	if cli == "" {
		return nil
	}
	has, known := modeOf(cli)
	var warnings []string
	for _, u := range b.units {
		sqlx, err := u.variants[0].sqlx(ctx)
		if err != nil || sqlx == nil {
			continue
		}
		if wants, ok := modeOf(sqlx.Version); ok && (!known || wants != has) {
			warnings = append(warnings, fmt.Sprintf("%s uses sqlx %s, but sqlx-cli %s is installed", u.path, sqlx.Version, cli))
		}
	}
	return warnings
}

// keptHistory is the size to which the kept history is cut, in bytes.
const keptHistory = 8 << 20

// keep adds the report to the history; one without any run is no report.
func (b *benching) keep(report *bench.Report) error {
	if !slices.ContainsFunc(report.Cells, func(c bench.Cell) bool { return len(c.Samples) > 0 }) {
		return nil
	}
	err := bench.AppendHistory(b.file, report)
	if err == nil && b.Options.Bench.History == "" {
		err = bench.LimitHistory(b.file, keptHistory)
	}
	return err
}

// conclude shows a report with all that follows from it, and obeys -apply.
func (b *benching) conclude(report *bench.Report, show func(*bench.Result) error) error {
	result := &bench.Result{Report: report, History: b.history.Reports, Skipped: b.history.Skipped}
	if b.earlier != nil {
		result.Comparison = bench.Compare(b.earlier, report, b.failAbove)
	}
	b.Listener.Progress("")
	errs := []error{show(result)}
	switch {
	case report.Interrupted:
		errs = append(errs, errors.New("interrupted before everything was measured"))
	case b.Options.Bench.Apply:
		errs = append(errs, b.apply(report.Advise()))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return verdict(result)
}

// apply writes the advice into sqlxmage.toml.
func (b *benching) apply(advice bench.Advice) error {
	path := filepath.Join(b.run.file.Root, config.FileName)
	if err := advice.ApplyTo(path); err != nil {
		return err
	}
	b.Listener.Say(fmt.Sprintf("written to %s: %s", config.FileName, advice.Setting()))
	return nil
}

// verdict is the error of a result: what failed before what is slower.
func verdict(result *bench.Result) error {
	var failed, slower []string
	for i := range result.Report.Cells {
		if c := &result.Report.Cells[i]; c.Failure() != "" {
			failed = append(failed, fmt.Sprintf("%s, %s", c.Scenario, c.Arm))
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(failed, "; "))
	}
	if result.Comparison == nil {
		return nil
	}
	for _, d := range result.Comparison.Deltas {
		if d.Slower {
			slower = append(slower, fmt.Sprintf("%s, %s", d.Scenario, d.Arm))
		}
	}
	if len(slower) > 0 {
		return &SlowerError{slower}
	}
	return nil
}
