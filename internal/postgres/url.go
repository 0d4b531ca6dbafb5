package postgres

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/sqlxmage/sqlxmage/internal/database"
)

// parameters are the URL's parameters that sqlx knows, besides those that name
// a part of the URL, with libpq's names for them. It ignores all others, so
// they must not reach the server as settings.
var parameters = map[string]string{
	"sslmode": "sslmode", "ssl-mode": "sslmode",
	"sslrootcert": "sslrootcert", "ssl-root-cert": "sslrootcert", "ssl-ca": "sslrootcert",
	"sslcert": "sslcert", "ssl-cert": "sslcert", "sslkey": "sslkey", "ssl-key": "sslkey",
	"application_name": "application_name",
}

// parseURL reads a URL as PgConnectOptions::parse_from_url of sqlx-postgres
// 0.8.6 and 0.9.0 does, options/parse.rs. No error repeats any of it.
func parseURL(raw string, mode Mode) (*pgconn.Config, error) {
	u, err := database.Parse(raw)
	if err != nil {
		return nil, err
	}
	if u.Kind != database.Postgres {
		return nil, fmt.Errorf("the database URL is for %s, not for postgres", u.Kind)
	}
	config, err := pgconn.ParseConfig(keywords(settings(u, mode, os.Getenv("PGOPTIONS"))))
	if err != nil {
		// Its text may repeat the password.
		return nil, errors.New("the database's URL cannot be used: check host, port, user, and parameters")
	}
	// PGTZ would be a second time zone beside sqlx's.
	delete(config.RuntimeParams, "timezone")
	return config, nil
}

// settings returns libpq's settings of a URL; ambient are options that stand
// before its own.
func settings(u *database.URL, mode Mode, ambient string) map[string]string {
	settings, options := map[string]string{}, []string{ambient}
	for name, value := range map[string]string{"host": u.Host, "port": u.Port, "user": u.User, "password": u.Password, "dbname": u.Database} {
		if value != "" {
			settings[name] = value
		}
	}
	for _, p := range u.Params {
		option, isOption := strings.CutPrefix(p.Name, "options[")
		option, closed := strings.CutSuffix(option, "]")
		switch {
		case p.Name == "options":
			options = append(options, p.Value)
		case isOption && closed:
			options = append(options, "-c "+escapeOption(option+"="+p.Value, mode))
		case parameters[p.Name] != "":
			settings[parameters[p.Name]] = p.Value
		}
	}
	options = slices.DeleteFunc(options, func(option string) bool { return option == "" })
	if len(options) > 0 {
		settings["options"] = strings.Join(options, " ")
	}
	return settings
}

// connectError says why a connection failed, without what was told to the
// server: pgx and the server repeat the user.
func connectError(err error, config *pgconn.Config) error {
	var failed *pgconn.ConnectError
	if errors.As(err, &failed) {
		err = failed.Unwrap()
	}
	secrets := &database.Redactor{}
	secrets.AddSecret(config.User, config.Password)
	return fmt.Errorf("connect to the database: %w", secrets.Error(err))
}

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
