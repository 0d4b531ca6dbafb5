package cfg

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Predicate is a parsed predicate. The zero Predicate is false.
type Predicate struct {
	op     op
	option Option      // of opOption
	list   []Predicate // of opAll, opAny; one of opNot
}

type op uint8

const (
	opFalse op = iota
	opTrue
	opOption
	opAll
	opAny
	opNot
)

// maxDepth bounds the nesting of all, any and not; rustc's own limit on nested
// expressions is of the same order.
const maxDepth = 128

// Eval returns the predicate's value in a set.
func (p Predicate) Eval(s Set) Value {
	switch p.op {
	case opTrue:
		return True
	case opOption:
		return s.Value(p.option)
	case opAll:
		v := True
		for _, q := range p.list {
			v = min(v, q.Eval(s))
		}
		return v
	case opAny:
		v := False
		for _, q := range p.list {
			v = max(v, q.Eval(s))
		}
		return v
	case opNot:
		return p.list[0].Eval(s).Not()
	}
	return False
}

// Options calls f for each option that the predicate asks for.
func (p Predicate) Options(f func(Option)) {
	if p.op == opOption {
		f(p.option)
	}
	for _, q := range p.list {
		q.Options(f)
	}
}

// String returns the predicate in rustc's syntax.
func (p Predicate) String() string {
	switch p.op {
	case opTrue:
		return "true"
	case opOption:
		name := p.option.Name
		if name == "true" || name == "false" {
			name = "r#" + name
		}
		if p.option.HasValue {
			return name + " = " + quote(p.option.Value)
		}
		return name
	case opAll, opAny, opNot:
		parts := make([]string, len(p.list))
		for i, q := range p.list {
			parts[i] = q.String()
		}
		return [...]string{opAll: "all(", opAny: "any(", opNot: "not("}[p.op] + strings.Join(parts, ", ") + ")"
	}
	return "false"
}

// SyntaxError says where a predicate is not one.
type SyntaxError struct {
	Offset int // in bytes from the start of the text
	Msg    string
}

// Error returns the message with its offset.
func (e *SyntaxError) Error() string { return fmt.Sprintf("cfg: offset %d: %s", e.Offset, e.Msg) }

// Parse reads what stands between the parentheses of `#[cfg(…)]`: any Rust
// tokens, with comments and white space as they come. A trailing comma, which
// rustc accepts, is accepted. The error is a *SyntaxError.
func Parse(src string) (Predicate, error) {
	p := parser{src: src}
	pred, err := p.predicate(0)
	if err != nil {
		return Predicate{}, err
	}
	p.accept(',')
	if p.space(); p.pos < len(src) {
		return Predicate{}, p.errorf("unexpected %q", p.rest())
	}
	return pred, nil
}

type parser struct {
	src string
	pos int
}

func (p *parser) predicate(depth int) (Predicate, error) {
	if depth > maxDepth {
		return Predicate{}, p.errorf("nested too deeply")
	}
	name, raw, err := p.ident()
	if err != nil {
		return Predicate{}, err
	}
	switch {
	case p.accept('('):
		return p.call(name, depth)
	case p.accept('='):
		value, err := p.literal()
		return Predicate{op: opOption, option: KeyValue(name, value)}, err
	case !raw && name == "true":
		return Predicate{op: opTrue}, nil
	case !raw && name == "false":
		return Predicate{op: opFalse}, nil
	}
	return Predicate{op: opOption, option: Name(name)}, nil
}

func (p *parser) call(name string, depth int) (Predicate, error) {
	start := p.pos
	var list []Predicate
	for !p.accept(')') {
		if len(list) > 0 && !p.accept(',') {
			return Predicate{}, p.errorf("expected `,` or `)`")
		}
		if len(list) > 0 && p.accept(')') {
			break
		}
		q, err := p.predicate(depth + 1)
		if err != nil {
			return Predicate{}, err
		}
		list = append(list, q)
	}
	switch name {
	case "all":
		return Predicate{op: opAll, list: list}, nil
	case "any":
		return Predicate{op: opAny, list: list}, nil
	case "not":
		if len(list) == 1 {
			return Predicate{op: opNot, list: list}, nil
		}
		return Predicate{}, &SyntaxError{start, "not() takes one predicate"}
	}
	return Predicate{}, &SyntaxError{start, "unknown predicate " + name + "()"}
}

