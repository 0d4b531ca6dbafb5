package sqlite

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// The helper's sources and the requirements of each version. The latter bear
// other names than go.mod and go.sum, since a folder with a go.mod is left out
// of a module's archive.
//
//go:embed helper
var sources embed.FS

// UnavailableError says that there is neither a carried helper nor a Go
// toolchain to build one.
type UnavailableError struct{ Err error }

func (e *UnavailableError) Error() string {
	return "its helper is not built yet, and there is no Go toolchain to build it: " + e.Err.Error()
}

// Hint says what to do about it.
func (e *UnavailableError) Hint() string {
	return "install Go, or use a release of sqlxmage, which carries its helpers"
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// CarriedName is the name of a version's helper in the archive that a release's
// executable ends with.
func CarriedName(version string) string { return "sqlite/" + version }

// program returns the path of a version's helper, made if need be.
func program(ctx context.Context, o Options) (string, error) {
	if !Known(o.Version) {
		return "", fmt.Errorf("this version is not on board")
	}
	if o.CacheDir == "" {
		return "", errors.New("there is no cache folder of the user to keep its helper in")
	}
	sum, err := fingerprint(o.Version)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(o.CacheDir, "sqlite")
	path := filepath.Join(dir, o.Version+"-"+sum+suffix(runtime.GOOS))
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", fmt.Errorf("wait for another run that builds the helper: %w", err)
	}
	defer lock.Unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	found, err := unpack(o.Version, path)
	if err != nil || found {
		return path, err
	}
	if o.Progress != nil {
		o.Progress("building SQLite " + o.Version + " for this machine, once (about a minute)")
	}
	return path, Build(ctx, o.Version, path, runtime.GOOS, runtime.GOARCH)
}

func suffix(goos string) string {
	if goos == "windows" {
		return ".exe"
	}
	return ""
}

// fingerprint tells helpers apart that are built from different things.
func fingerprint(version string) (string, error) {
	hash := sha256.New()
	for _, name := range files(version) {
		data, err := sources.ReadFile("helper/" + name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", name, len(data), data)
	}
	fmt.Fprintln(hash, runtime.GOOS, runtime.GOARCH)
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

func files(version string) []string {
	return []string{"main.go", "conn.go", version + ".mod", version + ".sum"}
}

// Build builds a version's helper for a platform with the Go toolchain.
func Build(ctx context.Context, version, path, goos, goarch string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return &UnavailableError{err}
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return fmt.Errorf("make a folder to build the helper in: %w", err)
	}
	defer os.RemoveAll(dir)
	for _, name := range files(version) {
		data, err := sources.ReadFile("helper/" + name)
		if err != nil {
			return err
		}
		to := strings.NewReplacer(version+".mod", "go.mod", version+".sum", "go.sum").Replace(name)
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o666); err != nil {
			return fmt.Errorf("write the helper's sources: %w", err)
		}
	}
	cmd := proc.Command(ctx, goTool, "build", "-trimpath", "-ldflags=-s -w", "-o", "helper.out", "main.go", "conn.go")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly", "PWD="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build its helper: %w\n%s", err, out)
	}
	if err := os.Rename(filepath.Join(dir, "helper.out"), path); err != nil {
		return fmt.Errorf("put its helper into place: %w", err)
	}
	return nil
}

// unpack takes a version's helper from our own executable, if it carries it.
func unpack(version, path string) (found bool, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, nil
	}
	archive, err := zip.OpenReader(self)
	if err != nil {
		return false, nil // it carries nothing
	}
	defer archive.Close()
	from, err := archive.Open(CarriedName(version))
	if err != nil {
		return false, nil
	}
	defer from.Close()
	temporary, err := os.CreateTemp(filepath.Dir(path), "unpack-")
	if err != nil {
		return false, fmt.Errorf("unpack its helper: %w", err)
	}
	_, err = io.Copy(temporary, from)
	err = errors.Join(err, temporary.Chmod(0o755), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		os.Remove(temporary.Name())
		return false, fmt.Errorf("unpack its helper: %w", err)
	}
	return true, nil
}
