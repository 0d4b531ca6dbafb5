package command

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/suite"
)

// secretRuns is how many runs TestSecrets does where SQLXMAGE_SECRET_RUNS does
// not say; SQLXMAGE_SECRET_SEED is the first one's number.
const secretRuns = 40

// TestSecrets plants secrets in a database's URL, in each part of each form but
// host, port and database, and gives it in each place that one can come from to
// a run of each target. No secret may come out: printed, as a panic, in a file
// that is left, or in the list of processes. cargo, sqlx-cli and the server are
// this test's own, and tell all that they were told.
func TestSecrets(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	runs, first := number(t, "SQLXMAGE_SECRET_RUNS", secretRuns), number(t, "SQLXMAGE_SECRET_SEED", 1)
	server := chattyServer(t)
	leaks := 0
	for i := first; i < first+runs; i++ {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			p := newPlanting(t, i, server)
			if found := p.run(); len(found) > 0 {
				leaks++
				t.Errorf("%s\n%s", p, strings.Join(found, "\n"))
			}
		})
	}
	t.Logf("%d of %d runs leak", leaks, runs)
}

// FuzzSecrets is TestSecrets for any number.
func FuzzSecrets(f *testing.F) {
	server := chattyServer(f)
	f.Fuzz(func(t *testing.T, i int) {
		p := newPlanting(t, i, server)
		if found := p.run(); len(found) > 0 {
			t.Errorf("%s\n%s", p, strings.Join(found, "\n"))
		}
	})
}

func number(t *testing.T, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// planting is one run with secrets.
type planting struct {
	*testing.T
	random  *rand.Rand
	dir     string // the project's
	left    string // where temporary files, and what processes are told, are left
	server  string
	unit    string
	kind    string
	form    string
	url     string
	secrets []string
	place   string
	target  string
	flags   config.Flags
}

// newPlanting makes a project and plants in it.
func newPlanting(t *testing.T, i int, server string) *planting {
	p := &planting{T: t, random: rand.New(rand.NewPCG(uint64(i), 12)), dir: t.TempDir(), left: t.TempDir(), server: server}
	if err := os.CopyFS(p.dir, os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(p.dir, "target")); err != nil {
		t.Fatal(err)
	}
	p.write("notes.db", "")
	which := p.random.IntN(2)
	p.unit, p.kind = []string{"crates/notes", "crates/orders"}[which], []string{"sqlite", "postgres"}[which]
	p.setenv("TMPDIR", p.left)
	p.setenv("GITHUB_STEP_SUMMARY", filepath.Join(p.left, "summary.md"))
	p.setenv("RUSTC", filepath.Join(p.left, "no-rustc"))
	p.setenv("CARGO_HOME", filepath.Join(p.left, "cargo"))
	p.setenv("CARGO_TARGET_DIR", filepath.Join(p.dir, "target"))
	p.tell()

	p.form = urlForms[p.random.IntN(len(urlForms))]
	p.url = strings.NewReplacer("SERVER", server, "FILE", filepath.Join(p.dir, "notes.db")).Replace(p.form)
	for strings.Contains(p.url, "§") {
		p.url = strings.Replace(p.url, "§", p.secret(), 1)
	}
	names := make([]string, 0, len(places))
	for name := range places {
		names = append(names, name)
	}
	slices.Sort(names)
	p.place = names[p.random.IntN(len(names))]
	if strings.Contains(p.url, "\x00") && !strings.HasPrefix(p.place, "flag") {
		p.url = strings.ReplaceAll(p.url, "\x00", "%00")
	}
	if p.random.IntN(5) == 0 {
		p.kind = "mysql"
		p.toml("setup = []")
	}
	target := plantTargets[p.random.IntN(len(plantTargets))]
	p.target = target.name
	p.flags = config.Flags{"unit": p.unit, "format": target.formats[p.random.IntN(len(target.formats))]}
	if p.target == "revert" {
		delete(p.flags, "unit")
	}
	if p.random.IntN(2) == 0 {
		p.flags["verbose"] = "true"
	}
	for name, value := range target.flags {
		p.flags[name] = value
	}
	for name, value := range places[p.place](p) {
		if name != "databaseurl" || p.flags["live"] != "" {
			p.flags[name] = value
		}
	}
	return p
}

func (p *planting) String() string {
	return fmt.Sprintf("%s %v: %s from %s (%q, secrets %q)", p.target, p.flags, p.form, p.place, p.url, p.secrets)
}

// tell makes cargo and sqlx-cli of this test's program.
func (p *planting) tell() {
	self, err := os.Executable()
	if err != nil {
		p.Fatal(err)
	}
	bin := filepath.Join(p.left, "bin")
	if err := os.Mkdir(bin, 0o777); err != nil {
		p.Fatal(err)
	}
	for _, name := range []string{"cargo", "cargo-sqlx"} {
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		if err := os.Link(self, filepath.Join(bin, name)); err != nil {
			if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
				p.Fatal(err)
			}
		}
	}
	p.setenv("CARGO", filepath.Join(bin, "cargo"))
	p.setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	p.setenv(talks, filepath.Join(p.left, "arguments"))
	p.setenv(talks+"_HOW", []string{"fails", "fails", "fails", "panics", "warns", "no-version", "no-metadata"}[p.random.IntN(7)])
}

