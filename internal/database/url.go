package database

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// URL is the URL of a database, taken apart as sqlx does it: more leniently
// than net/url, since passwords hold all sorts of characters. Its text is
// [URL.Secret]; every other way of printing it gives what may be shown.
type URL struct {
	Kind           Kind
	User, Password string
	Host, Port     string // of a server; empty where the URL does not say
	Database       string // the database's name; of SQLite its file, as it stands in the URL
	Params         []Param

	raw   string
	clear bool // each part is what it seems to be
	show  func(*URL) string
}

// Param is a parameter of a URL, decoded.
type Param struct{ Name, Value string }

// Parse reads a URL. No error repeats any of it but the kind.
func Parse(raw string) (*URL, error) {
	f, rest, known := formOf(raw)
	if !known {
		return nil, errors.New("the database URL is of no known kind: it begins with neither postgres://, sqlite:, nor mysql://")
	}
	u := &URL{Kind: f.kind, raw: raw, show: f.show}
	if err := f.read(u, rest); err != nil {
		return nil, fmt.Errorf("the %s URL of the database cannot be read: %w", f.kind, err)
	}
	for _, part := range u.parts() {
		if strings.ContainsRune(part, 0) || !utf8.ValidString(part) {
			return nil, fmt.Errorf("the %s URL of the database cannot be read: a part of it is not UTF-8", f.kind)
		}
	}
	return u, nil
}

// parts are all of the URL's, decoded.
func (u *URL) parts() []string {
	parts := []string{u.User, u.Password, u.Host, u.Port, u.Database}
	for _, p := range u.Params {
		parts = append(parts, p.Name, p.Value)
	}
	return parts
}

// Param returns the last parameter of a name, and whether there is one.
func (u *URL) Param(name string) (value string, given bool) {
	for _, p := range u.Params {
		if p.Name == name {
			value, given = p.Value, true
		}
	}
	return value, given
}

// Secret is the URL as it was given. It must not be printed.
func (u *URL) Secret() string { return u.raw }

// String is what may be shown of the URL: kind, host, port, and database; of a
// URL whose parts may not be what they seem to be, the kind.
func (u URL) String() string {
	if !u.clear {
		return showKind(&u)
	}
	return u.show(&u)
}

// GoString keeps %#v from showing more than String does.
func (u URL) GoString() string { return u.String() }

// MarshalText keeps encoders from showing more than String does.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// Show is what may be shown of something that is given as a database's URL: the
// harmless parts, or the kind, or that it is of none that is known.
func Show(raw string) string {
	if u, err := Parse(raw); err == nil {
		return u.String()
	}
	if kind, known := KindOf(raw); known {
		return string(kind)
	}
	return "a URL of an unknown kind"
}

// readServer reads //USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS, as the crate
// url does for sqlx-postgres and sqlx-mysql 0.8.6 and 0.9.0.
func readServer(u *URL, rest string) error {
	rest, ok := strings.CutPrefix(rest, "//")
	if !ok {
		return errors.New("`//` is missing after its scheme")
	}
	u.clear = plainUser(rest)
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		u.User, u.Password = decode(user), decode(password)
		authority = authority[at+1:]
	}
	host, port := authority, ""
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		host, port = authority[:colon], authority[colon+1:]
	}
	u.Host, u.Port = decode(strings.Trim(host, "[]")), decode(port)
	u.Database = decode(strings.TrimLeft(path, "/"))
	u.Params = params(query)
	return u.checkServer()
}

// checkServer refuses a host and a port that can be none: they may be parts of
// a password, and a host's name is sent to whoever knows names.
func (u *URL) checkServer() error {
	switch {
	case strings.Trim(u.Port, "0123456789") != "" || len(u.Port) > 5 || len(u.Port) == 5 && u.Port > "65535":
		return errors.New("its port is no number up to 65535; are `@ : / ? #` in user and password written as %40 %3A %2F %3F %23?")
	case !strings.HasPrefix(u.Host, "/") && strings.ContainsFunc(u.Host, notHost):
		return errors.New("its host is no name and no address; are `@ : / ? #` in user and password written as %40 %3A %2F %3F %23?")
	}
	u.clear = u.clear && !strings.ContainsFunc(u.Host, notFile) && !strings.ContainsFunc(u.Database, notName)
	return nil
}

// plainUser tells whether what stands before the last @ of a URL is a user and
// a password and nothing else.
func plainUser(rest string) bool {
	user, password, _ := strings.Cut(rest[:max(strings.LastIndexByte(rest, '@'), 0)], ":")
	return !strings.ContainsAny(user+password, "@:/?#")
}

// params reads a URL's query.
func params(query string) (list []Param) {
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); pair != "" {
			list = append(list, Param{decodePlus(name), decodePlus(value)})
		}
	}
	return list
}

func showServer(u *URL) string {
	host := u.Host
	switch {
	case strings.HasPrefix(host, "/"):
		host = url.PathEscape(host)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	if u.Port != "" {
		host += ":" + u.Port
	}
	shown := string(u.Kind) + "://" + host
	if u.Database != "" {
		shown += "/" + u.Database
	}
	return shown
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_' }

// The characters that hosts, names of databases, and files are not made of.
func notHost(c rune) bool { return !isWord(c) && !strings.ContainsRune(".-:%", c) }
func notName(c rune) bool { return !isWord(c) && !strings.ContainsRune(".-$ ", c) }
func notFile(c rune) bool { return !isWord(c) && !strings.ContainsRune(`.-$ /\:~+,()[]{}!^'%`, c) }

// decode resolves percent escapes; what is no escape stands for itself.
func decode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func decodePlus(s string) string { return decode(strings.ReplaceAll(s, "+", " ")) }
