package postgres

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// aliases are sqlx's names of URL parameters for which libpq, and so pgconn,
// has others (sqlx-postgres 0.8.6, options/parse.rs).
var aliases = map[string]string{
	"ssl-mode": "sslmode", "ssl-root-cert": "sslrootcert", "ssl-ca": "sslrootcert",
	"ssl-cert": "sslcert", "ssl-key": "sslkey",
}

// parseURL reads a URL as sqlx does: its own parameters besides libpq's, and
// `options[name]=value` for a setting of the session.
func parseURL(raw string) (*pgconn.Config, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the database's URL cannot be read")
	}
	query := url.Values{}
	var options []string
	for name, values := range u.Query() {
		value := values[len(values)-1]
		setting, isSetting := strings.CutPrefix(name, "options[")
		switch {
		case name == "statement-cache-capacity":
		case name == "options":
			options = append(options, value)
		case isSetting:
			options = append(options, "-c "+strings.TrimSuffix(setting, "]")+"="+escapeOption(value))
		case name == "hostaddr":
			query.Set("host", value)
		case aliases[name] != "":
			query.Set(aliases[name], value)
		default:
			query.Set(name, value)
		}
	}
	if len(options) > 0 {
		query.Set("options", strings.Join(options, " "))
	}
	u.RawQuery = query.Encode()
	config, err := pgconn.ParseConfig(u.String())
	if err != nil {
		// Its text may repeat the password.
		return nil, fmt.Errorf("the database's URL cannot be used: check host, port, user, and parameters")
	}
	return config, nil
}

// escapeOption keeps white space inside one of the server's options.
func escapeOption(value string) string {
	return strings.NewReplacer(`\`, `\\`, ` `, `\ `).Replace(value)
}
