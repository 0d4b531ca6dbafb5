package cargo

import (
	"bytes"
	"io"
	"net/url"
	"sort"
	"strings"
	"sync"
)

// redaction replaces the secrets of a database's URL.
type redaction struct{ secrets, covers [][]byte }

const cover = "***"

// redact returns the redaction for URLs: the URL as a whole is shown without
// its password, and the password alone is covered wherever it appears, unless
// it says nothing: when it also stands elsewhere in the URL (postgres:postgres@)
// or is so short that covering it would make the rest unreadable.
func redact(urls ...string) redaction {
	var r redaction
	for _, raw := range urls {
		shown, passwords := split(raw)
		if shown == raw {
			continue
		}
		r.add(raw, shown)
		for _, password := range passwords {
			r.add(":"+password+"@", ":"+cover+"@")
			if len(password) >= 8 && !strings.Contains(shown, password) {
				r.add(password, cover)
			}
		}
	}
	// Of two secrets that begin at one place the longer one counts.
	sort.Stable(sort.Reverse(r))
	return r
}

// split returns the URL with its password covered, and the password in each
// form in which it may be printed. A URL that cannot be read is covered whole.
func split(raw string) (shown string, passwords []string) {
	u, err := url.Parse(raw)
	if err != nil {
		return cover, nil
	}
	scheme, rest, _ := strings.Cut(raw, "://")
	user, password, ok := strings.Cut(before(rest), ":")
	if ok && password != "" {
		passwords = append(passwords, password)
		raw = scheme + "://" + user + ":" + cover + rest[len(user)+1+len(password):]
		if plain, _ := u.User.Password(); plain != password {
			passwords = append(passwords, plain)
		}
	}
	for key, values := range u.Query() {
		if strings.Contains(strings.ToLower(key), "password") {
			for _, value := range values {
				if value != "" {
					raw = strings.ReplaceAll(raw, value, cover)
					raw = strings.ReplaceAll(raw, url.QueryEscape(value), cover)
					passwords = append(passwords, value)
				}
			}
		}
	}
	return raw, passwords
}

// before returns the user's part of what follows the scheme, without the @.
func before(rest string) string {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest[:max(strings.LastIndexByte(rest, '@'), 0)]
}

func (r *redaction) add(secret, cover string) {
	r.secrets = append(r.secrets, []byte(secret))
	r.covers = append(r.covers, []byte(cover))
}

func (r redaction) Len() int           { return len(r.secrets) }
func (r redaction) Less(i, j int) bool { return len(r.secrets[i]) < len(r.secrets[j]) }
func (r redaction) Swap(i, j int) {
	r.secrets[i], r.secrets[j] = r.secrets[j], r.secrets[i]
	r.covers[i], r.covers[j] = r.covers[j], r.covers[i]
}

func (r redaction) bytes(text []byte) []byte {
	for i, secret := range r.secrets {
		text = bytes.ReplaceAll(text, secret, r.covers[i])
	}
	return text
}

func (r redaction) string(text string) string { return string(r.bytes([]byte(text))) }

// held returns how many of the last bytes of text may begin a secret.
func (r redaction) held(text []byte) int {
	longest := 0
	for _, secret := range r.secrets {
		for n := min(len(secret)-1, len(text)); n > longest; n-- {
			if bytes.HasSuffix(text, secret[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// redactor is a stream without secrets: what may be the beginning of one is
// held back until more is known. Several may share one lock and writer.
type redactor struct {
	redaction
	lock *sync.Mutex
	to   io.Writer
	tail []byte
}

func (w *redactor) Write(p []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	text := w.bytes(append(w.tail, p...))
	n := len(text) - w.held(text)
	w.tail = bytes.Clone(text[n:])
	if _, err := w.to.Write(text[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes what was held back.
func (w *redactor) flush() error {
	w.lock.Lock()
	defer w.lock.Unlock()
	_, err := w.to.Write(w.tail)
	w.tail = nil
	return err
}
