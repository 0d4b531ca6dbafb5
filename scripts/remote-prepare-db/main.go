// Command remote-prepare-db makes the `.sqlx` of every Postgres unit right, as
// the script prepare-db.sh does for its three. With --check it tells what is
// not right, and writes nothing. The folder of the billing manifest, where one
// is given, is one more unit on the same database.
//
//	go run github.com/sqlxmage/sqlxmage/scripts/remote-prepare-db [--check] [BILLING-MANIFEST]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/command"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/suite"
)

func main() {
	check := flag.Bool("check", false, "tell what is not right, and write nothing")
	var manifests []string
	// Flags may stand behind the manifest, as they might for the script.
	for args := os.Args[1:]; len(args) > 0; args = flag.Args()[min(1, flag.NArg()):] {
		flag.CommandLine.Parse(args)
		if flag.NArg() > 0 {
			manifests = append(manifests, flag.Arg(0))
		}
	}
	if len(manifests) > 1 {
		flag.Usage()
		os.Exit(2)
	}
	var folders []string
	for _, manifest := range manifests {
		if _, err := os.Stat(manifest); err != nil {
			fmt.Fprintf(os.Stderr, "warning: billing manifest not found: %s; going on without it\n", manifest)
			continue
		}
		folders = append(folders, filepath.Dir(manifest))
	}
	os.Exit(command.Script(*check, suite.Request{Kind: database.Postgres, Extra: folders}))
}
