package targets

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/magefile/mage/mg"
	"github.com/sqlxmage/sqlxmage/internal/command"
	"github.com/sqlxmage/sqlxmage/internal/config"
)

// Bench measures what preparing costs here, by engine and cargo profile.
func Bench(ctx context.Context,
	unit *string, // the units, by their paths, with commas between them
	engine *string, // auto: both and sqlx-cli; or native, or cargo
	scenarios *string, // of cold, warm, touched, query, noop
	runs *int, // of each arm in each scenario; 0 shows the newest report
	warmup *int, // runs that do not count, after each cold one
	budget *time.Duration, // the time for all runs; 0 is no limit
	profiles *string, // cargo profiles, with commas between them
	codegenunits *string, // also with these, as in 16,64,256
	history *string, // the file to which the report is added
	compare *string, // a revision in the history, or a file
	failabove *string, // with -compare: how much slower is too slow, as in 20%
	apply *bool, // write the best profile into sqlxmage.toml
	format *string, // text, json, go (for benchstat), markdown or html
	quiet *bool, // no progress
	verbose *bool, // every run
) error {
	f := flags{}
	f.text("unit", unit).text("engine", engine).text("scenarios", scenarios).number("runs", runs).number("warmup", warmup)
	f.duration("budget", budget).text("profiles", profiles).text("codegenunits", codegenunits)
	f.text("history", history).text("compare", compare).text("failabove", failabove).flag("apply", apply)
	f.text("format", format).flag("quiet", quiet).flag("verbose", verbose)
	self, err := prepareCommand(os.Args)
	if err != nil {
		return err
	}
	if code, message := command.Bench(ctx, config.Flags(f), self); code != command.Done {
		return mg.Fatal(code, message)
	}
	return nil
}

// prepareCommand returns the command line of the target Prepare in this very
// program, whose own is args. Where a magefile imports the targets under a
// name, theirs begin with it, `sqlx:bench`, and a plain `bench` is another.
func prepareCommand(args []string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for _, arg := range args[1:] {
		if prefix, ok := strings.CutSuffix(strings.ToLower(arg), ":bench"); ok {
			return []string{self, prefix + ":prepare"}, nil
		}
	}
	return []string{self, "prepare"}, nil
}
