package suite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// state is what a native run of a unit depended on and what it came to. When all
// of it still holds by content, a run has nothing to do.
type state struct {
	Data     string // SHA-256 of the query files
	Queries  int
	Kept     []report.Unused // see unit.judgeUnused
	Database string
	Reason   string // why the native engine was proven

	inputs []input
}

// input is a file or folder that a run depended on.
type input struct {
	path   string
	folder bool
	sum    string // SHA-256 of the content, or of the names in the folder; see contents
}

// encode writes a state: its fields, then each input with its sum. Reading it
// stops at the first input that is not the same, for most of the states that are
// kept differ somewhere.
func (s *state) encode() ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode a state: %w", err)
	}
	for _, in := range s.inputs {
		kind := "file"
		if in.folder {
			kind = "folder"
		}
		text = fmt.Appendf(text, "\x00%s\x00%s\x00%s", kind, in.sum, in.path)
	}
	return text, nil
}

// decodeState reads a state; nil where the text is none.
func decodeState(text string) *state {
	head, rest, more := strings.Cut(text, "\x00")
	var s state
	if json.Unmarshal([]byte(head), &s) != nil {
		return nil
	}
	for more {
		var in input
		var kind string
		kind, rest, _ = strings.Cut(rest, "\x00")
		in.sum, rest, more = strings.Cut(rest, "\x00")
		if in.folder = kind == "folder"; !more || !in.folder && kind != "file" {
			return nil
		}
		in.path, rest, more = strings.Cut(rest, "\x00")
		s.inputs = append(s.inputs, in)
	}
	return &s
}

// states are those of a unit that are kept, under what a run is asked. There are
// several, for a unit goes back and forth between the branches of a repository.
func (u *unit) states() *kept.Pack {
	return u.run.kept.Pack(kept.Conclusion("states", u.question()...))
}

// upToDate returns the state of a run that depended on all that it depended on
// as it is now, and ended with the `.sqlx` that is there now; nil where none is
// kept.
func (u *unit) upToDate() *state {
	states := u.states()
	if states.Empty() {
		return nil
	}
	set, err := sqlxdata.ReadSet(u.data())
	if err != nil {
		return nil
	}
	data, now := digestSet(set), contents{}
	for _, text := range states.All() {
		if s := decodeState(text); s != nil && s.Data == data && now.hold(s.inputs) {
			return s
		}
	}
	return nil
}

// remember keeps the state after a run whose native result stands in `.sqlx`.
// A failure only costs the next run its short cut.
func (u *unit) remember(ctx context.Context, set sqlxdata.Set, databases []*unitDatabase, out *report.Unit) error {
	scan, err := u.scan(ctx)
	if err != nil {
		return err
	}
	s := state{Data: digestSet(set), Queries: out.Queries, Kept: keptOf(out), Database: out.Database, Reason: out.Reason}
	now := contents{}
	files, folders := u.inputs(databases...)
	for _, found := range u.read(scan) {
		for path, file := range found.files {
			now[path] = absent
			if !file.Absent {
				now[path] = hex.EncodeToString(file.Sum[:])
			}
		}
		more, below := u.behind(found)
		files, folders = append(files, more...), append(folders, below...)
	}
	s.inputs = now.inputs(files, folders)
	text, err := s.encode()
	if err != nil {
		return err
	}
	states := u.states()
	states.Put(sha256.Sum256(text), text)
	states.Save()
	return nil
}
