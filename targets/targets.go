// Package targets holds the mage targets. A repository takes them with
//
//	// mage:import
//	_ "github.com/sqlxmage/sqlxmage/targets"
//
// in its magefile. Each target only reads its flags, runs the workflow and
// shows the result; every exported function here becomes a target.
//
// Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 `.sqlx` is stale,
// 4 not proven and no cargo to ask, 5 slower than allowed.
package targets

import (
	"context"

	"github.com/sqlxmage/sqlxmage/internal/suite"
)

// Prepare makes every unit's .sqlx right.
func Prepare(ctx context.Context,
	unit *string, // the units, by their paths, with commas between them
	engine *string, // auto, native or cargo
	profile *string, // the cargo profile of the cargo engine
	codegenunits *int, // of the profile: fewer where memory is short
	live *bool, // ask the database of the given URL, read only
	databaseurl *string, // the URL for -live
	prune *bool, // also remove files whose queries the arguments do not take in
	network *bool, // off: nothing is fetched
	format *string, // text or json
	quiet *bool, // no progress
	verbose *bool, // every query, every step with its time
) error {
	f := flags{}
	f.text("unit", unit).text("engine", engine).text("profile", profile).number("codegenunits", codegenunits)
	f.flag("live", live).text("databaseurl", databaseurl).flag("prune", prune).flag("network", network).text("format", format).flag("quiet", quiet).flag("verbose", verbose)
	return run(ctx, "prepare", f, suite.Prepare)
}

// PrepareCheck tells what in .sqlx is not as prepare would make it, and writes nothing.
func PrepareCheck(ctx context.Context,
	unit *string, // the units, by their paths, with commas between them
	engine *string, // auto, native or cargo
	profile *string, // the cargo profile of the cargo engine
	codegenunits *int, // of the profile: fewer where memory is short
	live *bool, // ask the database of the given URL, read only
	databaseurl *string, // the URL for -live
	offline *bool, // no database and no compiling
	compile *bool, // also compile against the committed .sqlx
	allowunused *bool, // unused files do not fail the check
	network *bool, // off: nothing is fetched
	format *string, // text or json
	quiet *bool, // no progress
	verbose *bool, // every query, every step with its time
) error {
	f := flags{}
	f.text("unit", unit).text("engine", engine).text("profile", profile).number("codegenunits", codegenunits)
	f.flag("live", live).text("databaseurl", databaseurl).flag("offline", offline).flag("compile", compile)
	f.flag("allowunused", allowunused).flag("network", network).text("format", format).flag("quiet", quiet).flag("verbose", verbose)
	return run(ctx, "prepareCheck", f, suite.PrepareCheck)
}

// Revert removes the cargo profile that prepare installed.
func Revert(ctx context.Context,
	dryrun *bool, // show what would change, and change nothing
	force *bool, // also remove a profile whose values are not ours
	format *string, // text or json
	quiet *bool, // no progress
	verbose *bool, // say more
) error {
	f := flags{}
	f.flag("dryrun", dryrun).flag("force", force).text("format", format).flag("quiet", quiet).flag("verbose", verbose)
	return run(ctx, "revert", f, suite.Revert)
}

// Status tells which queries the sources hold and which of them .sqlx lacks.
func Status(ctx context.Context,
	unit *string, // the units, by their paths, with commas between them
	query *string, // the query of this hash, or of the hashes that begin so
	site *string, // the query at FILE:LINE
	network *bool, // off: nothing is fetched
	format *string, // text or json
	quiet *bool, // no progress
	verbose *bool, // every query with its place
) error {
	f := flags{}
	f.text("unit", unit).text("query", query).text("site", site)
	f.flag("network", network).text("format", format).flag("quiet", quiet).flag("verbose", verbose)
	return run(ctx, "status", f, suite.Status)
}

// Verify runs both engines on the same unit and compares their files byte by byte.
func Verify(ctx context.Context,
	unit *string, // the units, by their paths, with commas between them
	live *bool, // ask the database of the given URL, read only
	databaseurl *string, // the URL for -live
	network *bool, // off: nothing is fetched
	format *string, // text or json
	quiet *bool, // no progress
	verbose *bool, // every query, every step with its time
) error {
	f := flags{}
	f.text("unit", unit).flag("live", live).text("databaseurl", databaseurl)
	f.flag("network", network).text("format", format).flag("quiet", quiet).flag("verbose", verbose)
	return run(ctx, "verify", f, suite.Verify)
}
