package crates

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// Source is the text of one package: a folder, or an archive that is read from
// its beginning to its end and never unpacked.
type Source struct {
	Package *workspace.LockedPackage

	dir    string // of the package; "" for an archive
	file   string // a gzipped tar file; "" where it is in memory
	data   []byte // that
	prefix string // of the package's names in the archive, with a last slash; may be ""

	partial bool     // the archive has more than the package
	below   []string // prefixes of other packages below it
}

// File is a file of a package.
type File struct {
	Name string // relative to the package's folder, with slashes
	Text string
}

// Dir returns the folder of sources that lie unpacked on this machine, else "".
func (s *Source) Dir() string { return s.dir }

// Files yields the package's Cargo.toml and all files that end in `.rs`, those
// of packages in folders below it left out. Their order is the archive's or the
// folder's. An error ends the sequence, and what was yielded before is not the
// whole of it.
func (s *Source) Files() iter.Seq2[File, error] {
	if s.dir != "" {
		return folderFiles(s.dir)
	}
	return func(yield func(File, error) bool) {
		more := true
		err := s.eachEntry(func(name string, size int64, r io.Reader) error {
			own, ok := strings.CutPrefix(name, s.prefix)
			if !ok && !s.partial {
				return fmt.Errorf("%s does not lie in %s", name, s.prefix)
			}
			if !ok || !wanted(own) || slices.ContainsFunc(s.below, func(dir string) bool { return strings.HasPrefix(name, dir) }) {
				return nil
			}
			text, err := readText(name, size, r)
			if err != nil {
				return err
			}
			if more = yield(File{own, text}, nil); !more {
				return errStop
			}
			return nil
		})
		if err != nil && more {
			yield(File{}, fmt.Errorf("read the archive of %s %s: %w", s.Package.Name, s.Package.Version, err))
		}
	}
}

var errStop = errors.New("no more is wanted")

// wanted tells of a file's name whether [Source.Files] yields it.
func wanted(name string) bool { return name == "Cargo.toml" || strings.HasSuffix(name, ".rs") }

// folderFiles yields the files of a folder.
func folderFiles(dir string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if file != dir && notThePackages(file, entry.Name()) {
					return fs.SkipDir
				}
				return nil
			}
			name, err := filepath.Rel(dir, file)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			if !wanted(name) {
				return nil
			}
			text, err := readFile(file)
			if err != nil {
				return err
			}
			if !yield(File{name, text}, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(File{}, fmt.Errorf("read a package's folder: %w", err))
		}
	}
}

// notThePackages tells of a folder below a package's whether it is another's,
// cargo's output or hidden, none of which cargo publishes with the package.
func notThePackages(dir, name string) bool {
	if strings.HasPrefix(name, ".") || name == "target" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "Cargo.toml"))
	return err == nil
}

// Limits of what is read. Those of an archive as a whole are cargo's (cargo,
// sources/registry/mod.rs, MAX_UNPACK_SIZE and MAX_COMPRESSION_RATIO).
const (
	maxText     = 32 << 20  // bytes of one file, all of which are in memory at once
	maxUnpacked = 512 << 20 // bytes of all, or maxRatio of the archive
	maxRatio    = 20
	maxEntries  = 200_000
)

// readFile reads a file of a folder. What a symbolic link leads to is read as
// well: cargo compiles it.
func readFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file", name)
	}
	return readText(name, info.Size(), f)
}

func readText(name string, size int64, r io.Reader) (string, error) {
	if size > maxText || size > lex.MaxSize {
		return "", fmt.Errorf("%s is larger than %d MB", name, maxText>>20)
	}
	var text strings.Builder
	text.Grow(int(size))
	if _, err := io.Copy(&text, io.LimitReader(r, maxText)); err != nil {
		return "", err
	}
	return text.String(), nil
}

// eachEntry calls visit for each file of a gzipped tar file. Names that lead
// elsewhere, links, and archives that grow beyond the limits are errors: no
// `cargo package` makes them.
func (s *Source) eachEntry(visit func(name string, size int64, r io.Reader) error) error {
	var packed io.Reader = bytes.NewReader(s.data)
	size := int64(len(s.data))
	if s.file != "" {
		f, err := os.Open(s.file)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		packed, size = f, info.Size()
	}
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		return fmt.Errorf("it is no gzip archive: %w", err)
	}
	return eachEntry(&limitedReader{r: unzipped, left: max(maxUnpacked, maxRatio*size)}, visit)
}

func eachEntry(limited io.Reader, visit func(name string, size int64, r io.Reader) error) error {
	entries := tar.NewReader(limited)
	for n := 0; ; n++ {
		header, err := entries.Next()
		switch {
		case errors.Is(err, io.EOF):
			// The sum of the whole is only looked at where that is read to its end.
			_, err := io.Copy(io.Discard, limited)
			return err
		case err != nil:
			return err
		case n == maxEntries:
			return fmt.Errorf("there are more than %d files in it", maxEntries)
		}
		switch header.Typeflag {
		case tar.TypeDir, tar.TypeXGlobalHeader:
			continue
		case tar.TypeReg:
		default:
			return fmt.Errorf("%q is a link or a device, which no published package has", header.Name)
		}
		if !fs.ValidPath(header.Name) || strings.Contains(header.Name, `\`) {
			return fmt.Errorf("%q is a name that leads elsewhere", header.Name)
		}
		if err := visit(header.Name, header.Size, entries); err != nil {
			if errors.Is(err, errStop) {
				return nil
			}
			return err
		}
	}
}

// limitedReader fails where more is read than is left.
type limitedReader struct {
	r    io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("unpacked it is larger than it may be")
	}
	return n, err
}

// manifest is what is asked of a package's Cargo.toml.
type manifest struct {
	Package struct {
		Name    string
		Version any // a text, or `workspace = true`
	}
}

func (m *manifest) version() string {
	text, _ := m.Package.Version.(string)
	return text
}

func readManifest(dir string) (*manifest, error) {
	text, err := readFile(filepath.Join(dir, "Cargo.toml"))
	if err != nil {
		return nil, err
	}
	return parseManifest(text)
}

func parseManifest(text string) (*manifest, error) {
	var m manifest
	_, err := toml.Decode(text, &m)
	return &m, err
}