// secret returns a new one: letters and digits.
func (p *planting) secret() string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	b := []byte{'Q', '7'}
	for n := 12 + p.random.IntN(10) + 60*(p.random.IntN(8)/7); len(b) < n; {
		b = append(b, letters[p.random.IntN(len(letters))])
	}
	p.secrets = append(p.secrets, string(b))
	return string(b)
}

// misplaced is the URL for a place where none belongs: it has to look like one.
func (p *planting) misplaced() string {
	if !strings.Contains(p.url, "@") && !strings.Contains(p.url, "sqlite:") {
		p.url = "postgres://bob:" + p.secret() + "@" + p.server + "/db"
	}
	return p.url
}

func (p *planting) setenv(name, value string) { p.Setenv(name, value) }

func (p *planting) write(name, text string) {
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		p.Fatal(err)
	}
}

func (p *planting) read(name string) string {
	data, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		p.Fatal(err)
	}
	return string(data)
}

// toml writes a sqlxmage.toml whose database has a further line.
func (p *planting) toml(line string) {
	p.write(config.FileName, fmt.Sprintf("[[database]]\nname = \"app\"\nkind = %q\nmigrations = \"%s/migrations\"\n%s\n\n[[unit]]\npath = %q\ndatabase = \"app\"\n",
		p.kind, p.unit, line, p.unit))
}

