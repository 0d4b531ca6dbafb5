package crates

import (
	"archive/tar"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzArchive wants the files of a package to have names inside it, and no more
// to be read than there is.
func FuzzArchive(f *testing.F) {
	for _, header := range []tar.Header{
		{Name: "oak-1.2.0/Cargo.toml", Typeflag: tar.TypeReg, Size: 3},
		{Name: "../outside", Typeflag: tar.TypeReg, Size: 3},
		{Name: "oak-1.2.0/link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{Name: "oak-1.2.0/", Typeflag: tar.TypeDir},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&header); err != nil {
			f.Fatal(err)
		}
		_, _ = io.WriteString(w, "abc"[:header.Size])
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		const limit = 1 << 20
		total := int64(0)
		_ = eachEntry(&limitedReader{r: bytes.NewReader(archive), left: limit}, func(name string, size int64, r io.Reader) error {
			if !fs.ValidPath(name) || strings.Contains(name, `\`) || size < 0 {
				t.Errorf("a file %q of %d bytes", name, size)
			}
			n, err := io.Copy(io.Discard, io.LimitReader(r, 2*limit))
			if total += n; total > limit {
				t.Errorf("%d bytes come of %d", total, len(archive))
			}
			return err
		})
	})
}

// FuzzGit wants a commit to be one, and its repository to be what the text
// begins with.
func FuzzGit(f *testing.F) {
	f.Add("git+https://example.org/oak?branch=main#0123456789012345678901234567890123456789")
	f.Add("git+ssh://git@example.org/oak.git?rev=a%2Fb&tag=c#")
	f.Fuzz(func(t *testing.T, source string) {
		git, err := parseGit(source)
		if err == nil && (!isCommit(git.commit) || !strings.HasPrefix(source, git.url) || !strings.HasSuffix(source, "#"+git.commit)) {
			t.Errorf("%q is read as %+v", source, git)
		}
	})
}

// FuzzManifest reads a package's name and version.
func FuzzManifest(f *testing.F) {
	f.Add("[package]\nname = \"oak\"\nversion = \"1.2.0\"\n")
	f.Add("[package]\nname = \"oak\"\nversion.workspace = true\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseManifest(text)
		if err == nil && m.version() != "" && m.Package.Version != m.version() {
			t.Errorf("version %v is %q", m.Package.Version, m.version())
		}
	})
}

// FuzzCredentials wants nothing of a file that cannot be read to be said.
func FuzzCredentials(f *testing.F) {
	f.Add("[registry]\ntoken = \"cio1234567890\"\n[registries.own]\ntoken = \"Bearer x\"\n")
	f.Add("[registry]\ntoken = cio1234567890")
	f.Fuzz(func(t *testing.T, text string) {
		home := t.TempDir()
		if err := os.WriteFile(filepath.Join(home, "credentials.toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want := "read cargo's credentials: " + filepath.Join(home, "credentials.toml") + " is no TOML"
		if _, err := readCredentials(home); err != nil && err.Error() != want {
			t.Errorf("it says %q", err)
		}
	})
}
