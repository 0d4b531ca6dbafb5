package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/bench"
	"github.com/sqlxmage/sqlxmage/internal/config"
)

func TestShowBench(t *testing.T) {
	result := bench.Result{Report: &bench.Report{Project: "bookshop", Baseline: "native", Arms: []bench.ArmInfo{{Name: "native", Engine: "native"}},
		Cells: []bench.Cell{{Arm: "native", Scenario: bench.Warm, Samples: []bench.Sample{{Wall: 0.25}}}}}}
	for format, want := range map[string]string{
		config.FormatText:     "bookshop, ",
		config.FormatJSON:     "{\n  \"report\"",
		config.FormatGo:       "goos: ",
		config.FormatMarkdown: "### Preparing: bookshop",
		config.FormatHTML:     "<!doctype html>",
	} {
		var b bytes.Buffer
		if err := showBench(&b, result, format); err != nil || !strings.HasPrefix(b.String(), want) {
			t.Errorf("%s: %v\n%.200s", format, err, b.String())
		}
	}
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	for range 2 { // it is added to what other steps wrote
		if err := summarizeBench(result); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(summary); err != nil || bytes.Count(text, []byte("### Preparing: bookshop")) != 2 {
		t.Errorf("%v\n%s", err, text)
	}
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(summary, "no folder"))
	if err := summarizeBench(result); err == nil {
		t.Error("no error")
	}
}
