package diag

import (
	"strings"
	"unicode"
)

// Clean makes the words of another program, a server or a compiler, fit to be
// shown: a migration decides what a server says. Control characters, with
// escape sequences and the ends of lines other than "\n", become a mark; a line
// that a CI system would take for a command gets a mark before it.
func Clean(text string) string {
	if strings.IndexFunc(text, unsafe) < 0 && !strings.Contains(text, "::") && !strings.Contains(text, "##") {
		return text
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		line = strings.Map(func(c rune) rune {
			if unsafe(c) {
				return unicode.ReplacementChar
			}
			return c
		}, line)
		if command(line) {
			line = quoted + line
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// quoted stands before a line that must not be read as a command.
const quoted = "| "

func unsafe(c rune) bool {
	return c != '\n' && c != '\t' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c) && c != zeroWidthJoiner || c == '\u2028' || c == '\u2029')
}

const zeroWidthJoiner = '\u200D'

// command tells whether a CI system may take a line for a command: GitHub's
// `::error …` and `##[error]`, Azure's `##vso[…]`, TeamCity's `##teamcity[…]`.
func command(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "::") || strings.HasPrefix(line, "##")
}
