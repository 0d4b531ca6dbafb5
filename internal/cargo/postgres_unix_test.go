//go:build unix

package cargo_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// postgres starts a server of the test's own and returns the URL of a
// database that does not exist yet. Its password is worth hiding.
func postgres(t *testing.T) string {
	t.Helper()
	bin := postgresPrograms(t)
	dir, err := os.MkdirTemp("", "cargo-pg") // short: it holds a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	attributes := unprivileged(t, dir)
	start := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = dir, attributes
		return cmd
	}
	data := filepath.Join(dir, "data")
	initdb := start("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "--encoding=UTF8", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	port := freePort(t)
	server := start("postgres", "-D", data, "-k", dir, "-p", port, "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT) // fast shutdown
		_ = server.Wait()
	})
	url := fmt.Sprintf("postgres://postgres:hunter2-hunter2@127.0.0.1:%s/", port)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		connection, err := pgx.Connect(t.Context(), url+"postgres")
		if err == nil {
			_ = connection.Close(t.Context())
			return url + "orders"
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func postgresPrograms(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		need.Missing(t, "postgres", "no initdb on PATH or in /usr/lib/postgresql")
	}
	return filepath.Dir(found[len(found)-1])
}

// unprivileged gives dir to the user as whom the server may run: root may not.
func unprivileged(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		need.Missing(t, "postgres", "running as root, and "+err.Error())
	}
	uid, uidErr := strconv.Atoi(account.Uid)
	gid, gidErr := strconv.Atoi(account.Gid)
	if uidErr != nil || gidErr != nil {
		t.Fatal(uidErr, gidErr)
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestRecordPostgres(t *testing.T) {
	p := newProject(t, "postgres")
	p.url = postgres(t)
	run(t, p.dir, need.SqlxCLI(t, "0.8.6"), "sqlx", "database", "setup", "-D", p.url, "--source", "crates/orders/migrations")
	req := p.request("crates/orders", "orders")
	p.record(req)
	if diff := cmp.Diff(p.committed("orders"), files(t, req.Stage)); diff != "" {
		t.Error(diff)
	}

	// A failure says nothing of the password, in any stream or value.
	p.edit("crates/orders/src/order.rs", `RETURNING placed_at"`, `RETURNING placed_on"`)
	p.write("crates/orders/build.rs", `fn main() {
    println!("cargo:warning=the database is {}", std::env::var("DATABASE_URL").unwrap());
}`)
	var output bytes.Buffer
	req.Output, req.Stage = &output, t.TempDir()
	_, err := p.tool.Record(t.Context(), req)
	var failed *cargo.CompileError
	if !errors.As(err, &failed) || len(failed.Diagnostics) != 1 || failed.Diagnostics[0].Line != 68 {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(output.String(), "the database is postgres://127.0.0.1:") {
		t.Errorf("the test's own warning is absent:\n%s", &output)
	}
	for _, text := range []string{output.String(), fmt.Sprintf("%+v", failed)} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("the password is shown:\n%s", text)
		}
	}
}
