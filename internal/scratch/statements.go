package scratch

import "strings"

// statementOffset returns the byte offset of the n-th statement (from 0) of a
// text of Postgres' SQL, -1 when there are fewer. Postgres gives a place with
// some errors only; with the others, the count of statements that went through
// tells which one failed.
func statementOffset(sql string, n int) int {
	s := splitter{sql: sql}
	for start := s.next(); start >= 0; start = s.next() {
		if n == 0 {
			return start
		}
		n--
	}
	return -1
}

// splitter finds the statements of a text: they end with semicolons, but not
// those in quotes, comments, parentheses (CREATE RULE) or the body of a
// function in SQL (BEGIN ATOMIC … END).
type splitter struct {
	sql string
	pos int
}

// next returns where the next statement begins and goes past its end; -1 at
// the end of the text.
func (s *splitter) next() int {
	start, parens, blocks := -1, 0, 0
	word := ""
	for s.pos < len(s.sql) {
		if s.skipSpace() {
			continue
		}
		c := s.sql[s.pos]
		if c == ';' && parens <= 0 && blocks == 0 {
			s.pos++
			if start >= 0 {
				return start
			}
			continue // an empty statement, which the server does not count
		}
		if start < 0 {
			start = s.pos
		}
		switch {
		case isWord(c):
			previous := word
			word = strings.ToLower(s.word())
			switch {
			case word == "atomic" && previous == "begin", word == "case" && blocks > 0:
				blocks++
			case word == "end" && blocks > 0:
				blocks--
			}
			if s.pos < len(s.sql) && s.sql[s.pos] == '\'' && (word == "e") {
				s.quoted('\'', true)
			}
			continue
		case c == '\'', c == '"':
			s.quoted(c, false)
		case c == '$':
			s.dollar()
		default:
			if c == '(' {
				parens++
			} else if c == ')' {
				parens--
			}
			s.pos++
		}
		word = ""
	}
	return start
}

// skipSpace goes past white space or a comment, if there is one.
func (s *splitter) skipSpace() bool {
	rest := s.sql[s.pos:]
	switch {
	case strings.IndexByte(" \t\n\r\f\v", rest[0]) >= 0:
		s.pos++
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexAny(rest, "\n\r"); end >= 0 {
			s.pos += end
		} else {
			s.pos = len(s.sql)
		}
	case strings.HasPrefix(rest, "/*"):
		s.comment()
	default:
		return false
	}
	return true
}

// comment goes past a comment, in which others may be nested.
func (s *splitter) comment() {
	for depth := 0; s.pos < len(s.sql); {
		switch rest := s.sql[s.pos:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			s.pos += 2
		case strings.HasPrefix(rest, "*/"):
			s.pos += 2
			if depth--; depth == 0 {
				return
			}
		default:
			s.pos++
		}
	}
}

func (s *splitter) word() string {
	start := s.pos
	for s.pos < len(s.sql) && (isWord(s.sql[s.pos]) || isDigit(s.sql[s.pos]) || s.sql[s.pos] == '$') {
		s.pos++
	}
	return s.sql[start:s.pos]
}

// quoted goes past a quoted text; a doubled quote needs no care: it ends one
// and begins another.
func (s *splitter) quoted(quote byte, escapes bool) {
	for s.pos++; s.pos < len(s.sql); s.pos++ {
		switch c := s.sql[s.pos]; {
		case c == '\\' && escapes:
			s.pos++
		case c == quote:
			s.pos++
			return
		}
	}
	s.pos = len(s.sql)
}

// dollar goes past a text quoted by dollars, $$…$$ or $tag$…$tag$, or past a
// lone dollar.
func (s *splitter) dollar() {
	end := s.pos + 1
	for end < len(s.sql) && (isWord(s.sql[end]) || isDigit(s.sql[end]) && end > s.pos+1) {
		end++
	}
	if end == len(s.sql) || s.sql[end] != '$' {
		s.pos++
		return
	}
	tag := s.sql[s.pos : end+1]
	if close := strings.Index(s.sql[end+1:], tag); close >= 0 {
		s.pos = end + 1 + close + len(tag)
	} else {
		s.pos = len(s.sql)
	}
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
