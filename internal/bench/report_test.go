package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

var updateGolden = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *updateGolden {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s (-update writes it):\n%s", name, diff)
	}
}

// example is a report with something of everything. speed is a factor on all
// times.
func example(speed float64, day int) *Report {
	random := rand.New(rand.NewPCG(1, uint64(day)))
	r := &Report{
		Schema: schema, Project: "bookshop", Started: time.Date(2026, 3, day, 9, 30, 0, 0, time.UTC), Seconds: 512,
		Commit:   "0123456789abcdef0123456789abcdef0123456" + string(rune('0'+day%10)),
		Machine:  Machine{OS: "linux", Arch: "amd64", CPU: "Some CPU @ 2.5GHz", Cores: 2, Memory: 8 << 30},
		Versions: map[string]string{"cargo": "1.95.0", "rustc": "1.95.0"},
		Baseline: "cargo:dev",
		Arms: []ArmInfo{
			{Name: "cargo:dev", Engine: "cargo", Profile: "dev"},
			{Name: "cargo:sqlx-prepare", Engine: "cargo", Profile: "sqlx-prepare"},
			{Name: "cargo:sqlx-prepare:16", Engine: "cargo", Profile: "sqlx-prepare", CodegenUnits: 16},
			{Name: "native", Engine: "native"},
		},
		LeftOut: []string{"sqlx-cli: there is no cargo-sqlx"},
	}
	add := func(arm string, s Scenario, runs int, wall, memory float64, crates int) {
		c := Cell{Arm: arm, Scenario: s}
		for range runs {
			jitter := 0.97 + 0.06*random.Float64()
			c.Samples = append(c.Samples, Sample{
				Wall: wall * speed * jitter, User: wall * speed * jitter * 1.3, System: wall * speed * 0.1,
				Memory: int64(memory * (1 << 20) * jitter), Disk: int64(memory * 1000), Crates: crates,
			})
		}
		r.Cells = append(r.Cells, c)
	}
	add("cargo:dev", Cold, 2, 74, 383, 213)
	add("cargo:sqlx-prepare", Cold, 2, 71, 380, 213)
	add("native", Cold, 6, 0.4, 40, 0)
	add("cargo:dev", Query, 6, 0.9, 300, 1)
	add("cargo:sqlx-prepare", Query, 6, 2.1, 310, 1)
	add("cargo:sqlx-prepare:16", Query, 6, 2.1, 220, 1)
	add("native", Query, 6, 0.2, 40, 0)
	add("cargo:dev", Noop, 1, 0.3, 50, 0)
	r.Cells = append(r.Cells, Cell{Arm: "native", Scenario: Noop, Samples: []Sample{{Error: "sqlxmage: exit status 1\nerror: <b>no</b> database"}}})
	r.Warnings = []string{"the machine runs on battery: its speed may change"}
	return r
}

func exampleResult() Result {
	old, now := example(1, 4), example(1.5, 5)
	return Result{Report: now, Comparison: Compare(old, now, 0.2), History: []*Report{example(0.9, 1), example(1.3, 2), example(1, 4)}, Skipped: 2}
}

func TestOutputs(t *testing.T) {
	r := exampleResult()
	for name, render := range map[string]func(*bytes.Buffer) error{
		"report.txt":   func(b *bytes.Buffer) error { return Text(b, r) },
		"report.md":    func(b *bytes.Buffer) error { return Markdown(b, r) },
		"report.json":  func(b *bytes.Buffer) error { return JSON(b, r) },
		"report.html":  func(b *bytes.Buffer) error { return HTML(b, r) },
		"report.bench": func(b *bytes.Buffer) error { return GoBench(b, r.Report) },
	} {
		var b bytes.Buffer
		if err := render(&b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		golden(t, name, b.String())
	}
}

// The page needs nothing else and nothing in it is read as HTML.
func TestPageAlone(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, exampleResult()); err != nil {
		t.Fatal(err)
	}
	for _, no := range []string{"<script", "http:", "https:", "src=", "@import", "url(", "<b>no", "ZgotmplZ", "NaN", "Inf"} {
		if strings.Contains(b.String(), no) {
			t.Errorf("the page holds %q", no)
		}
	}
}

