package bundled

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

var update = flag.Bool("update", false, "write the golden files")

// The test's executable plays other programs where this says which.
const roleVariable = "SQLXMAGE_SQLITE_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(play(role))
	}
	os.Exit(need.Main(m))
}

func play(role string) int {
	in := bufio.NewReader(os.Stdin)
	switch role {
	case "find": // looks for a helper in the folder $CACHE
		store, _ := kept.Open(os.Getenv("CACHE")) // nil where that is no folder
		p, err := find(context.Background(), Options{Version: "3.46.0", Kept: store, Progress: func(text string) { fmt.Println(text) }})
		if err != nil {
			fmt.Println("error:", err)
			return 1
		}
		defer p.folder.Release()
		data, err := os.ReadFile(p.path)
		if err != nil {
			fmt.Println("error:", err)
			return 1
		}
		fmt.Println(filepath.Base(p.path), len(data), string(data[:min(len(data), 16)]))
	case "crashes":
		in.ReadString('\n')
		fmt.Fprintln(os.Stderr, "SIGSEGV: segmentation violation")
		fmt.Fprintln(os.Stderr, strings.Repeat("goroutine 1 [running]\n", 1<<12))
		return 2
	case "ends":
		in.ReadString('\n')
	case "chatters":
		fmt.Println("hello, world")
		io.Copy(io.Discard, in)
	case "differs":
		in.ReadString('\n')
		fmt.Println(`{"version":"3.46.0","sourceID":"2024-05-23 13:25:27 0000"}`)
		io.Copy(io.Discard, in)
	case "stays": // beyond the end of its input
		time.Sleep(time.Minute)
	}
	return 0
}

// options are those of a helper that is kept from one run of the tests to the
// next.
func options(t testing.TB, version string) Options {
	t.Helper()
	return Options{Version: version, Kept: kepttest.Shared(t), Progress: func(text string) { t.Log(text) }}
}

// engine starts a helper.
func engine(t testing.TB, version string) *Engine {
	t.Helper()
	e, err := Start(t.Context(), options(t, version))
	var unavailable *UnavailableError
	if errors.As(err, &unavailable) {
		need.Missing(t, "go", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// memory opens a database in memory, made by a text.
func memory(t testing.TB, e *Engine, sql string) *DB {
	t.Helper()
	db, err := e.Open(t.Context(), ":memory:", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
	return db
}

// eachVersion runs a test with each SQLite on board.
func eachVersion(t *testing.T, test func(*testing.T, *Engine)) {
	for _, version := range Versions() {
		t.Run(version, func(t *testing.T) { test(t, engine(t, version)) })
	}
}

// actor makes the test's executable the helper that a cache holds.
func actor(t *testing.T, role string) Options {
	t.Helper()
	t.Setenv(roleVariable, role)
	o := Options{Version: "3.46.0", Kept: kepttest.New(t)}
	shelve(t, o, func(path string) { copyExecutable(t, path) })
	return o
}

// shelve makes a file the helper that is kept, and returns its path.
func shelve(t *testing.T, o Options, write func(path string)) string {
	t.Helper()
	sum, err := fingerprint(o.Version)
	if err != nil {
		t.Fatal(err)
	}
	name := "helper" + suffix(runtime.GOOS)
	folder, err := o.Kept.Folder(t.Context(), kept.Pinned("sqlite", sum), nil, func(dir string) error {
		write(filepath.Join(dir, name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	folder.Release()
	return filepath.Join(folder.Path, name)
}

// copyExecutable copies the test's executable.
func copyExecutable(t *testing.T, to string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" && !strings.HasSuffix(to, ".exe") {
		t.Logf("%s cannot be run as it is", to)
	}
}
