package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// Arm is one way of preparing.
type Arm struct {
	ArmInfo
	// Without says why the arm has no such scenario.
	Without map[Scenario]string
	// Open makes the arm's working copy below dir, an empty directory that
	// the bench removes. Its time is in no figure.
	Open func(ctx context.Context, dir string) (Copy, error)
}

// Copy is an arm's working copy.
type Copy interface {
	// Ready brings the copy into the state that a run of the scenario
	// begins with, and returns the run: a command, or several one after
	// another. Before any scenario but Cold, a run has succeeded in this
	// copy. Its time is in no figure.
	Ready(ctx context.Context, s Scenario) ([]Command, error)
}

// Plan is what to measure.
type Plan struct {
	Arms      []Arm
	Scenarios []Scenario
	Runs      int           // of each arm in each scenario
	Warmup    int           // runs that do not count, after each cold one
	Budget    time.Duration // for all; 0: none. What does not fit is left out, the dearest first
	Dir       string        // where the working copies go; "" is the system's
	Baseline  string        // an arm's name; "" is the first
	Progress  func(Progress)
	// Measured, if set, gets the report before the working copies are
	// removed, which may take long.
	Measured func(*Report)
}

// Progress says what runs now.
type Progress struct {
	Arm      string
	Scenario Scenario
	Warmup   bool // the run does not count
	Run      int  // from 1, of this arm in this scenario
	Runs     int
	Done     int // runs that count, of all
	Total    int
	Left     time.Duration // estimate; 0 where nothing is known yet
}

// String is the progress as one line: "query, native: run 2 of 6 (7 of 30
// done, about 3m20s left)".
func (p Progress) String() string {
	what := fmt.Sprintf("run %d of %d", p.Run, p.Runs)
	if p.Warmup {
		what = "a run that does not count"
	}
	text := fmt.Sprintf("%s, %s: %s (%d of %d done", p.Scenario, p.Arm, what, p.Done, p.Total)
	if p.Left > 0 {
		text += fmt.Sprintf(", about %v left", p.Left.Round(time.Second))
	}
	return text + ")"
}

// DefaultRuns is the smallest number of runs that gives the median a
// confidence interval of 95 %.
const DefaultRuns = 6

// Run measures. When ctx ends, it returns the report of what is finished, with
// Interrupted set, and no error. Its error is for a plan that makes no sense
// and for a place where no copy can be made; what fails in one arm is in the
// report.
func Run(ctx context.Context, plan Plan) (*Report, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	place, err := newPlace(plan.Dir)
	if err != nil {
		return nil, err
	}
	defer place.remove()
	b := &bench{Plan: plan, place: place, start: time.Now(), cost: map[Scenario]time.Duration{}, last: map[*Cell]time.Duration{}}
	b.report = &Report{
		Schema:   schema,
		Started:  b.start.UTC().Truncate(time.Second),
		Machine:  ThisMachine(),
		Baseline: plan.Baseline,
		Cells:    []Cell{},
	}
	b.report.Warnings = append(b.report.Warnings, environment()...)
	for _, arm := range plan.Arms {
		b.arms = append(b.arms, &armState{Arm: arm})
		b.report.Arms = append(b.report.Arms, arm.ArmInfo)
		for _, s := range plan.Scenarios {
			if why, without := arm.Without[s]; without {
				b.leftOut("%s, %s: %s", s, arm.Name, why)
				continue
			}
			b.report.Cells = append(b.report.Cells, Cell{Arm: arm.Name, Scenario: s, Samples: []Sample{}})
		}
	}
	b.rounds(ctx)
	b.finish(ctx)
	if plan.Measured != nil {
		plan.Measured(b.report)
	}
	return b.report, nil
}

func (p *Plan) check() error {
	if len(p.Arms) == 0 || len(p.Scenarios) == 0 {
		return errors.New("nothing to measure: no arm or no scenario")
	}
	if p.Runs < 1 || p.Warmup < 0 || p.Budget < 0 {
		return fmt.Errorf("%d runs, %d warm-up runs, budget %v: want at least one run and nothing below zero", p.Runs, p.Warmup, p.Budget)
	}
	seen := map[string]bool{}
	for _, arm := range p.Arms {
		if seen[arm.Name] {
			return fmt.Errorf("two arms named %q", arm.Name)
		}
		seen[arm.Name] = true
	}
	if p.Baseline == "" {
		p.Baseline = p.Arms[0].Name
	}
	if !seen[p.Baseline] {
		return fmt.Errorf("no arm named %q to compare with", p.Baseline)
	}
	return nil
}

// bench is one run of a plan.
type bench struct {
	Plan
	place  *place
	start  time.Time
	arms   []*armState
	report *Report
	cost   map[Scenario]time.Duration // of a round of the scenario, all arms: the dearest so far
	done   map[Scenario]int           // rounds
	last   map[*Cell]time.Duration    // that a cell's last run took, with all about it
	floor  int64                      // see Measure: no memory below it can be told
}

type armState struct {
	Arm
	copy   Copy
	seeded bool   // a run has succeeded
	broken string // why the arm is given up
}

// rounds measures: round after round, in each the scenarios in order, in each
// the arms in order. So what changes in the machine meanwhile hits all alike.
func (b *bench) rounds(ctx context.Context) {
	b.done = map[Scenario]int{}
	for round := range b.Runs {
		for _, s := range b.fitting(round) {
			if round == 0 && b.Budget > 0 && len(b.cost) > 0 && time.Since(b.start) > b.Budget {
				continue
			}
			began := time.Now()
			for _, arm := range b.arms {
				if b.one(ctx, arm, s); ctx.Err() != nil {
					return
				}
			}
			b.cost[s] = max(b.cost[s], time.Since(began))
			b.done[s]++
		}
	}
}

