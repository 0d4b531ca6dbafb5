package scratch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// The test binary plays a run: with SQLXMAGE_SCRATCH_RUN set to a cache folder
// it opens a database, says where it is, and waits to be ended.
func TestMain(m *testing.M) {
	if cache := os.Getenv("SQLXMAGE_SCRATCH_RUN"); cache != "" {
		os.Exit(playRun(cache))
	}
	if os.Getenv("SQLXMAGE_SCRATCH_BYSTANDER") != "" {
		time.Sleep(time.Minute)
		return
	}
	os.Exit(runTests(m))
}

// testCache spares the tests a fresh cluster each; what they make of it differs.
var testCache string

// runTests gives the tests a folder for temporary files of their own, in which
// they alone make runs' folders and reap them. It is in memory, as runs' are
// by default; its name is short, for the sockets in it, and the server's account
// passes through.
func runTests(m *testing.M) int {
	temp, err := os.MkdirTemp(memoryDir(), "s")
	if err == nil {
		defer os.RemoveAll(temp)
		err = errors.Join(os.Chmod(temp, 0o711), os.Setenv("TMPDIR", temp))
	}
	if err == nil {
		testCache, err = os.MkdirTemp("", "cache-")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return need.Main(m)
}

// testStore is the store in testCache.
func testStore(t testing.TB) *kept.Store {
	t.Helper()
	store, err := kept.Open(testCache)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func playRun(cache string) int {
	ctx, stop := proc.Context(context.Background())
	defer stop()
	store, err := kept.Open(cache)
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	db, err := OpenPostgres(ctx, Spec{Name: "run", Kept: store})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println(db.run.path)
	fmt.Println(db.server.cmd.Process.Pid)
	<-ctx.Done()
	if err := db.Close(); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// startRun starts such a run and returns its folder and its server's id.
func startRun(t *testing.T) (cmd *exec.Cmd, dir string, server int) {
	t.Helper()
	needPostgres(t)
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SQLXMAGE_SCRATCH_RUN="+testCache)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	dir = lines.Text()
	lines.Scan()
	if server, err = strconv.Atoi(lines.Text()); err != nil {
		t.Fatalf("the run says %q, %q", dir, lines.Text())
	}
	return cmd, dir, server
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after a minute", what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestSignalEndsRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd, dir, server := startRun(t)
			start := time.Now()
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if exists(dir) {
				t.Errorf("%s is left", dir)
			}
			if commandLine(server) != nil {
				t.Errorf("the server, process %d, is left", server)
			}
		})
	}
}

func TestKilledRunIsReaped(t *testing.T) {
	cmd, dir, server := startRun(t)
	Reap()
	if !exists(dir) {
		t.Fatal("the folder of a run that lives was removed")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if !exists(dir) {
		t.Fatal("nothing is left to reap")
	}
	Reap()
	if exists(dir) {
		t.Errorf("%s is left", dir)
	}
	waitFor(t, "the server's end", func() bool { return commandLine(server) == nil })
}

// TestReapEndsServer: where no death signal ends a killed run's server, the
// next run does.
func TestReapEndsServer(t *testing.T) {
	if commandLine(os.Getpid()) == nil {
		t.Skip("this system does not tell a process's command line")
	}
	db := open(t, spec(t, nil))
	run := db.run
	db.server.stop()
	// The same server again, as a process that outlives what it belongs to.
	orphan := exec.Command(db.server.cmd.Path, db.server.cmd.Args[1:]...)
	orphan.Dir = db.server.cmd.Dir
	orphan.SysProcAttr = db.server.cluster.account.attributes()
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = orphan.Wait()
		close(ended)
	}()
	pidFile := filepath.Join(run.path, dataName, "postmaster.pid")
	waitFor(t, "the server's start", func() bool {
		content, _ := os.ReadFile(pidFile)
		return strings.Contains(string(content), "ready")
	})

	Reap()
	if !exists(run.path) {
		t.Fatal("reaped while the lock is held")
	}
	run.lock.Close()
	Reap()
	if exists(run.path) {
		t.Errorf("%s is left", run.path)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("the server is left")
		_ = orphan.Process.Kill()
	}
}

