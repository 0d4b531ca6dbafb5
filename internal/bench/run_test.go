package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// helper, set in the environment, makes the test binary a program to measure.
const helper = "SQLXMAGE_BENCH_TEST_HELPER"

func TestMain(m *testing.M) {
	if how := os.Getenv(helper); how != "" {
		os.Exit(help(how))
	}
	os.Exit(need.Main(m))
}

// help does what one word says: "sleep=50ms", "alloc=200" (MiB), "spin=100ms",
// "write=FILE", "fail".
func help(how string) int {
	verb, arg, _ := strings.Cut(how, "=")
	switch verb {
	case "sleep":
		d, _ := time.ParseDuration(arg)
		time.Sleep(d)
	case "spin":
		d, _ := time.ParseDuration(arg)
		for end := time.Now().Add(d); time.Now().Before(end); {
		}
	case "alloc":
		n, _ := strconv.Atoi(arg)
		memory := make([]byte, n<<20)
		for i := 0; i < len(memory); i += 4096 {
			memory[i] = 1
		}
		fmt.Println(len(memory))
	case "write":
		if err := os.WriteFile(arg, make([]byte, 1<<20), 0o666); err != nil {
			return 1
		}
	case "fail":
		fmt.Fprintln(os.Stderr, "error: it does not compile\nat secret")
		return 7
	}
	return 0
}

// self is a run of the test binary.
func self(t testing.TB, how string) Command {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Command{Path: path, Env: append(os.Environ(), helper+"="+how)}
}

// fake is an arm whose runs do nothing, and which writes down what it is asked.
func fake(t testing.TB, log *[]string, name string, how func(Scenario) string) Arm {
	return Arm{ArmInfo: ArmInfo{Name: name}, Open: func(_ context.Context, dir string) (Copy, error) {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
		*log = append(*log, "open "+name)
		return fakeCopy(func(s Scenario) (Command, error) {
			*log = append(*log, string(s)+" "+name)
			return self(t, how(s)), nil
		}), nil
	}}
}

type fakeCopy func(Scenario) (Command, error)

func (f fakeCopy) Ready(_ context.Context, s Scenario) ([]Command, error) {
	c, err := f(s)
	return []Command{c}, err
}

func always(how string) func(Scenario) string { return func(Scenario) string { return how } }

