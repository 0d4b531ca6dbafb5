// Package term is the edge to the terminal: which stream gets what, whether
// there is colour, and the progress line.
//
// Results go to standard output; progress, notes and what went wrong go to
// standard error. A progress line is shown only where standard error is a
// terminal, and is wiped before anything else is written there.
package term

import (
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// Terminal writes to the two streams.
type Terminal struct {
	out, err io.Writer
	live     bool // err is a terminal
	color    bool
	quiet    bool

	mu    sync.Mutex
	shown bool // a progress line stands
}

// Standard returns the process's own streams. NO_COLOR and TERM=dumb forbid
// colour.
func Standard(quiet bool) *Terminal {
	live := term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb"
	return &Terminal{
		out: os.Stdout, err: os.Stderr, live: live, quiet: quiet,
		color: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
}

// Out returns standard output, for results.
func (t *Terminal) Out() io.Writer { return t.out }

// Color tells whether results may be coloured.
func (t *Terminal) Color() bool { return t.color }

// Progress shows what is going on, in place of the last such line.
func (t *Terminal) Progress(text string) {
	if t.quiet || !t.live {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.err, "\r\x1b[K%s", text)
	t.shown = true
}

// Say writes a line that stays, to standard error.
func (t *Terminal) Say(text string) {
	if t.quiet {
		return
	}
	fmt.Fprintln(t, text)
}

// Write passes another program's output on to standard error.
func (t *Terminal) Write(data []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wipe()
	return t.err.Write(data)
}

// Done wipes the progress line.
func (t *Terminal) Done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wipe()
}

func (t *Terminal) wipe() {
	if t.shown {
		fmt.Fprint(t.err, "\r\x1b[K")
		t.shown = false
	}
}
