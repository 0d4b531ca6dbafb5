package suite

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/bench"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

func TestReference(t *testing.T) {
	for _, test := range []struct {
		name string
		unit unit
		want []string
		none string
	}{
		{"package", unit{pkg: &workspace.Package{}, arguments: [][]string{nil}}, []string{"--"}, ""},
		{"workspace", unit{arguments: [][]string{{"--workspace", "--all-targets"}}}, []string{"--workspace", "--", "--workspace", "--all-targets"}, ""},
		{"variants", unit{arguments: [][]string{nil, {"--features", "a"}}}, nil, "cargo sqlx prepare knows no variants"},
	} {
		args, none := test.unit.reference()
		if diff := cmp.Diff(test.want, args); diff != "" || none != test.none {
			t.Errorf("%s: %q\n%s", test.name, none, diff)
		}
	}
}

// What failed is told before what is slower: a failed run has no time.
func TestVerdict(t *testing.T) {
	good := bench.Cell{Arm: "native", Scenario: bench.Warm, Samples: []bench.Sample{{Wall: 1}}}
	bad := bench.Cell{Arm: "cargo:dev", Scenario: bench.Cold, Samples: []bench.Sample{{Error: "exit status 1"}}}
	slower := &bench.Comparison{Deltas: []bench.Delta{{Arm: "native", Scenario: bench.Warm, Slower: true}, {Arm: "native", Scenario: bench.Noop}}}
	for _, test := range []struct {
		name       string
		cells      []bench.Cell
		comparison *bench.Comparison
		want       string
		slower     bool
	}{
		{"good", []bench.Cell{good}, nil, "", false},
		{"not slower", []bench.Cell{good}, &bench.Comparison{}, "", false},
		{"slower", []bench.Cell{good}, slower, "slower than allowed: warm, native", true},
		{"failed", []bench.Cell{good, bad}, slower, "failed: cold, cargo:dev", false},
	} {
		err := verdict(&bench.Result{Report: &bench.Report{Cells: test.cells}, Comparison: test.comparison})
		got := ""
		if err != nil {
			got = err.Error()
		}
		var s *SlowerError
		if got != test.want || errors.As(err, &s) != test.slower {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestSqlxCLI(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if path := sqlxCLI(filepath.Join(t.TempDir(), "cargo")); path != "" {
		t.Errorf("found %s", path)
	}
}

// A report without a run is not kept.
func TestKeepNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bench.jsonl")
	b := benching{run: &run{}, file: file}
	if err := b.keep(&bench.Report{Cells: []bench.Cell{{Arm: "native"}}}); err != nil {
		t.Fatal(err)
	}
	if h, err := bench.ReadHistory(file); err != nil || len(h.Reports) > 0 {
		t.Errorf("%+v, %v", h, err)
	}
}
