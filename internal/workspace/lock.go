package workspace

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// Lock is a Cargo.lock, versions 1 to 4.
type Lock struct {
	Path     string
	Version  int
	Packages []LockedPackage // in the file's order
	Sum      [32]byte        // SHA-256 of the file's bytes, as part of a cache's key
}

// LockedPackage is one [[package]] of a lock file.
type LockedPackage struct {
	Name         string
	Version      string
	Source       string   // "registry+URL", "git+URL#commit"; "" for a path package
	Checksum     string   // hexadecimal SHA-256; "" for git and path packages, and in version 1
	Dependencies []string // as written: "name", "name version" or "name version (source)"
}

// Versions returns the versions of a package in the file, in its order, which
// is ascending.
func (l *Lock) Versions(name string) []string {
	if l == nil {
		return nil
	}
	var versions []string
	for i := range l.Packages {
		if l.Packages[i].Name == name {
			versions = append(versions, l.Packages[i].Version)
		}
	}
	return versions
}

// readLock reads a lock file. An error is the file system's or a *diag.Diagnostic.
func readLock(path string) (*Lock, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lock, err := parseLock(path, string(data))
	if err != nil {
		return nil, err
	}
	lock.Path, lock.Sum = path, sha256.Sum256(data)
	return lock, nil
}

// readLockAsync begins to read a lock file; the result waits for it.
func readLockAsync(path string) func() (*Lock, error) {
	read := sync.OnceValues(func() (*Lock, error) { return readLock(path) })
	go read()
	return read
}

// parseLock reads a lock file's text. Cargo writes one rigid form, which
// scanLock reads ten times faster than a TOML decoder; anything else, an edit
// by hand, a merge conflict or an old version, is the decoder's.
func parseLock(path, text string) (*Lock, error) {
	if lock, ok := scanLock(text); ok {
		return lock, nil
	}
	return decodeLock(path, text)
}

func decodeLock(path, text string) (*Lock, error) {
	var file struct {
		Version *int
		Package []LockedPackage
		Root    *LockedPackage // the first package in the oldest files
	}
	if _, err := toml.Decode(text, &file); err != nil {
		return nil, tomltext.Problem(diag.Manifest, path, text, err)
	}
	lock := &Lock{Version: 1, Packages: file.Package}
	if file.Version != nil {
		lock.Version = *file.Version
	} else if !strings.Contains(text, "\n[metadata]") {
		lock.Version = 2
	}
	if file.Root != nil {
		lock.Packages = append([]LockedPackage{*file.Root}, lock.Packages...)
	}
	return lock, lock.check(path)
}

// check names what this package cannot work with.
func (l *Lock) check(path string) error {
	if l.Version < 1 || l.Version > 4 {
		return problemIn(path, fmt.Sprintf("lock file version %d is not known", l.Version))
	}
	for i := range l.Packages {
		if l.Packages[i].Name == "" || l.Packages[i].Version == "" {
			return problemIn(path, fmt.Sprintf("package %d has no name or no version", i+1))
		}
	}
	return nil
}

// scanLock reads the form in which cargo writes versions 3 and 4
// (cargo, ops/lockfile.rs, serialize_resolve). It reports false at the first
// thing that cargo would not have written.
func scanLock(text string) (*Lock, bool) {
	if !utf8.ValidString(text) {
		return nil, false
	}
	lock := &Lock{Packages: make([]LockedPackage, 0, strings.Count(text, "[[package]]"))}
	s := lockScanner{rest: text, deps: make([]string, 0, strings.Count(text, "\n \""))}
	for s.line() {
		version, ok := strings.CutPrefix(s.text, "version = ")
		switch {
		case s.text == "" || strings.HasPrefix(s.text, "# "):
		case ok && lock.Version == 0:
			n, err := strconv.Atoi(version)
			if err != nil || version != strconv.Itoa(n) {
				return nil, false
			}
			lock.Version = n
		case s.text == "[[package]]" && lock.Version != 0:
			for more := true; more; {
				p, again, ok := s.lockedPackage()
				if !ok {
					return nil, false
				}
				lock.Packages = append(lock.Packages, p)
				more = again
			}
			return lock, (lock.Version == 3 || lock.Version == 4) && lock.check("") == nil
		default:
			return nil, false
		}
	}
	return nil, false
}

type lockScanner struct {
	rest string
	text string   // the line, without its end
	deps []string // backs all Dependencies
}

// line moves to the next line; false at the end. A control character in it
// makes it one that nothing accepts.
func (s *lockScanner) line() bool {
	if s.rest == "" {
		return false
	}
	s.text, s.rest, _ = strings.Cut(s.rest, "\n")
	s.text = strings.TrimSuffix(s.text, "\r")
	if strings.ContainsFunc(s.text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		s.text = "\x00"
	}
	return true
}

// lockedPackage reads what follows [[package]]; again says that another
// [[package]] was read.
func (s *lockScanner) lockedPackage() (p LockedPackage, again, ok bool) {
	seen := false // dependencies
	for s.line() {
		key, value, _ := strings.Cut(s.text, " = ")
		var field *string
		switch key {
		case "":
			continue
		case "[[package]]":
			return p, true, true
		case "name":
			field = &p.Name
		case "version":
			field = &p.Version
		case "source":
			field = &p.Source
		case "checksum":
			field = &p.Checksum
		case "dependencies":
			if seen || value != "[" || !s.dependencies(&p) {
				return p, false, false
			}
			seen = true
			continue
		default:
			return p, false, false
		}
		text, ok := plainString(value)
		if !ok || *field != "" || text == "" {
			return p, false, false
		}
		*field = text
	}
	return p, false, true
}

func (s *lockScanner) dependencies(p *LockedPackage) bool {
	start := len(s.deps)
	for s.line() {
		if s.text == "]" {
			p.Dependencies = s.deps[start:len(s.deps):len(s.deps)]
			return true
		}
		item, ok := strings.CutPrefix(s.text, " ")
		item, ok2 := strings.CutSuffix(item, ",")
		item, ok3 := plainString(item)
		if !ok || !ok2 || !ok3 {
			return false
		}
		s.deps = append(s.deps, item)
	}
	return false
}

// plainString returns the value of a quoted string that needs no escapes.
func plainString(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	s = s[1 : len(s)-1]
	return s, !strings.ContainsAny(s, `"\`)
}
