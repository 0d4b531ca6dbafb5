package suite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// state is what the last native run of a unit depended on and what it came to.
// When all of it still holds by content, a run has nothing to do.
type state struct {
	Question string            // see unit.question
	Files    map[string]string // path → SHA-256 of the content, "" where there was no file
	Folders  map[string]string // path → SHA-256 of the names in it
	Data     string            // SHA-256 of the query files
	Queries  int
	Kept     []report.Unused // see unit.judgeUnused
	Database string
	Reason   string // why the native engine was proven
}

// absent stands for a file that is not there.
const absent = ""

func (u *unit) statePath() string {
	return filepath.Join(u.kept(), "state-"+digest(u.dir)[:16]+".json")
}

// upToDate returns the unit's state when everything that it depends on is as
// it was, and its `.sqlx` too; else nil.
func (u *unit) upToDate() *state {
	data, err := os.ReadFile(u.statePath())
	if err != nil {
		return nil
	}
	var s state
	if json.Unmarshal(data, &s) != nil || s.Question != u.question() {
		return nil
	}
	set, err := sqlxdata.ReadSet(u.data())
	if err != nil || digestSet(set) != s.Data || !s.holds() {
		return nil
	}
	return &s
}

// holds reads everything again: kept state is never trusted over the content.
func (s *state) holds() bool {
	for path, sum := range s.Folders {
		if digestFolder(path) != sum {
			return false
		}
	}
	now := digestFiles(mapKeys(s.Files))
	for path, sum := range s.Files {
		if now[path] != sum {
			return false
		}
	}
	return true
}

// remember keeps the state after a run whose native result stands in `.sqlx`.
// A failure only costs the next run its short cut.
func (u *unit) remember(ctx context.Context, set sqlxdata.Set, d *database, out *report.Unit) error {
	scan, err := u.scan(ctx)
	if err != nil {
		return err
	}
	s := state{
		Question: u.question(), Data: digestSet(set), Queries: out.Queries, Kept: keptOf(out), Database: d.words(), Reason: out.Reason,
		Files: map[string]string{}, Folders: map[string]string{},
	}
	others, folders := u.inputs(d)
	for _, found := range u.read(scan) {
		for path, file := range found.files {
			if file.Absent {
				s.Files[path] = absent
			} else {
				s.Files[path] = hex.EncodeToString(file.Sum[:])
			}
		}
		files, below := u.behind(found)
		others, folders = append(others, files...), append(folders, below...)
	}
	for path, sum := range digestFiles(others) {
		s.Files[path] = sum
	}
	for _, folder := range folders {
		s.Folders[folder] = digestFolder(folder)
	}
	return keep(u.statePath(), s)
}

// inputs lists the files beside the sources, and the folders, on whose content
// a run depends.
func (u *unit) inputs(d *database) (files, folders []string) {
	ws := u.workspace
	files = append(files, ws.ManifestPath, filepath.Join(ws.Root, "Cargo.lock"), filepath.Join(u.run.file.Root, config.FileName))
	files = append(files, ws.Config.Files...)
	for _, packages := range [][]*workspace.Package{ws.Members, ws.Outside} {
		for _, p := range packages {
			files = append(files, p.ManifestPath, filepath.Join(p.Dir, "sqlx.toml"))
			folders = append(folders, targetFolders(p.Dir)...)
			// Members may be given by patterns.
			for dir := p.Dir; dir != ws.Root && len(dir) > len(ws.Root); {
				dir = filepath.Dir(dir)
				folders = append(folders, dir)
			}
		}
	}
	for dir := u.dir; ; dir = filepath.Dir(dir) {
		for _, name := range []string{".cargo/config.toml", ".cargo/config", "rust-toolchain", "rust-toolchain.toml"} {
			files = append(files, filepath.Join(dir, filepath.FromSlash(name)))
		}
		if filepath.Dir(dir) == dir {
			break
		}
	}
	migrations, migrationFolder := d.inputs()
	files = append(files, migrations...)
	if migrationFolder != "" {
		folders = append(folders, migrationFolder)
	}
	return files, folders
}

// targetFolders are the folders of a package in which cargo finds targets by
// the names of files.
func targetFolders(dir string) []string {
	folders := []string{dir, filepath.Join(dir, "src")}
	for _, name := range []string{"src/bin", "tests", "examples", "benches"} {
		folder := filepath.Join(dir, filepath.FromSlash(name))
		folders = append(folders, folder)
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			if entry.IsDir() {
				folders = append(folders, filepath.Join(folder, entry.Name()))
			}
		}
	}
	return folders
}

// question is what a run is asked, apart from files: our own program, the
// arguments, the configuration's effect, and the environment that cargo, rustc
// and the engines heed.
func (u *unit) question() string {
	parts := []string{Version, program(os.Executable()), runtime.GOOS, runtime.GOARCH, u.dir, u.engine()}
	parts = append(parts, fmt.Sprintf("%q", u.arguments))
	parts = append(parts, program(exec.LookPath("rustc")), u.run.postgresPrograms())
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{"CARGO_", "RUST", "SQLITE", "LIBSQLITE3_", "SQLX_", "PG"} {
			if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, "RUST_") {
				parts = append(parts, entry)
			}
		}
	}
	return digest(parts...)
}

// program identifies an executable by path, size and time.
func program(path string, err error) string {
	if err != nil {
		return "none"
	}
	info, err := os.Stat(path)
	if err != nil {
		return "none"
	}
	return fmt.Sprint(path, info.Size(), info.ModTime().UnixNano())
}

// keep writes a value for later runs, in one step.
func keep(path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("keep state: %w", err)
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		os.Remove(temporary.Name())
		return fmt.Errorf("keep state: %w", err)
	}
	return nil
}

func digest(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s\n", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func digestSet(set sqlxdata.Set) string {
	hash := sha256.New()
	for _, name := range set.Hashes() {
		fmt.Fprintf(hash, "%s %x\n", name, sha256.Sum256(set[name]))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// digestFolder covers the names in a folder; a folder that is not there has
// the digest of none.
func digestFolder(path string) string {
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "unreadable"
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name() + entry.Type().String()
	}
	return digest(names...)
}

// digestFiles reads files on all cores.
func digestFiles(paths []string) map[string]string {
	sums := make([]string, len(paths))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				if data, err := os.ReadFile(paths[i]); err == nil {
					sum := sha256.Sum256(data)
					sums[i] = hex.EncodeToString(sum[:])
				}
			}
		}()
	}
	for i := range paths {
		next <- i
	}
	close(next)
	wg.Wait()
	result := make(map[string]string, len(paths))
	for i, path := range paths {
		result[path] = sums[i]
	}
	return result
}

func mapKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}
