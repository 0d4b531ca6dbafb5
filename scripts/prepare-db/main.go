// Command prepare-db makes the `.sqlx` of every SQLite unit right, as the
// script prepare-db.js does for its one. With --check it tells what is not
// right, and writes nothing.
//
//	go run github.com/sqlxmage/sqlxmage/scripts/prepare-db [--check]
package main

import (
	"flag"
	"os"

	"github.com/sqlxmage/sqlxmage/internal/command"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/suite"
)

func main() {
	check := flag.Bool("check", false, "tell what is not right, and write nothing")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	os.Exit(command.Script(*check, suite.Request{Kind: database.SQLite}))
}
