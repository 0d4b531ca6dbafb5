package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sqlxmage/sqlxmage/internal/bench"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/proc"
	"github.com/sqlxmage/sqlxmage/internal/suite"
	"github.com/sqlxmage/sqlxmage/internal/term"
)

// Bench is Run for the target bench. self is the command line of the target
// prepare.
func Bench(ctx context.Context, flags config.Flags, self []string) (code int, message string) {
	ctx, stop := proc.Context(ctx)
	defer stop()
	secrets := secretsOf(flags)
	options, err := config.ParseOptions("bench", flags, nil)
	if err != nil {
		return Usage, secrets.Text(err.Error())
	}
	terminal := term.Standard(options.Quiet)
	request := suite.Request{Dir: ".", Options: options, Listener: discreet{terminal, secrets}, Secrets: secrets}
	err = suite.Bench(ctx, request, self, func(result *bench.Result) error {
		terminal.Done()
		return errors.Join(showBench(terminal.Out(), *result, options.Format), summarizeBench(*result))
	})
	terminal.Done()
	if err != nil {
		return exitCode(err), secrets.Text(err.Error())
	}
	return Done, ""
}

func showBench(w io.Writer, result bench.Result, format string) error {
	switch format {
	case config.FormatJSON:
		return bench.JSON(w, result)
	case config.FormatGo:
		return bench.GoBench(w, result.Report)
	case config.FormatMarkdown:
		return bench.Markdown(w, result)
	case config.FormatHTML:
		return bench.HTML(w, result)
	}
	return bench.Text(w, result)
}

// summarizeBench adds the result to the summary of a GitHub job, where this is
// one.
func summarizeBench(result bench.Result) (err error) {
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return fmt.Errorf("write the job's summary: %w", err)
	}
	defer func() {
		if closing := file.Close(); err == nil && closing != nil {
			err = fmt.Errorf("write the job's summary: %w", closing)
		}
	}()
	return bench.Markdown(file, result)
}
