package targets

import (
	"context"
	"strconv"
	"time"

	"github.com/magefile/mage/mg"
	"github.com/sqlxmage/sqlxmage/internal/command"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/suite"
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

func (f flags) duration(name string, value *time.Duration) flags {
	if value != nil {
		f[name] = value.String()
	}
	return f
}

// run does the work of a target; mage gets its exit code.
func run(ctx context.Context, target string, given flags, work command.Work) error {
	code, message := command.Run(ctx, target, config.Flags(given), suite.Request{}, work)
	if code != command.Done {
		return mg.Fatal(code, message)
	}
	return nil
}
