package workspace

import (
	goflag "flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

var update = goflag.Bool("update", false, "write what cargo answers into the records")

// recordedVersions and recordedPackages are what sqlx.txt holds.
var (
	recordedVersions = strings.Fields("0.7.0 0.7.1 0.7.2 0.7.3 0.7.4 0.8.0 0.8.1 0.8.2 0.8.3 0.8.4 0.8.5 0.8.6 0.9.0")
	recordedPackages = strings.Fields("sqlx sqlx-core sqlx-macros sqlx-macros-core sqlx-mysql sqlx-postgres sqlx-sqlite")
)

const cratesIO = "registry+https://github.com/rust-lang/crates.io-index"

// TestRecordedManifests wants each recorded manifest whole: what its features
// name is there.
func TestRecordedManifests(t *testing.T) {
	if os.Getenv("SQLXMAGE_ORACLE") == "live" {
		text := recordManifests(t)
		if *update {
			if err := os.WriteFile("sqlx.txt", []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			recordedText = text
		}
		if diff := cmp.Diff(text, recordedText); diff != "" {
			t.Errorf("sqlx.txt is not what crates.io has (-published +recorded):\n%s", diff)
		}
	}
	if diff := cmp.Diff(recordedVersions, SqlxVersions()); diff != "" {
		t.Fatal(diff)
	}
	for _, version := range recordedVersions {
		for _, name := range recordedPackages {
			p := recordedManifest(name, version, cratesIO)
			if p == nil {
				t.Errorf("%s %s is not recorded", name, version)
				continue
			}
			if got := p.Lib().ProcMacro; got != (name == "sqlx-macros") {
				t.Errorf("%s %s: a procedural macro: %v", name, version, got)
			}
			for feature, values := range p.Features {
				for _, value := range values {
					dep, _, inDependency := strings.Cut(strings.TrimPrefix(value, "dep:"), "/")
					if inDependency || strings.HasPrefix(value, "dep:") {
						if !p.dependsOn(strings.TrimSuffix(dep, "?")) {
							t.Errorf("%s %s: feature %s: no dependency %s", name, version, feature, value)
						}
					} else if !p.hasFeature(value) {
						t.Errorf("%s %s: feature %s: no feature %s", name, version, feature, value)
					}
				}
			}
		}
	}
	for _, c := range []struct{ name, version, source string }{
		{"sqlx", "0.8.7", cratesIO}, {"sqlx", "0.9.0-alpha.1", cratesIO}, {"sqlx", "0.8.6", "registry+https://crates.example"},
		{"sqlx", "0.8.6", "git+https://git.example/sqlx.git#0123456"}, {"sqlx-other", "0.8.6", cratesIO},
	} {
		if p := recordedManifest(c.name, c.version, c.source); p != nil {
			t.Errorf("%s: got a manifest", c)
		}
	}
}

// recordManifests downloads sqlx's packages by cargo, into a folder of its own,
// and makes sqlx.txt of them.
func recordManifests(t *testing.T) string {
	t.Helper()
	cargo, home := need.Program(t, "cargo"), need.Kept(t, "recorded-manifests")
	facts := map[string]map[string]map[string]string{} // package → line → version → value
	for _, version := range recordedVersions {
		// In a lock file a version may be one that was yanked.
		lock := "Cargo.lock\nversion = 3\n"
		for _, name := range recordedPackages {
			lock += fmt.Sprintf("\n[[package]]\nname = %q\nversion = %q\nsource = %q\n", name, version, cratesIO)
		}
		cmd := exec.CommandContext(t.Context(), cargo, "fetch")
		cmd.Dir = write(t, "Cargo.toml\n"+hello+"[dependencies]\nsqlx = { version = \"="+version+"\", features = [\"all-databases\"] }\n", "src/lib.rs\n", lock)
		cmd.Env = append(os.Environ(), "CARGO_HOME="+home)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("download sqlx %s: %v\n%s", version, err, out)
		}
		for _, name := range recordedPackages {
			found, err := filepath.Glob(filepath.Join(home, "registry", "src", "*", name+"-"+version, "Cargo.toml"))
			if err != nil || len(found) != 1 {
				t.Fatalf("%s %s: %q, %v", name, version, found, err)
			}
			if facts[name] == nil {
				facts[name] = map[string]map[string]string{}
			}
			for key, value := range manifestLines(t, found[0]) {
				if facts[name][key] == nil {
					facts[name][key] = map[string]string{}
				}
				facts[name][key][version] = strings.ReplaceAll(value, `"=`+version+`"`, `"=VERSION"`)
			}
		}
	}
	var b strings.Builder
	b.WriteString("# What the manifests of sqlx's packages on crates.io say, see recorded.go.\nversions " + strings.Join(recordedVersions, " ") + "\n")
	for _, name := range recordedPackages {
		fmt.Fprintf(&b, "\n[%s]\n", name)
		for _, key := range sortedKeys(facts[name]) {
			for first := 0; first < len(recordedVersions); {
				value, last := facts[name][key][recordedVersions[first]], first
				for last+1 < len(recordedVersions) && facts[name][key][recordedVersions[last+1]] == value {
					last++
				}
				versions := recordedVersions[first]
				if last > first {
					versions += "-" + recordedVersions[last]
				}
				if value != "" {
					fmt.Fprintf(&b, "%-11s %s = %s\n", versions, key, value)
				}
				first = last + 1
			}
		}
	}
	return b.String()
}

// manifestLines returns what of a manifest decides features, a key a line.
func manifestLines(t *testing.T, path string) map[string]string {
	t.Helper()
	var m map[string]any
	if _, err := toml.DecodeFile(path, &m); err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	add := func(prefix string, table any) {
		values, _ := table.(map[string]any)
		for key, value := range values {
			lines[prefix+"."+key] = inlineTOML(value)
		}
	}
	dependencies := func(prefix string, table any) {
		values, _ := table.(map[string]any)
		for _, kind := range []string{"dependencies", "build-dependencies"} {
			add(prefix+kind, values[kind])
		}
	}
	add("features", m["features"])
	dependencies("", m)
	targets, _ := m["target"].(map[string]any)
	for target, table := range targets {
		dependencies("target.'"+target+"'.", table)
	}
	if lib, _ := m["lib"].(map[string]any); lib["proc-macro"] == true {
		lines["lib.proc-macro"] = "true"
	}
	return lines
}

// inlineTOML writes a value on one line.
func inlineTOML(value any) string {
	var parts []string
	switch value := value.(type) {
	case map[string]any:
		if version, ok := value["version"]; ok && len(value) == 1 {
			return inlineTOML(version)
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+" = "+inlineTOML(value[key]))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case []any:
		for _, v := range value {
			parts = append(parts, inlineTOML(v))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprintf("%#v", value)
}
