package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

// ErrParentDied is the cause of a context that ended because the process that
// started this one is gone.
var ErrParentDied = errors.New("the parent process ended")

// Context returns a context that ends when the user or the system asks this
// program to stop (SIGINT, SIGTERM, SIGHUP; their counterparts on Windows) and
// when its parent dies: a SIGTERM to mage kills mage alone, and the compiled
// target that it started would go on. A program started under nohup, which
// ignores SIGHUP, is meant to outlive its parent and does.
//
// Once it has ended, a second signal has its ordinary effect, so an impatient
// user is never stuck. stop releases what the watch needs.
func Context(parent context.Context) (ctx context.Context, stop context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, watchedSignals()...)
	go func() {
		select {
		case sig := <-signals:
			cancel(fmt.Errorf("stopped by signal: %s", sig))
		case <-ctx.Done():
		}
		signal.Stop(signals)
	}()
	watchParent(ctx, func() { cancel(ErrParentDied) })
	return ctx, func() { cancel(context.Canceled) }
}