// A real browser shows the page: on a telephone nothing is cut off, in the
// dark the page is dark.
func TestPageInBrowser(t *testing.T) {
	chromium := need.Program(t, "chromium")
	var b bytes.Buffer
	if err := HTML(&b, exampleResult()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	page := b.String()
	// The test's own script writes down what the browser made of the page.
	page = strings.Replace(page, "</body>", `<script>
const clipped = [...document.querySelectorAll("svg text")].filter(e => {
  const r = e.getBoundingClientRect(); return r.left < 0 || r.right > innerWidth || r.width === 0;
}).length;
const bars = [...document.querySelectorAll("rect")].length;
document.body.dataset.seen = [innerWidth, document.documentElement.scrollWidth <= document.documentElement.clientWidth, clipped, bars,
  document.querySelectorAll("polyline").length, getComputedStyle(document.body).backgroundColor].join(" ");
</script></body>`, 1)
	frame := func(width string) string {
		file := filepath.Join(dir, width+".html")
		if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
		// A headless window has a least width; a frame has not.
		if err := os.WriteFile(file, []byte(`<!doctype html><iframe src="page.html" width="`+width+`" height="800"></iframe><script>
onload = () => { document.body.dataset.seen = document.querySelector("iframe").contentDocument.body.dataset.seen }
</script>`), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, test := range []struct {
		width, want string
		args        []string
	}{
		{"360", "360 true 0 18 8 rgb(255, 255, 255)", nil},
		{"360", "360 true 0 18 8 rgb(18, 22, 29)", []string{"--blink-settings=preferredColorScheme=0"}},
		{"1200", "1200 true 0 18 8 rgb(255, 255, 255)", nil},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
			"--allow-file-access-from-files", "--user-data-dir=" + t.TempDir(), "--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom"}, test.args...)
		out, err := exec.CommandContext(ctx, chromium, append(args, "file://"+filepath.ToSlash(frame(test.width)))...).Output()
		if err != nil {
			t.Fatalf("chromium: %v", err)
		}
		_, seen, _ := strings.Cut(string(out), `data-seen="`)
		seen, _, _ = strings.Cut(seen, `"`)
		if seen != test.want {
			t.Errorf("%s %v: width, fits, clipped texts, bars, lines, background are %q, want %q", test.width, test.args, seen, test.want)
		}
	}
}

func TestBenchstat(t *testing.T) {
	need.Program(t, "go")
	var b bytes.Buffer
	if err := GoBench(&b, example(1, 1)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bench.txt")
	if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "golang.org/x/perf/cmd/benchstat", "-col", "/arm", "-filter", "/scenario:query", file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	if stderr.Len() > 0 {
		t.Errorf("benchstat warns:\n%s", &stderr)
	}
	// The real one says what our own table says.
	for _, row := range example(1, 1).Table() {
		if row.Scenario != Query || row.Arm == "cargo:dev" {
			continue
		}
		if !strings.Contains(string(out), row.Arm) || !row.Stats["wall"].Versus.Significant {
			t.Errorf("%s is not in\n%s", row.Arm, out)
		}
	}
	for _, want := range []string{"sec/op", "peak-B", "crates", "(p=0.002 n=6)"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "bench.jsonl")
	if h, err := ReadHistory(file); err != nil || len(h.Reports) != 0 || h.Last() != nil {
		t.Errorf("a file that is not there: %+v, %v", h, err)
	}
	for day := 1; day <= 2; day++ {
		if err := AppendHistory(file, example(1, day)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := "not JSON\n" + strings.Replace(string(text), "\n", "\n\n{}\n{\"schema\":99}\n", 1) + `{"schema":1,"proj`
	if err := os.WriteFile(file, []byte(damaged), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := AppendHistory(file, example(1, 3)); err != nil {
		t.Fatal(err)
	}
	h, err := ReadHistory(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Reports) != 3 || h.Skipped != 4 {
		t.Errorf("%d reports, %d skipped", len(h.Reports), h.Skipped)
	}
	if diff := cmp.Diff(example(1, 3), h.Last()); diff != "" {
		t.Error(diff)
	}
	if found := h.Find(example(1, 2).Commit[:40]); found == nil || found.Started.Day() != 2 {
		t.Errorf("%+v", found)
	}
	if h.Find("012345") != nil || h.Find("") != nil || h.Find("fffffff") != nil {
		t.Error("found by too little")
	}
	for _, test := range []struct {
		name  string
		dirty []bool // of reports of one commit, from day 1 on
		want  int
	}{{"the newest", []bool{false, false}, 2}, {"a clean one", []bool{false, true}, 1}, {"dirty, then clean", []bool{true, false}, 2}, {"dirty alone", []bool{true, true}, 2}} {
		same := &History{}
		for i, dirty := range test.dirty {
			r := example(1, 1+i)
			r.Commit, r.Dirty = "0123456789", dirty
			same.Reports = append(same.Reports, r)
		}
		if found := same.Find("0123456"); found.Started.Day() != test.want {
			t.Errorf("%s: found day %d, want %d", test.name, found.Started.Day(), test.want)
		}
	}
	// A disk that is full, or a file that cannot be written.
	if err := AppendHistory(filepath.Dir(file), example(1, 4)); err == nil || !strings.HasPrefix(err.Error(), "write history: ") {
		t.Errorf("%v", err)
	}
}

func TestLimitHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bench.jsonl")
	for day := range 9 {
		if err := AppendHistory(file, example(1, 1+day)); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		limit int64
		want  int // reports that stay
	}{{info.Size(), 9}, {info.Size() - 1, 4}, {info.Size() - 1, 4}} {
		if err := LimitHistory(file, test.limit); err != nil {
			t.Fatal(err)
		}
		h, err := ReadHistory(file)
		if err != nil || h.Skipped > 0 || len(h.Reports) != test.want || h.Last().Started != example(1, 9).Started {
			t.Errorf("limit %d: %d reports, %d skipped, %v", test.limit, len(h.Reports), h.Skipped, err)
		}
	}
}

func FuzzReadHistory(f *testing.F) {
	line, err := json.Marshal(example(1, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(line, '\n'))
	f.Add([]byte("{}\n\n{\"schema\":1}"))
	f.Add([]byte(`{"schema":1,"arms":[{"name":"a"}],"cells":[{"arm":"a","scenario":"warm","samples":[{"wall":1e300},{"error":"x"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := readHistory(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range h.Reports { // what is read can be shown
			result := Result{Report: r, Comparison: Compare(r, r, 0.1), History: h.Reports}
			var b bytes.Buffer
			for _, render := range []func() error{
				func() error { return Text(&b, result) },
				func() error { return JSON(&b, result) },
				func() error { return HTML(&b, result) },
			} {
				if err := render(); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestCompare(t *testing.T) {
	old := example(1, 1)
	for _, test := range []struct {
		name      string
		new       *Report
		failAbove float64
		failed    bool
	}{
		{"the same", example(1, 2), 0.1, false},
		{"slower than allowed", example(1.5, 2), 0.2, true},
		{"slower, but allowed", example(1.5, 2), 0.6, false},
		{"slower, no limit", example(1.5, 2), -1, false},
		{"faster", example(0.5, 2), 0, false},
	} {
		c := Compare(old, test.new, test.failAbove)
		if c.Failed != test.failed {
			t.Errorf("%s: failed is %v: %+v", test.name, c.Failed, c.Deltas)
		}
		for _, d := range c.Deltas {
			if d.Slower && len(old.Cell(d.Arm, d.Scenario).Samples) < 4 {
				t.Errorf("%s: %s, %s fails on too few runs", test.name, d.Scenario, d.Arm)
			}
		}
	}
	broken := example(1, 2)
	broken.Cell("native", Query).Samples = []Sample{{Error: "exit status 1"}}
	if c := Compare(old, broken, 0.2); !c.Failed {
		t.Error("what failed counts as fast")
	}
	other := example(1, 2)
	other.Machine.Cores, other.Versions = 64, map[string]string{"rustc": "2.0.0"}
	want := []string{
		"different machines: linux/amd64, 2 cores, Some CPU @ 2.5GHz, 8 GiB, and linux/amd64, 64 cores, Some CPU @ 2.5GHz, 8 GiB now: a difference may be theirs",
		"rustc was 1.95.0, is 2.0.0",
	}
	if diff := cmp.Diff(want, Compare(old, other, 0.2).Warnings); diff != "" {
		t.Error(diff)
	}
	other.Cells, other.Units = nil, []string{"crates/db"}
	if w := Compare(old, other, 0.2).Warnings; !slices.Contains(w, "different projects: bookshop, and bookshop (crates/db) now") {
		t.Errorf("%q", w)
	}
	if w := Compare(old, other, 0.2).Warnings; !slices.Contains(w, "the two have no arm in the same scenario in common") {
		t.Errorf("%q", w)
	}
}

func TestEarlier(t *testing.T) {
	need.Program(t, "git")
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@localhost"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	ctx := context.Background()
	if commit, dirty := Commit(ctx, dir); commit != "" || dirty {
		t.Errorf("no repository: %q, %v", commit, dirty)
	}
	git("init", "-q")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	git("add", "file")
	git("commit", "-q", "-m", "one")
	one, dirty := Commit(ctx, dir)
	if len(one) < 40 || dirty {
		t.Errorf("%q, %v", one, dirty)
	}
	git("commit", "-q", "--allow-empty", "-m", "two")
	if err := os.WriteFile(file, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, dirty := Commit(ctx, dir); !dirty {
		t.Error("a changed tree is not dirty")
	}

	first, newest := example(1, 1), example(1, 2)
	first.Commit = one
	history := filepath.Join(dir, "history.jsonl")
	for _, r := range []*Report{first, newest} {
		if err := AppendHistory(history, r); err != nil {
			t.Fatal(err)
		}
	}
	h, err := ReadHistory(history)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := JSON(&b, Result{Report: first}); err != nil {
		t.Fatal(err)
	}
	result := filepath.Join(dir, "result.json")
	if err := os.WriteFile(result, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]*Report{"HEAD~1": first, one[:9]: first, history: newest, result: first} {
		if got, err := Earlier(ctx, dir, h, what); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	for what, want := range map[string]string{"HEAD": "the history has no report of commit", "--all": "neither a file nor a revision", file: "there is no report in it"} {
		if _, err := Earlier(ctx, dir, h, what); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", what, err, want)
		}
	}
}

func TestParsePercent(t *testing.T) {
	for text, want := range map[string]float64{"20%": 0.2, "20": 0.2, " 5 % ": 0.05, "": -1, "0": 0} {
		if got, err := ParsePercent(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "-1%", "NaN", "20%%"} {
		if got, err := ParsePercent(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestAdvise(t *testing.T) {
	r := example(1, 1)
	a := r.Advise()
	if a.Profile != "dev" || a.CodegenUnits != 0 || !strings.HasPrefix(a.Why[0], "query: cargo:dev took ") || !strings.Contains(a.Why[0], "times as long (p=0.002)") {
		t.Errorf("%+v", a)
	}
	// As fast as another, with less memory: fewer codegen units.
	r.Cells = slices.DeleteFunc(r.Cells, func(c Cell) bool { return c.Arm == "cargo:dev" })
	if a := r.Advise(); a.Profile != "sqlx-prepare" || a.CodegenUnits != 16 {
		t.Errorf("%+v", a)
	}
	// Memory is short, and nobody has measured codegen units.
	r = example(1, 1)
	r.Machine.Memory = 400 << 20
	r.Cells = slices.DeleteFunc(r.Cells, func(c Cell) bool { return c.Arm == "cargo:sqlx-prepare:16" })
	if a := r.Advise(); !strings.Contains(strings.Join(a.Why, "\n"), "memory is short") || !strings.Contains(a.Why[len(a.Why)-1], "-codegenunits=16,64,256 measures it") {
		t.Errorf("%+v", a)
	}
	r.Cells = r.Cells[:2] // two cold runs each
	if a := r.Advise(); a.Profile != "" || !strings.HasPrefix(a.Why[0], "no advice: too few runs") {
		t.Errorf("%+v", a)
	}
	if _, err := r.Advise().Apply(""); err == nil {
		t.Error("nothing to apply, but applied")
	}
}

func TestApply(t *testing.T) {
	for _, test := range []struct {
		name, text, want string
		advice           Advice
	}{
		{"no file", "", "profile = \"dev\"\n", Advice{Profile: "dev"}},
		{"the same", "profile = \"dev\"\n", "profile = \"dev\"\n", Advice{Profile: "dev"}},
		{"another", "profile = 'x' # why\r\n[[unit]]\r\n", "profile = \"dev\" # why\r\n[[unit]]\r\n", Advice{Profile: "dev"}},
		{"behind the last key", "engine = \"auto\"\n\n# db\n[[database]]\nname = \"a\"\n", "engine = \"auto\"\nprofile = \"dev\"\n\n# db\n[[database]]\nname = \"a\"\n", Advice{Profile: "dev"}},
		{"before a header", "# all\n\n# db\n[[database]]\nname = \"a\"\n", "# all\n\nprofile = \"dev\"\n\n# db\n[[database]]\nname = \"a\"\n", Advice{Profile: "dev"}},
		{"overrides", "[profile.dev]\ndebug = 0", "[profile.dev]\ndebug = 0\n\n[profile]\ndefault = \"dev\"\n", Advice{Profile: "dev"}},
		{"a default", "[profile]\ndefault = \"x\"\n[profile.dev]\ncodegen-units = 1\n", "[profile]\ndefault = \"dev\"\n[profile.dev]\ncodegen-units = 16\n", Advice{Profile: "dev", CodegenUnits: 16}},
		{"codegen units", "profile = \"x\"\n", "[profile]\ndefault = \"dev\"\n\n[profile.dev]\ncodegen-units = 16\n", Advice{Profile: "dev", CodegenUnits: 16}},
	} {
		got, err := test.advice.Apply(test.text)
		if err != nil || got != test.want {
			t.Errorf("%s: %v, got:\n%s\nwant:\n%s", test.name, err, got, test.want)
		}
	}
	for _, text := range []string{"profile = {x={debug=0}}\n", "= 1", "profile = 1\n[profile]\n"} {
		if got, err := (Advice{Profile: "dev"}).Apply(text); err == nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func FuzzApply(f *testing.F) {
	f.Add("engine = 'auto'\n[profile.dev]\ndebug=0\n", 0)
	f.Add("profile = 'x'", 16)
	f.Fuzz(func(t *testing.T, text string, units int) {
		got, err := Advice{Profile: "dev", CodegenUnits: max(0, units)}.Apply(text)
		if err != nil {
			return
		}
		var tree map[string]any
		if _, err := toml.Decode(got, &tree); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
	})
}
