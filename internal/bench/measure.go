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
	// Read reads what the run printed; nil: nothing is read.
	Read func(stdout, stderr []byte) Said
}

// Said is what a run says of itself.
type Said struct {
	Crates   int
	Database time.Duration
	Failure  string // in words; empty: the end of what it printed is all there is
}

// measure readies the copy and does one run in it.
func (b *bench) measure(ctx context.Context, arm *armState, s Scenario) (Sample, error) {
	commands, err := arm.copy.Ready(ctx, s)
	if err != nil {
		return Sample{}, fmt.Errorf("make ready for %s: %w", s, err)
	}
	lowerPeak()
	b.floor = max(b.floor, ownPeak())
	var sum Sample
	for _, command := range commands {
		one, err := Measure(ctx, command, b.place.sub("output"))
		sum = sum.and(one)
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// and returns the figures of two runs, one after the other, as of one.
func (s Sample) and(next Sample) Sample {
	wall := s.Wall + next.Wall
	if wall > 0 {
		s.Others = (s.Others*s.Wall + next.Others*next.Wall) / wall
	}
	s.Wall = wall
	s.User += next.User
	s.System += next.System
	s.Memory = max(s.Memory, next.Memory)
	s.Disk += next.Disk
	s.Crates += next.Crates
	s.Database += next.Database
	return s
}

// Measure does one run. While it goes on, this process only waits: the run
// writes what it prints to files itself, whose names begin with output, and the
// figures come from the system when it has ended. The error of a run that
// failed holds what it said of that, or the end of what it printed.
//
// Where the run's processes are smaller than this one, Linux gives this one's
// peak as theirs: a new process begins in its parent's memory. See lowerPeak.
func Measure(ctx context.Context, c Command, output string) (Sample, error) {
	stdout, stderr, err := outputs(output)
	if err != nil {
		return Sample{}, fmt.Errorf("make a file for the run's output: %w", err)
	}
	defer func() { _, _ = stdout.Close(), stderr.Close() }() // only read from here on
	cmd := proc.Command(ctx, c.Path, c.Args...)
	cmd.Env, cmd.Dir = c.Env, c.Dir
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.Stop = syscall.SIGTERM
	cmd.WaitDelay = 10 * time.Second // to stop a database
	before, err := diskUsage(c.Disk)
	if err != nil {
		return Sample{}, err
	}

	load := machineLoad()
	failure := cmd.Run()
	busy := machineLoad().since(load)

	usage := cmd.Usage()
	sample := Sample{
		Wall:   usage.Wall.Seconds(),
		User:   usage.User.Seconds(),
		System: usage.System.Seconds(),
		Memory: usage.PeakRSS,
	}
	sample.Others = busy.others(sample.User + sample.System)
	after, err := diskUsage(c.Disk)
	if err != nil {
		return sample, err
	}
	sample.Disk = after - before
	printed, err := os.ReadFile(stdout.Name())
	complained, err2 := os.ReadFile(stderr.Name())
	if err := errors.Join(err, err2); err != nil {
		return sample, fmt.Errorf("read the run's output: %w", err)
	}
	return c.finish(sample, failure, printed, complained)
}

func outputs(name string) (stdout, stderr *os.File, err error) {
	if stdout, err = os.Create(name + ".out"); err != nil {
		return nil, nil, err
	}
	if stderr, err = os.Create(name + ".err"); err != nil {
		_ = stdout.Close() // empty
	}
	return stdout, stderr, err
}

// finish completes a sample by what the run printed.
func (c Command) finish(s Sample, failure error, stdout, stderr []byte) (Sample, error) {
	var said Said
	if c.Read != nil {
		said = c.Read(stdout, stderr)
	}
	s.Crates, s.Database = said.Crates, said.Database.Seconds()
	if failure == nil {
		return s, nil
	}
	if said.Failure == "" {
		said.Failure = end(append(stderr, stdout...))
	}
	return s, c.failed(failure, said.Failure)
}

// failed makes one error of how a run ended and what it said.
func (c Command) failed(err error, said string) error {
	what := err.Error()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		what = fmt.Sprintf("%s: %s", filepath.Base(c.Path), exit)
	}
	if said != "" {
		what += "\n" + said
	}
	return errors.New(what)
}

// end returns the last lines of a text.
func end(text []byte) string {
	const most = 12
	lines := strings.Split(strings.TrimSpace(string(bytes.ToValidUTF8(text, nil))), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
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
