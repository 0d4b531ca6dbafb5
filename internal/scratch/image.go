package scratch

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// imageKind is the kind of finished databases in the store.
const imageKind = "databases"

// imageKey is the key of a database, or of an empty cluster, that is made from
// the parts, by this program.
func imageKey(parts ...string) kept.Key { return kept.Conclusion(imageKind, parts...) }

// saveImage keeps a data directory, which nobody uses, as one file: a tar archive
// is read and written out faster than hundreds of files are copied.
func saveImage(store *kept.Store, key kept.Key, dir string) error {
	if store == nil {
		return nil
	}
	var image bytes.Buffer
	archive := tar.NewWriter(&image)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case entry.IsDir():
			return archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name})
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s: neither a file nor a folder", path)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content))}); err != nil {
			return err
		}
		_, err = archive.Write(content)
		return err
	})
	if err := errors.Join(err, archive.Close()); err != nil {
		return fmt.Errorf("read the data directory: %w", err)
	}
	store.Put(key, image.Bytes())
	return nil
}

// loadImage writes the data directory that is kept under a key to dir, which must
// not exist, gives it to owner, and reports whether there was one.
func loadImage(store *kept.Store, key kept.Key, dir string, owner *account) bool {
	image, ok := store.Get(key)
	if !ok {
		return false
	}
	if err := writeImage(image, dir, owner); err != nil {
		os.RemoveAll(dir)
		return false
	}
	return true
}

func writeImage(image []byte, dir string, owner *account) error {
	makeFolder := func(path string) error {
		if err := os.Mkdir(path, 0o700); err != nil {
			return err
		}
		return owner.own(path)
	}
	if err := makeFolder(dir); err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	rest := bytes.NewReader(image)
	archive := tar.NewReader(rest)
	err := func() error {
		for {
			header, err := archive.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			path := filepath.Join(dir, filepath.FromSlash(header.Name))
			if header.Typeflag == tar.TypeDir {
				if err := makeFolder(path); err != nil {
					return err
				}
				continue
			}
			// The file's content follows its header in the image.
			begin := int64(len(image)) - int64(rest.Len())
			if header.Size > int64(rest.Len()) {
				return io.ErrUnexpectedEOF
			}
			content := image[begin : begin+header.Size]
			group.Go(func() error {
				if err := os.WriteFile(path, content, 0o600); err != nil {
					return err
				}
				return owner.own(path)
			})
		}
	}()
	return errors.Join(err, group.Wait())
}
