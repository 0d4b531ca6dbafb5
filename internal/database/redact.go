package database

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Redactor frees messages that others wrote, drivers and cargo, of what they
// were told: the parts of URLs that may not be shown. It knows those that were
// added to it, and any other URL of a database by its look. A nil one knows
// only the latter. It may be used by several goroutines.
type Redactor struct {
	mu      sync.Mutex
	whole   map[string]string // URLs as they were given, and how they are shown
	secrets map[string]bool
	made    []replacement // of both; nil: not made yet
}

// replacement is one step of a redaction.
type replacement struct {
	pattern *regexp.Regexp
	with    func(found string) string
}

const cover = "***"

// telling is the length from which a secret is covered wherever it stands. A
// shorter one is often a word ("app", "postgres"), so it is covered where a
// user or a password is named.
const telling = 8

// Add makes the secrets of something that was given as a database's URL known.
func (r *Redactor) Add(raw string) {
	if r == nil || strings.TrimSpace(raw) == "" {
		return
	}
	shown, secrets := Show(raw), append(words(raw), words(decodePlus(raw))...)
	if u, err := Parse(raw); err == nil && u.clear {
		secrets = append(secrets, u.secrets()...)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made = nil
	if r.whole == nil {
		r.whole = map[string]string{}
	}
	r.whole[strings.TrimSpace(raw)] = shown
	for _, secret := range secrets {
		if !strings.Contains(shown, secret) { // there it says nothing
			r.add(secret)
		}
	}
}

// AddSecret makes known what is secret as a whole: a user, a password, the name
// of a service.
func (r *Redactor) AddSecret(values ...string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made = nil
	for _, value := range values {
		r.add(value)
	}
}

// add takes a secret in the forms in which it may be printed, and those of its
// words that tell.
func (r *Redactor) add(secret string) {
	if r.secrets == nil {
		r.secrets = map[string]bool{}
	}
	for _, word := range append(words(secret), words(decodePlus(secret))...) {
		if len(word) >= telling && !harmless(word) {
			r.secrets[word] = true
		}
	}
	for _, form := range []string{secret, decode(secret), decodePlus(secret), url.PathEscape(secret), url.QueryEscape(secret)} {
		for _, line := range strings.FieldsFunc(form, unicode.IsControl) {
			if !harmless(line) {
				r.secrets[line] = true
			}
		}
	}
}

// secrets are the parts of a URL that may not be shown.
func (u *URL) secrets() []string {
	secrets := []string{u.User, u.Password}
	if _, fragment, has := strings.Cut(u.raw, "#"); has {
		secrets = append(secrets, fragment)
	}
	for _, p := range u.Params {
		secrets = append(secrets, p.Name)
		if !slices.Contains([]string{u.Host, u.Port, u.Database}, p.Value) {
			secrets = append(secrets, p.Value)
		}
	}
	return secrets
}

// words are the parts of a secret that a message may repeat alone.
func words(secret string) []string {
	return strings.FieldsFunc(secret, func(c rune) bool {
		return unicode.IsSpace(c) || strings.ContainsRune("@:/?#&=;,'\"`\\<>()", c)
	})
}

// harmless tells what is no secret though it stands in a secret's place.
func harmless(text string) bool {
	switch strings.ToLower(text) {
	case "", "postgres", "postgresql", "sqlite", "mysql", "mariadb", "localhost", "127.0.0.1", "root",
		"host", "hostaddr", "port", "dbname", "user", "password", "options", "application_name", "search_path", "statement-cache-capacity",
		"sslmode", "ssl-mode", "sslrootcert", "ssl-root-cert", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key",
		"charset", "collation", "socket", "timezone", "mode", "cache", "immutable", "vfs",
		"disable", "allow", "prefer", "require", "verify-ca", "verify-full", "true", "false", "memory", "shared", "private":
		return true
	}
	return false
}

// looks finds what looks like a URL with something to hide: any with `//`, and
// a database's without.
var looks = regexp.MustCompile("(?i)\\b(?:[a-z][a-z0-9+.-]*://|(?:postgres|postgresql|mysql|mariadb|sqlite):[^\\s\"'<>`]*[@?])[^\\s\"'<>`]*|\\bpass(?:word|wd)?=[^\\s\"'<>`&;,]+")

// named finds what comes before a user or a password.
var named = regexp.MustCompile("(?i)\\b(?:user|username|role|password|pwd)[ =:]+[\"'`]?")

// conceal shows what looks found. Of a URL of another kind, an index's or a
// repository's, only a user with a password is covered.
func conceal(found string) string {
	text := strings.TrimRight(found, ".,:;!?)]}")
	after := found[len(text):]
	scheme, rest, isURL := strings.Cut(text, "://")
	switch _, known := KindOf(text); {
	case !isURL && strings.HasPrefix(strings.ToLower(text), "pass"):
		name, _, _ := strings.Cut(text, "=")
		return name + "=" + cover
	case known:
		return Show(text) + after
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 || !strings.Contains(rest[:at], ":") {
		return found
	}
	return scheme + "://" + cover + rest[at:] + after
}

// Text returns a message without secrets.
func (r *Redactor) Text(text string) string {
	for _, step := range r.steps() {
		text = step.pattern.ReplaceAllStringFunc(text, step.with)
	}
	return text
}

// steps makes the replacements, once after each addition. Whole URLs go first,
// while they are whole.
func (r *Redactor) steps() []replacement {
	byLook := replacement{looks, conceal}
	if r == nil {
		return []replacement{byLook}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.made != nil {
		return r.made
	}
	var whole, long, short []string
	for raw := range r.whole {
		if len(raw) >= telling {
			whole = append(whole, quote(raw))
		}
	}
	for secret := range r.secrets {
		if len(secret) >= telling {
			long = append(long, beginning(secret))
		} else {
			short = append(short, quote(secret))
		}
	}
	shown := maps.Clone(r.whole)
	show := func(found string) string { return cmp.Or(shown[found], Show(found)) }
	r.made = slices.Concat(
		either("", whole, show),
		[]replacement{byLook},
		either("(?i)", long, func(string) string { return cover }),
		either(named.String(), short, func(found string) string { return named.FindString(found) + cover }),
	)
	return r.made
}

// beginning matches a secret, and one that was cut: Postgres cuts names at 63
// bytes.
func beginning(secret string) string {
	const enough = 32
	if len(secret) <= enough {
		return quote(secret)
	}
	return quote(secret) + "|" + quote(strings.ToValidUTF8(secret[:enough], "")) + `\w*`
}

// quote returns a pattern that matches a text, also where what is not UTF-8 in
// it was replaced.
func quote(text string) string {
	const replaced = "\uFFFD"
	return strings.ReplaceAll(regexp.QuoteMeta(strings.ToValidUTF8(text, replaced)), replaced, replaced+"+")
}

// either replaces each of the patterns, the longer ones first: one may begin
// another.
func either(before string, patterns []string, with func(string) string) []replacement {
	if len(patterns) == 0 {
		return nil
	}
	slices.SortFunc(patterns, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return []replacement{{regexp.MustCompile(before + "(?:" + strings.Join(patterns, "|") + ")"), with}}
}

// Error returns the error with a text without secrets; it wraps err.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := r.Text(err.Error())
	if text == err.Error() {
		return err
	}
	return &redacted{text, err}
}

// redacted is an error of another text.
type redacted struct {
	text string
	err  error
}

func (e *redacted) Error() string { return e.text }
func (e *redacted) Unwrap() error { return e.err }

// Writer is a stream without secrets. It passes on whole lines, so that none
// is seen in two halves; Flush passes on the last.
type Writer struct {
	redactor *Redactor
	to       io.Writer
	line     []byte
}

// Writer returns a stream that writes to another one.
func (r *Redactor) Writer(to io.Writer) *Writer { return &Writer{redactor: r, to: to} }

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	w.line = append(w.line, p...)
	end := bytes.LastIndexAny(w.line, "\n\r") + 1
	text := string(w.line[:end])
	w.line = bytes.Clone(w.line[end:])
	return len(p), w.pass(text)
}

// Flush passes on what has no end of line.
func (w *Writer) Flush() error {
	text := string(w.line)
	w.line = nil
	return w.pass(text)
}

func (w *Writer) pass(text string) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(w.to, w.redactor.Text(text))
	return err
}
