package sqlite

import (
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bytecode"
)

// inference is what a statement's bytecode tells of its columns: nothing where
// SQLite did not list it, as for sqlx.
type inference struct {
	inferred []bytecode.Column
	failed   *database.Error
}

// infer interprets the bytecode of all statements of a text.
func (s *Session) infer(text string, d *bundled.Described) []inference {
	all := make([]inference, len(d.Statements))
	for i := range d.Statements {
		if st := &d.Statements[i]; len(st.Columns) > 0 && !st.ProgramError && s.schema.columns != nil {
			all[i] = s.interpret(text, st.Program)
		}
	}
	return all
}

func (s *Session) interpret(text string, listed []bundled.Opcode) inference {
	if likeRange(text, listed) {
		return inference{failed: unproven("LIKE or GLOB searches an index, in other steps than with sqlx's SQLite")}
	}
	program := make([]bytecode.Opcode, len(listed))
	for i, op := range listed {
		program[i] = bytecode.Opcode{Name: op.Name, P1: op.P1, P2: op.P2, P3: op.P3, P4: op.P4}
		// Builds with SQLITE_ENABLE_PREUPDATE_HOOK, as the helper's, record
		// changes by instructions that change nothing: a Delete before an
		// UPDATE's Insert, an Insert with its rowid into tables without one
		// (SQLite's update.c, and codeWithoutRowidPreupdate of insert.c).
		// sqlx's build usually has none of these.
		switch {
		case s.Preupdate:
		case op.Name == "Delete" && op.P2&noop != 0:
			program[i] = bytecode.Opcode{}
		case op.Name == "Insert" && op.P5&noop != 0 && i > 0:
			program[i-1], program[i] = bytecode.Opcode{}, bytecode.Opcode{}
		}
	}
	columns, err := bytecode.Interpret(program, s.schema.columns, s.Mode)
	if err != nil {
		return inference{failed: &database.Error{Message: "sqlx panics on the bytecode of this query: " + err.Error(), Offset: -1}}
	}
	return inference{inferred: columns}
}

const noop = 0x40 // OPFLAG_ISNOOP

// likeRange tells whether the program searches an index for the texts that
// begin as a pattern does. Builds with SQLITE_LIKE_DOESNT_MATCH_BLOBS, as the
// helper's, search once, sqlx's also among blobs. The bounds of the search are
// the pattern's beginning, and the same with its last letter raised by one.
func likeRange(text string, program []bundled.Opcode) bool {
	lower := strings.ToLower(text)
	if !strings.Contains(lower, "like") && !strings.Contains(lower, "glob") {
		return false
	}
	bounds := map[string]bool{}
	for _, op := range program {
		if op.Name == "String8" {
			bounds[strings.ToLower(op.P4)] = true
		}
	}
	for bound := range bounds {
		if n := len(bound); n > 0 && bounds[bound[:n-1]+string(rune(bound[n-1]+1))] {
			return true
		}
	}
	return false
}
