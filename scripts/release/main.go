// Command release makes the executables that people without a Go toolchain
// download: the mage targets of the folder it is run in, compiled for each
// platform, with SQLite's helpers inside, and the checksums of all.
//
//	go run ./scripts/release [-o dir] [-platforms linux/amd64,windows/arm64]
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/proc"
	"github.com/sqlxmage/sqlxmage/internal/sqlite/bundled"
)

const everywhere = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

// checksums is the file that `sha256sum --check` reads.
const checksums = "SHA256SUMS"

func main() {
	out := flag.String("o", "dist", "the folder for the executables")
	platforms := flag.String("platforms", everywhere, "for which, as `os/arch,os/arch`")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := proc.Context(context.Background())
	defer stop()
	if err := release(ctx, *out, strings.Split(*platforms, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "error: release:", err)
		os.Exit(1)
	}
}

func release(ctx context.Context, dir string, platforms []string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var sums strings.Builder
	for _, platform := range platforms {
		goos, goarch, ok := strings.Cut(platform, "/")
		if !ok {
			return fmt.Errorf("platform %q is not os/arch", platform)
		}
		path := filepath.Join(dir, "sqlxmage-"+goos+"-"+goarch)
		if goos == "windows" {
			path += ".exe"
		}
		if err := executable(ctx, path, goos, goarch); err != nil {
			os.Remove(path)
			return fmt.Errorf("%s: %w", platform, err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), filepath.Base(path))
		fmt.Printf("%s %d MB\n", path, len(data)>>20)
	}
	return os.WriteFile(filepath.Join(dir, checksums), []byte(sums.String()), 0o666)
}

// executable makes one executable at path.
func executable(ctx context.Context, path, goos, goarch string) error {
	cmd := proc.Command(ctx, "go", "tool", "mage", "-compile", path, "-goos", goos, "-goarch", goarch, "-ldflags", "-s -w")
	// No GOOS here: it would reach mage itself, which runs on this machine.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile the targets: %w\n%s", err, out)
	}
	temp, err := os.MkdirTemp("", "sqlxmage-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	helpers := map[string]string{}
	for _, version := range bundled.Versions() {
		helpers[version] = filepath.Join(temp, version)
		if err := bundled.Build(ctx, version, helpers[version], goos, goarch); err != nil {
			return fmt.Errorf("SQLite %s: %w", version, err)
		}
	}
	if err := bundled.Carry(path, helpers); err != nil {
		return fmt.Errorf("carry the helpers: %w", err)
	}
	return nil
}
