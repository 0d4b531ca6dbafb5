package scratch

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/xi2/xz"
)

// unpack unpacks a .txz archive into a folder, which is made if need be. It refuses
// names and links that lead outside.
func unpack(ctx context.Context, file, dir string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := xz.NewReader(bufio.NewReader(f), 0)
	if err != nil {
		return err
	}
	return unpackTar(ctx, plain, dir)
}

func unpackTar(ctx context.Context, plain io.Reader, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	archive := tar.NewReader(plain)
	for ctx.Err() == nil {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := unpackEntry(root, header, archive); err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
	}
	return context.Cause(ctx)
}

func unpackEntry(root *os.Root, header *tar.Header, content io.Reader) error {
	name := filepath.Clean(filepath.FromSlash(header.Name))
	if header.Typeflag == tar.TypeDir {
		return root.MkdirAll(name, 0o755)
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeSymlink:
		target := filepath.FromSlash(header.Linkname)
		if !filepath.IsLocal(filepath.Join(filepath.Dir(name), target)) || filepath.IsAbs(target) {
			return fmt.Errorf("the link leads outside, to %s", target)
		}
		return root.Symlink(target, name)
	case tar.TypeReg:
		for key := range header.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") {
				return errors.New("a file of holes, which may be of any size")
			}
		}
		file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		// After the fact, so that no umask takes part of it.
		return errors.Join(err, file.Close(), root.Chmod(name, os.FileMode(header.Mode)&0o755|0o600))
	}
	return fmt.Errorf("an entry of type %q", header.Typeflag)
}
