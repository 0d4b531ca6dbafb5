// Package command is one run as its caller sees it: options in, the result
// shown, an exit code out. The mage targets and the programs in scripts share
// it.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/go-multierror"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/proc"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/suite"
	"github.com/sqlxmage/sqlxmage/internal/term"
)

// The exit codes.
const (
	Done     = 0
	Failed   = 1
	Usage    = 2 // or configuration
	Stale    = 3 // `.sqlx` is not what it should be
	Unproven = 4 // the native engine cannot vouch, and there is no cargo to ask
	Slower   = 5 // than allowed, for bench
)

// Work is the workflow of one target.
type Work func(context.Context, suite.Request) (*report.Result, error)

// Run does the work of a target and shows its result. request needs no options
// and no listener. It returns the exit code and, unless that is Done, one line
// that says what happened.
func Run(ctx context.Context, target string, flags config.Flags, request suite.Request, work Work) (code int, message string) {
	ctx, stop := proc.Context(ctx)
	defer stop()
	secrets := secretsOf(flags)
	options, err := config.ParseOptions(target, flags, nil)
	if err != nil {
		return Usage, secrets.Text(err.Error())
	}
	terminal := term.Standard(options.Quiet)
	request.Options, request.Listener, request.Secrets = options, discreet{terminal, secrets}, secrets
	if request.Dir == "" {
		request.Dir = "."
	}
	result, err := work(ctx, request)
	terminal.Done()
	if result != nil {
		redact(result, secrets)
		err = errors.Join(err, show(terminal, result, options))
	}
	if err != nil {
		return exitCode(err), secrets.Text(summary(result, err))
	}
	return Done, ""
}

// Script is a run of prepare, or with check of prepareCheck, for a program that
// takes a script's place. It returns the exit code.
func Script(check bool, request suite.Request) int {
	target, work := "prepare", suite.Prepare
	if check {
		target, work = "prepareCheck", suite.PrepareCheck
	}
	code, message := Run(context.Background(), target, nil, request, work)
	if code != Done {
		fmt.Fprintln(os.Stderr, "error:", message)
	}
	return code
}

func show(terminal *term.Terminal, result *report.Result, options config.Options) error {
	if options.Format == config.FormatJSON {
		return report.JSON(terminal.Out(), result)
	}
	return report.Text(terminal.Out(), result, report.Style{Color: terminal.Color(), Verbose: options.Verbose})
}

// summary is the last line; where there are units or failures the result has
// already said what happened.
func summary(result *report.Result, err error) string {
	if result == nil || len(result.Units)+len(result.Failures) == 0 || result.Status == report.Done {
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
	worst, rank := Failed, -1
	for _, err := range all {
		if code, r := codeOf(err); r > rank {
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
	var slower *suite.SlowerError
	switch {
	case errors.As(err, &usage):
		return Usage, 3
	case errors.As(err, &unproven):
		return Unproven, 1
	case errors.As(err, &stale):
		return Stale, 0
	case errors.As(err, &slower):
		return Slower, 0
	}
	return Failed, 2
}
