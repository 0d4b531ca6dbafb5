package bench

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

func near(got, want, part float64) bool { return math.Abs(got-want) <= part*want }

// GNU time and this package look at the same run: the figures of time's child
// are in those of time.
func TestAgainstTime(t *testing.T) {
	const path = "/usr/bin/time"
	if _, err := os.Stat(path); err != nil {
		need.Missing(t, "time", err.Error())
	}
	for _, how := range []string{"alloc=300", "spin=1s"} {
		report := filepath.Join(t.TempDir(), "time")
		cmd := self(t, how)
		cmd.Args = []string{"-v", "-o", report, cmd.Path}
		cmd.Path = path
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
		want := max(figure("Maximum resident set size")*1024, float64(ownPeak())) // see Measure
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

func TestAgainstHyperfine(t *testing.T) {
	hyperfine := need.Program(t, "hyperfine")
	cmd := self(t, "sleep=400ms")
	const runs, attempts = 5, 4
	var ours, theirs float64
	for range attempts { // the machine may be busy: the best of each, a few times
		var walls []float64
		for range runs {
			s, err := Measure(context.Background(), cmd, filepath.Join(t.TempDir(), "output"))
			if err != nil {
				t.Fatal(err)
			}
			walls = append(walls, s.Wall)
		}
		ours = slices.Min(walls)
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
		var result struct{ Results []struct{ Min float64 } }
		if err := json.Unmarshal(text, &result); err != nil || len(result.Results) != 1 {
			t.Fatalf("%v\n%s", err, text)
		}
		theirs = result.Results[0].Min
		if near(ours, theirs, 0.05) {
			return
		}
	}
	t.Errorf("wall %.4f s, hyperfine says %.4f s", ours, theirs)
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