// TestReapSparesOthers: an id in postmaster.pid that has become another
// process's is left alone.
func TestReapSparesOthers(t *testing.T) {
	bystander := exec.Command(os.Args[0])
	bystander.Env = append(os.Environ(), "SQLXMAGE_SCRATCH_BYSTANDER=1")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = bystander.Wait()
		close(ended)
	}()
	run, err := newRunDir(false, nil)
	if err != nil {
		t.Fatal(err)
	}
	data := run.join(dataName)
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	content := fmt.Sprintf("%d\n%s\n", bystander.Process.Pid, data)
	if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	run.lock.Close()
	Reap()
	if exists(run.path) {
		t.Errorf("%s is left", run.path)
	}
	select {
	case <-ended:
		t.Error("the bystander was ended")
	case <-time.After(100 * time.Millisecond):
		_ = bystander.Process.Kill()
		<-ended
	}
}

func TestServerDies(t *testing.T) {
	db := open(t, spec(t, nil))
	if err := db.server.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-db.Done():
	case <-time.After(time.Minute):
		t.Fatal("unnoticed")
	}
	if err := db.Err(); err == nil || !strings.Contains(err.Error(), "the Postgres server ended: ") ||
		!strings.Contains(err.Error(), "ready to accept connections") {
		t.Errorf("got %v", err)
	}
}

func TestContextEndsServer(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	db, err := OpenPostgres(ctx, spec(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("enough")
	cancel(cause)
	select {
	case <-db.Done():
	case <-time.After(time.Minute):
		t.Error("the server goes on")
	}
	if err := db.Err(); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if exists(db.run.path) {
		t.Errorf("%s is left", db.run.path)
	}
}

// TestContextEndsWhileOpening: at any moment of a cold Open the context's end
// leaves nothing behind.
func TestContextEndsWhileOpening(t *testing.T) {
	s := spec(t, map[string]string{"1_slow.sql": "SELECT pg_sleep(30);"})
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond, 2 * time.Second} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		before := runDirs(t)
		db, err := OpenPostgres(ctx, s)
		cancel()
		if err == nil {
			db.Close()
			t.Fatal("opened")
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", after, err)
		}
		for dir := range runDirs(t) {
			if !before[dir] && exists(dir) {
				t.Errorf("after %v: %s is left", after, dir)
			}
		}
	}
}

// runDirs returns the runs' folders that these tests have made.
func runDirs(t *testing.T) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(os.TempDir(), runPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, path := range paths {
		found[path] = true
	}
	return found
}

// TestCopiesAreApart: what a URL's client wrote is gone in the next run.
func TestCopiesAreApart(t *testing.T) {
	s := spec(t, map[string]string{"1_t.sql": "CREATE TABLE t (id INT)"})
	first, second := open(t, s), open(t, s)
	query(t, first.URL, "INSERT INTO t VALUES (1); SELECT 1")
	if got := query(t, second.URL, "SELECT count(*) FROM t"); got[0] != "0" {
		t.Errorf("the other run sees %s rows", got[0])
	}
	first.Close()
	if got := query(t, open(t, s).URL, "SELECT count(*) FROM t"); got[0] != "0" {
		t.Errorf("the next run sees %s rows", got[0])
	}
}

// TestTCP: the way of systems without Unix sockets that sqlx knows.
func TestTCP(t *testing.T) {
	s := spec(t, nil)
	programs, err := findPrograms(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	account, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	run, err := newRunDir(false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.remove()
	c := &cluster{programs: programs, account: account, run: run, tcp: true}
	if err := c.makeRoom(); err != nil {
		t.Fatal(err)
	}
	if err := c.build(t.Context(), &s, nil, kept.Key{}); err != nil {
		t.Fatal(err)
	}
	server, err := c.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	if got := query(t, server.url("remote"), "SHOW listen_addresses"); got[0] != "127.0.0.1" {
		t.Errorf("listens on %q", got)
	}
	wrong := strings.Replace(server.url("remote"), server.password, "guess", 1)
	_, err = pgconn.Connect(t.Context(), wrong)
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "28P01" {
		t.Errorf("with a wrong password: %v", err)
	}
}
