//go:build unix

package proc

import (
	"errors"
	"os"
	"syscall"
)

// tree is the child's process group; its id is the child's process id.
type tree struct{}

func (tree) start(c *Cmd) error {
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.SysProcAttr.Setpgid = true
	setDeathSignal(c.SysProcAttr, c.DeathSignal)
	return c.Cmd.Start()
}

func (tree) stop(p *os.Process, sig syscall.Signal) error {
	if sig == 0 {
		sig = syscall.SIGKILL
	}
	err := syscall.Kill(-p.Pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

func (t tree) close(p *os.Process, cancelled bool) {
	if cancelled {
		// The group's id cannot have been given away while a member lives.
		// Where none does, ESRCH is what is wanted.
		_ = t.stop(p, syscall.SIGKILL)
	}
}

func (tree) usage(state *os.ProcessState, u *Usage) {
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		u.PeakRSS = int64(r.Maxrss) * maxrssUnit()
	}
}
