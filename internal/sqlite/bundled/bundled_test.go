package bundled

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/kept/kepttest"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// bundles are the versions of sqlx and of libsqlite3-sys that bundle a version
// of SQLite.
var bundles = map[string]struct{ sqlx, sys string }{
	"3.46.0": {"0.8.6", "0.30.1"},
	"3.51.3": {"0.9.0", "0.37.0"},
}

// TestBundled asks sqlx's own build what it has, with a Rust program. The files
// in bundled are what that said.
func TestBundled(t *testing.T) {
	need.LiveOracle(t, "asks sqlx's own build of SQLite what it has")
	for _, version := range Versions() {
		t.Run(version, func(t *testing.T) {
			cargo := need.Program(t, "cargo")
			dir := need.Kept(t, "bundled-"+version)
			manifest, err := os.ReadFile("testdata/bundled/Cargo.toml")
			if err != nil {
				t.Fatal(err)
			}
			b := bundles[version]
			text := strings.NewReplacer(
				`libsqlite3-sys = "*"`, `libsqlite3-sys = "=`+b.sys+`"`,
				`sqlx = { version = "*"`, `sqlx = { version = "=`+b.sqlx+`"`,
			).Replace(string(manifest))
			if strings.Contains(text, `"*"`) {
				t.Fatalf("not all versions are set in\n%s", text)
			}
			program, err := os.ReadFile("testdata/bundled/src/main.rs")
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string]string{"Cargo.toml": text, "src/main.rs": string(program)} {
				path := filepath.Join(dir, name)
				if old, err := os.ReadFile(path); err == nil && string(old) == data {
					continue // cargo looks at its time
				}
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(cargo, "run", "--quiet")
			cmd.Dir = dir
			cmd.Stderr = testWriter{t}
			got, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "bundled/"+version+".txt", got)
		})
	}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", p)
	return len(p), nil
}

// What a connection of the helper has is what sqlx's build has, or less: the
// names that are missing are known.
func TestOnlyBundled(t *testing.T) {
	for version, want := range map[string]string{
		"3.46.0": "fts3_tokenizer matchinfo offsets optimize fts3 fts3tokenize fts4 fts4aux",
		"3.51.3": "fts3_tokenizer matchinfo offsets optimize fts3 fts3tokenize fts4 fts4aux",
	} {
		t.Run(version, func(t *testing.T) {
			bundled, err := BundledOf(version)
			if err != nil {
				t.Fatal(err)
			}
			e, err := Start(t.Context(), Options{Version: version, Kept: kepttest.Shared(t)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { e.Close() })
			db, err := e.Open(t.Context(), ":memory:", false)
			if err != nil {
				t.Fatal(err)
			}
			has := map[string]bool{}
			for _, query := range []string{
				"SELECT name FROM pragma_function_list", "SELECT name FROM pragma_module_list", "SELECT name FROM pragma_collation_list",
			} {
				rows, err := db.Rows(t.Context(), query)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range rows {
					has[row[0]] = true
				}
			}
			seen := map[string]bool{}
			var missing []string
			for _, names := range [][]string{bundled.Functions, bundled.Modules, bundled.Collations} {
				for _, name := range names {
					name, _, _ = strings.Cut(name, " ")
					if !has[name] && !seen[name] {
						missing = append(missing, name)
					}
					seen[name] = true
				}
			}
			if got := strings.Join(missing, " "); got != want {
				t.Errorf("missing: %s; want %s", got, want)
			}
			for _, query := range []string{"SELECT sqrt(2)", "SELECT sqlite_offset(1)", "CREATE VIRTUAL TABLE g USING geopoly (a)", "SELECT geopoly_area('[[0,0],[1,0],[0,1],[0,0]]')"} {
				if err := db.Exec(t.Context(), query); err == nil {
					t.Errorf("%s: sqlx's build refuses it", query)
				}
			}
		})
	}
}