// run does the target and returns what came out of the secrets, and where.
func (p *planting) run() (found []string) {
	planted, begun := p.files(p.dir, time.Time{}), time.Now()
	said := p.capture()
	for where, text := range said {
		found = append(found, p.in(where, text)...)
	}
	for _, dir := range []string{p.dir, p.left, cacheDir(p)} {
		for path, text := range p.files(dir, begun.Add(-time.Second)) {
			// A file may keep what was planted there: revert rewrites one.
			if len(p.in(path, planted[path])) == 0 {
				found = append(found, p.in(path, text)...)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// in returns the lines of a text that have secrets.
func (p *planting) in(where string, text []byte) (found []string) {
	for line := range bytes.Lines(text) {
		for _, secret := range p.secrets {
			if bytes.Contains(bytes.ToLower(line), []byte(strings.ToLower(secret[:min(len(secret), 40)]))) {
				found = append(found, fmt.Sprintf("%s: %.400q", where, bytes.TrimSpace(line)))
			}
		}
	}
	return found
}

// cacheDir is the folder of what is kept for the user.
func cacheDir(t testing.TB) string {
	if dir := os.Getenv("SQLXMAGE_CACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "sqlxmage")
}

// files returns the files below a folder that are not large, and were written
// since a time. Others may remove some meanwhile.
func (p *planting) files(dir string, since time.Time) map[string][]byte {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() > 1<<20 || info.ModTime().Before(since) {
			return nil
		}
		if data, err := os.ReadFile(path); err == nil {
			files[path] = data
		}
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
	return files
}

// capture runs the target and returns all that it says.
func (p *planting) capture() map[string][]byte {
	p.Chdir(p.dir)
	logs := p.TempDir()
	out, errs := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = out, errs }()
	files := map[string]*os.File{}
	for _, name := range []string{"stdout", "stderr"} {
		file, err := os.Create(filepath.Join(logs, name))
		if err != nil {
			p.Fatal(err)
		}
		defer file.Close()
		files[name] = file
	}
	os.Stdout, os.Stderr = files["stdout"], files["stderr"]
	said := map[string][]byte{}
	stop := watchProcesses()
	func() {
		defer func() {
			if what := recover(); what != nil {
				said["panic"] = fmt.Appendf(nil, "%v\n%s", what, debug.Stack())
			}
		}()
		_, message := start(p.target, p.flags, filepath.Join(p.left, "bin", "cargo"))
		said["message"] = []byte(message)
	}()
	said["processes"] = stop()
	os.Stdout, os.Stderr = out, errs
	for name := range files {
		text, err := os.ReadFile(filepath.Join(logs, name))
		if err != nil {
			p.Fatal(err)
		}
		said[name] = text
	}
	if p.Logf("%s\nexit: %s\n%.3000s\n%.3000s", p, said["message"], said["stdout"], said["stderr"]); said["panic"] != nil {
		p.Errorf("%s", said["panic"])
	}
	return said
}

// start runs a target in this process.
func start(target string, flags config.Flags, self string) (code int, message string) {
	work := map[string]Work{
		"prepare": suite.Prepare, "prepareCheck": suite.PrepareCheck, "verify": suite.Verify, "status": suite.Status, "revert": suite.Revert,
	}[target]
	if work == nil {
		return Bench(context.Background(), flags, []string{self, "prepare"})
	}
	return Run(context.Background(), target, flags, suite.Request{}, work)
}

// watchProcesses looks at the arguments of all processes but this one until it
// is stopped, on systems that have /proc.
func watchProcesses() (stop func() []byte) {
	end, seen := make(chan bool), make(chan []byte)
	own := filepath.Join("/proc", strconv.Itoa(os.Getpid()), "cmdline")
	go func() {
		all := map[string]bool{}
		for {
			paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, path := range paths {
				if data, err := os.ReadFile(path); err == nil && path != own {
					all[string(data)] = true
				}
			}
			select {
			case <-end:
				var lines []byte
				for line := range all {
					lines = append(lines, strings.ReplaceAll(line, "\x00", " ")+"\n"...)
				}
				seen <- lines
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() []byte { close(end); return <-seen }
}

// chattyServer answers as Postgres does, and repeats what it was told. It
// returns its place.
func chattyServer(t testing.TB) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go chat(conn, n)
		}
	}()
	return listener.Addr().String()
}

func chat(conn net.Conn, n int) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	for {
		var head [8]byte
		if _, err := conn.Read(head[:]); err != nil {
			return
		}
		rest := make([]byte, min(max(int(binary.BigEndian.Uint32(head[:]))-8, 0), 1<<16))
		if len(rest) == 0 { // a request for encryption
			if _, err := conn.Write([]byte("N")); err != nil {
				return
			}
			continue
		}
		if _, err := conn.Read(rest); err != nil {
			return
		}
		words := strings.Split(string(rest), "\x00")
		told := map[string]string{}
		for i := 0; i+1 < len(words); i += 2 {
			told[words[i]] = words[i+1][:min(len(words[i+1]), 63)]
		}
		message := []string{
			fmt.Sprintf("password authentication failed for user %q", told["user"]),
			fmt.Sprintf("no pg_hba.conf entry for host \"127.0.0.1\", user %q, database %q, no encryption", told["user"], told["database"]),
			fmt.Sprintf("invalid value for parameter \"application_name\": %q (of %s)", told["application_name"], told["user"]),
			fmt.Sprintf("invalid command-line argument for server process: %s", told["options"]),
		}[n%4]
		body := "SFATAL\x00C28P01\x00M" + message + "\x00\x00"
		_, _ = conn.Write(append(binary.BigEndian.AppendUint32([]byte("E"), uint32(len(body)+4)), body...))
		return
	}
}
