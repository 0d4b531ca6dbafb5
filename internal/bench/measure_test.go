package bench

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

func near(got, want, part float64) bool { return math.Abs(got-want) <= part*want }

// GNU time and this package look at the same run: the figures of time's child
// are in those of time.
func TestAgainstTime(t *testing.T) {
	path := need.Program(t, "time")
	for _, how := range []string{"alloc=300", "spin=1s"} {
		report := filepath.Join(t.TempDir(), "time")
		cmd := self(t, how)
		cmd.Args = []string{"-v", "-o", report, cmd.Path}
		cmd.Path = path
		own := ownPeak() // what time itself begins with, see Measure
		s, err := Measure(context.Background(), cmd, report+".output")
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		figure := func(name string) float64 {
			m := regexp.MustCompile(name + `.*: ([\d.]+)\n`).FindSubmatch(text)
			if m == nil {
				t.Fatalf("no %q in %s", name, text)
			}
			n, err := strconv.ParseFloat(string(m[1]), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		want := max(figure("Maximum resident set size")*1024, float64(own))
		if !near(float64(s.Memory), want, 0.05) {
			t.Errorf("%s: memory %d, time says %.0f", how, s.Memory, want)
		}
		// time prints hundredths of a second.
		want = figure("User time") + figure("System time")
		if got := s.User + s.System; !near(got, want, 0.05) && math.Abs(got-want) > 0.03 {
			t.Errorf("%s: CPU %.3f s, time says %.2f s", how, got, want)
		}
	}
}

// hyperfine times the same runs: the fastest and the slowest of both overlap,
// however busy the machine is.
func TestAgainstHyperfine(t *testing.T) {
	hyperfine := need.Program(t, "hyperfine")
	cmd := self(t, "sleep=400ms")
	const runs = 5
	var walls []float64
	for range runs {
		s, err := Measure(context.Background(), cmd, filepath.Join(t.TempDir(), "output"))
		if err != nil {
			t.Fatal(err)
		}
		walls = append(walls, s.Wall)
	}
	file := filepath.Join(t.TempDir(), "hyperfine.json")
	other := exec.Command(hyperfine, "-N", "--runs", strconv.Itoa(runs), "--export-json", file, "--style", "none", cmd.Path)
	other.Env = cmd.Env
	if out, err := other.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var result struct{ Results []struct{ Min, Max float64 } }
	if err := json.Unmarshal(text, &result); err != nil || len(result.Results) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	theirs := result.Results[0]
	const part = 1.05
	if slices.Min(walls) > theirs.Max*part || theirs.Min > slices.Max(walls)*part {
		t.Errorf("wall %.4f s to %.4f s, hyperfine says %.4f s to %.4f s", slices.Min(walls), slices.Max(walls), theirs.Min, theirs.Max)
	}
}

// What measuring adds to a run that does nothing: compare with
// BenchmarkPlainRun.
func BenchmarkMeasure(b *testing.B) {
	cmd := self(b, "sleep=0")
	output := filepath.Join(b.TempDir(), "output")
	for b.Loop() {
		if _, err := Measure(context.Background(), cmd, output); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlainRun(b *testing.B) {
	cmd := self(b, "sleep=0")
	for b.Loop() {
		plain := exec.Command(cmd.Path)
		plain.Env = cmd.Env
		if err := plain.Run(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestStatText(t *testing.T) {
	m := metric("wall")
	samples := func(walls ...float64) (list []Sample) {
		for _, wall := range walls {
			list = append(list, Sample{Wall: wall})
		}
		return list
	}
	old := samples(4.0, 4.1, 4.2, 4.3, 4.4, 4.5)
	for _, test := range []struct {
		name, stat, versus string
		new                []Sample
	}{
		{"one run", "2.00s ± ∞", "0.471x, too few runs to tell (n=6+1)", samples(2)},
		{"three runs", "2.00s ± ∞", "0.471x (p=0.024 n=6+3)", samples(1, 2, 3)},
		{"faster", "1.50s ± 33%", "0.353x (p=0.002 n=6)", samples(1, 1.2, 1.4, 1.6, 1.8, 2)},
		{"same", "4.25s ± 6%", "no difference (p=1.000 n=6)", old},
		{"all the same", "1.00s ± 0%", "0.235x (p=0.002 n=6)", samples(1, 1, 1, 1, 1, 1)},
		{"long", "200s ± 0%", "47.1x (p=0.002 n=6)", samples(200, 200, 200, 200, 200, 200)},
	} {
		v := compare(old, test.new, m)
		if got := summarize(test.new, m).text(m); got != test.stat {
			t.Errorf("%s: %q, want %q", test.name, got, test.stat)
		}
		if got := v.text(); got != test.versus {
			t.Errorf("%s: %q, want %q", test.name, got, test.versus)
		}
	}
	crates := metric("crates")
	if v := compare(old, old, crates); v.Significant || v.Ratio != 0 {
		t.Errorf("all zero: %+v", v)
	}
}

// The smallest p value is what the test gives for samples that do not overlap.
func TestMinP(t *testing.T) {
	for n1 := 1; n1 <= 6; n1++ {
		for n2 := 1; n2 <= 6; n2++ {
			var low, high []Sample
			for i := range n1 {
				low = append(low, Sample{Wall: float64(1 + i)})
			}
			for i := range n2 {
				high = append(high, Sample{Wall: float64(100 + i)})
			}
			if got, want := minP(n1, n2), compare(low, high, metric("wall")).P; math.Abs(got-want) > 1e-9 {
				t.Errorf("%d and %d: %v, the test gives %v", n1, n2, got, want)
			}
		}
	}
}

func TestNoise(t *testing.T) {
	cell := func(arm string, walls ...float64) Cell {
		c := Cell{Arm: arm, Scenario: Warm}
		for _, wall := range walls {
			c.Samples = append(c.Samples, Sample{Wall: wall, Memory: 1 << 40})
		}
		return c
	}
	r := &Report{Cells: []Cell{
		cell("steady", 1, 1.01, 1.02, 1, 1.01, 1, 1.01, 1.02),
		cell("wild", 1, 2, 1, 2, 1, 2, 1.5, 1.4),
		cell("slowing", 1, 1.01, 1.02, 1.03, 1.1, 1.11, 1.12, 1.13),
		cell("one", 3),
	}}
	got := strings.Join(noise(r, 0), "\n")
	want := "warm, wild: noisy: the median is known to ± 38 % only\nwarm, slowing: the later runs took 1.10 times as long as the earlier ones: the machine's speed changed"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// What measuring adds to a run's wall time, by the best of many, since a busy
// machine only ever adds. And while a run goes on, this process does nothing.
func TestHarnessCost(t *testing.T) {
	cmd := self(t, "sleep=0")
	output := filepath.Join(t.TempDir(), "output")
	const limit, runs, attempts = 5 * time.Millisecond, 20, 5
	var cost time.Duration
	for range attempts {
		ours, plain := time.Hour, time.Hour
		for range runs {
			s, err := Measure(context.Background(), cmd, output)
			if err != nil {
				t.Fatal(err)
			}
			ours = min(ours, time.Duration(s.Wall*float64(time.Second)))
			other := exec.Command(cmd.Path)
			other.Env = cmd.Env
			start := time.Now()
			if err := other.Run(); err != nil {
				t.Fatal(err)
			}
			plain = min(plain, time.Since(start))
		}
		if cost = ours - plain; cost <= limit {
			return
		}
	}
	t.Errorf("measuring adds %v to a run, more than %v", cost, limit)
}

// While a run goes on, this process uses no CPU to speak of: what it does for
// a second's run is what it does for a short one's.
func TestHarnessIdle(t *testing.T) {
	used := func(how string) time.Duration {
		best := time.Hour
		for range 5 {
			before := cpuTime(t)
			if _, err := Measure(context.Background(), self(t, how), filepath.Join(t.TempDir(), "output")); err != nil {
				t.Fatal(err)
			}
			best = min(best, cpuTime(t)-before)
		}
		return best
	}
	if more := used("sleep=1s") - used("sleep=0"); more > 5*time.Millisecond {
		t.Errorf("%v of CPU while a run of a second went on", more)
	}
}

// A run that allocates what is known.
func TestMeasureMemory(t *testing.T) {
	const want = 200 << 20
	s, err := Measure(context.Background(), self(t, "alloc=200"), filepath.Join(t.TempDir(), "output"))
	if err != nil || s.Memory < want || s.Memory > want*5/4 {
		t.Errorf("memory %d, want %d and little more; %v", s.Memory, want, err)
	}
}

// However large this process has been, a small run is seen as small.
func TestLowerPeak(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("about Linux's peaks")
	}
	const large = 300 << 20
	memory := make([]byte, large)
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	if ownPeak() < large {
		t.Fatalf("own peak %d", ownPeak())
	}
	runtime.KeepAlive(memory)
	memory = nil
	lowerPeak()
	s, err := Measure(context.Background(), self(t, "sleep=0"), filepath.Join(t.TempDir(), "output"))
	if err != nil || s.Memory > large/2 {
		t.Errorf("memory %d, %v", s.Memory, err)
	}
}

func TestLoad(t *testing.T) {
	if runtime.GOOS == "linux" {
		if l := machineLoad(); l.all <= 0 || l.busy <= 0 || l.busy >= l.all {
			t.Errorf("%+v", l)
		}
	}
	for _, test := range []struct {
		during load
		own    float64
		want   float64
	}{
		{load{100, 200}, 1, 0},    // all of it the run's
		{load{150, 200}, 1, 0.25}, // half a second of others in a second on two cores
		{load{90, 200}, 1, 0},     // ticks are coarse
		{load{5, 10}, 0, 0},       // too short to tell
		{load{0, 0}, 1, 0},        // not known
	} {
		if got := test.during.others(test.own); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%+v: %v, want %v", test, got, test.want)
		}
	}
	r := &Report{Cells: []Cell{{Arm: "a", Samples: []Sample{{Wall: 1, Others: 0.9}, {Wall: 8, Others: 0.2}}}}}
	if got := noise(r, 0)[0]; got != "other programs had 28 % of the machine while runs were going" {
		t.Error(got)
	}
}

func TestSampleAnd(t *testing.T) {
	a := Sample{Wall: 1, User: 2, System: 3, Memory: 10, Disk: -5, Crates: 1, Database: 0.5, Others: 0.5}
	b := Sample{Wall: 3, User: 1, System: 1, Memory: 7, Disk: 9, Crates: 2, Database: 0.25}
	want := Sample{Wall: 4, User: 3, System: 4, Memory: 10, Disk: 4, Crates: 3, Database: 0.75, Others: 0.125}
	if got := a.and(b); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := (Sample{}).and(a); got != a {
		t.Errorf("%+v, want %+v", got, a)
	}
}
