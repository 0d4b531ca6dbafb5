package scratch

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// checksums are the SHA-256 sums of the published archives that this program
// accepts, one a line, as sha256sum writes them:
// embedded-postgres-binaries-<system>-<version>.txz, which lies inside the
// published .jar of that name.
//
//go:embed checksums.txt
var checksums string

// published are the versions that are downloaded, newest first; an older major
// than these is not maintained any more.
func published() []embedded.PostgresVersion {
	return []embedded.PostgresVersion{embedded.V18, embedded.V17, embedded.V16, embedded.V15, embedded.V14}
}

// archive is one published archive of server programs.
type archive struct {
	name    string // of the file
	sum     string // its SHA-256
	version embedded.PostgresVersion
	major   string
}

// publishedArchive finds the archive for this system, of the newest version or
// of a major one.
func publishedArchive(major string) (archive, error) {
	for _, version := range published() {
		its, _, _ := strings.Cut(string(version), ".")
		if major != "" && major != its {
			continue
		}
		name := fmt.Sprintf("embedded-postgres-binaries-%s-%s.txz", system(), version)
		for line := range strings.Lines(checksums) {
			if sum, file, found := strings.Cut(strings.TrimSpace(line), "  "); found && file == name {
				return archive{name: name, sum: sum, version: version, major: its}, nil
			}
		}
	}
	if major == "" {
		return archive{}, fmt.Errorf("none are published for this system (%s)", system())
	}
	return archive{}, fmt.Errorf("none of version %s are published for this system (%s)", major, system())
}

// system is this machine's in the names of archives.
func system() string {
	arch := runtime.GOARCH
	if arch == "arm64" {
		arch = "arm64v8"
	}
	if _, err := os.Stat("/etc/alpine-release"); err == nil && runtime.GOOS == "linux" {
		arch += "-alpine"
	}
	return runtime.GOOS + "-" + arch
}

// serverPrograms returns the server programs to use: the machine's own, else
// downloaded ones where that is allowed.
func serverPrograms(ctx context.Context, spec *Spec) (*programs, error) {
	if spec.PostgresVersion != "" {
		if _, err := strconv.Atoi(spec.PostgresVersion); err != nil {
			return nil, fmt.Errorf("the Postgres version %q is not a major version, as in \"17\"", spec.PostgresVersion)
		}
	}
	found, err := findPrograms(ctx, spec.PostgresVersion)
	var none *NoServerError
	if !errors.As(err, &none) {
		return found, err
	}
	switch {
	case !spec.Download:
		none.Download = "downloading them is switched off (postgres-download)"
		return nil, none
	}
	wanted, err := publishedArchive(spec.PostgresVersion)
	if err != nil {
		none.Download = err.Error()
		return nil, none
	}
	folder, err := wanted.install(ctx, spec)
	if err != nil {
		return nil, fmt.Errorf("download Postgres %s: %w", wanted.version, err)
	}
	programs, err := inspect(ctx, filepath.Join(folder.Path, "bin"))
	if err != nil {
		folder.Release()
		return nil, err
	}
	programs.folder, programs.sum = folder, wanted.sum
	return programs, nil
}

// install returns the folder of the unpacked archive; the first time it
// downloads and unpacks it.
func (a archive) install(ctx context.Context, spec *Spec) (*kept.Folder, error) {
	sum, err := hex.DecodeString(a.sum)
	if err != nil || len(sum) != sha256.Size {
		return nil, fmt.Errorf("the checksum of %s is none: %q", a.name, a.sum)
	}
	wait := func() { spec.progress("waiting for another run that downloads Postgres %s", a.version) }
	return spec.Kept.Folder(ctx, kept.Pinned("postgres", [sha256.Size]byte(sum)), wait, func(dir string) error {
		tmp, err := os.MkdirTemp(filepath.Dir(dir), "download-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		spec.progress("downloading the server programs of Postgres %s, once", a.version)
		file, err := a.fetch(ctx, tmp)
		if err != nil {
			return err
		}
		if err := a.verify(file); err != nil {
			return err
		}
		spec.progress("unpacking Postgres %s", a.version)
		if err := unpack(ctx, file, dir); err != nil {
			return fmt.Errorf("unpack %s: %w", a.name, err)
		}
		return nil
	})
}

// fetch has the library download the archive into dir. The library unpacks
// and starts what it downloads without asking; so that nothing runs or is
// unpacked before it is verified, it is told to unpack where that must fail.
func (a archive) fetch(ctx context.Context, dir string) (string, error) {
	blocked, err := blockedPath(dir)
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	library := embedded.NewDatabase(embedded.DefaultConfig().
		Version(a.version).
		Port(uint32(port)).
		CachePath(dir).
		RuntimePath(filepath.Join(dir, "runtime")).
		BinariesPath(filepath.Join(blocked, "programs")).
		Logger(io.Discard))
	failed := make(chan error, 1)
	go func() { failed <- library.Start() }() // it takes no context
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case err = <-failed:
	}
	file := filepath.Join(dir, a.name)
	if _, statErr := os.Stat(file); statErr != nil {
		if err == nil {
			err = statErr
		}
		return "", err
	}
	return file, nil
}

// verify compares the archive with its pinned checksum.
func (a archive) verify(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != a.sum {
		return fmt.Errorf("%s is not what was published: its SHA-256 is %s, it must be %s", a.name, sum, a.sum)
	}
	return nil
}
