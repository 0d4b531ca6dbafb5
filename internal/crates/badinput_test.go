package crates_test

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

func TestServerFails(t *testing.T) {
	for _, c := range []struct {
		name    string
		archive http.HandlerFunc
		want    string
		times   int // that the archive is asked for
	}{
		{"404", http.NotFound, "answered 404 not found", 1},
		{"403", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, "answered 403 forbidden: it may want a token", 1},
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "answered 500", 3},
		{"something else", serve([]byte("<html>")), "is not what was published", 1},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "short")
		}, "unexpected EOF", 3},
		{"silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "does not answer", 1},
		{"silent in between", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "a")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "does not answer", 1},
		{"redirects in a circle", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, "redirects again and again", -1},
		{"too large", func(w http.ResponseWriter, _ *http.Request) {
			for chunk := make([]byte, 1<<20); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, "is larger than 64 MB", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			s := newServer(t, c.archive)
			oak, _ := oak(t, s.source())
			var change []func(*crates.Options)
			if strings.HasPrefix(c.name, "silent") {
				change = append(change, impatient)
			}
			wantError(t, p.open(t, change...), oak, c.want)
			if times := len(s.asked) - 1; c.times >= 0 && times != c.times {
				t.Errorf("asked %d times, want %d: %v", times, c.times, s.asked)
			}
			if files := p.kept(t); len(files) > 0 {
				t.Errorf("something was kept: %v", files)
			}
		})
	}
}

