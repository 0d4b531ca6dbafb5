package proc

import (
	"context"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// watchedSignals: Go turns Ctrl-C and Ctrl-Break into os.Interrupt, and the
// closing of the console, logging off and shutting down into SIGTERM.
func watchedSignals() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM}
}

// parentPoll is, in milliseconds, how long one wait on the parent's handle
// takes before the context is looked at again.
const parentPoll = 100

// watchParent waits on a handle to the parent; where it cannot be opened
// (another user's process), its death goes unnoticed.
func watchParent(ctx context.Context, died func()) {
	parent, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(os.Getppid()))
	if err != nil {
		return
	}
	go func() {
		defer windows.CloseHandle(parent)
		for ctx.Err() == nil {
			if event, err := windows.WaitForSingleObject(parent, parentPoll); err != nil {
				return
			} else if event == windows.WAIT_OBJECT_0 {
				died()
				return
			}
		}
	}()
}
