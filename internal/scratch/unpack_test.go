package scratch

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// entries are those of archives, alone.
var entries = []struct {
	name   string
	header tar.Header
	fails  bool
}{
	{"a file", tar.Header{Name: "bin/postgres", Mode: 0o755}, false},
	{"a folder", tar.Header{Name: "bin/", Mode: 0o755, Typeflag: tar.TypeDir}, false},
	{"a link", tar.Header{Name: "lib/a.so", Linkname: "a.so.1", Typeflag: tar.TypeSymlink}, false},
	{"a file outside", tar.Header{Name: "../outside"}, true},
	{"a link outside", tar.Header{Name: "lib/a", Linkname: "../../outside", Typeflag: tar.TypeSymlink}, true},
	{"an absolute link", tar.Header{Name: "a", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, true},
	{"a device", tar.Header{Name: "a", Typeflag: tar.TypeChar}, true},
	{"a file of holes", tar.Header{Name: "a", PAXRecords: map[string]string{"gnu.sparse.major": "1", "gnu.sparse.minor": "0"}}, true},
}

// archived is a tar archive of one entry; a file's content is "abc".
func archived(t testing.TB, header tar.Header) []byte {
	t.Helper()
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	if header.Typeflag == 0 {
		header.Size = 3
	}
	if err := w.WriteHeader(&header); err != nil {
		t.Fatal(err)
	}
	if header.Size > 0 {
		if _, err := w.Write([]byte("abc")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(plain.Bytes(), []byte("gnu.sparse"), []byte("GNU.sparse")) // which tar's writer refuses
}

func TestUnpack(t *testing.T) {
	xz := need.Program(t, "xz")
	for _, c := range entries {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(xz, "-c")
			cmd.Stdin = bytes.NewReader(archived(t, c.header))
			packed, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "a.txz")
			if err := os.WriteFile(file, packed, 0o600); err != nil {
				t.Fatal(err)
			}
			err = unpack(t.Context(), file, filepath.Join(dir, "to"))
			if (err != nil) != c.fails {
				t.Fatalf("got %v", err)
			}
			if exists(filepath.Join(dir, "outside")) {
				t.Error("written outside")
			}
			info, err := os.Lstat(filepath.Join(dir, "to", filepath.FromSlash(c.header.Name)))
			if !c.fails && err != nil {
				t.Error(err)
			}
			if c.name == "a file" && runtime.GOOS != "windows" && info.Mode() != 0o755 {
				t.Errorf("mode %v", info.Mode())
			}
		})
	}
}

// FuzzUnpack wants all that an archive makes to be in the folder, and links to
// lead nowhere else.
func FuzzUnpack(f *testing.F) {
	for _, c := range entries {
		f.Add(archived(f, c.header))
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "to")
		_ = unpackTar(t.Context(), bytes.NewReader(archive), dir)
		if names, err := os.ReadDir(parent); err != nil || len(names) > 1 {
			t.Errorf("beside the folder: %v, %v", names, err)
		}
		size := int64(0)
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if entry.Type() == fs.ModeSymlink {
				target, err := os.Readlink(path)
				if led := filepath.Join(filepath.Dir(path), target); err != nil || led != dir && !strings.HasPrefix(led, dir+string(filepath.Separator)) {
					t.Errorf("%s leads to %s", path, target)
				}
			} else if entry.Type().IsRegular() {
				size += info.Size()
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Error(err)
		}
		if size > int64(len(archive)) {
			t.Errorf("%d bytes come of %d", size, len(archive))
		}
	})
}