// A server that fails once is asked again; a slow one is waited for.
func TestServerMends(t *testing.T) {
	oak, data := oak(t, "")
	var tries atomic.Int32
	for _, c := range []struct {
		name    string
		archive http.HandlerFunc
	}{
		{"503 once", func(w http.ResponseWriter, _ *http.Request) {
			if tries.Add(1) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write(data)
		}},
		{"slow", func(w http.ResponseWriter, _ *http.Request) {
			for i := range data { // longer in all than a host may be silent
				_, _ = w.Write(data[i : i+1])
				if i%20 == 0 {
					w.(http.Flusher).Flush()
					time.Sleep(20 * time.Millisecond)
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t, c.archive)
			oak.Source = s.source()
			wantFiles(t, newProject(t).open(t), oak, oakFiles)
		})
	}
}

// A host that does not answer is waited for once, whatever is wanted of it.
func TestSilentOnce(t *testing.T) {
	s := newServer(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	var packages []*workspace.LockedPackage
	for i := range 100 {
		packages = append(packages, &workspace.LockedPackage{
			Name: fmt.Sprint("oak", i), Version: "1.0.0", Source: s.source(), Checksum: strings.Repeat("0", 64),
		})
	}
	var last crates.Progress
	sources := newProject(t).open(t, impatient, func(o *crates.Options) { o.Progress = func(p crates.Progress) { last = p } })
	found, err := sources.Get(t.Context(), packages)
	var silent *crates.SilentError
	if !errors.As(err, &silent) || silent.Host == "" {
		t.Fatalf("error %v, want a SilentError", err)
	}
	if len(found) != 100 || len(s.asked) > 1+16 {
		t.Errorf("%d sources; the server was asked %d times", len(found), len(s.asked))
	}
	if last.Done != 100 || last.Total != 100 {
		t.Errorf("progress ends with %+v", last)
	}
}

func TestWaitingIsSaid(t *testing.T) {
	s := newServer(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	oak, _ := oak(t, s.source())
	var waiting []string
	sources := newProject(t).open(t, func(o *crates.Options) {
		o.Patience = 1300 * time.Millisecond
		o.Progress = func(p crates.Progress) {
			if p.Waiting != "" {
				waiting = append(waiting, p.Waiting)
			}
		}
	})
	wantError(t, sources, oak, "does not answer")
	if len(waiting) == 0 || !strings.HasPrefix(waiting[0], "127.0.0.1:") {
		t.Errorf("waiting was said of %v", waiting)
	}
}

// A host whose name nobody knows is asked once.
func TestUnknownHost(t *testing.T) {
	oak, _ := oak(t, "sparse+http://registry.invalid/index/")
	err := wantError(t, newProject(t).open(t, func(o *crates.Options) { o.Patience = time.Minute }), oak, "registry.invalid")
	var unknown *net.DNSError
	if !errors.As(err, &unknown) {
		t.Skipf("names are resolved elsewhere here: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel(errors.New("enough"))
		<-r.Context().Done()
	})
	oak, _ := oak(t, s.source())
	sources := newProject(t).open(t)
	if _, err := sources.Get(ctx, []*workspace.LockedPackage{oak}); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("error %v, want the context's cause", err)
	}
}

// A token goes only to where the user's own configuration sends it.
func TestToken(t *testing.T) {
	const secret = "s3cret"
	for _, c := range []struct {
		name         string
		users        string // the user's config.toml; {} is the registry, {other} another server
		repositorys  string
		environment  map[string]string
		auth         bool // the registry wants a token for its archives
		dl           string
		want, others bool // whether the registry and the other server see it
	}{
		{name: "the user's registry", users: "[registries.corp]\nindex = \"sparse+{}/index/\"\n", auth: true, want: true},
		{name: "not wanted", users: "[registries.corp]\nindex = \"sparse+{}/index/\"\n"},
		{name: "the repository's registry", repositorys: "[registries.corp]\nindex = \"sparse+{}/index/\"\n", auth: true},
		{name: "the repository moves the user's registry", auth: true,
			users:       "[registries.corp]\nindex = \"sparse+https://corp.example/\"\n",
			repositorys: "[registries.corp]\nindex = \"sparse+{}/index/\"\n"},
		{name: "the environment's registry", auth: true, want: true,
			environment: map[string]string{"CARGO_REGISTRIES_CORP_INDEX": "sparse+{}/index/"}},
		{name: "a redirect to another host", users: "[registries.corp]\nindex = \"sparse+{}/index/\"\n", auth: true, want: true, dl: "{}/away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			oak, data := oak(t, "")
			var othersToken []string
			other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				othersToken = append(othersToken, r.Header.Get("Authorization"))
				_, _ = w.Write(data)
			}))
			defer other.Close()
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/away") {
					http.Redirect(w, r, other.URL, http.StatusFound)
					return
				}
				_, _ = w.Write(data)
			})
			oak.Source = s.source()
			if c.dl == "" {
				c.dl = "{}/dl"
			}
			s.config = fmt.Sprintf(`{"dl": %q, "auth-required": %t}`, c.dl, c.auth)
			p := newProject(t)
			here := func(text string) string { return strings.ReplaceAll(text, "{}", s.URL) }
			p.users(t, here(c.users))
			p.repositorys(t, here(c.repositorys))
			for name, value := range c.environment {
				t.Setenv(name, here(value))
			}
			write(t, filepath.Join(p.home, "credentials.toml"), "[registries.corp]\ntoken = \""+secret+"\"\n")
			wantFiles(t, p.open(t), oak, oakFiles)
			if got := strings.Contains(strings.Join(s.tokens, " "), secret); got != c.want {
				t.Errorf("the registry saw the token: %t, want %t", got, c.want)
			}
			if strings.Contains(strings.Join(othersToken, " "), secret) {
				t.Error("another host saw the token")
			}
		})
	}
}

// The order of tokens: environment, credentials file.
func TestTokenOfEnvironment(t *testing.T) {
	p := newProject(t)
	oak, data := oak(t, "")
	s := newServer(t, serve(data))
	s.config = `{"dl": "{}/dl", "auth-required": true}`
	oak.Source = s.source()
	p.users(t, "[registries.my-corp]\nindex = \"sparse+"+s.URL+"/index/\"\n")
	write(t, filepath.Join(p.home, "credentials.toml"), "[registries.my-corp]\ntoken = \"file\"\n")
	t.Setenv("CARGO_REGISTRIES_MY_CORP_TOKEN", "variable")
	wantFiles(t, p.open(t), oak, oakFiles)
	if got := s.tokens[len(s.tokens)-1]; got != "variable" {
		t.Errorf("the token is %q, want the environment's", got)
	}
}

