package crates

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// client fetches over HTTP, as patiently as it is told to, and says how far it
// is.
type client struct {
	http     *http.Client
	broken   error // what is wrong with the configuration, for the first use
	patience time.Duration

	mu       sync.Mutex
	progress Progress
	report   func(Progress)
	silent   map[string]bool // hosts that did not answer: they are not waited for again
}

// noticeAfter is how long a host may be silent before the progress names it.
const noticeAfter = time.Second

// newClient heeds the proxy and the certificates of the user's own
// configuration: a repository's would see what the user's tokens open.
func newClient(config *workspace.Config, options Options) *client {
	c := &client{patience: options.Patience, report: options.Progress, silent: make(map[string]bool)}
	if c.report == nil {
		c.report = func(Progress) {}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = parallel
	if proxy := config.Setting("http", "proxy"); proxy.User && proxy.Text() != "" {
		address := proxy.Text()
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		u, err := url.Parse(address)
		if err != nil {
			c.broken = fmt.Errorf("http.proxy in %s is no URL", proxy.File) // which may hold a password
		}
		transport.Proxy = http.ProxyURL(u)
	}
	if certificates := config.Setting("http", "cainfo"); certificates.User && certificates.Text() != "" {
		pem, err := os.ReadFile(certificates.Path())
		pool := x509.NewCertPool()
		if err == nil && !pool.AppendCertsFromPEM(pem) {
			err = fmt.Errorf("%s holds no certificate", certificates.Path())
		}
		if err != nil {
			c.broken = fmt.Errorf("http.cainfo: %w", err)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: checkRedirect}
	return c
}

var errRedirects = errors.New("it redirects again and again")

// checkRedirect follows a few redirects, and takes a token to no other host
// and not from https to http.
func checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) >= 5 {
		return errRedirects
	}
	first := before[0].URL
	if next.URL.Host != first.Host || next.URL.Scheme != first.Scheme {
		next.Header.Del("Authorization")
	}
	return nil
}

// StatusError is an answer of a server that is no success.
type StatusError struct {
	Host   string
	Status int
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s answered %d %s", e.Host, e.Status, strings.ToLower(http.StatusText(e.Status)))
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		text += ": it may want a token, which is taken from cargo's own configuration where that names the registry"
	}
	return strings.TrimSpace(text)
}

// SilentError says that a host was waited for in vain.
type SilentError struct{ Host string }

func (e *SilentError) Error() string { return e.Host + " does not answer" }

// tries is how often a request is made that fails for a reason which may pass.
const tries = 3

// bytes requests a URL with a token, which may be "", and returns what comes,
// which is an error where it is more than limit bytes.
func (c *client) bytes(ctx context.Context, address, token string, limit int64) ([]byte, error) {
	if c.broken != nil {
		return nil, c.broken
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("fetching from %q is not understood: only http and https are", shown(address))
	}
	for try := 1; ; try++ {
		data, err := c.once(ctx, u, token, limit)
		var status *StatusError
		var silent *SilentError
		passing := errors.As(err, &status) && (status.Status >= 500 || status.Status == http.StatusTooManyRequests) || isNetwork(err)
		if err == nil || ctx.Err() != nil || try == tries || errors.As(err, &silent) || !passing {
			return data, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(time.Duration(try) * 200 * time.Millisecond):
		}
	}
}

// networkError is what went wrong on the way; asking again may help.
type networkError struct{ err error }

func (e *networkError) Error() string { return e.err.Error() }
func (e *networkError) Unwrap() error { return e.err }

func isNetwork(err error) bool {
	var network *networkError
	return errors.As(err, &network)
}

func (c *client) once(ctx context.Context, u *url.URL, token string, limit int64) ([]byte, error) {
	if c.gaveUp(u.Host) {
		return nil, &SilentError{u.Host}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := c.waitFor(u.Host, cancel)
	defer alive.stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "sqlxmage")
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, &StatusError{response.Request.URL.Host, response.StatusCode}
	}
	data, err := io.ReadAll(io.LimitReader(&received{response.Body, alive, c}, limit+1))
	switch {
	case err != nil:
		return nil, c.failed(ctx, err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("%s is larger than %d MB", shown(u.String()), limit>>20)
	}
	return data, nil
}

// failed says what came of a request, without its URL, which may hold a
// password.
func (c *client) failed(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var unknown *net.DNSError
	if errors.Is(err, errRedirects) || errors.As(err, &unknown) && !unknown.IsTimeout {
		return err
	}
	return &networkError{err}
}

// received reads a body and notes that something came.
type received struct {
	r     io.Reader
	alive *alive
	c     *client
}

func (r *received) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if n > 0 {
		r.alive.again()
		r.c.add(int64(n))
	}
	return n, err
}

// alive gives a host up when nothing comes for too long.
type alive struct {
	patience       time.Duration
	notice, giveUp *time.Timer
}

func (c *client) waitFor(host string, cancel context.CancelCauseFunc) *alive {
	return &alive{
		patience: c.patience,
		notice:   time.AfterFunc(noticeAfter, func() { c.waiting(host) }),
		giveUp: time.AfterFunc(c.patience, func() {
			c.giveUp(host)
			cancel(&SilentError{host})
		}),
	}
}

func (a *alive) again() {
	a.notice.Reset(noticeAfter)
	a.giveUp.Reset(a.patience)
}

func (a *alive) stop() {
	a.notice.Stop()
	a.giveUp.Stop()
}

func (c *client) giveUp(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent[host] = true
}

func (c *client) gaveUp(host string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.silent[host]
}

// watch begins to report the progress of so many packages.
func (c *client) watch(total int) (stop func()) {
	c.update(func(p *Progress) { *p = Progress{Total: total} })
	return func() { c.update(func(p *Progress) { p.Waiting = "" }) }
}

func (c *client) done()               { c.update(func(p *Progress) { p.Done++; p.Waiting = "" }) }
func (c *client) add(n int64)         { c.update(func(p *Progress) { p.Bytes += n }) }
func (c *client) waiting(host string) { c.update(func(p *Progress) { p.Waiting = host }) }

func (c *client) update(change func(*Progress)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.progress)
	c.report(c.progress)
}

// shown is a URL without what may be secret in it.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "a text that is no URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
