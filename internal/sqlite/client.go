package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
)

// version returns the version of SQLite that a client's libsqlite3-sys bundles,
// "" for one that is not known.
func version(client database.Client) string {
	sys := client.Library.Versions
	if len(sys) != 1 {
		return ""
	}
	switch {
	case strings.HasPrefix(sys[0], "0.30."):
		return "3.46.0"
	case strings.HasPrefix(sys[0], "0.37."):
		return "3.51.3"
	}
	return ""
}

// Server implements database.Driver.
func (d *driver) Server(client database.Client) database.Server {
	version := version(client)
	return database.Server{
		Name: "SQLite " + version, Identity: fmt.Sprint(version, preupdate(client)), Doubts: doubts(client),
	}
}

// variables are what libsqlite3-sys builds SQLite differently by (its build.rs,
// 0.30.1 and 0.37.0).
var variables = []string{
	"LIBSQLITE3_SYS_USE_PKG_CONFIG", "LIBSQLITE3_FLAGS",
	"SQLITE_MAX_VARIABLE_NUMBER", "SQLITE_MAX_EXPR_DEPTH", "SQLITE_MAX_COLUMN",
}

// features are those by which libsqlite3-sys builds another SQLite, or none.
var features = []string{
	"bundled-sqlcipher", "bundled-sqlcipher-vendored-openssl", "in_gecko", "loadable_extension", "sqlcipher", "wasm32-wasi-vfs", "with-asan",
}

// doubts says why the macros may ask another SQLite than this program's.
func doubts(client database.Client) (doubts []string) {
	library := client.Library
	if !bundled.Known(version(client)) {
		versions := strings.Join(library.Versions, " and ")
		if versions == "" {
			versions = "of unknown version"
		}
		doubts = append(doubts, fmt.Sprintf("the SQLite of libsqlite3-sys %s is not on board (that of 0.30 and 0.37 is)", versions))
	}
	if slices.Contains(client.Features, "sqlite-unbundled") {
		doubts = append(doubts, "sqlx's feature sqlite-unbundled: its SQLite is the system's")
	}
	for _, feature := range features {
		if slices.Contains(library.Features, feature) {
			doubts = append(doubts, fmt.Sprintf("libsqlite3-sys's feature %s: its SQLite is another one", feature))
		}
	}
	for _, name := range library.Unknown {
		doubts = append(doubts, name+", whose manifest is not known, may have SQLite built differently")
	}
	for _, name := range variables {
		if client.IsSet != nil && client.IsSet(name) {
			doubts = append(doubts, name+" is set: sqlx's SQLite is built differently")
		}
	}
	for _, file := range client.Extensions {
		doubts = append(doubts, file+": sqlx loads extensions into SQLite")
	}
	return doubts
}
