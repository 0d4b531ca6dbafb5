package profiles

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// A block is what an installation writes: the profile's table between two
// comments. The first carries what a revert needs, on any machine: a checksum
// over the rest (a block that someone has edited is no longer ours) and marks.
//
//	# sqlxmage begin sqlx-prepare 5f0d2c9e blank
//	…
//	# sqlxmage end sqlx-prepare
type block struct {
	name       string
	marks      []string
	body       string // between the two comments, with line feeds
	start, end int    // bytes in the document, whole lines
	intact     bool
}

// What an installation did beside writing its block.
const (
	markFile      = "new-file"   // it created the file
	markFolder    = "new-folder" // it created the file's folder
	markNoNewline = "no-newline" // the last line had no line ending: it added one
	markBlank     = "blank"      // it put an empty line before the block
)

var (
	beginLine = regexp.MustCompile(`^# sqlxmage begin (\S+) ([0-9a-f]{8})((?: [a-z-]+)*)\s*$`)
	endLine   = regexp.MustCompile(`^# sqlxmage end (\S+)\s*$`)
)

// newBlock returns the block for a profile.
func newBlock(p Profile, marks []string) block {
	var b strings.Builder
	b.WriteString("# Written by sqlxmage (mage prepare); `mage revert` takes it out again.\n")
	if p.About != "" {
		b.WriteString("# " + p.About + "\n")
	}
	b.WriteString(p.TOML())
	return block{name: p.Name, marks: marks, body: b.String()}
}

func (b block) sum() string {
	sum := sha256.Sum256([]byte(strings.Join(b.marks, " ") + "\n" + b.body))
	return hex.EncodeToString(sum[:4])
}

// text renders the block with the document's line ending.
func (b block) text(eol string) string {
	first := "# sqlxmage begin " + strings.Join(append([]string{b.name, b.sum()}, b.marks...), " ")
	text := first + "\n" + b.body + "# sqlxmage end " + b.name + "\n"
	return strings.ReplaceAll(text, "\n", eol)
}

func (b block) has(mark string) bool { return slices.Contains(b.marks, mark) }

// with returns the block's marks and more, in one order.
func (b block) with(more ...string) []string {
	var marks []string
	for _, mark := range []string{markFile, markFolder, markNoNewline, markBlank} {
		if b.has(mark) || slices.Contains(more, mark) {
			marks = append(marks, mark)
		}
	}
	return marks
}

// blocks finds the blocks of a document.
func blocks(text string, statements []tomltext.Statement) []block {
	var all []block
	var open *block
	var sum string
	for _, st := range statements {
		if st.Kind != tomltext.Comment {
			continue
		}
		line := text[st.Start:st.End]
		if m := beginLine.FindStringSubmatch(line); m != nil {
			open, sum = &block{name: m[1], marks: strings.Fields(m[3]), start: st.Start, end: st.End}, m[2]
			continue
		}
		if m := endLine.FindStringSubmatch(line); m != nil && open != nil && m[1] == open.name {
			open.body = strings.ReplaceAll(text[open.end:st.Start], "\r\n", "\n")
			open.end = st.End
			open.intact = open.sum() == sum
			all = append(all, *open)
			open = nil
		}
	}
	return all
}

// insert appends a profile's block to a document.
func insert(text string, p Profile, marks ...string) string {
	eol := tomltext.LineEnding(text)
	if content := strings.TrimPrefix(text, diag.ByteOrderMark); content != "" {
		if !strings.HasSuffix(content, "\n") {
			text += eol
			marks = append(marks, markNoNewline)
		}
		text += eol
		marks = append(marks, markBlank)
	}
	return text + newBlock(p, block{}.with(marks...)).text(eol)
}

// update puts a profile's new values into its block.
func update(text string, b block, p Profile) string {
	return text[:b.start] + newBlock(p, b.marks).text(tomltext.LineEnding(text)) + text[b.end:]
}

// cut takes a block out of a document, and what was added around it. What its
// marks say of the document passes to another of our blocks, where there is one.
func cut(text string, b block, others []block) string {
	pass := b.marked(markFile, markFolder)
	heir := slices.IndexFunc(others, func(o block) bool { return o.intact })
	for i, o := range others {
		if o.intact && o.start >= b.end && strings.TrimSpace(text[b.end:o.start]) == "" {
			heir, pass = i, b.marked(markFile, markFolder, markNoNewline)
		}
	}
	before, after := text[:b.start], text[b.end:]
	if heir >= 0 && len(pass) > 0 {
		o := others[heir]
		o.marks = o.with(pass...)
		if o.start < b.start {
			before = before[:o.start] + o.text(tomltext.LineEnding(text)) + before[o.end:]
		} else {
			after = after[:o.start-b.end] + o.text(tomltext.LineEnding(text)) + after[o.end-b.end:]
		}
	}
	if b.has(markBlank) {
		before = before[:len(before)-emptyLineAtEnd(before)]
	}
	if after == "" && b.has(markNoNewline) {
		before = strings.TrimSuffix(before, tomltext.LineEnding(text))
	}
	return before + after
}

func (b block) marked(marks ...string) []string {
	return slices.DeleteFunc(marks, func(mark string) bool { return !b.has(mark) })
}

// emptyLineAtEnd returns the length of the empty line that text ends with.
func emptyLineAtEnd(text string) int {
	text = "\n" + strings.TrimPrefix(text, diag.ByteOrderMark)
	switch {
	case strings.HasSuffix(text, "\n\r\n"):
		return 2
	case strings.HasSuffix(text, "\n\n"):
		return 1
	}
	return 0
}
