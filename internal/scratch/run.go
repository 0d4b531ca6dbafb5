package scratch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// runDir is the private folder of one database, in a folder for temporary
// files. Its file "lock" is locked for as long as the run that made
// it lives; the system lets go of the lock however that run ends. A folder
// whose lock is free was left behind, and reap removes it.
type runDir struct {
	path string
	lock *flock.Flock
}

const (
	runPrefix = "sqlxmage-"
	lockName  = "lock"
	dataName  = "data" // Postgres' data directory
	// socketName is a folder for the socket alone, its name short.
	socketName = "s"
)

// maxSocketDir is the longest folder that a socket's path may have: the system
// with the least room (macOS) takes 103 bytes of ".../.s.PGSQL.5432".
const maxSocketDir = 103 - len("/.s.PGSQL.5432")

// tempDirs returns the folders that a run's folder may lie in, best first:
// memory, where creating a data directory's hundreds of files costs nothing;
// the user's folder for temporary files; the system's, whose name is short.
func tempDirs() []string {
	dirs := []string{os.TempDir()}
	if os.PathSeparator == '/' && dirs[0] != "/tmp" {
		dirs = append(dirs, "/tmp")
	}
	if memory := memoryDir(); memory != "" && os.Getenv("TMPDIR") == "" {
		dirs = append([]string{memory}, dirs...)
	}
	return dirs
}

// newRunDir creates a run's folder. Where programs are to run from it, it does
// not lie in memory, which systems may forbid that. An account must be able to
// pass through to it.
func newRunDir(programs bool, account *account) (*runDir, error) {
	parents := slices.DeleteFunc(tempDirs(), func(dir string) bool { return !account.passes(dir) })
	if len(parents) == 0 {
		return nil, fmt.Errorf("create a folder for the scratch database: user %s, as whom the server runs, may not pass through to %s; set TMPDIR to a folder that all may enter", account.name, os.TempDir())
	}
	if programs && len(parents) > 1 && parents[0] == memoryDir() {
		parents = parents[1:]
	}
	const unique = 10 // digits that MkdirTemp may add
	for len(parents) > 1 && len(parents[0])+1+len(runPrefix)+unique+1+len(socketName) > maxSocketDir {
		parents = parents[1:]
	}
	for try := 0; ; try++ {
		path, err := os.MkdirTemp(parents[0], runPrefix)
		if err != nil {
			return nil, fmt.Errorf("create a folder for the scratch database: %w", err)
		}
		lock := flock.New(filepath.Join(path, lockName))
		locked, err := lock.TryLock()
		if err != nil {
			os.RemoveAll(path)
			return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
		}
		// Another run's reap may have seen the lock before we held it.
		if _, err := os.Stat(lock.Path()); locked && err == nil {
			return &runDir{path: path, lock: lock}, nil
		}
		lock.Close()
		if try == 10 {
			return nil, fmt.Errorf("create a folder for the scratch database: %s is taken away each time", path)
		}
	}
}

func (r *runDir) join(name string) string { return filepath.Join(r.path, name) }

// remove removes the folder. On Windows a file may still be in use for a
// moment after its process ended.
func (r *runDir) remove() error {
	r.lock.Close()
	var err error
	for wait := time.Millisecond; wait < time.Second; wait *= 2 {
		if err = os.RemoveAll(r.path); err == nil {
			return nil
		}
		time.Sleep(wait)
	}
	return fmt.Errorf("remove the scratch database: %w", err)
}

// Reap removes what runs that were killed have left: their folders, and a
// server that still runs on one of them.
func Reap() {
	parents := tempDirs()
	if memory := memoryDir(); memory != "" && parents[0] != memory {
		parents = append(parents, memory)
	}
	for _, parent := range parents {
		paths, _ := filepath.Glob(filepath.Join(parent, runPrefix+"*"))
		for _, path := range paths {
			reapDir(path)
		}
	}
}

// reapDir removes one folder if it is ours and its run is over. Failures are
// left to the next run.
func reapDir(path string) {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || !ownedByUs(info) {
		return
	}
	lockPath := filepath.Join(path, lockName)
	if _, err := os.Stat(lockPath); err != nil {
		// A run begins, or was killed as it began.
		if time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(path)
		}
		return
	}
	lock := flock.New(lockPath)
	if locked, err := lock.TryLock(); err != nil || !locked {
		lock.Close()
		return
	}
	endServer(filepath.Join(path, dataName))
	(&runDir{path: path, lock: lock}).remove()
}

// endServer ends the server that runs on a data directory, if one does. The
// id in its postmaster.pid may since be another process's, so the process must
// name that very directory, whose name is random, on its command line.
func endServer(data string) {
	content, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return
	}
	ours := func() bool { return slices.Contains(commandLine(pid), data) }
	for _, hard := range []bool{false, true} {
		if !ours() {
			return
		}
		endProcess(pid, hard)
		for wait := time.Millisecond; wait < time.Second && ours(); wait *= 2 {
			time.Sleep(wait)
		}
	}
}