// What only the user's own configuration may say: proxy and certificates.
func TestProxy(t *testing.T) {
	oak, data := oak(t, "")
	proxied := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied++
		if strings.HasSuffix(r.URL.Path, "config.json") {
			fmt.Fprint(w, `{"dl": "http://registry.example/dl"}`)
			return
		}
		_, _ = w.Write(data)
	}))
	defer proxy.Close()
	oak.Source = "sparse+http://registry.example/index/"
	p := newProject(t)
	p.users(t, "[http]\nproxy = \""+strings.TrimPrefix(proxy.URL, "http://")+"\"\n")
	wantFiles(t, p.open(t), oak, oakFiles)
	if proxied != 2 {
		t.Errorf("the proxy was asked %d times, want 2", proxied)
	}
	p = newProject(t)
	s := newServer(t, serve(data))
	oak.Source = s.source()
	p.repositorys(t, "[http]\nproxy = \""+proxy.URL+"\"\n")
	wantFiles(t, p.open(t), oak, oakFiles)
	if proxied != 2 {
		t.Error("the repository's proxy was used")
	}
}

func TestBadArchive(t *testing.T) {
	zeros := strings.Repeat("\x00", 1<<20)
	var bomb []entry
	for i := range 600 {
		bomb = append(bomb, entry{name: fmt.Sprint("oak-1.2.0/", i), text: zeros})
	}
	whole := pack(t, entry{name: "oak-1.2.0/src/lib.rs", text: strings.Repeat("fn f() {}\n", 1000)})
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"a name that leads out", pack(t, entry{name: "oak-1.2.0/../../x.rs"}), "leads elsewhere"},
		{"an absolute name", pack(t, entry{name: "/oak-1.2.0/x.rs"}), "leads elsewhere"},
		{"a name of Windows", pack(t, entry{name: `oak-1.2.0\..\x.rs`}), "leads elsewhere"},
		{"another package's folder", pack(t, entry{name: "elm-1.2.0/x.rs"}), "does not lie in oak-1.2.0/"},
		{"a symbolic link", pack(t, entry{name: "oak-1.2.0/x.rs", text: "/etc/passwd", kind: tar.TypeSymlink}), "is a link"},
		{"a link", pack(t, entry{name: "oak-1.2.0/x.rs", text: "oak-1.2.0/y.rs", kind: tar.TypeLink}), "is a link"},
		{"a device", pack(t, entry{name: "oak-1.2.0/x.rs", kind: tar.TypeChar}), "is a link or a device"},
		{"no archive", []byte("fn main() {}"), "no gzip archive"},
		{"cut off", whole[:len(whole)/2], "unexpected EOF"},
		{"a file too large", pack(t, entry{name: "oak-1.2.0/x.rs", text: strings.Repeat(zeros, 33)}), "is larger than 32 MB"},
		{"a bomb", pack(t, bomb...), "larger than it may be"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			s := newServer(t, serve(c.data))
			sum := sha256.Sum256(c.data)
			source, err := get(t, p.open(t), &workspace.LockedPackage{
				Name: "oak", Version: "1.2.0", Source: s.source(), Checksum: hex.EncodeToString(sum[:]),
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, fail := range source.Files() {
				err = fail
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "oak 1.2.0") {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestBadLock(t *testing.T) {
	const registry = "sparse+http://registry.example/"
	sum := strings.Repeat("0", 64)
	for _, c := range []struct {
		name string
		p    workspace.LockedPackage
		want string
	}{
		{"a name that leads out", workspace.LockedPackage{Name: "../oak", Version: "1.0.0", Source: registry, Checksum: sum}, "is no name"},
		{"a version that leads out", workspace.LockedPackage{Name: "oak", Version: "1/../..", Source: registry, Checksum: sum}, "is no version"},
		{"no checksum", workspace.LockedPackage{Name: "oak", Version: "1.0.0", Source: registry}, "has no checksum"},
		{"a checksum of something else", workspace.LockedPackage{Name: "oak", Version: "1.0.0", Source: registry, Checksum: "../x"}, "is no checksum"},
		{"a path", workspace.LockedPackage{Name: "oak", Version: "1.0.0"}, "of the project's own"},
		{"a kind of source", workspace.LockedPackage{Name: "oak", Version: "1.0.0", Source: "ftp+x", Checksum: sum}, "not known"},
		{"no commit", workspace.LockedPackage{Name: "oak", Version: "1.0.0", Source: "git+https://git.example/x"}, "names no commit"},
		{"an option for git", workspace.LockedPackage{Name: "oak", Version: "1.0.0", Source: "git+--upload-pack=x#" + sum[:40]}, "is no URL of a repository"},
		{"a program for git", workspace.LockedPackage{Name: "oak", Version: "1.0.0", Source: "git+ext::sh#" + sum[:40]}, "is no URL of a repository"},
		{"a file as an index", workspace.LockedPackage{Name: "oak", Version: "1.0.0", Source: "sparse+file:///etc/", Checksum: sum}, "over http or https"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, newProject(t).open(t), &c.p, c.want)
		})
	}
}

// What is damaged in the store is as good as not there.
func TestDamagedStore(t *testing.T) {
	p := newProject(t)
	oak, data := oak(t, "")
	s := newServer(t, serve(data))
	oak.Source = s.source()
	wantFiles(t, p.open(t), oak, oakFiles)
	for _, file := range p.kept(t) {
		if err := os.WriteFile(file, data[:10], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, p.open(t, offline), oak, "not on this machine")
	wantFiles(t, p.open(t), oak, oakFiles)
	wantFiles(t, p.open(t, offline), oak, oakFiles)
}

// Without a store, or where it takes nothing, what was fetched serves the run.
func TestNoStore(t *testing.T) {
	oak, data := oak(t, "")
	s := newServer(t, serve(data))
	oak.Source = s.source()
	p := newProject(t)
	wantFiles(t, p.open(t, func(o *crates.Options) { o.Store = nil }), oak, oakFiles)
	write(t, filepath.Join(p.store, "crates"), "a file where a folder should be")
	if err := os.Chmod(p.store, 0o700); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, p.open(t), oak, oakFiles)
}

// Several runs at once fetch the same without harm.
func TestSeveralAtOnce(t *testing.T) {
	oak, data := oak(t, "")
	s := newServer(t, serve(data))
	oak.Source = s.source()
	p := newProject(t)
	var group errgroup.Group
	for range 8 {
		sources := p.open(t)
		group.Go(func() error {
			_, err := sources.Get(t.Context(), []*workspace.LockedPackage{oak})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, p.open(t, offline), oak, oakFiles)
}

func TestCredentialsStaySecret(t *testing.T) {
	p := newProject(t)
	s := newServer(t, http.NotFound)
	oak, _ := oak(t, s.source())
	p.users(t, "[registries.corp]\nindex = \"sparse+"+s.URL+"/index/\"\n")
	write(t, filepath.Join(p.home, "credentials.toml"), "token = s3cret\n")
	if err := wantError(t, p.open(t), oak, "is no TOML"); strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error shows the token: %v", err)
	}
	if err := os.Remove(filepath.Join(p.home, "credentials.toml")); err != nil {
		t.Fatal(err)
	}
	s.config = `{"dl": "` + strings.Replace(s.URL, "http://", "http://user:s3cret@", 1) + `/dl?key=s3cret&{crate}"}`
	if err := wantError(t, p.open(t), oak, "404"); strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error shows the password: %v", err)
	}
}
