package crates

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// cached finds a registry's package in cargo's home: the folder that cargo
// unpacked, which is what it compiles, else the archive. The folders there
// begin with the registry's host.
func (s *Sources) cached(p *workspace.LockedPackage, loc location) *Source {
	if s.config.Home == "" {
		return nil
	}
	hosts := []string{loc.host()}
	if loc.name == cratesIOName {
		hosts = append(hosts, "github.com") // by its git index
	}
	base := filepath.Join(s.config.Home, "registry")
	var archive *Source
	for _, host := range hosts {
		for _, folder := range folders(filepath.Join(base, "cache")) {
			if !strings.HasPrefix(folder, host+"-") {
				continue
			}
			packed := filepath.Join(base, "cache", folder, p.Name+"-"+p.Version+".crate")
			if hasSum(packed, p.Checksum) != nil {
				continue // of another registry on the same host, or not whole
			}
			dir := filepath.Join(base, "src", folder, p.Name+"-"+p.Version)
			// Cargo writes the file when all others are there.
			if _, err := os.Stat(filepath.Join(dir, ".cargo-ok")); err == nil {
				return &Source{dir: dir}
			}
			if archive == nil {
				archive = &Source{file: packed, prefix: prefixOf(p)}
			}
		}
	}
	return archive
}

// vendored finds a package in a folder as of `cargo vendor`.
func vendored(p *workspace.LockedPackage, dir string) (*Source, error) {
	for _, folder := range []string{p.Name + "-" + p.Version, p.Name} {
		dir := filepath.Join(dir, folder)
		manifest, err := readManifest(dir)
		if err != nil || manifest.Package.Name != p.Name || manifest.version() != p.Version {
			continue
		}
		sums, err := os.ReadFile(filepath.Join(dir, ".cargo-checksum.json"))
		if err != nil {
			return nil, fmt.Errorf("read a vendored package: %w", err)
		}
		var have struct{ Package *string }
		if err := json.Unmarshal(sums, &have); err != nil {
			return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, ".cargo-checksum.json"), err)
		}
		if have.Package != nil && p.Checksum != "" && *have.Package != p.Checksum {
			return nil, fmt.Errorf("%s was made of another archive: its checksum is %s, the lock file's is %s", dir, *have.Package, p.Checksum)
		}
		return &Source{dir: dir}, nil
	}
	return nil, nil
}

// archiveIn finds a package in a local registry.
func archiveIn(p *workspace.LockedPackage, dir string) (*Source, error) {
	path := filepath.Join(dir, p.Name+"-"+p.Version+".crate")
	switch err := hasSum(path, p.Checksum); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &Source{file: path, prefix: prefixOf(p)}, nil
}

// prefixOf begins the names in a published archive.
func prefixOf(p *workspace.LockedPackage) string { return p.Name + "-" + p.Version + "/" }

// hasSum reads a file and compares its SHA-256 with a checksum.
func hasSum(path, checksum string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read an archive: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("read an archive: %w", err)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != checksum {
		return &ChecksumError{Name: path, Got: sum, Want: checksum}
	}
	return nil
}

// ChecksumError says that an archive is not the one that the lock file means.
type ChecksumError struct {
	Name      string // a file or a URL
	Got, Want string // SHA-256, hexadecimal; Want is "" when the lock file has none
}

func (e *ChecksumError) Error() string {
	if e.Want == "" {
		return e.Name + " cannot be verified: the lock file has no checksum for it"
	}
	return fmt.Sprintf("%s is not what was published: its checksum is %s, the lock file's is %s", e.Name, e.Got, e.Want)
}

// folders returns the names of the folders in a folder, ordered.
func folders(dir string) []string {
	entries, _ := os.ReadDir(dir) // one that is not there has none
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}