// fitting returns the scenarios of a round. The cheapest come first into the
// budget, with all the runs that they still need.
func (b *bench) fitting(round int) []Scenario {
	if round == 0 || b.Budget == 0 {
		return b.Scenarios
	}
	cheap := slices.Clone(b.Scenarios)
	slices.SortStableFunc(cheap, func(x, y Scenario) int { return int(b.cost[x]/time.Millisecond - b.cost[y]/time.Millisecond) })
	left := b.Budget - time.Since(b.start)
	fits := map[Scenario]bool{}
	for _, s := range cheap {
		if b.done[s] == round && b.cost[s] <= left {
			fits[s] = true
			left -= b.cost[s] * time.Duration(b.Runs-round)
		}
	}
	return slices.DeleteFunc(slices.Clone(b.Scenarios), func(s Scenario) bool { return !fits[s] })
}

// one runs an arm in a scenario, with what must go before it.
func (b *bench) one(ctx context.Context, arm *armState, s Scenario) {
	cell := b.report.Cell(arm.Name, s)
	if cell == nil || cell.Failure() != "" {
		return
	}
	if err := b.seed(ctx, arm, s); err != nil {
		if ctx.Err() == nil {
			cell.Samples = append(cell.Samples, Sample{Error: err.Error()})
		}
		return
	}
	b.tell(arm, s, false, len(cell.Samples)+1)
	began := time.Now()
	sample, err := b.measure(ctx, arm, s)
	b.last[cell] = time.Since(began)
	if ctx.Err() != nil {
		return // cut short: no figure
	}
	if err != nil {
		sample.Error = err.Error()
	}
	cell.Samples = append(cell.Samples, sample)
	if s == Cold {
		arm.seeded = err == nil
		if !arm.seeded {
			arm.broken = "the cold run failed: " + sample.Error
		}
		b.warm(ctx, arm)
	}
}

// seed opens the arm's copy and sees to it that a run has succeeded there.
func (b *bench) seed(ctx context.Context, arm *armState, s Scenario) error {
	if arm.broken != "" {
		return errors.New(arm.broken)
	}
	if arm.copy == nil {
		dir := b.place.sub(fmt.Sprint("arm", slices.Index(b.arms, arm)))
		err := os.Mkdir(dir, 0o777)
		if err == nil {
			arm.copy, err = arm.Open(ctx, dir)
		}
		if err != nil {
			arm.copy, arm.broken = nil, err.Error()
			return err
		}
	}
	if arm.seeded || s == Cold {
		return nil
	}
	b.tell(arm, Cold, true, 1)
	if _, err := b.measure(ctx, arm, Cold); err != nil {
		arm.broken = "the first run failed: " + err.Error()
		return errors.New(arm.broken)
	}
	arm.seeded = true
	b.warm(ctx, arm)
	return nil
}

// warm does the runs that do not count, where ones that do follow.
func (b *bench) warm(ctx context.Context, arm *armState) {
	follows := slices.ContainsFunc(b.Scenarios, func(s Scenario) bool { return s != Cold })
	for i := range b.Warmup {
		if !arm.seeded || !follows || ctx.Err() != nil {
			return
		}
		b.tell(arm, Warm, true, i+1)
		_, _ = b.measure(ctx, arm, Warm) // what fails here fails again where it counts
	}
}

func (b *bench) tell(arm *armState, s Scenario, warmup bool, run int) {
	if b.Progress == nil {
		return
	}
	p := Progress{Arm: arm.Name, Scenario: s, Warmup: warmup, Run: run, Runs: b.Runs}
	if warmup {
		p.Runs = max(b.Warmup, 1)
	}
	p.Total = len(b.report.Cells) * b.Runs
	for _, c := range b.report.Cells {
		p.Done += len(c.Samples)
	}
	p.Left = b.left()
	b.Progress(p)
}

// left estimates the time for all runs that are still to do: each takes what
// the last one of its cell took, else what one of another arm did in the same
// scenario. A scenario that has not been seen at all counts as nothing.
func (b *bench) left() time.Duration {
	dearest := map[Scenario]time.Duration{}
	for i := range b.report.Cells {
		c := &b.report.Cells[i]
		dearest[c.Scenario] = max(dearest[c.Scenario], b.last[c])
	}
	var left time.Duration
	for i := range b.report.Cells {
		c := &b.report.Cells[i]
		if c.Failure() != "" {
			continue
		}
		each, seen := b.last[c]
		if !seen {
			each = dearest[c.Scenario]
		}
		left += each * time.Duration(b.Runs-len(c.Samples))
	}
	if b.Budget > 0 {
		left = max(0, min(left, b.Budget-time.Since(b.start)))
	}
	return left
}

func (b *bench) finish(ctx context.Context) {
	r := b.report
	r.Seconds = time.Since(b.start).Seconds()
	r.Interrupted = ctx.Err() != nil
	if !r.Interrupted {
		for _, s := range b.Scenarios {
			if n := b.done[s]; n < b.Runs {
				b.leftOut("%s: %d of %d runs fitted into the budget of %v", s, n, b.Runs, b.Budget)
			}
		}
	}
	r.Warnings = append(r.Warnings, noise(r, b.floor)...)
}

func (b *bench) leftOut(format string, args ...any) {
	b.report.LeftOut = append(b.report.LeftOut, fmt.Sprintf(format, args...))
}
