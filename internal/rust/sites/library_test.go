package sites_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// registry serves published crates, by name.
type registry struct {
	*httptest.Server
	archives map[string][]byte
	asked    int // archives
}

func newRegistry(t *testing.T) *registry {
	r := &registry{archives: map[string][]byte{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		name, found := strings.CutPrefix(request.URL.Path, "/dl/")
		switch data := r.archives[name]; {
		case request.URL.Path == "/index/config.json":
			fmt.Fprintf(w, `{"dl": "%s/dl/{crate}"}`, r.URL)
		case found && data != nil:
			r.asked++
			_, _ = w.Write(data)
		default:
			http.NotFound(w, request)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// publish returns the package in a lock file of what is published.
func (r *registry) publish(t *testing.T, name, manifest, lib string, dependencies ...string) string {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for file, text := range map[string]string{
		"Cargo.toml": fmt.Sprintf("[package]\nname = %q\nversion = \"1.0.0\"\n%s", name, manifest),
		"src/lib.rs": lib,
	} {
		err := archive.WriteHeader(&tar.Header{Name: name + "-1.0.0/" + file, Size: int64(len(text)), Mode: 0o644, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = archive.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	r.archives[name] = out.Bytes()
	sum := sha256.Sum256(out.Bytes())
	return fmt.Sprintf("[[package]]\nname = %q\nversion = \"1.0.0\"\nsource = \"sparse+%s/index/\"\nchecksum = %q\ndependencies = [%s]\n",
		name, r.URL, hex.EncodeToString(sum[:]), quoted(dependencies))
}

func quoted(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf("%q", name))
	}
	return strings.Join(list, ", ")
}

// TestFetched is of a machine that has nothing but the project: what must be
// known of crates is fetched, once, and no more than that.
func TestFetched(t *testing.T) {
	r := newRegistry(t)
	lock := "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"facade\", \"plain\", \"sqlx\"]\n" +
		r.publish(t, "facade", "[dependencies]\nactual-derive = \"1\"\n", "pub use actual::*;", "actual-derive") +
		r.publish(t, "actual-derive", "[lib]\nname = \"actual\"\nproc-macro = true\n[dependencies]\nhelper = \"1\"\n", "pub fn derive() { helper::derive() }", "helper") +
		r.publish(t, "helper", "", "pub fn derive() { TEXT }") +
		r.publish(t, "plain", "[dependencies]\nunused = \"1\"\n", "mod own; pub use own::f; #[macro_export] macro_rules! fetch { ($q:literal) => { sqlx::query!($q) } }", "unused") +
		r.publish(t, "unused", "", "pub fn f() {}") +
		"[[package]]\nname = \"sqlx\"\nversion = \"0.8.6\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
	const main = `plain::fetch!("out of a macro of a crate that is not there");`
	store, err := kept.Open(filepath.Join(t.TempDir(), "kept"))
	if err != nil {
		t.Fatal(err)
	}
	scan := func(network bool) fetched {
		return scanFetched(t, lock, main, store, network)
	}
	if found := scan(false); len(found.Blind) == 0 {
		t.Error("without the network nothing is in doubt")
	}
	found := scan(true)
	if len(found.Blind) > 0 || len(found.Sites) != 1 || found.Sites[0].SQL != "out of a macro of a crate that is not there" {
		t.Errorf("sites %v, blind %v", found.Sites, found.Blind)
	}
	if r.asked != 4 {
		t.Errorf("%d archives were fetched, want 4: all but `unused`", r.asked)
	}
	if again := scan(false); len(again.Blind) > 0 || len(again.Sites) != 1 {
		t.Errorf("the second time, without the network: sites %v, blind %v", again.Sites, again.Blind)
	}
	// The same with a helper that writes.
	lock = strings.ReplaceAll(lock, r.publishedSum("helper"), "HELPER")
	r.publish(t, "helper", "", `pub fn derive() { "sqlx::query!(\"\")" }`)
	lock = strings.ReplaceAll(lock, "HELPER", r.publishedSum("helper"))
	found = scan(true)
	if len(found.Blind) != 1 || found.Blind[0].Kind != sites.ProcMacro || !strings.Contains(found.Blind[0].Why, "helper 1.0.0") {
		t.Errorf("blind %v, want helper's text", found.Blind)
	}
	// And with one that cannot be had.
	delete(r.archives, "helper")
	if store, err = kept.Open(filepath.Join(t.TempDir(), "kept")); err != nil {
		t.Fatal(err)
	}
	found = scan(true)
	if len(found.Blind) != 1 || found.Blind[0].Kind != sites.NoSource || !strings.Contains(found.Blind[0].Why, "answered 404") {
		t.Errorf("blind %v, want that helper's sources are not there", found.Blind)
	}
	var status *crates.StatusError
	if count, why := found.missing, found.why; count != 1 || !errors.As(why, &status) {
		t.Errorf("%d crates are missing since %v, want one since it is not served", count, why)
	}
}

func (r *registry) publishedSum(name string) string {
	sum := sha256.Sum256(r.archives[name])
	return hex.EncodeToString(sum[:])
}

// scanFetched scans a project of one file that sees `facade` and `plain`, on a
// machine without cargo's home.
func scanFetched(t *testing.T, lock, text string, store *kept.Store, network bool) fetched {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("CARGO_HOME", filepath.Join(dir, "home"))
	for name, text := range map[string]string{
		"Cargo.toml": "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nsqlx = \"0.8\"\nfacade = \"1\"\nplain = \"1\"\n",
		"Cargo.lock": lock,
		"src/lib.rs": "pub fn f() { " + text + " }",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	ws, err := workspace.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	library := trust.NewLibrary(crates.New(&ws.Config, crates.Options{Store: store, Network: network, Patience: time.Minute}), store)
	defer library.Close()
	ws.Manifests = library.Manifest
	library.Read(t.Context(), ws.Asked())
	plan, err := ws.Plan(workspace.Args{}, dir, cfg.Platform{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := sites.Scan(t.Context(), plan, sites.Options{Kept: store, Library: library})
	if err != nil {
		t.Fatal(err)
	}
	missing, why := library.Missing()
	return fetched{result, missing, why}
}

// fetched is the result of a scan, with the crates that it missed.
type fetched struct {
	*sites.Result
	missing int
	why     error
}
