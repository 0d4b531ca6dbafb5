//go:build unix

package targets

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// patience bounds how long a run may take to end; it takes much less.
const patience = time.Minute

// TestSignals ends runs in the middle of their work. Each time the process
// ends, with all that it started; no temporary file stays; .sqlx is as it was.
func TestSignals(t *testing.T) {
	need.Program(t, "postgres")
	binary := compile(t)
	build(t, filepath.Dir(binary), "github.com/magefile/mage")
	mage := filepath.Join(filepath.Dir(binary), "mage")
	own := func(sig syscall.Signal) func(*started) error {
		return func(p *started) error { return p.cmd.Process.Signal(sig) }
	}
	group := func(sig syscall.Signal) func(*started) error {
		return func(p *started) error { return syscall.Kill(-p.cmd.Process.Pid, sig) }
	}
	tests := []struct {
		name    string
		program []string
		engine  string
		end     func(*started) error
	}{
		{"SIGINT to the target", []string{binary}, "native", own(syscall.SIGINT)},
		{"SIGTERM to the target", []string{binary}, "native", own(syscall.SIGTERM)},
		{"SIGTERM to mage", []string{mage}, "native", own(syscall.SIGTERM)},
		{"SIGKILL to mage", []string{mage}, "native", own(syscall.SIGKILL)},
		{"Ctrl-C in the terminal", []string{mage}, "native", group(syscall.SIGINT)},
		{"SIGTERM while cargo compiles", []string{binary}, "cargo", own(syscall.SIGTERM)},
		{"Ctrl-C while cargo compiles", []string{mage}, "cargo", group(syscall.SIGINT)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newProject(t)
			if test.engine == "cargo" {
				need.LiveOracle(t, "lets cargo compile the examples")
				need.Program(t, "cargo")
				p.target = need.CargoTarget(t)
				p.stallCargo(t)
			} else {
				p.stallServer(t)
			}
			run := p.start(t, append(test.program, "prepare", "-unit=crates/orders", "-engine="+test.engine)...)
			p.waitUntilStalled(t, run)
			if err := test.end(run); err != nil {
				t.Fatal(err)
			}
			if code := run.wait(t); code == 0 {
				t.Error("exit code 0")
			}
			p.isClean(t)
		})
	}
}

// TestKilled: what SIGKILL leaves, the next run removes.
func TestKilled(t *testing.T) {
	need.Program(t, "postgres")
	binary := compile(t)
	p := newProject(t)
	// What is known of the queries makes the next run one that needs no database.
	first := p.start(t, binary, "prepare", "-unit=crates/orders", "-engine=native")
	if code := first.wait(t); code != 0 {
		t.Fatalf("exit code %d\n%s", code, read(t, first.log))
	}
	p.stallServer(t)
	run := p.start(t, binary, "prepare", "-unit=crates/orders", "-engine=native")
	p.waitUntilStalled(t, run)
	if err := run.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	run.wait(t)
	if len(p.left(t)) == 0 {
		t.Error("the run had no temporary files; what is shown here?")
	}
	// What a run that is killed in the middle of its swap leaves.
	orders := filepath.Join(p.dir, "crates", "orders")
	if err := os.Mkdir(filepath.Join(orders, ".sqlx.stage-1"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(orders, ".sqlx"), filepath.Join(orders, ".sqlx.old-1")); err != nil {
		t.Fatal(err)
	}
	p.unstall(t)
	next := p.start(t, binary, "prepare", "-unit=crates/orders", "-engine=native")
	if code := next.wait(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, read(t, next.log))
	}
	p.isClean(t)
}

