package workspace

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/diag"
)

func TestSetting(t *testing.T) {
	top := t.TempDir()
	home, project := filepath.Join(top, "home"), filepath.Join(top, "project")
	t.Setenv("CARGO_HOME", home)
	t.Setenv("CARGO_REGISTRIES_MY_CORP_TOKEN", "of the environment")
	for path, text := range map[string]string{
		filepath.Join(home, "config.toml"):              "[http]\nproxy = \"users\"\ncainfo = \"certificates.pem\"\n[source.a]\nregistry = \"x\"\n",
		filepath.Join(project, ".cargo", "config.toml"): "[http]\nproxy = \"repositorys\"\n[source.b]\ndirectory = \"vendor\"\n[net]\noffline = true\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := readConfig(project, project, func(p *diag.Diagnostic) { t.Error(p) })
	for _, want := range []struct {
		key  []string
		text string
		path string
		user bool
	}{
		{key: []string{"http", "proxy"}, text: "repositorys", path: filepath.Join(project, "repositorys")},
		{key: []string{"http", "cainfo"}, text: "certificates.pem", path: filepath.Join(top, "certificates.pem"), user: true},
		{key: []string{"source", "b", "directory"}, text: "vendor", path: filepath.Join(project, "vendor")},
		{key: []string{"registries", "my-corp", "token"}, text: "of the environment", path: filepath.Join(project, "of the environment"), user: true},
		{key: []string{"registries", "absent", "token"}},
		{key: []string{"http", "proxy", "deeper"}},
	} {
		got := c.Setting(want.key...)
		if got.Text() != want.text || got.Path() != want.path || got.User != want.user {
			t.Errorf("%v: got %q, %s, user %t, want %q, %s, %t", want.key, got.Text(), got.Path(), got.User, want.text, want.path, want.user)
		}
	}
	if got := c.Setting("net", "offline").Value; got != true {
		t.Errorf("net.offline is %v, want true", got)
	}
	if diff := cmp.Diff([]string{"a", "b"}, c.Keys("source")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
