package scratch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// programs are the server programs of one Postgres installation.
type programs struct {
	bin     string // the folder
	version string // what `postgres --version` says
	number  string // of it, "15.13"
	major   int

	folder *kept.Folder // of downloaded ones, in use until release
	sum    string       // of the archive that they come from
}

// origin tells these programs from others of the same version.
func (p *programs) origin() string {
	if p.folder != nil {
		return p.sum
	}
	return p.bin
}

// release ends the use of the programs.
func (p *programs) release() {
	if p != nil {
		p.folder.Release()
	}
}

func (p *programs) path(name string) string { return filepath.Join(p.bin, executable(name)) }

func (p *programs) String() string { return fmt.Sprintf("PostgreSQL %s in %s", p.number, p.bin) }

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// findPrograms finds server programs on the machine, the newest ones or those
// of a major version ("" is any). Its error is a *NoServerError.
func findPrograms(ctx context.Context, major string) (*programs, error) {
	var best *programs
	none := &NoServerError{Major: major}
	for _, bin := range binDirs() {
		p, err := inspect(ctx, bin)
		if err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			continue
		}
		none.Found = append(none.Found, p.String())
		if major != "" && major != strconv.Itoa(p.major) {
			continue
		}
		if best == nil || p.major > best.major {
			best = p
		}
	}
	if best == nil {
		return nil, none
	}
	return best, nil
}

// binDirs returns the folders that may hold server programs: PATH's, then
// where packages put them, each once.
func binDirs() []string {
	var dirs []string
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), packageDirs()...) {
		if _, err := exec.LookPath(filepath.Join(dir, executable("postgres"))); err != nil {
			continue
		}
		// Homebrew's and others' PATH entries are links.
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, executable("postgres"))); err == nil {
			dir = filepath.Dir(real)
		}
		if _, err := os.Stat(filepath.Join(dir, executable("initdb"))); err == nil && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// Programs identifies the server programs among which a database of a major
// version ("": any) is opened, without running one: while it is the same, so is
// the server. Those that are downloaded are fixed by the version.
func Programs(major string, download bool) string {
	parts := []string{major, strconv.FormatBool(download)}
	for _, dir := range binDirs() {
		path := filepath.Join(dir, executable("postgres"))
		if info, err := os.Stat(path); err == nil {
			parts = append(parts, fmt.Sprint(path, " ", info.Size(), " ", info.ModTime().UnixNano()))
		}
	}
	return strings.Join(parts, "\n")
}

func packageDirs() []string {
	var patterns []string
	switch runtime.GOOS {
	case "windows":
		for _, variable := range []string{"ProgramFiles", "ProgramW6432"} {
			if dir := os.Getenv(variable); dir != "" {
				patterns = append(patterns, filepath.Join(dir, "PostgreSQL", "*", "bin"))
			}
		}
	case "darwin":
		patterns = []string{
			"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin", "/Library/PostgreSQL/*/bin",
			"/opt/local/lib/postgresql*/bin",
		}
	default:
		patterns = []string{
			"/usr/lib/postgresql/*/bin",  // Debian
			"/usr/pgsql-*/bin",           // Red Hat, PGDG's packages
			"/usr/lib/postgresql*/bin",   // SUSE
			"/usr/libexec/postgresql*",   // Alpine
			"/usr/lib*/postgresql-*/bin", // Gentoo
			"/usr/local/pgsql/bin",       // built from source
			"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		}
	}
	var dirs []string
	for _, pattern := range patterns {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	return dirs
}

// versionPattern finds the version in "postgres (PostgreSQL) 15.13 (Debian …)"
// and in "postgres (PostgreSQL) 18beta1".
var versionPattern = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)

func inspect(ctx context.Context, bin string) (*programs, error) {
	out, err := proc.Command(ctx, filepath.Join(bin, executable("postgres")), "--version").Output()
	if err != nil {
		return nil, err
	}
	version := strings.TrimSpace(string(out))
	found := versionPattern.FindStringSubmatch(version)
	if found == nil {
		return nil, fmt.Errorf("%s says of its version %q", bin, version)
	}
	major, err := strconv.Atoi(found[2])
	if err != nil {
		return nil, err
	}
	return &programs{bin: bin, version: version, number: found[1], major: major}, nil
}

// NoServerError is a machine without (the wanted) Postgres server programs.
type NoServerError struct {
	Major string   // the version that was asked for; empty: any
	Found []string // what there is instead
	// Download is why none were downloaded.
	Download string
}

func (e *NoServerError) Error() string {
	var b strings.Builder
	if e.Major == "" {
		b.WriteString("no Postgres server programs (initdb, postgres) found on this machine")
	} else {
		fmt.Fprintf(&b, "no Postgres %s server programs found on this machine", e.Major)
		if len(e.Found) > 0 {
			fmt.Fprintf(&b, " (there are %s)", strings.Join(e.Found, ", "))
		}
	}
	if e.Download != "" {
		b.WriteString("; " + e.Download)
	}
	b.WriteString("\n  hint: " + e.advice())
	return b.String()
}

// advice says how to install a server here.
func (e *NoServerError) advice() string {
	major := e.Major
	switch runtime.GOOS {
	case "darwin":
		if major == "" {
			major = "17"
		}
		return "install them with `brew install postgresql@" + major + "`"
	case "windows":
		return "install them with PostgreSQL's installer, under Program Files or on PATH"
	}
	for _, system := range []struct{ file, command, pinned string }{
		{"/etc/debian_version", "apt-get install postgresql", "apt-get install postgresql-%s"},
		{"/etc/alpine-release", "apk add postgresql", "apk add postgresql%s"},
		{"/etc/fedora-release", "dnf install postgresql-server postgresql-contrib", "dnf install postgresql%s-server postgresql%[1]s-contrib"},
		{"/etc/redhat-release", "dnf install postgresql-server postgresql-contrib", "dnf install postgresql%s-server postgresql%[1]s-contrib"},
		{"/etc/arch-release", "pacman -S postgresql", ""},
	} {
		if _, err := os.Stat(system.file); err != nil {
			continue
		}
		if major != "" && system.pinned != "" {
			return "install them with `" + fmt.Sprintf(system.pinned, major) + "`"
		}
		return "install them with `" + system.command + "`"
	}
	return "install the PostgreSQL server, with its programs on PATH"
}

// RootError is a run as root where no other user can run the server.
type RootError struct {
	Err error // why the account that there is cannot be used; nil: there is none
}

func (e *RootError) Error() string {
	const hint = "\n  hint: run as another user, or create one for it: `useradd --system --no-create-home postgres`"
	if e.Err != nil {
		return "the Postgres server refuses to run as root, and cannot be started as another user: " + e.Err.Error() + hint
	}
	return "the Postgres server refuses to run as root, and there is no user `postgres` or `nobody` to run it as" + hint
}

func (e *RootError) Unwrap() error { return e.Err }
