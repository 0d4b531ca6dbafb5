package targets

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// Ctrl-C gives the report of what is finished, and leaves nothing behind.
func TestBenchInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no way to send Ctrl-C")
	}
	need.Program(t, "postgres")
	binary, dir, scratch := compile(t), t.TempDir(), t.TempDir()
	if err := copyTree("../examples", dir); err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	cmd := exec.Command(binary, "bench", "-engine=native", "-unit=crates/orders", "-scenarios=noop", "-runs=1000000", "-budget=0", "-verbose")
	cmd.Dir, cmd.Stdout, cmd.Env = dir, &stdout, append(os.Environ(), "TMPDIR="+scratch)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := &strings.Builder{}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "noop, native: run 3 of") {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("ended with %v\n%s", err, said)
	}
	for _, want := range []string{"noop      wall", "  native  ", "interrupted\n  these are the runs that were finished"} {
		if !strings.Contains(strings.ReplaceAll(stdout.String(), "  ", " "), strings.ReplaceAll(want, "  ", " ")) {
			t.Errorf("%q is not in\n%s", want, &stdout)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(scratch, "sqlxmage-bench-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestPrepareCommand(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"mage", "bench", "-runs=1"}, "prepare"},
		{[]string{"mage", "-v", "Bench"}, "prepare"},
		{[]string{"mage", "sqlx:bench"}, "sqlx:prepare"},
		{[]string{"mage", "status", "db:sqlx:Bench"}, "db:sqlx:prepare"},
		{[]string{"mage", "workbench"}, "prepare"},
		{[]string{"mage", "bench", "sqlx:bench"}, "sqlx:prepare"},
	} {
		got, err := prepareCommand(test.args)
		if err != nil || len(got) != 2 || got[1] != test.want {
			t.Errorf("%q: %q, %v, want %q", test.args, got, err, test.want)
		}
	}
}
