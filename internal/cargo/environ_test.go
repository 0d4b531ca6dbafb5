package cargo

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnforce(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "crates", "notes")
	for name, content := range map[string]string{
		"home/config.toml":                "[env]\nSQLX_OFFLINE = { value = \"true\", force = true }\n",
		".cargo/config.toml":              "[env]\nDATABASE_URL = { value = \"x\", force = true }\nOTHER = { value = \"x\", force = true }\n",
		"crates/.cargo/config":            "[env]\nSQLX_OFFLINE_DIR = { value = \"x\", force = false }\n",
		"crates/.cargo/config.toml":       "[env]\nSQLX_OFFLINE_DIR = { value = \"x\", force = true }\n", // config wins
		"crates/notes/.cargo/config.toml": "[env]\nPLAIN = \"x\"\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("CARGO_HOME", filepath.Join(root, "home"))
	env := environment{vars: map[string]string{"DATABASE_URL": "", "SQLX_OFFLINE": "", "SQLX_OFFLINE_DIR": "", "PLAIN": ""}}
	got, err := env.unforce(dir)
	want := []string{"--config", "env.DATABASE_URL.force=false", "--config", "env.SQLX_OFFLINE.force=false"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}

	if err := os.WriteFile(filepath.Join(dir, ".cargo", "config.toml"), []byte("[env"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, err := env.unforce(dir); err == nil {
		t.Errorf("a broken file: got %v", got)
	}
}

func TestEnviron(t *testing.T) {
	t.Setenv("SQLX_OFFLINE_DIR", "/old")
	t.Setenv("DATABASE_URL", "old")
	offline := environment{vars: map[string]string{"SQLX_OFFLINE": "true"}}.environ()
	if !slices.Contains(offline, "SQLX_OFFLINE=true") || slices.Contains(offline, "SQLX_OFFLINE_DIR=/old") {
		t.Errorf("got %v", offline)
	}
	recording := environment{vars: map[string]string{"DATABASE_URL": "new"}}.environ()
	if slices.Index(recording, "DATABASE_URL=new") < slices.Index(recording, "DATABASE_URL=old") {
		t.Error("the ambient variable comes last and wins")
	}
}

func TestReadManifest(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       manifest
	}{
		{"none", "[package]\nname = \"a\"\n", manifest{}},
		{"direct", "[dependencies]\nsqlx.workspace = true\n", manifest{mentions: true}},
		{"fork", "[dependencies]\nsqlx = { package = \"fork\", version = \"1\" }\n", manifest{mentions: true}},
		{"only for tests", "[dev-dependencies.sqlx]\nversion = \"0.8\"\n", manifest{mentions: true}},
		{"build script", "[build-dependencies]\nsqlx = \"0.8\"\n", manifest{mentions: true, builds: true}},
		{"build script on one system", "[target.'cfg(unix)'.build-dependencies]\nsqlx = \"0.8\"\n", manifest{mentions: true, builds: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "Cargo.toml")
			if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			if got, err := readManifest(path); err != nil || got != c.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
