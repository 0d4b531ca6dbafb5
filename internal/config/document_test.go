package config

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// TestSettingsTable holds the documentation's table against Settings.
func TestSettingsTable(t *testing.T) {
	const path, begin, end = "../../docs/settings.md", "<!-- begin settings -->\n", "<!-- end settings -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks its markers", path)
	}
	want := before + begin + table() + end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("run `go test ./internal/config -update`:\n%s", diff)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| flag | environment | key in sqlxmage.toml | default | for | what |\n| --- | --- | --- | --- | --- | --- |\n")
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + s + "`"
	}
	for _, s := range Settings() {
		flag := "-" + s.Flag
		if s.Values != nil {
			flag += "=" + strings.Join(s.Values, "\\|")
		}
		b.WriteString("| " + strings.Join([]string{code(flag), code(s.Env), code(s.Key), s.Default, strings.Join(s.Targets, ", "), s.Doc}, " | ") + " |\n")
	}
	return b.String()
}
