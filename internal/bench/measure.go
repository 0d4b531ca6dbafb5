package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// Command is one run, as exec.Cmd has it.
type Command struct {
	Path string
	Args []string // without the program's name
	Env  []string // the whole environment; nil is this process's
	Dir  string
	// Disk are the directories whose growth counts.
	Disk []string
	// Crates counts the crates in what the run printed; nil: none.
	Crates func(output []byte) int
	// Redact takes secrets out of an error; nil: there are none.
	Redact func(string) string
}

// measure readies the copy and does one run in it.
func (b *bench) measure(ctx context.Context, arm *armState, s Scenario) (Sample, error) {
	cmd, err := arm.copy.Ready(ctx, s)
	if err != nil {
		return Sample{}, fmt.Errorf("make ready for %s: %w", s, err)
	}
	return Measure(ctx, cmd, b.place.sub("output"))
}

// Measure does one run. While it goes on, this process only waits: the run
// writes what it prints to the file output itself, and the figures come from
// the system when it has ended. The error of a run that failed holds the end
// of what it printed.
//
// Where the run's processes are smaller than this one, Linux gives this one's
// peak as theirs: a new process begins in its parent's memory.
func Measure(ctx context.Context, c Command, output string) (Sample, error) {
	log, err := os.Create(output)
	if err != nil {
		return Sample{}, fmt.Errorf("make a file for the run's output: %w", err)
	}
	defer func() { _ = log.Close() }() // only read from here on
	cmd := proc.Command(ctx, c.Path, c.Args...)
	cmd.Env, cmd.Dir = c.Env, c.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Stop = syscall.SIGTERM
	cmd.WaitDelay = 10 * time.Second // to stop a database
	before, err := diskUsage(c.Disk)
	if err != nil {
		return Sample{}, err
	}

	failure := cmd.Run()

	usage := cmd.Usage()
	sample := Sample{
		Wall:   usage.Wall.Seconds(),
		User:   usage.User.Seconds(),
		System: usage.System.Seconds(),
		Memory: usage.PeakRSS,
	}
	after, err := diskUsage(c.Disk)
	if err != nil {
		return sample, err
	}
	sample.Disk = after - before
	text, err := os.ReadFile(output)
	if err != nil {
		return sample, fmt.Errorf("read the run's output: %w", err)
	}
	if c.Crates != nil {
		sample.Crates = c.Crates(text)
	}
	if failure != nil {
		return sample, c.failed(failure, text)
	}
	return sample, nil
}

// failed makes one error of how a run ended and what it printed last.
func (c Command) failed(err error, output []byte) error {
	what := err.Error()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		what = fmt.Sprintf("%s: %s", filepath.Base(c.Path), exit)
	}
	lines := strings.Split(strings.TrimSpace(string(bytes.ToValidUTF8(output, nil))), "\n")
	const last = 12
	if tail := strings.Join(lines[max(0, len(lines)-last):], "\n"); tail != "" {
		what += "\n" + tail
	}
	if c.Redact != nil {
		what = c.Redact(what)
	}
	return errors.New(what)
}

// diskUsage returns what is below the directories; one that is not there has
// nothing. A file with several names counts once.
func diskUsage(dirs []string) (int64, error) {
	var total int64
	seen := map[fileID]bool{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone meanwhile: an earlier run's last processes end
			}
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			id, size := identify(info)
			if id != (fileID{}) && seen[id] {
				return nil
			}
			seen[id] = true
			total += size
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("count the bytes on disk: %w", err)
		}
	}
	return total, nil
}

// fileID tells files apart where the system can; else it is zero.
type fileID struct{ device, inode uint64 }
