// Package migrate applies sqlx migrations to an empty database, as
// `sqlx migrate run` does: the same files in the same order, in the same
// transactions, leaving the same `_sqlx_migrations` table.
//
// It reproduces sqlx-core 0.8.6 and 0.9.0, migrate/source.rs and
// migrate/migrator.rs, and the migrate.rs of sqlx-postgres and sqlx-sqlite.
package migrate

import (
	"bytes"
	"crypto/sha512"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Migration is one file that takes a database forward.
type Migration struct {
	Version     int64
	Description string // of the file's name, with spaces for underscores
	File        string // its path, Read's directory and its name
	SQL         string
	Checksum    [sha512.Size384]byte
	// NoTransaction is set where the file begins with "-- no-transaction".
	NoTransaction bool
}

// Read finds the migrations of a directory, in the order of their versions.
//
// A migration's name is <version>_<name>.sql or <version>_<name>.up.sql; a
// .down.sql file, a name without an underscore, another ending and folders are
// passed over. What stands before the underscore must be an integer of 64
// bits. The characters of ignored do not count in checksums (sqlx.toml of
// sqlx 0.9, migrate.ignored-chars).
//
// Errors are *diag.Diagnostic where a name is wrong, or of reading.
func Read(dir, ignored string) ([]Migration, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	var migrations []Migration
	for _, entry := range entries {
		m, err := read(filepath.Join(dir, entry.Name()), ignored)
		if err != nil {
			return nil, err
		}
		if m != nil {
			migrations = append(migrations, *m)
		}
	}
	slices.SortStableFunc(migrations, func(a, b Migration) int {
		// Not the difference, which may overflow.
		switch {
		case a.Version < b.Version:
			return -1
		case a.Version > b.Version:
			return 1
		}
		return 0
	})
	for i := 1; i < len(migrations); i++ {
		if a, b := migrations[i-1], migrations[i]; a.Version == b.Version {
			return nil, &diag.Diagnostic{
				Code: diag.Migration, Message: fmt.Sprintf("two migrations have the version %d: rename one of them", a.Version),
				Place: diag.Place{File: b.File}, Notes: []diag.Note{{Message: "the other is", Place: diag.Place{File: a.File}}},
			}
		}
	}
	return migrations, nil
}

// read reads one file; nil is no migration that takes forward.
func read(file, ignored string) (*Migration, error) {
	name := strings.ToValidUTF8(filepath.Base(file), "\uFFFD")
	prefix, rest, found := strings.Cut(name, "_")
	if !found || !strings.HasSuffix(rest, ".sql") {
		return nil, nil
	}
	info, err := os.Stat(file) // what a symbolic link points at
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read migration %s: the link points nowhere", file)
	} else if err != nil {
		return nil, fmt.Errorf("read migration: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil
	}
	version, err := strconv.ParseInt(prefix, 10, 64)
	if err != nil {
		return nil, &diag.Diagnostic{
			Code: diag.Migration, Message: "a migration's name begins with an integer version, as in 20240131120000_add_orders.sql",
			Place: diag.Place{File: file},
		}
	}
	suffix := ".sql"
	switch {
	case strings.HasSuffix(rest, ".down.sql"):
		return nil, nil
	case strings.HasSuffix(rest, ".up.sql"):
		suffix = ".up.sql"
	}
	for strings.HasSuffix(rest, suffix) {
		rest = strings.TrimSuffix(rest, suffix)
	}
	sql, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read migration: %w", err)
	}
	if !utf8.Valid(sql) {
		return nil, fmt.Errorf("read migration %s: it is not UTF-8", file)
	}
	return &Migration{
		Version:       version,
		Description:   strings.ReplaceAll(rest, "_", " "),
		File:          file,
		SQL:           string(sql),
		Checksum:      checksum(sql, ignored),
		NoTransaction: bytes.HasPrefix(sql, []byte("-- no-transaction")),
	}, nil
}

func checksum(sql []byte, ignored string) [sha512.Size384]byte {
	if ignored != "" {
		sql = bytes.Map(func(r rune) rune {
			if strings.ContainsRune(ignored, r) {
				return -1
			}
			return r
		}, sql)
	}
	return sha512.Sum384(sql)
}
