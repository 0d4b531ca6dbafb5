package macros

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

// Column returns the bytes of a query's text that give its column i the name:
// the name itself, or the column's whole expression. ok is false where the text
// does not show it, `*` for instance.
func Column(lexis database.Lexis, sql string, names []string, i int) (start, end int, ok bool) {
	tokens := scanSQL(lexis, sql)
	if items := selectList(sql, tokens); len(items) == len(names) && i < len(items) {
		item := items[i]
		last := item[len(item)-1]
		if last.names(sql, names[i]) {
			return last.start, last.end, true
		}
		return item[0].start, last.end, true
	}
	if i >= len(names) {
		return 0, 0, false
	}
	for _, t := range tokens {
		if t.names(sql, names[i]) {
			if ok {
				return 0, 0, false // more than one place
			}
			start, end, ok = t.start, t.end, true
		}
	}
	return start, end, ok
}

// Parameter returns the bytes of a query's text in which its parameter i, from
// 0, first stands.
func Parameter(lexis database.Lexis, sql string, i int) (start, end int, ok bool) {
	numbers := map[string]int{}
	highest := 0
	for _, t := range scanSQL(lexis, sql) {
		if t.kind != placeholder {
			continue
		}
		text := sql[t.start:t.end]
		number, known := numbers[text]
		if n, err := strconv.Atoi(text[1:]); err == nil && (text[0] == '?' || lexis.Numbered) {
			number = n
		} else if !known {
			number = highest + 1
		}
		if text != "?" {
			numbers[text] = number
		}
		highest = max(highest, number)
		if number == i+1 {
			return t.start, t.end, true
		}
	}
	return 0, 0, false
}

type sqlKind uint8

const (
	word sqlKind = iota // a keyword, a name, a number
	quotedName
	text
	placeholder
	punct // one byte
)

type sqlToken struct {
	kind       sqlKind
	start, end int
}

// is reports whether the token is a keyword.
func (t sqlToken) is(sql string, keywords ...string) bool {
	return t.kind == word && slices.ContainsFunc(keywords, func(k string) bool { return strings.EqualFold(sql[t.start:t.end], k) })
}

// names reports whether the token is the name, in quotes or without.
func (t sqlToken) names(sql, name string) bool {
	written := sql[t.start:t.end]
	switch t.kind {
	case word:
		return strings.EqualFold(written, name)
	case quotedName, text: // SQLite takes 'name' too
		if len(written) < 2 {
			return false
		}
		quote := written[len(written)-1:]
		return strings.ReplaceAll(written[1:len(written)-1], quote+quote, quote) == name
	}
	return false
}

// scanSQL splits a query's text, without comments and white space. It is for
// places in messages: of a text that is no SQL it makes something.
func scanSQL(lexis database.Lexis, sql string) (tokens []sqlToken) {
	for i := 0; i < len(sql); {
		kind, end := scanToken(lexis, sql, i)
		if kind != nothing {
			tokens = append(tokens, sqlToken{kind, i, end})
		}
		i = end
	}
	return tokens
}

const nothing = sqlKind(255)

func scanToken(lexis database.Lexis, sql string, i int) (sqlKind, int) {
	rest := sql[i:]
	c, size := utf8.DecodeRuneInString(rest)
	switch {
	case unicode.IsSpace(c):
		return nothing, i + size
	case strings.HasPrefix(rest, "--"):
		return nothing, behind(sql, i, "\n")
	case strings.HasPrefix(rest, "/*"):
		return nothing, behind(sql, i+2, "*/")
	case c == '\'':
		return text, behindQuote(sql, i, '\'', lexis.Escapes && escapes(sql, i))
	case c == '"', c == '`' && lexis.Backticks:
		return quotedName, behindQuote(sql, i, byte(c), false)
	case c == '[' && lexis.Brackets:
		return quotedName, behind(sql, i, "]")
	case c == '$' && lexis.Dollars && dollarTag(rest) != "":
		tag := dollarTag(rest)
		return text, behind(sql, i+len(tag), tag)
	case c == '$' && lexis.Numbered && len(rest) > 1 && isDigit(rest[1]), c == '?' && lexis.Question:
		return placeholder, i + 1 + wordLength(rest[1:])
	case strings.ContainsRune(lexis.Sigils, c) && wordLength(rest[1:]) > 0:
		return placeholder, i + 1 + wordLength(rest[1:])
	case wordLength(rest) > 0:
		return word, i + wordLength(rest)
	}
	return punct, i + size
}

// escapes reports whether the literal at i is one of the form E'…'.
func escapes(sql string, i int) bool {
	return i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E') && (i == 1 || wordLength(sql[i-2:i-1]) == 0)
}

// dollarTag is the `$tag$` that a text begins with, "" for none.
func dollarTag(s string) string {
	end := 1 + wordLength(s[1:])
	if end >= len(s) || s[end] != '$' || end > 1 && isDigit(s[1]) {
		return ""
	}
	return s[:end+1]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// behind returns the index behind the next mark, or that of the end.
func behind(sql string, i int, mark string) int {
	if n := strings.Index(sql[i:], mark); n >= 0 {
		return i + n + len(mark)
	}
	return len(sql)
}

func behindQuote(sql string, i int, quote byte, backslash bool) int {
	for i++; i < len(sql); i++ {
		switch {
		case sql[i] == '\\' && backslash:
			i++
		case sql[i] != quote:
		case i+1 < len(sql) && sql[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return len(sql)
}

// wordLength is the number of bytes of the letters, digits and underscores that
// a text begins with.
func wordLength(s string) int {
	for i, c := range s {
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return i
		}
	}
	return len(s)
}

// selectList returns the tokens of each column of the outermost SELECT or
// RETURNING, nil where it is not all there.
func selectList(sql string, tokens []sqlToken) (items [][]sqlToken) {
	from, depth := -1, 0
	for i, t := range tokens {
		depth += nesting(sql, t)
		if depth == 0 && (from < 0 && t.is(sql, "select") || t.is(sql, "returning")) {
			from = i + 1
		}
	}
	if from < 0 {
		return nil
	}
	for from < len(tokens) && tokens[from].is(sql, "distinct", "all") {
		from++
	}
	var item []sqlToken
	depth = 0
	for _, t := range tokens[from:] {
		depth += nesting(sql, t)
		written := sql[t.start:t.end]
		if depth == 0 && (written == ";" || t.is(sql, "from", "where", "group", "having", "window", "union", "intersect", "except", "order", "limit", "offset", "fetch", "for", "into")) {
			break
		}
		if depth == 0 && written == "," {
			if items = append(items, item); item == nil {
				return nil
			}
			item = nil
			continue
		}
		item = append(item, t)
	}
	if item == nil {
		return nil
	}
	items = append(items, item)
	for _, item := range items {
		if last := item[len(item)-1]; sql[last.start:last.end] == "*" || item[0].is(sql, "on") {
			return nil
		}
	}
	return items
}

func nesting(sql string, t sqlToken) int {
	if t.kind != punct {
		return 0
	}
	switch sql[t.start] {
	case '(', '[':
		return 1
	case ')', ']':
		return -1
	}
	return 0
}
