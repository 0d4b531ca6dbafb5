package proc

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// tree is a Job Object; the system kills its processes when the last handle
// to it is closed, so also when this process dies.
type tree struct {
	job        windows.Handle
	accounting accounting
	peak       uintptr
}

// accounting is JOBOBJECT_BASIC_ACCOUNTING_INFORMATION; times are in 100 ns.
type accounting struct {
	totalUser, totalKernel   int64
	periodUser, periodKernel int64
	faults                   uint32
	processes, active, ended uint32
}

// start starts the child suspended, so that it cannot start another before
// it is in the job.
func (t *tree) start(c *Cmd) (err error) {
	t.job, err = windows.CreateJobObject(nil, nil)
	if err != nil {
		return fmt.Errorf("create job object: %w", err)
	}
	if err := t.limit(windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE); err != nil {
		windows.CloseHandle(t.job)
		return err
	}
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.SysProcAttr.CreationFlags |= windows.CREATE_SUSPENDED | windows.CREATE_NEW_PROCESS_GROUP
	if err := c.Cmd.Start(); err != nil {
		windows.CloseHandle(t.job)
		return err
	}
	if err := t.adopt(uint32(c.Process.Pid)); err != nil {
		_ = c.Process.Kill()
		_ = c.Cmd.Wait()
		windows.CloseHandle(t.job)
		return err
	}
	return nil
}

func (t *tree) limit(flags uint32) error {
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = flags
	_, err := windows.SetInformationJobObject(t.job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		return fmt.Errorf("limit job object: %w", err)
	}
	return nil
}

func (t *tree) adopt(pid uint32) error {
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return fmt.Errorf("open process %d: %w", pid, err)
	}
	defer windows.CloseHandle(process)
	if err := windows.AssignProcessToJobObject(t.job, process); err != nil {
		return fmt.Errorf("assign process %d to job object: %w", pid, err)
	}
	return resume(pid)
}

// resume lets the one thread of a process that was started suspended run.
func resume(pid uint32) error {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return fmt.Errorf("list threads: %w", err)
	}
	defer windows.CloseHandle(snapshot)
	entry := windows.ThreadEntry32{}
	entry.Size = uint32(unsafe.Sizeof(entry))
	for err = windows.Thread32First(snapshot, &entry); err == nil; err = windows.Thread32Next(snapshot, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return fmt.Errorf("open thread of process %d: %w", pid, err)
		}
		defer windows.CloseHandle(thread)
		if _, err := windows.ResumeThread(thread); err != nil {
			return fmt.Errorf("resume process %d: %w", pid, err)
		}
		return nil
	}
	return fmt.Errorf("resume process %d: no thread found: %w", pid, err)
}

func (t *tree) stop(*os.Process, syscall.Signal) error {
	err := windows.TerminateJobObject(t.job, 1)
	if errors.Is(err, windows.ERROR_INVALID_HANDLE) {
		return os.ErrProcessDone
	}
	return err
}

func (t *tree) close(_ *os.Process, cancelled bool) {
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	if windows.QueryInformationJobObject(t.job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)), nil) == nil {
		t.peak = limits.PeakJobMemoryUsed
	}
	_ = windows.QueryInformationJobObject(t.job, windows.JobObjectBasicAccountingInformation,
		uintptr(unsafe.Pointer(&t.accounting)), uint32(unsafe.Sizeof(t.accounting)), nil)
	if !cancelled {
		// What the child left running on purpose (a compiler cache's
		// server) outlives it, as on Unix.
		_ = t.limit(0)
	}
	windows.CloseHandle(t.job)
}

func (t *tree) usage(_ *os.ProcessState, u *Usage) {
	if t.accounting.processes > 0 {
		u.User = time.Duration(t.accounting.totalUser * 100)
		u.System = time.Duration(t.accounting.totalKernel * 100)
	}
	u.PeakRSS = int64(t.peak)
}
