package targets

import (
	"context"
	"errors"
	"strconv"

	"github.com/hashicorp/go-multierror"
	"github.com/magefile/mage/mg"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/proc"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/suite"
	"github.com/sqlxmage/sqlxmage/internal/term"
)

// The exit codes.
const (
	exitFailed   = 1
	exitUsage    = 2
	exitStale    = 3
	exitUnproven = 4
)

// flags collects those that were given.
type flags config.Flags

func (f flags) text(name string, value *string) flags {
	if value != nil {
		f[name] = *value
	}
	return f
}

func (f flags) flag(name string, value *bool) flags {
	if value != nil {
		f[name] = strconv.FormatBool(*value)
	}
	return f
}

func (f flags) number(name string, value *int) flags {
	if value != nil {
		f[name] = strconv.Itoa(*value)
	}
	return f
}

// run does the work of a target and shows its result.
func run(ctx context.Context, target string, given flags, work func(context.Context, suite.Request) (*report.Result, error)) error {
	ctx, stop := proc.Context(ctx)
	defer stop()
	options, err := config.ParseOptions(target, config.Flags(given), nil)
	terminal := term.Standard(options.Quiet)
	if err != nil {
		return mg.Fatal(exitUsage, err)
	}
	result, err := work(ctx, suite.Request{Dir: ".", Options: options, Listener: terminal})
	terminal.Done()
	if result != nil {
		if shown := show(terminal, result, options); shown != nil && err == nil {
			err = shown
		}
	}
	if err != nil {
		return mg.Fatal(exitCode(err), summary(result, err))
	}
	return nil
}

func show(terminal *term.Terminal, result *report.Result, options config.Options) error {
	if options.Format == config.FormatJSON {
		return report.JSON(terminal.Out(), result)
	}
	return report.Text(terminal.Out(), result, report.Style{Color: terminal.Color(), Verbose: options.Verbose})
}

// summary is the last line, from mage; the result has already said what
// happened.
func summary(result *report.Result, err error) string {
	if result == nil || len(result.Units) == 0 {
		return err.Error()
	}
	return "sqlxmage " + result.Command + ": " + string(result.Status)
}

// exitCode is that of the worst of a run's errors.
func exitCode(err error) int {
	var many *multierror.Error
	all := []error{err}
	if errors.As(err, &many) {
		all = many.Errors
	}
	worst, rank := exitFailed, -1
	for _, err := range all {
		code, r := codeOf(err)
		if r > rank {
			worst, rank = code, r
		}
	}
	return worst
}

// codeOf returns an error's exit code, and how bad it is beside others.
func codeOf(err error) (code, rank int) {
	var usage *config.Error
	var stale *suite.StaleError
	var unproven *suite.UnprovenError
	switch {
	case errors.As(err, &usage):
		return exitUsage, 3
	case errors.As(err, &unproven):
		return exitUnproven, 1
	case errors.As(err, &stale):
		return exitStale, 0
	}
	return exitFailed, 2
}
