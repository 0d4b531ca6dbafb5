// Package proc starts child processes that end when they are told to: with
// their context, with all that they started themselves, in bounded time, and
// also when this program is killed.
//
// A child leads a process group of its own on Unix and a Job Object on
// Windows, so it does not see the terminal's Ctrl-C: [Context] sees it, and
// the end of the context ends the tree.
package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// defaultWaitDelay bounds how long a cancelled child may take, and how long
// the pipes of an ended one are read on.
const defaultWaitDelay = 2 * time.Second

// Cmd is an exec.Cmd whose whole tree of processes ends with its context.
// All of exec.Cmd's fields may be set before Start; Cancel is taken. Where Env
// is nil the child gets this process's, [WithoutDatabases].
type Cmd struct {
	*exec.Cmd

	// Stop is the signal that asks the tree to end when the context does;
	// what has not ended after WaitDelay (2 s when zero) is killed. Zero
	// kills at once. Windows knows no such signals and always kills.
	Stop syscall.Signal
	// DeathSignal is what the child gets when this process dies without
	// cancelling (Linux only; SIGKILL when zero). On Windows the Job Object
	// kills the tree then; elsewhere nothing does.
	DeathSignal syscall.Signal

	ctx     context.Context
	tree    tree
	started time.Time
	wall    time.Duration
}

// Command is exec.CommandContext for a tree of processes.
func Command(ctx context.Context, name string, arg ...string) *Cmd {
	c := &Cmd{Cmd: exec.CommandContext(ctx, name, arg...), ctx: ctx}
	c.Cancel = func() error { return c.tree.stop(c.Process, c.Stop) }
	return c
}

// Start starts the child; Wait must follow.
func (c *Cmd) Start() error {
	if c.WaitDelay == 0 {
		c.WaitDelay = defaultWaitDelay
	}
	if c.Env == nil {
		c.Env = WithoutDatabases(c.Environ())
	}
	c.started = time.Now()
	if err := c.tree.start(c); err != nil {
		if cause := context.Cause(c.ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("start %s: %w", c.name(), err)
	}
	return nil
}

// Wait waits for the child to end. When the context ended first, whatever is
// left of the tree is killed and the error wraps the context's cause; else it
// is as exec.Cmd.Wait's, and what a child left running on purpose stays.
func (c *Cmd) Wait() error {
	err := c.Cmd.Wait()
	c.wall = time.Since(c.started)
	cancelled := err != nil && c.ctx.Err() != nil
	c.tree.close(c.Process, cancelled)
	if cancelled {
		return fmt.Errorf("%s: %w", c.name(), context.Cause(c.ctx))
	}
	return err
}

// Kill ends the whole tree at once, without asking; Wait still must follow.
func (c *Cmd) Kill() error { return c.tree.stop(c.Process, 0) }

// Run starts the child and waits for it.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the child and returns what it wrote to stdout. When Stderr is
// nil, an *exec.ExitError in the error holds what it wrote there.
func (c *Cmd) Output() ([]byte, error) {
	var stdout, stderr bytes.Buffer
	c.Stdout = &stdout
	capture := c.Stderr == nil
	if capture {
		c.Stderr = &stderr
	}
	err := c.Run()
	var exit *exec.ExitError
	if capture && errors.As(err, &exit) {
		exit.Stderr = stderr.Bytes()
	}
	return stdout.Bytes(), err
}

// CombinedOutput runs the child and returns what it wrote to stdout and stderr.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.Bytes(), err
}

func (c *Cmd) name() string { return filepath.Base(c.Path) }

// Usage is what an ended child and the descendants that it waited for used.
type Usage struct {
	Wall   time.Duration
	User   time.Duration
	System time.Duration
	// PeakRSS, in bytes, is the largest resident set of a single process of
	// the tree on Unix, the peak of the memory committed by the whole tree
	// on Windows; 0 where the system does not say.
	PeakRSS int64
}

// Usage reports what the child used; it is zero before Wait has returned.
func (c *Cmd) Usage() Usage {
	if c.ProcessState == nil {
		return Usage{}
	}
	u := Usage{
		Wall:   c.wall,
		User:   c.ProcessState.UserTime(),
		System: c.ProcessState.SystemTime(),
	}
	c.tree.usage(c.ProcessState, &u)
	return u
}
