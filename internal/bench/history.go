package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// History is a file of reports, one to a line of JSON, the oldest first.
type History struct {
	Reports []*Report
	// Skipped counts lines that are no report: cut short when a disk was
	// full, or edited. They stay in the file.
	Skipped int
}

// ReadHistory reads a history; a file that is not there is an empty one.
func ReadHistory(file string) (*History, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &History{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	h, err := readHistory(f)
	if err != nil {
		return nil, fmt.Errorf("read history %s: %w", file, err)
	}
	return h, nil
}

func readHistory(r io.Reader) (*History, error) {
	h := &History{}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			report, ok := decodeReport(line)
			if !ok {
				h.Skipped++
			} else {
				h.Reports = append(h.Reports, report)
			}
		}
		if err == io.EOF {
			return h, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// decodeReport refuses what is no report of this schema, or holds figures that
// cannot be.
func decodeReport(text []byte) (*Report, bool) {
	var r Report
	if err := json.Unmarshal(text, &r); err != nil || r.Schema != schema || len(r.Arms) == 0 {
		return nil, false
	}
	for _, c := range r.Cells {
		for _, s := range c.Samples {
			if s.Error == "" && !s.possible() {
				return nil, false
			}
		}
	}
	return &r, true
}

// possible tells whether the figures can be those of a run.
func (s Sample) possible() bool {
	const least, most = 1e-9, 1e9 // seconds
	for _, t := range []float64{s.Wall, s.User, s.System} {
		if t < 0 || t > most || t > 0 && t < least {
			return false
		}
	}
	return s.Wall > 0 && s.Memory >= 0 && s.Crates >= 0
}

// AppendHistory adds a report to a history, which is created where it is not
// there. A line that was cut short before stays a line of its own.
func AppendHistory(file string, r *Report) (err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	defer func() {
		if closing := f.Close(); err == nil && closing != nil {
			err = fmt.Errorf("write history: %w", closing)
		}
	}()
	var last [1]byte
	if size, err := f.Seek(0, io.SeekEnd); err == nil && size > 0 {
		if _, err := f.ReadAt(last[:], size-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

// LimitHistory drops the oldest lines of a history that is larger than limit
// bytes, until it is half of that.
func LimitHistory(file string, limit int64) error {
	info, err := os.Stat(file)
	if err != nil || info.Size() <= limit {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("shorten history: %w", err)
	}
	rest := text[len(text)-int(limit/2):]
	if _, whole, ok := bytes.Cut(rest, []byte("\n")); ok {
		rest = whole
	}
	if err := tomltext.ReplaceFile(file, text, rest); err != nil {
		return fmt.Errorf("shorten history: %w", err)
	}
	return nil
}

// Find returns the newest report of a commit, whose name may be cut short to
// seven digits; one of a tree that differed from the commit only where there is
// no other. nil means that there is none.
func (h *History) Find(commit string) *Report {
	var found *Report
	for _, r := range h.Reports {
		if len(commit) >= 7 && strings.HasPrefix(r.Commit, commit) && (found == nil || found.Dirty || !r.Dirty) {
			found = r
		}
	}
	return found
}

// Last returns the newest report, or nil.
func (h *History) Last() *Report {
	if len(h.Reports) == 0 {
		return nil
	}
	return h.Reports[len(h.Reports)-1]
}