func TestInterleaved(t *testing.T) {
	var log []string
	r, err := Run(context.Background(), Plan{
		Arms:      []Arm{fake(t, &log, "a", always("sleep=0")), fake(t, &log, "b", always("sleep=0"))},
		Scenarios: []Scenario{Cold, Warm, Query},
		Runs:      2,
		Warmup:    1,
		Dir:       t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	round := []string{"cold a", "warm a", "cold b", "warm b", "warm a", "warm b", "query a", "query b"} // a warm-up after each cold run
	want := slices.Concat([]string{"open a", "cold a", "warm a", "open b"}, round[2:], round)
	if diff := cmp.Diff(want, log); diff != "" {
		t.Error(diff)
	}
	if len(r.Cells) != 6 || r.Baseline != "a" || r.Interrupted {
		t.Errorf("%+v", r)
	}
	for _, c := range r.Cells {
		if len(c.Good()) != 2 || c.Samples[0].Wall <= 0 {
			t.Errorf("%+v", c)
		}
	}
}

// Without the cold scenario, the run that fills the target does not count.
func TestSeed(t *testing.T) {
	var log []string
	var told []Progress
	dir := t.TempDir()
	r, err := Run(context.Background(), Plan{
		Arms:      []Arm{fake(t, &log, "a", always("sleep=0"))},
		Scenarios: []Scenario{Noop},
		Runs:      2,
		Dir:       dir,
		Progress:  func(p Progress) { told = append(told, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"open a", "cold a", "noop a", "noop a"}, log); diff != "" {
		t.Error(diff)
	}
	if n := len(r.Cell("a", Noop).Samples); n != 2 {
		t.Errorf("%d samples", n)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if len(told) != 3 || !told[0].Warmup || told[2].Run != 2 || told[2].Done != 1 || told[2].Total != 2 || told[2].Left <= 0 {
		t.Errorf("%+v", told)
	}
	for i, want := range []string{"cold, a: a run that does not count (0 of 2 done)", "noop, a: run 1 of 2 (0 of 2 done)"} {
		if got := told[i].String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	var log []string
	arms := []Arm{
		fake(t, &log, "good", always("sleep=0")),
		fake(t, &log, "bad query", func(s Scenario) string {
			if s == Query {
				return "fail"
			}
			return "sleep=0"
		}),
		fake(t, &log, "bad", always("fail")),
		{ArmInfo: ArmInfo{Name: "no copy"}, Open: func(context.Context, string) (Copy, error) { return nil, errors.New("disk full") }},
		{ArmInfo: ArmInfo{Name: "no query"}, Without: map[Scenario]string{Query: "it has none"}, Open: fake(t, &log, "", always("sleep=0")).Open},
	}
	r, err := Run(context.Background(), Plan{Arms: arms, Scenarios: []Scenario{Warm, Query}, Runs: 3, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	failure := func(arm string, s Scenario, want string) {
		t.Helper()
		if got := r.Cell(arm, s).Failure(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s, %s: failure %q, want %q in it", arm, s, got, want)
		}
	}
	failure("good", Query, "")
	failure("bad query", Warm, "")
	failure("bad query", Query, "exit status 7\nerror: it does not compile")
	failure("bad", Warm, "the first run failed: ")
	failure("no copy", Query, "disk full")
	if got := (Result{Report: r}).sections()[0].lines; !slices.Contains(got, "query, bad: for the same reason") || !slices.Contains(got, "query, no copy: for the same reason") {
		t.Errorf("%q", got)
	}
	if n := len(r.Cell("bad query", Query).Samples); n != 1 {
		t.Errorf("a failing run was tried %d times", n)
	}
	if n := strings.Count(strings.Join(log, "\n"), "cold bad\n"); n != 1 {
		t.Errorf("a broken arm was tried %d times", n)
	}
	if diff := cmp.Diff([]string{"query, no query: it has none"}, r.LeftOut); diff != "" {
		t.Error(diff)
	}
	var b bytes.Buffer
	if err := Text(&b, Result{Report: r}); err != nil || !strings.Contains(b.String(), "bad query  failed") {
		t.Errorf("%v\n%s", err, &b)
	}
	for _, row := range r.Table() {
		if row.Arm == "bad" && (row.Stats != nil || row.Failed != 1) {
			t.Errorf("a failed run has figures: %+v", row)
		}
	}
}

func TestInterrupted(t *testing.T) {
	var log []string
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	runs := 0
	r, err := Run(ctx, Plan{
		Arms: []Arm{fake(t, &log, "a", func(s Scenario) string {
			if runs++; runs == 4 {
				time.AfterFunc(50*time.Millisecond, cancel)
				return "sleep=1m"
			}
			return "sleep=0"
		})},
		Scenarios: []Scenario{Warm}, Runs: 9, Dir: t.TempDir(),
	})
	if err != nil || !r.Interrupted {
		t.Fatalf("%+v, %v", r, err)
	}
	if c := r.Cell("a", Warm); len(c.Samples) != 2 || c.Failure() != "" {
		t.Errorf("%+v", c)
	}
}

// The cheap scenario gets all its runs; the dear one what is left.
func TestBudget(t *testing.T) {
	var log []string
	r, err := Run(context.Background(), Plan{
		Arms: []Arm{fake(t, &log, "a", func(s Scenario) string {
			if s == Cold {
				return "sleep=2s"
			}
			return "sleep=0"
		})},
		Scenarios: []Scenario{Cold, Noop}, Runs: 5, Budget: 3900 * time.Millisecond, Dir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	cold, noop := len(r.Cell("a", Cold).Samples), len(r.Cell("a", Noop).Samples)
	if noop != 5 || cold != 1 { // a second cold one does not fit
		t.Errorf("%d cold runs, %d others", cold, noop)
	}
	if want := "cold: 1 of 5 runs fitted into the budget of 3.9s"; !slices.Contains(r.LeftOut, want) {
		t.Errorf("left out: %q, want %q", r.LeftOut, want)
	}
}

func TestPlanCheck(t *testing.T) {
	arm := Arm{ArmInfo: ArmInfo{Name: "a"}}
	for _, test := range []struct {
		want string
		plan Plan
	}{
		{"no arm", Plan{Runs: 1, Scenarios: Scenarios()}},
		{"at least one run", Plan{Arms: []Arm{arm}, Scenarios: Scenarios()}},
		{"two arms", Plan{Arms: []Arm{arm, arm}, Scenarios: Scenarios(), Runs: 1}},
		{`no arm named "b"`, Plan{Arms: []Arm{arm}, Scenarios: Scenarios(), Runs: 1, Baseline: "b"}},
	} {
		if _, err := Run(context.Background(), test.plan); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q in it", err, test.want)
		}
	}
	if _, err := ParseScenarios("warm,hot"); err == nil || !strings.HasSuffix(err.Error(), "there is cold, warm, touched, query, noop") {
		t.Errorf("%v", err)
	}
	if got, err := ParseScenarios("noop, cold,noop"); err != nil || !slices.Equal(got, []Scenario{Cold, Noop}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestMeasureDisk(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "new")
	cmd := self(t, "write="+file)
	cmd.Disk = []string{dir, filepath.Join(dir, "absent")}
	output := filepath.Join(t.TempDir(), "output")
	s, err := Measure(context.Background(), cmd, output)
	if err != nil || s.Disk < 1<<20 || s.Disk > 1<<20+1<<16 {
		t.Errorf("%d bytes, %v", s.Disk, err)
	}
	if err := os.Link(file, filepath.Join(dir, "again")); err == nil {
		if n, err := diskUsage([]string{dir}); err != nil || n > 1<<20+1<<16 {
			t.Errorf("a hard link counts: %d bytes, %v", n, err)
		}
	}
	if s, err := Measure(context.Background(), cmd, output); err != nil || s.Disk != 0 {
		t.Errorf("written again: %d bytes, %v", s.Disk, err)
	}
}

func TestRedact(t *testing.T) {
	r := Report{
		Cells:   []Cell{{Samples: []Sample{{}, {Error: "exit status 7\nat secret"}}}},
		LeftOut: []string{"native: secret"}, Warnings: []string{"secret is set"},
	}
	r.Redact(func(text string) string { return strings.ReplaceAll(text, "secret", "***") })
	for _, got := range []string{r.Cells[0].Samples[1].Error, r.LeftOut[0], r.Warnings[0]} {
		if strings.Contains(got, "secret") || !strings.Contains(got, "***") {
			t.Errorf("%q", got)
		}
	}
}

// What a killed bench has left goes; what another one uses stays.
func TestReap(t *testing.T) {
	parent := t.TempDir()
	used, err := newPlace(parent)
	if err != nil {
		t.Fatal(err)
	}
	defer used.remove()
	dead := filepath.Join(parent, "sqlxmage-bench-dead")
	foreign := filepath.Join(parent, "sqlxmage-bench-foreign")
	for _, file := range []string{filepath.Join(dead, "arm0", "target", "big"), lockFile(dead), filepath.Join(foreign, "x"), filepath.Join(used.dir, "arm0", "x")} {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	another, err := newPlace(parent)
	if err != nil {
		t.Fatal(err)
	}
	another.remove()
	left, err := filepath.Glob(filepath.Join(parent, "*"))
	slices.Sort(left)
	want := []string{used.dir, foreign}
	slices.Sort(want)
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("left %q, want %q", left, want)
	}
	if _, err := os.Stat(filepath.Join(used.dir, "arm0", "x")); err != nil {
		t.Error(err)
	}
}
