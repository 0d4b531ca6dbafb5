package proc_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// The test binary plays the children: SQLXMAGE_PROC_ROLE names the part.
func TestMain(m *testing.M) {
	switch os.Getenv("SQLXMAGE_PROC_ROLE") {
	case "":
		os.Exit(m.Run())
	case "hello":
		fmt.Print("hello")
		fmt.Fprint(os.Stderr, "warning")
		os.Exit(3)
	case "sleeper":
		fmt.Println(os.Getpid())
		time.Sleep(time.Minute)
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println(os.Getpid())
		time.Sleep(time.Minute)
	case "polite": // ends by itself when asked
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		fmt.Println(os.Getpid())
		<-signals
		fmt.Println("bye")
	case "parent", "deafparent": // starts a sleeper, which inherits stdout, and sleeps
		role := map[string]string{"parent": "sleeper", "deafparent": "deaf"}[os.Getenv("SQLXMAGE_PROC_ROLE")]
		child := self(context.Background(), role)
		child.Stdout = os.Stdout
		if err := child.Cmd.Start(); err != nil { // a plain start: the same group
			panic(err)
		}
		time.Sleep(time.Minute)
	case "hog":
		block := make([]byte, 64<<20)
		for i := range block {
			block[i] = byte(i)
		}
		fmt.Println(len(block))
	case "watcher": // prints why its context ended
		ctx, stop := proc.Context(context.Background())
		defer stop()
		fmt.Println(os.Getpid())
		<-ctx.Done()
		fmt.Println(context.Cause(ctx))
	case "launcher": // starts a watcher and dies
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "SQLXMAGE_PROC_ROLE=watcher")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
		time.Sleep(time.Minute)
	}
	os.Exit(0)
}

func self(ctx context.Context, role string) *proc.Cmd {
	cmd := proc.Command(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "SQLXMAGE_PROC_ROLE="+role)
	return cmd
}

func TestOutput(t *testing.T) {
	out, err := self(t.Context(), "hello").Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || string(exit.Stderr) != "warning" || string(out) != "hello" {
		t.Errorf("got %q, %v", out, err)
	}
	both, err := self(t.Context(), "hello").CombinedOutput()
	if len(both) != len("hellowarning") || err == nil {
		t.Errorf("got %q, %v", both, err)
	}
}

func TestStartNoSuchProgram(t *testing.T) {
	err := proc.Command(t.Context(), "no-such-program-here").Run()
	if !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// TestCancel: the end of the context ends the child and the grandchild that
// holds its stdout, in bounded time.
func TestCancel(t *testing.T) {
	for _, c := range []struct {
		role string
		stop syscall.Signal
		soft bool // the child ends by itself
	}{
		{role: "parent"},
		{role: "parent", stop: syscall.SIGTERM},
		{role: "deaf", stop: syscall.SIGTERM},
		{role: "deafparent", stop: syscall.SIGTERM},
		{role: "polite", stop: syscall.SIGTERM, soft: true},
	} {
		t.Run(c.role+"/"+c.stop.String(), func(t *testing.T) {
			if c.soft && runtime.GOOS == "windows" {
				t.Skip("Windows has no SIGTERM to send")
			}
			cause := errors.New("enough")
			ctx, cancel := context.WithCancelCause(t.Context())
			cmd := self(ctx, c.role)
			cmd.Stop, cmd.WaitDelay = c.stop, 300*time.Millisecond
			stdout, pids := io.Pipe()
			cmd.Stdout = pids
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			lines.Scan()
			pid, err := strconv.Atoi(lines.Text())
			if err != nil {
				t.Fatal(err)
			}
			rest := make(chan string, 1)
			go func() {
				lines.Scan()
				rest <- lines.Text()
			}()

			start := time.Now()
			cancel(cause)
			err = cmd.Wait()
			pids.Close()
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if last := <-rest; (last == "bye") != c.soft {
				t.Errorf("last words %q", last)
			}
			if !c.soft && !errors.Is(err, cause) {
				t.Errorf("got error %v", err)
			}
			waitGone(t, pid)
		})
	}
}

// waitGone waits until no process has the id; a zombie that its new parent
// has not collected counts as gone.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if !alive(pid) {
			return
		}
	}
	t.Errorf("process %d is still there", pid)
}

func TestUsage(t *testing.T) {
	cmd := self(t.Context(), "hog")
	if u := cmd.Usage(); u != (proc.Usage{}) {
		t.Errorf("before the start: %+v", u)
	}
	if _, err := cmd.Output(); err != nil {
		t.Fatal(err)
	}
	u := cmd.Usage()
	if u.Wall <= 0 || u.User+u.System <= 0 || u.PeakRSS < 64<<20 || u.PeakRSS > 1<<30 {
		t.Errorf("got %+v", u)
	}
}

func TestContextParentDies(t *testing.T) {
	skipUnderNohup(t)
	launcher := exec.Command(os.Args[0])
	launcher.Env = append(os.Environ(), "SQLXMAGE_PROC_ROLE=launcher")
	stdout, err := launcher.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := launcher.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan() // the watcher watches
	if err := launcher.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	lines.Scan()
	if got := lines.Text(); got != proc.ErrParentDied.Error() {
		t.Errorf("got %q", got)
	}
	_ = launcher.Wait()
}

func TestContextSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	skipUnderNohup(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "SQLXMAGE_PROC_ROLE=watcher")
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			lines.Scan()
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			lines.Scan()
			if !strings.Contains(lines.Text(), sig.String()) {
				t.Errorf("got %q", lines.Text())
			}
			_ = cmd.Wait()
		})
	}
}

// skipUnderNohup: children inherit that SIGHUP is ignored, and then rightly
// heed neither it nor their parent's death.
func skipUnderNohup(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("SIGHUP is ignored here")
	}
}
