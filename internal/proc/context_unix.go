//go:build unix

package proc

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func watchedSignals() []os.Signal {
	watched := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		watched = append(watched, syscall.SIGHUP)
	}
	return watched
}

// parentPoll is how often the parent is looked for. A process whose parent
// died has another one from then on. (Linux could send a signal instead,
// PR_SET_PDEATHSIG, but does so when the parent's thread ends, not the parent.)
const parentPoll = 100 * time.Millisecond

func watchParent(ctx context.Context, died func()) {
	if signal.Ignored(syscall.SIGHUP) {
		return
	}
	first := os.Getppid()
	go func() {
		ticker := time.NewTicker(parentPoll)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				if os.Getppid() != first {
					died()
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}