// ident reads an identifier and whether it is a raw one.
func (p *parser) ident() (name string, raw bool, err error) {
	p.space()
	if raw = strings.HasPrefix(p.src[p.pos:], "r#"); raw {
		p.pos += 2
	}
	start := p.pos
	for p.pos < len(p.src) {
		r, n := utf8.DecodeRuneInString(p.src[p.pos:])
		if r != '_' && !unicode.IsLetter(r) && (p.pos == start || !unicode.IsDigit(r)) {
			break
		}
		p.pos += n
	}
	if p.pos == start {
		return "", raw, p.errorf("expected a name, found %q", p.rest())
	}
	return p.src[start:p.pos], raw, nil
}

// literal reads a string literal, plain or raw.
func (p *parser) literal() (string, error) {
	p.space()
	rest := p.src[p.pos:]
	if body, ok := strings.CutPrefix(rest, "r"); ok {
		hashes := len(body) - len(strings.TrimLeft(body, "#"))
		body, ok = strings.CutPrefix(body[hashes:], `"`)
		value, _, closed := strings.Cut(body, `"`+strings.Repeat("#", hashes))
		if ok && closed {
			p.pos += 1 + hashes + 1 + len(value) + 1 + hashes
			return value, nil
		}
	}
	if !strings.HasPrefix(rest, `"`) {
		return "", p.errorf("expected a string, found %q", p.rest())
	}
	end := 1
	for end < len(rest) && rest[end] != '"' {
		if rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(rest) {
		return "", p.errorf("unterminated string")
	}
	value, ok := unescape(rest[1:end])
	if !ok {
		return "", p.errorf("unknown escape in %s", rest[:end+1])
	}
	p.pos += end + 1
	return value, nil
}

// unescape returns the value of a plain string literal's inside.
func unescape(s string) (string, bool) {
	if !strings.Contains(s, `\`) {
		return s, true
	}
	var b strings.Builder
	for s != "" {
		plain, rest, found := strings.Cut(s, `\`)
		b.WriteString(plain)
		if !found {
			break
		}
		if rest == "" {
			return "", false
		}
		simple := strings.IndexByte(`nrt\0'"`, rest[0])
		switch {
		case simple >= 0:
			b.WriteByte("\n\r\t\\\x00'\""[simple])
			s = rest[1:]
		case rest[0] == '\n':
			s = strings.TrimLeft(rest, " \t\r\n")
		case rest[0] == 'x' && len(rest) >= 3:
			n, err := strconv.ParseUint(rest[1:3], 16, 7)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(n))
			s = rest[3:]
		case strings.HasPrefix(rest, "u{"):
			digits, after, closed := strings.Cut(rest[2:], "}")
			n, err := strconv.ParseUint(strings.ReplaceAll(digits, "_", ""), 16, 21)
			if err != nil || !closed || !utf8.ValidRune(rune(n)) {
				return "", false
			}
			b.WriteRune(rune(n))
			s = after
		default:
			return "", false
		}
	}
	return b.String(), true
}

func (p *parser) accept(c byte) bool {
	p.space()
	if p.pos < len(p.src) && p.src[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// space skips white space and comments.
func (p *parser) space() {
	for p.pos < len(p.src) {
		rest := p.src[p.pos:]
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r):
			p.pos += n
		case strings.HasPrefix(rest, "//"):
			line, _, _ := strings.Cut(rest, "\n")
			p.pos += len(line)
		case strings.HasPrefix(rest, "/*"):
			n := blockComment(rest)
			if n == 0 {
				return
			}
			p.pos += n
		default:
			return
		}
	}
}

// blockComment returns the length of the nested comment that s begins with, 0
// when it does not end.
func blockComment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

func (p *parser) rest() string {
	rest := p.src[p.pos:]
	if len(rest) > 20 {
		rest = rest[:20] + "…"
	}
	return rest
}

func (p *parser) errorf(format string, args ...any) error {
	return &SyntaxError{p.pos, fmt.Sprintf(format, args...)}
}
