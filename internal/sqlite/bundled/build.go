package bundled

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// The helper's sources and the requirements of each version. The latter bear
// other names than go.mod and go.sum, since a folder with a go.mod is left out
// of a module's archive.
//
//go:embed helper protocol.go
var sources embed.FS

// helperSources returns the files that a version's helper is built of, by their
// names there.
func helperSources(version string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for to, from := range map[string]string{
		"main.go": "helper/main.go", "conn.go": "helper/conn.go", "protocol.go": "protocol.go",
		"go.mod": "helper/" + version + ".mod", "go.sum": "helper/" + version + ".sum",
	} {
		data, err := sources.ReadFile(from)
		if err != nil {
			return nil, err
		}
		files[to] = data
	}
	files["protocol.go"] = bytes.Replace(files["protocol.go"], []byte("package bundled"), []byte("package main"), 1)
	return files, nil
}

// BuildError says that the Go toolchain did not build a helper.
type BuildError struct {
	Err    error
	Output string // of the toolchain
}

func (e *BuildError) Error() string {
	return fmt.Sprintf("build its helper: %v\n%s", e.Err, e.Output)
}

// Hint says what to do about it.
func (e *BuildError) Hint() string {
	return "the first build needs Go 1.25 or later, and the module proxy or what it gave before (`go env GOPROXY GOTOOLCHAIN`); a release of sqlxmage carries its helpers"
}

func (e *BuildError) Unwrap() error { return e.Err }

// Build builds a version's helper for a platform with the Go toolchain of this
// machine. Its folder must exist, and be good for temporary ones.
func Build(ctx context.Context, version, path, goos, goarch string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return &UnavailableError{err}
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return fmt.Errorf("make a folder to build its helper in: %w", err)
	}
	defer os.RemoveAll(dir)
	files, err := helperSources(version)
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			return fmt.Errorf("write the sources of its helper: %w", err)
		}
	}
	cmd := proc.Command(ctx, goTool, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "helper.out", "main.go", "conn.go", "protocol.go")
	cmd.Dir = dir
	// What the caller sets for its own module must not reach this one.
	cmd.Env = append(proc.WithoutDatabases(os.Environ()), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GO111MODULE=on", "GOWORK=off", "GOFLAGS=-mod=readonly", "GOEXPERIMENT=", "PWD="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("build its helper: %w", err)
		}
		return &BuildError{Err: err, Output: string(bytes.TrimSpace(out))}
	}
	if err := os.Rename(filepath.Join(dir, "helper.out"), path); err != nil {
		return fmt.Errorf("put its helper into place: %w", err)
	}
	return nil
}

// CarriedName is the name of a version's helper in the zip archive that a
// release's executable ends with.
func CarriedName(version string) string { return "sqlite/" + version }

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
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o755)
	if err != nil {
		return false, fmt.Errorf("unpack its helper: %w", err)
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Close()); err != nil {
		os.Remove(path)
		return false, fmt.Errorf("unpack its helper: %w", err)
	}
	return true, nil
}

// Carry appends helpers, by version, to an executable, which then needs neither
// a Go toolchain nor a network for them. Executables of all systems may be
// followed by anything; a zip archive is found from its end.
func Carry(executable string, helpers map[string]string) (err error) {
	f, err := os.OpenFile(executable, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	archive := zip.NewWriter(f)
	archive.SetOffset(info.Size())
	for _, version := range slices.Sorted(maps.Keys(helpers)) {
		data, err := os.ReadFile(helpers[version])
		if err != nil {
			return err
		}
		to, err := archive.Create(CarriedName(version))
		if err != nil {
			return err
		}
		if _, err := to.Write(data); err != nil {
			return err
		}
	}
	return archive.Close()
}
