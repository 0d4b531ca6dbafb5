package crates_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// entry is one entry of an archive.
type entry struct {
	name, text string
	kind       byte // a file's when zero
}

func pack(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	archive := tar.NewWriter(zipped)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Size: int64(len(e.text)), Typeflag: tar.TypeReg, Mode: 0o644}
		if e.kind != 0 {
			header.Typeflag, header.Linkname, header.Size = e.kind, e.text, 0
		}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if e.kind == 0 {
			if _, err := archive.Write([]byte(e.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// oak is a published package, and its archive.
func oak(t *testing.T, source string) (*workspace.LockedPackage, []byte) {
	data := pack(t,
		entry{name: "oak-1.2.0/Cargo.toml", text: "[package]\nname = \"oak\"\nversion = \"1.2.0\"\n"},
		entry{name: "oak-1.2.0/README.md", text: "Oak."},
		entry{name: "oak-1.2.0/src/lib.rs", text: "pub fn leaf() {}\n"},
		entry{name: "oak-1.2.0/src/bark/mod.rs", text: "// bark\n"},
	)
	sum := sha256.Sum256(data)
	return &workspace.LockedPackage{Name: "oak", Version: "1.2.0", Source: source, Checksum: hex.EncodeToString(sum[:])}, data
}

var oakFiles = []string{"Cargo.toml", "src/bark/mod.rs", "src/lib.rs"}

// project is a project whose user has a home of cargo's.
type project struct {
	repository, home, store string
}

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{repository: t.TempDir(), home: t.TempDir(), store: filepath.Join(t.TempDir(), "kept")}
	t.Setenv("CARGO_HOME", p.home)
	for _, name := range []string{"CARGO_NET_OFFLINE", "CARGO_HTTP_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		unset(t, name)
	}
	write(t, filepath.Join(p.repository, "Cargo.toml"), "[package]\nname = \"wood\"\nversion = \"0.1.0\"\n")
	write(t, filepath.Join(p.repository, "src/lib.rs"), "")
	return p
}

func unset(t *testing.T, name string) {
	t.Helper()
	if value, ok := os.LookupEnv(name); ok {
		os.Unsetenv(name)
		t.Cleanup(func() { os.Setenv(name, value) })
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// users and repositorys write the two configurations.
func (p *project) users(t *testing.T, text string) {
	write(t, filepath.Join(p.home, "config.toml"), text)
}

func (p *project) repositorys(t *testing.T, text string) {
	write(t, filepath.Join(p.repository, ".cargo", "config.toml"), text)
}

func (p *project) open(t *testing.T, change ...func(*crates.Options)) *crates.Sources {
	t.Helper()
	ws, err := workspace.Load(p.repository)
	if err != nil {
		t.Fatal(err)
	}
	store, err := kept.Open(p.store)
	if err != nil {
		t.Fatal(err)
	}
	options := crates.Options{Store: store, Network: true, Patience: time.Minute}
	for _, f := range change {
		f(&options)
	}
	return crates.New(&ws.Config, options)
}

// kept returns the archives in the project's store.
func (p *project) kept(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.store, "crates", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// impatient is for servers that do not answer: others may take their time on a
// busy machine.
func impatient(o *crates.Options) { o.Patience = 300 * time.Millisecond }

func offline(o *crates.Options) { o.Network = false }

func get(t *testing.T, s *crates.Sources, p *workspace.LockedPackage) (*crates.Source, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	found, err := s.Get(ctx, []*workspace.LockedPackage{p})
	return found[0], err
}

// names returns the names of a package's files.
func names(t *testing.T, s *crates.Source) []string {
	t.Helper()
	var list []string
	for file, err := range s.Files() {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, file.Name)
	}
	slices.Sort(list)
	return list
}

func wantFiles(t *testing.T, s *crates.Sources, p *workspace.LockedPackage, want []string) {
	t.Helper()
	source, err := get(t, s, p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, names(t, source)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func wantError(t *testing.T, s *crates.Sources, p *workspace.LockedPackage, want string) error {
	t.Helper()
	source, err := get(t, s, p)
	if source != nil || err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, error %v; want an error with %q", source, err, want)
	}
	return err
}

// server is a registry: a sparse index, and archives.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	asked   []string // paths
	tokens  []string // of those requests
	config  string   // config.json; {} stands for the server's URL
	archive http.HandlerFunc
}

func newServer(t *testing.T, archive http.HandlerFunc) *server {
	s := &server{config: `{"dl": "{}/dl"}`, archive: archive}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked, s.tokens = append(s.asked, r.URL.Path), append(s.tokens, r.Header.Get("Authorization"))
		s.mu.Unlock()
		if r.URL.Path == "/index/config.json" {
			fmt.Fprint(w, strings.ReplaceAll(s.config, "{}", s.URL))
			return
		}
		s.archive(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// source is how a lock file names the registry.
func (s *server) source() string { return "sparse+" + s.URL + "/index/" }

func serve(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
}

func TestDownload(t *testing.T) {
	p := newProject(t)
	var data []byte
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	oak, archive := oak(t, s.source())
	data = archive
	wantFiles(t, p.open(t), oak, oakFiles)
	if diff := cmp.Diff([]string{"/index/config.json", "/dl/oak/1.2.0/download"}, s.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	wantFiles(t, p.open(t, offline), oak, oakFiles) // out of the store
	if entries, _ := os.ReadDir(p.home); len(entries) != 0 {
		t.Errorf("something was written to cargo's home: %v", entries)
	}
}

func TestDownloadTemplate(t *testing.T) {
	for _, c := range []struct{ name, dl, crate, want string }{
		{"all", "{}/{crate}/{version}/{prefix}/{lowerprefix}", "MyOak", "/MyOak/1.2.0/My/Oa/my/oa"},
		{"one letter", "{}/{prefix}/{crate}", "o", "/1/o"},
		{"two letters", "{}/{prefix}/{crate}", "oa", "/2/oa"},
		{"three letters", "{}/{prefix}/{crate}", "oak", "/3/o/oak"},
		{"checksum", "{}/{sha256-checksum}", "oak", "/" + strings.Repeat("0", 64)},
		{"no marker", "{}/api", "oak", "/api/oak/1.2.0/download"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t, http.NotFound)
			s.config = `{"dl": "` + c.dl + `"}`
			wantError(t, newProject(t).open(t), &workspace.LockedPackage{
				Name: c.crate, Version: "1.2.0", Source: s.source(), Checksum: strings.Repeat("0", 64),
			}, "404")
			if got := s.asked[len(s.asked)-1]; got != c.want {
				t.Errorf("asked for %s, want %s", got, c.want)
			}
		})
	}
}

// Where cargo has the sources already, nothing is asked.
func TestOnThisMachine(t *testing.T) {
	unpack := func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "Cargo.toml"), "[package]\nname = \"oak\"\nversion = \"1.2.0\"\n")
		write(t, filepath.Join(dir, "src/lib.rs"), "")
		write(t, filepath.Join(dir, "src/bark/mod.rs"), "")
		write(t, filepath.Join(dir, ".cargo-ok"), "")
	}
	const cratesIO = "registry+https://github.com/rust-lang/crates.io-index"
	for _, c := range []struct {
		name string
		lay  func(t *testing.T, p *project, oak *workspace.LockedPackage, data []byte)
	}{
		{"archive in cargo's home", func(t *testing.T, p *project, _ *workspace.LockedPackage, data []byte) {
			write(t, filepath.Join(p.home, "registry/cache/index.crates.io-0123/oak-1.2.0.crate"), string(data))
		}},
		{"unpacked in cargo's home", func(t *testing.T, p *project, _ *workspace.LockedPackage, data []byte) {
			write(t, filepath.Join(p.home, "registry/cache/index.crates.io-0123/oak-1.2.0.crate"), string(data))
			unpack(t, filepath.Join(p.home, "registry/src/index.crates.io-0123/oak-1.2.0"))
		}},
		{"vendored", func(t *testing.T, p *project, oak *workspace.LockedPackage, _ []byte) {
			p.repositorys(t, "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"vendor\"\n")
			unpack(t, filepath.Join(p.repository, "vendor/oak"))
			write(t, filepath.Join(p.repository, "vendor/oak/.cargo-checksum.json"), `{"files":{},"package":"`+oak.Checksum+`"}`)
		}},
		{"local registry", func(t *testing.T, p *project, _ *workspace.LockedPackage, data []byte) {
			p.users(t, "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = \"archives\"\n")
			write(t, filepath.Join(filepath.Dir(p.home), "archives/oak-1.2.0.crate"), string(data))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			oak, data := oak(t, cratesIO)
			if c.name == "local registry" {
				p.home = filepath.Join(p.home, "cargo")
				t.Setenv("CARGO_HOME", p.home)
			}
			c.lay(t, p, oak, data)
			wantFiles(t, p.open(t, offline), oak, oakFiles)
		})
	}
}

// What is there and is not what the lock file means is not taken.
func TestNotThatOne(t *testing.T) {
	p := newProject(t)
	oak, data := oak(t, "registry+https://github.com/rust-lang/crates.io-index")
	home := filepath.Join(p.home, "registry/cache")
	write(t, filepath.Join(home, "index.crates.io-0123/oak-1.2.0.crate"), string(data)+"x")
	write(t, filepath.Join(home, "elsewhere.example-0123/oak-1.2.0.crate"), string(data))
	err := wantError(t, p.open(t, offline), oak, "not on this machine")
	if !errors.Is(err, crates.ErrOffline) {
		t.Errorf("%v is no ErrOffline", err)
	}
	p.repositorys(t, "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"vendor\"\n")
	write(t, filepath.Join(p.repository, "vendor/oak/Cargo.toml"), "[package]\nname = \"oak\"\nversion = \"1.2.0\"\n")
	write(t, filepath.Join(p.repository, "vendor/oak/.cargo-checksum.json"), `{"package":"`+strings.Repeat("1", 64)+`"}`)
	wantError(t, p.open(t), oak, "was made of another archive")
	p.repositorys(t, "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = \"archives\"\n")
	write(t, filepath.Join(p.repository, "archives/oak-1.2.0.crate"), "x")
	wantError(t, p.open(t), oak, "is not what was published")
}

func TestReplacement(t *testing.T) {
	for _, c := range []struct{ name, config, want string }{
		{"a registry by its index", "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+{}/index/\"\n", ""},
		{"a named registry", "[source.crates-io]\nreplace-with = \"mirror\"\n[registries.mirror]\nindex = \"sparse+{}/index/\"\n", ""},
		{"over another", "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nregistry = \"https://a.example\"\nreplace-with = \"b\"\n[source.b]\nregistry = \"sparse+{}/index\"\n", ""},
		{"a circle", "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nregistry = \"https://a.example\"\nreplace-with = \"b\"\n[source.b]\nregistry = \"https://b.example\"\nreplace-with = \"a\"\n", "circle"},
		{"nowhere", "[source.crates-io]\nreplace-with = \"a\"\n", "says nowhere where it is"},
		{"a folder without it", "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\ndirectory = \"vendor\"\n", "where cargo's configuration says they are"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			oak, data := oak(t, "registry+https://github.com/rust-lang/crates.io-index")
			s := newServer(t, serve(data))
			p.repositorys(t, strings.ReplaceAll(c.config, "{}", s.URL))
			if c.want != "" {
				wantError(t, p.open(t), oak, c.want)
			} else {
				wantFiles(t, p.open(t), oak, oakFiles)
			}
		})
	}
}

func TestNoNetwork(t *testing.T) {
	s := newServer(t, http.NotFound)
	oak, _ := oak(t, s.source())
	for _, c := range []struct {
		name string
		set  func(t *testing.T, p *project) []func(*crates.Options)
	}{
		{"network = false", func(*testing.T, *project) []func(*crates.Options) { return []func(*crates.Options){offline} }},
		{"net.offline", func(t *testing.T, p *project) []func(*crates.Options) {
			p.repositorys(t, "[net]\noffline = true\n")
			return nil
		}},
		{"CARGO_NET_OFFLINE", func(t *testing.T, p *project) []func(*crates.Options) {
			t.Setenv("CARGO_NET_OFFLINE", "true")
			return nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			if err := wantError(t, p.open(t, c.set(t, p)...), oak, "get the sources of oak 1.2.0"); !errors.Is(err, crates.ErrOffline) {
				t.Errorf("%v is no ErrOffline", err)
			}
		})
	}
	if len(s.asked) > 0 {
		t.Errorf("the network was used: %v", s.asked)
	}
}