// TestTwoRuns: of two runs on one unit, one waits and says so.
func TestTwoRuns(t *testing.T) {
	need.Program(t, "postgres")
	binary := compile(t)
	p := newProject(t)
	p.stallServer(t)
	first := p.start(t, binary, "prepare", "-unit=crates/orders", "-engine=native")
	p.waitUntilStalled(t, first)
	second := p.start(t, binary, "prepare", "-unit=crates/orders", "-engine=native")
	for deadline := time.Now().Add(patience); !strings.Contains(read(t, second.log), "another run works on crates/orders; waiting for it"); {
		if time.Now().After(deadline) {
			t.Fatalf("the second run says %q", read(t, second.log))
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.unstall(t) // the second run reads the sources when its turn comes
	if err := first.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := first.wait(t); code == 0 {
		t.Error("the first run's exit code is 0")
	}
	if code := second.wait(t); code != 0 {
		t.Errorf("the second run's exit code is %d\n%s", code, read(t, second.log))
	}
	p.isClean(t)
}

// project is a copy of the example workspace with a folder for temporary files
// that nothing else uses.
type project struct{ dir, temp, target, marker string }

func newProject(t *testing.T) *project {
	t.Helper()
	// Short, for the socket, and open to the server's account.
	temp, err := os.MkdirTemp("/tmp", "sm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temp) })
	p := &project{dir: t.TempDir(), temp: temp, target: t.TempDir(), marker: filepath.Join(temp, "stalled")}
	if err := errors.Join(os.Chmod(temp, 0o777), copyTree("../examples", p.dir)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(p.dir, "magefile.go"), "//go:build mage\n\npackage main\n\nimport (\n\t// mage:import\n\t_ \"github.com/sqlxmage/sqlxmage/targets\"\n)\n")
	foreignModule(t, p.dir)
	return p
}

func (p *project) migration() string {
	return filepath.Join(p.dir, "crates/orders/migrations/20990101000000_stall.up.sql")
}

func (p *project) script() string { return filepath.Join(p.dir, "crates/orders/build.rs") }

// stallServer makes the migrations last.
func (p *project) stallServer(t *testing.T) {
	write(t, p.migration(), fmt.Sprintf("COPY (SELECT 1) TO '%s';\nSELECT pg_sleep(600);\n", p.marker))
}

// stallCargo makes the compiling last.
func (p *project) stallCargo(t *testing.T) {
	write(t, p.script(), fmt.Sprintf("fn main() { std::fs::write(%q, \"\").unwrap(); std::thread::sleep(std::time::Duration::from_secs(600)); }\n", p.marker))
}

func (p *project) unstall(t *testing.T) {
	t.Helper()
	for _, path := range []string{p.migration(), p.script(), p.marker} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

// waitUntilStalled returns when the run is in the middle of its work.
func (p *project) waitUntilStalled(t *testing.T, run *started) {
	t.Helper()
	for {
		if _, err := os.Stat(p.marker); err == nil {
			return
		}
		select {
		case <-run.done:
			t.Fatalf("the run ended: %v\n%s", run.cmd.ProcessState, read(t, run.log))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// isClean wants nothing of a run to be left: no process, no temporary file, no
// change in the sources.
func (p *project) isClean(t *testing.T) {
	t.Helper()
	p.unstall(t)
	deadline := time.Now().Add(patience)
	for {
		left := append(p.left(t), p.processes()...)
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("left behind: %q", left)
		}
		time.Sleep(20 * time.Millisecond)
	}
	err := walk("../examples", func(rel string, entry os.DirEntry) error {
		if entry.IsDir() {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(p.dir, rel))
		if err == nil && string(data) != read(t, filepath.Join("../examples", rel)) {
			err = errors.New(rel + " changed")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(filepath.Join(p.dir, "crates/orders"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".sqlx.") {
			t.Errorf("%s is left", entry.Name())
		}
	}
}

// left lists the temporary files.
func (p *project) left(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(p.temp, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// processes lists those that work for the project: its server and what cargo
// runs for it.
func (p *project) processes() []string {
	if runtime.GOOS != "linux" {
		return nil
	}
	paths, _ := filepath.Glob("/proc/[0-9]*")
	var list []string
	for _, path := range paths {
		command, _ := os.ReadFile(filepath.Join(path, "cmdline"))
		folder, _ := os.Readlink(filepath.Join(path, "cwd"))
		if bytes.Contains(command, []byte(p.temp)) || bytes.Contains(command, []byte(p.dir)) || strings.HasPrefix(folder, p.dir) {
			list = append(list, strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return list
}

// started is a running command, the leader of a process group.
type started struct {
	cmd  *exec.Cmd
	log  string // what it writes
	done chan struct{}
}

func (p *project) start(t *testing.T, args ...string) *started {
	t.Helper()
	run := &started{cmd: exec.Command(args[0], args[1:]...), log: filepath.Join(t.TempDir(), "log"), done: make(chan struct{})}
	log, err := os.Create(run.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	run.cmd.Dir = p.dir
	run.cmd.Stdout, run.cmd.Stderr = log, log
	// Under nohup the run would be meant to outlive its parent.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	run.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.cmd.Env = append(os.Environ(), "TMPDIR="+p.temp, "CARGO_TARGET_DIR="+p.target,
		"GOFLAGS=-mod=mod", "GOPROXY=off", "GOTMPDIR="+t.TempDir())
	if err := run.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = run.cmd.Wait()
		close(run.done)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-run.cmd.Process.Pid, syscall.SIGKILL)
		<-run.done
	})
	return run
}

// wait returns the exit code; -1 is that of a process that a signal ended.
func (s *started) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatalf("it does not end; it says:\n%s", read(t, s.log))
	}
	return s.cmd.ProcessState.ExitCode()
}
