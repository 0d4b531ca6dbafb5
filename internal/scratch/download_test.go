package scratch

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// TestDownload opens a database with a published server, a version that the
// machine does not have.
func TestDownload(t *testing.T) {
	need.Program(t, "network")
	t.Setenv("TMPDIR", "") // the server's programs may run from there, which memory may forbid
	needPostgresAccount(t)
	version := ""
	for _, candidate := range published() {
		major, _, _ := strings.Cut(string(candidate), ".")
		_, archiveErr := publishedArchive(major)
		if _, err := findPrograms(t.Context(), major); err != nil && archiveErr == nil {
			version = major
			break
		}
	}
	if version == "" {
		t.Skip("the machine has every published version, or none is published for it")
	}
	s := Spec{
		Name: "remote", PostgresVersion: version, Kept: kepttest.Shared(t),
		Migrations: writeFiles(t, map[string]string{"1_a.sql": "CREATE EXTENSION citext; CREATE TABLE a (name CITEXT)"}),
		Download:   false,
		Progress:   func(message string) { t.Log(message) },
	}
	_, err := OpenPostgres(t.Context(), s)
	var none *NoServerError
	if !errors.As(err, &none) || !strings.Contains(err.Error(), "downloading them is switched off") {
		t.Fatalf("got %v", err)
	}

	s.Download = true
	db, err := OpenPostgres(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	t.Log(db.Server)
	if got := query(t, db.URL, "SHOW server_version"); !strings.HasPrefix(got[0], version+".") {
		t.Errorf("got version %s, want %s", got[0], version)
	}
}

func needPostgresAccount(t *testing.T) {
	t.Helper()
	if _, err := serverAccount(); err != nil {
		need.Missing(t, "postgres", err.Error())
	}
}

// TestChecksums: the archives of the systems that most people have are there
// for each version that the library knows to download.
func TestChecksums(t *testing.T) {
	line := regexp.MustCompile(`^[0-9a-f]{64}  embedded-postgres-binaries-\S+\.txz$`)
	for text := range strings.Lines(checksums) {
		if !line.MatchString(strings.TrimSuffix(text, "\n")) {
			t.Errorf("not a checksum: %q", text)
		}
	}
	for _, version := range published() {
		for _, system := range []string{"linux-amd64", "darwin-amd64", "windows-amd64"} {
			name := "embedded-postgres-binaries-" + system + "-" + string(version) + ".txz"
			if !strings.Contains(checksums, "  "+name+"\n") {
				t.Errorf("no checksum of %s", name)
			}
		}
	}
}

func TestVerify(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := archive{name: "a.txz", sum: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
	if err := good.verify(file); err != nil {
		t.Error(err)
	}
	bad := archive{name: "a.txz", sum: strings.Repeat("0", 64)}
	if err := bad.verify(file); err == nil || !strings.Contains(err.Error(), "a.txz is not what was published") {
		t.Errorf("got %v", err)
	}
}

func TestNoServer(t *testing.T) {
	s := Spec{Name: "a", PostgresVersion: "7"}
	_, err := OpenPostgres(t.Context(), s)
	if err == nil || !strings.Contains(err.Error(), "no Postgres 7 server programs found on this machine") ||
		!strings.Contains(err.Error(), "hint: install") {
		t.Errorf("got %v", err)
	}
	s.Download, s.Kept = true, kepttest.New(t)
	_, err = OpenPostgres(t.Context(), s)
	if err == nil || !strings.Contains(err.Error(), "none of version 7 are published") {
		t.Errorf("got %v", err)
	}
	s.PostgresVersion = "17.5"
	_, err = OpenPostgres(t.Context(), s)
	if err == nil || !strings.Contains(err.Error(), `"17.5" is not a major version`) {
		t.Errorf("got %v", err)
	}
}
