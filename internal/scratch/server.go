package scratch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// cluster is a data directory with what it takes to run it.
type cluster struct {
	*programs
	account *account
	run     *runDir
	// tcp is set where there are no Unix sockets that sqlx knows; then a
	// password keeps others out.
	tcp bool
}

const superuser = "postgres"

// socketPort names the socket; no port is opened.
const socketPort = 5432

const passwordName = "password"

func (c *cluster) data() string { return c.run.join(dataName) }

// command prepares one of the server's programs to run as the account, away
// from settings meant for others.
func (c *cluster) command(ctx context.Context, program string, args ...string) *proc.Cmd {
	cmd := proc.Command(ctx, c.path(program), args...)
	cmd.Dir = c.run.path
	cmd.SysProcAttr = c.account.attributes()
	cmd.Env = append(serverEnv(proc.WithoutDatabases(os.Environ())), "LC_ALL=C", "TZ=UTC")
	return cmd
}

// serverEnv leaves out what steers the server or its locale.
func serverEnv(environ []string) []string {
	var kept []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		name = strings.ToUpper(name)
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "LC_") ||
			name == "LANG" || name == "LANGUAGE" || name == "TZ" {
			continue
		}
		kept = append(kept, entry)
	}
	return kept
}

// server is a running Postgres.
type server struct {
	cluster  *cluster
	cmd      *proc.Cmd
	port     int
	password string
	log      string
	stopping atomic.Bool
	done     chan struct{} // closed when the process has ended
	err      error         // set before
}

// start starts the server on the data directory and waits until it answers.
// It ends with stop, and with ctx.
func (c *cluster) start(ctx context.Context) (*server, error) {
	s := &server{cluster: c, port: socketPort, log: c.run.join("server.log"), done: make(chan struct{})}
	settings, err := s.settings()
	if err != nil {
		return nil, err
	}
	args := []string{"-D", c.data()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.cmd = c.command(ctx, "postgres", args...)
	// SIGQUIT is Postgres' immediate shutdown: no checkpoint.
	s.cmd.Stop, s.cmd.DeathSignal = syscall.SIGQUIT, syscall.SIGQUIT
	log, err := os.Create(s.log)
	if err != nil {
		return nil, fmt.Errorf("start the Postgres server: %w", err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		if c.account != nil && errors.Is(err, os.ErrPermission) {
			return nil, &RootError{Err: err}
		}
		return nil, fmt.Errorf("start the Postgres server: %w", err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	if err := s.ready(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// settings are the server's: nothing is written safely, and nothing changes a
// plan behind our back; all that plans depend on keeps its default.
func (s *server) settings() ([]string, error) {
	settings := []string{
		"fsync=off", "synchronous_commit=off", "full_page_writes=off",
		"autovacuum=off",
		"min_wal_size=2MB", // less to keep, and to copy
		"logging_collector=off", "log_destination=stderr", "timezone=UTC",
	}
	if runtime.GOOS != "windows" {
		// In the data directory, where a killed server's memory goes with it.
		settings = append(settings, "dynamic_shared_memory_type=mmap")
	}
	if !s.cluster.tcp {
		dir := s.cluster.run.join(socketName)
		return append(settings, "listen_addresses=", "port="+strconv.Itoa(s.port),
			`unix_socket_directories="`+strings.ReplaceAll(dir, `"`, `""`)+`"`), nil
	}
	password, err := os.ReadFile(filepath.Join(s.cluster.data(), passwordName))
	if err != nil {
		return nil, fmt.Errorf("start the Postgres server: %w", err)
	}
	if s.port, err = freePort(); err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	s.password = strings.TrimSpace(string(password))
	return append(settings, "listen_addresses=127.0.0.1", "port="+strconv.Itoa(s.port),
		"unix_socket_directories="), nil
}

// freePort lets the system choose a port that nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// readyTimeout bounds how long the server may take to start.
const readyTimeout = time.Minute

// ready waits until the server says in its postmaster.pid that it accepts
// connections.
func (s *server) ready(ctx context.Context) error {
	file := filepath.Join(s.cluster.data(), "postmaster.pid")
	timeout := time.After(readyTimeout)
	for {
		select {
		case <-s.done:
			return s.died()
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timeout:
			return fmt.Errorf("the Postgres server does not answer after %v%s", readyTimeout, s.lastWords())
		case <-time.After(time.Millisecond):
		}
		content, _ := os.ReadFile(file)
		lines := strings.Split(string(content), "\n")
		if len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready" {
			return nil
		}
	}
}

// url returns the URL of one of the server's databases.
func (s *server) url(name string) string {
	if s.cluster.tcp {
		return tcpURL(s.port, s.password, name)
	}
	return socketURL(s.cluster.run.join(socketName), s.port, name)
}

// died says why the server is gone; nil when it was stopped.
func (s *server) died() error {
	if s.stopping.Load() {
		return nil
	}
	err := s.err
	if err == nil {
		err = errors.New("it shut down")
	}
	return fmt.Errorf("the Postgres server ended: %w%s", err, s.lastWords())
}

// lastWords returns the end of the server's log, for an error.
func (s *server) lastWords() string {
	content, _ := os.ReadFile(s.log)
	if len(bytes.TrimSpace(content)) == 0 {
		return ""
	}
	return "; its last words:" + lastLines(content)
}

// lastLines returns the last lines of what a program wrote, each on a line of
// its own below what goes before.
func lastLines(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	const most = 12
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	return "\n  " + strings.Join(lines, "\n  ")
}

// stop ends the server at once.
func (s *server) stop() {
	s.stopping.Store(true)
	select {
	case <-s.done:
		return
	default:
	}
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // fails on Windows
	select {
	case <-s.done:
	case <-time.After(s.patience()):
		_ = s.cmd.Kill()
		<-s.done
	}
}

// patience is how long a server may take for an immediate shutdown, which
// takes milliseconds.
func (s *server) patience() time.Duration {
	if s.cluster.tcp {
		return 0 // no signals there
	}
	return 2 * time.Second
}

// shutDown ends the server with its data directory complete.
func (s *server) shutDown(ctx context.Context) error {
	s.stopping.Store(true)
	cmd := s.cluster.command(ctx, "pg_ctl", "stop", "-D", s.cluster.data(), "-m", "fast", "-W")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("shut the Postgres server down: %w%s", err, lastLines(out))
	}
	select {
	case <-s.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(readyTimeout):
		return fmt.Errorf("the Postgres server does not shut down%s", s.lastWords())
	}
	if s.err != nil {
		return fmt.Errorf("shut the Postgres server down: %w%s", s.err, s.lastWords())
	}
	return nil
}
