package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// parameters are the URL's parameters that sqlx knows, with libpq's names for
// them. It ignores all others, so they must not reach the server as settings.
var parameters = map[string]string{
	"sslmode": "sslmode", "ssl-mode": "sslmode",
	"sslrootcert": "sslrootcert", "ssl-root-cert": "sslrootcert", "ssl-ca": "sslrootcert",
	"sslcert": "sslcert", "ssl-cert": "sslcert", "sslkey": "sslkey", "ssl-key": "sslkey",
	"host": "host", "hostaddr": "host", "port": "port", "dbname": "dbname",
	"user": "user", "password": "password", "application_name": "application_name",
}

// parseURL reads a URL as PgConnectOptions::parse_from_url of sqlx-postgres
// 0.8.6 and 0.9.0 does, options/parse.rs. No error repeats any of it.
func parseURL(raw string, mode Mode) (*pgconn.Config, error) {
	settings, options, err := splitURL(raw, mode)
	if err != nil {
		return nil, fmt.Errorf("the database's URL cannot be read: %w", err)
	}
	if ambient := os.Getenv("PGOPTIONS"); ambient != "" {
		options = append([]string{ambient}, options...)
	}
	if len(options) > 0 {
		settings["options"] = strings.Join(options, " ")
	}
	config, err := pgconn.ParseConfig(keywords(settings))
	if err != nil {
		// Its text may repeat the password.
		return nil, errors.New("the database's URL cannot be used: check host, port, user, and parameters")
	}
	// PGTZ would be a second time zone beside sqlx's.
	delete(config.RuntimeParams, "timezone")
	return config, nil
}

// splitURL takes a URL apart, more leniently than net/url: passwords hold all
// sorts of characters.
func splitURL(raw string, mode Mode) (settings map[string]string, options []string, err error) {
	raw = strings.TrimSpace(raw)
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || !slices.Contains([]string{"postgres", "postgresql"}, strings.ToLower(scheme)) {
		return nil, nil, errors.New("it begins with neither postgres:// nor postgresql://")
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	settings = map[string]string{}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		set(settings, "user", user)
		set(settings, "password", password)
		authority = authority[at+1:]
	}
	host, port := authority, ""
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		host, port = authority[:colon], authority[colon+1:]
	}
	set(settings, "host", strings.Trim(host, "[]"))
	set(settings, "port", port)
	set(settings, "dbname", strings.TrimLeft(path, "/"))
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, value = decodePlus(name), decodePlus(value)
		setting, isSetting := strings.CutPrefix(name, "options[")
		setting, closed := strings.CutSuffix(setting, "]")
		switch {
		case name == "options":
			options = append(options, value)
		case isSetting && closed:
			options = append(options, "-c "+escapeOption(setting+"="+value, mode))
		case parameters[name] != "":
			settings[parameters[name]] = value
		}
	}
	for _, value := range append(options, mapValues(settings)...) {
		if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
			return nil, nil, errors.New("a part of it is not UTF-8")
		}
	}
	return settings, options, nil
}

func set(settings map[string]string, name, value string) {
	if value != "" {
		settings[name] = decode(value)
	}
}

func mapValues(m map[string]string) (values []string) {
	for _, value := range m {
		values = append(values, value)
	}
	return values
}

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

// escapeOption keeps white space inside one of the server's options, which
// sqlx 0.8 does not.
func escapeOption(value string, mode Mode) string {
	if mode == Mode08 {
		return value
	}
	return strings.NewReplacer(`\`, `\\`, ` `, `\ `).Replace(value)
}

// keywords writes settings in libpq's form, `name='value' …`.
func keywords(settings map[string]string) string {
	var parts []string
	for name, value := range settings {
		parts = append(parts, name+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)+"'")
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
