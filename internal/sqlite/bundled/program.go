package bundled

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

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

// program is an executable helper.
type program struct {
	path   string
	folder *kept.Folder // in use for as long as the helper is
}

// find returns a version's helper, made if need be.
func find(ctx context.Context, o Options) (program, error) {
	if !Known(o.Version) {
		return program{}, errors.New("this version is not on board")
	}
	sum, err := fingerprint(o.Version)
	if err != nil {
		return program{}, err
	}
	wait := func() { o.progress("waiting for another run that builds SQLite") }
	name := "helper" + suffix(runtime.GOOS)
	folder, err := o.Kept.Folder(ctx, kept.Pinned("sqlite", sum), wait, func(dir string) error {
		return obtain(ctx, o, filepath.Join(dir, name))
	})
	if err != nil {
		return program{}, err
	}
	return program{path: filepath.Join(folder.Path, name), folder: folder}, nil
}

func (o Options) progress(text string) {
	if o.Progress != nil {
		o.Progress(text)
	}
}

// obtain makes a version's helper for this machine at path.
func obtain(ctx context.Context, o Options, path string) error {
	found, err := unpack(o.Version, path)
	if err != nil || found {
		return err
	}
	o.progress("building SQLite " + o.Version + " for this machine, once (up to a minute)")
	return Build(ctx, o.Version, path, runtime.GOOS, runtime.GOARCH)
}

func suffix(goos string) string {
	if goos == "windows" {
		return ".exe"
	}
	return ""
}

// fingerprint is a checksum of all that a helper is built of.
func fingerprint(version string) (sum [sha256.Size]byte, err error) {
	files, err := helperSources(version)
	if err != nil {
		return sum, err
	}
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(hash, "%s %d\n%s", name, len(files[name]), files[name])
	}
	fmt.Fprintln(hash, version, runtime.GOOS, runtime.GOARCH)
	hash.Sum(sum[:0])
	return sum, nil
}
