package scratch

import (
	"fmt"
	"net/url"
)

// socketURL returns the URL of a database behind a Unix socket; all that
// clients would otherwise take from the environment stands in it.
func socketURL(dir string, port int, name string) string {
	return fmt.Sprintf("postgres://%s@localhost:%d/%s?host=%s&sslmode=disable",
		superuser, port, url.PathEscape(name), url.QueryEscape(dir))
}

func tcpURL(port int, password, name string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable",
		superuser, password, port, url.PathEscape(name))
}
