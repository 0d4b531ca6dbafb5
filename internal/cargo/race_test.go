package cargo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/cargo"
)

// TestRecordRace: an editor's cargo compiles the package first, once, some
// times, always.
func TestRecordRace(t *testing.T) {
	p := newProject(t, "race")
	p.record(p.request("crates/notes", "notes"))
	real := p.tool
	for _, c := range []struct{ races, runs int }{{0, 1}, {1, 2}, {3, 4}, {100, 0}} {
		t.Run(fmt.Sprint(c.races), func(t *testing.T) {
			counter := filepath.Join(t.TempDir(), "races")
			if err := os.WriteFile(counter, make([]byte, c.races), 0o666); err != nil {
				t.Fatal(err)
			}
			p.tool = real
			req := p.request("crates/notes", "notes")
			t.Setenv("SQLXMAGE_CARGO_REAL", real.Path)
			t.Setenv("SQLXMAGE_CARGO_RACES", counter)
			p.tool.Path = os.Args[0]
			result, err := p.tool.Record(t.Context(), req)
			var unproven *cargo.UnprovenError
			switch {
			case c.runs == 0:
				if !errors.As(err, &unproven) || !slices.Equal(unproven.Pending, []string{"notes"}) {
					t.Errorf("got %v", err)
				}
				if left := files(t, req.Stage); len(left) > 0 {
					t.Errorf("left in the stage: %v", left)
				}
			case err != nil || result.Runs != c.runs:
				t.Errorf("got %+v, %v", result, err)
			default:
				if diff := cmp.Diff(p.committed("notes"), files(t, req.Stage)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// TestRecordBusy: a real race, with an editor that never stops checking.
func TestRecordBusy(t *testing.T) {
	p := newProject(t, "busy")
	want := p.committed("notes")
	p.record(p.request("crates/notes", "notes"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			cmd := exec.CommandContext(ctx, p.tool.Path, "check")
			cmd.Dir = filepath.Join(p.dir, "crates", "notes")
			cmd.Env = append(os.Environ(), "SQLX_OFFLINE=true")
			_ = cmd.Run()
		}
	}()
	defer func() { stop(); <-ended }()
	for range 2 {
		req := p.request("crates/notes", "notes")
		result, err := p.tool.Record(t.Context(), req)
		t.Logf("%+v, %v", result, err)
		if err != nil {
			want = map[string]string{} // an honest end
			if unproven := new(*cargo.UnprovenError); !errors.As(err, unproven) {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(want, files(t, req.Stage)); diff != "" {
			t.Error(diff)
		}
		want = p.committed("notes")
	}
}

// TestRecordCancel: cargo, rustc and what they started are gone, and so is
// what was written.
func TestRecordCancel(t *testing.T) {
	p := newProject(t, "cancel")
	p.write("crates/notes/build.rs", "fn main() { std::fs::write(\""+"started"+"\", \"\").unwrap(); std::thread::sleep(std::time::Duration::from_secs(60)); }\n")
	req := p.request("crates/notes", "notes")
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		started := filepath.Join(req.Dir, "started")
		for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			if _, err := os.Stat(started); err == nil {
				break
			}
		}
		cancel(cause)
	}()
	_, err := p.tool.Record(ctx, req)
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if left := files(t, req.Stage); len(left) > 0 {
		t.Errorf("left in the stage: %v", left)
	}
	if processes := compiling(p.dir); len(processes) > 0 {
		t.Errorf("still there: %v", processes)
	}
}

// compiling returns the processes that work in dir, where the system tells.
func compiling(dir string) []string {
	var found []string
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && strings.HasPrefix(cwd, dir) {
			found = append(found, link)
		}
	}
	return found
}
