package targets

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// TestDocumentedCommands runs every command of the documents, each block in a
// fresh copy of the repository, and compares what they print where the document
// shows it.
func TestDocumentedCommands(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the commands are for GNU sed and a Unix shell")
	}
	need.LiveOracle(t, "runs cargo as a reader of the documents does")
	need.Program(t, "cargo")
	need.Program(t, "postgres")
	for _, document := range []string{"README.md", "CONTRIBUTING.md"} {
		for i, block := range blocks(t, document, "console") {
			t.Run(fmt.Sprintf("%s/%d", document, i+1), func(t *testing.T) {
				session(t, document, block)
			})
		}
	}
	for _, block := range blocks(t, "README.md", "yaml") {
		for _, command := range regexp.MustCompile(`(?m)^- run: (.*)$`).FindAllStringSubmatch(block, -1) {
			t.Run(command[1], func(t *testing.T) { session(t, "README.md", "$ "+command[1]+"\n") })
		}
	}
}

// session runs the commands of a block and compares what they print.
func session(t *testing.T, document, block string) {
	dir := filepath.Join(t.TempDir(), "repository")
	// -trimpath lets the build cache serve packages from another place.
	env := append(os.Environ(), "CARGO_TARGET_DIR="+need.CargoTarget(t), "GOFLAGS=-trimpath")
	if strings.Contains(block, "go mod init") {
		env = append(env, published(t)...)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	} else if err := copyTree("..", dir); err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		command, want, _ := strings.Cut(part, "\n")
		if command == "go test ./..." {
			// It runs this test. That it passes, .ci/run shows.
			if !regexp.MustCompile(`(?m)^go run \.ci/tests\.go .* \./\.\.\.$`).MatchString(read(t, "../.ci/run")) {
				t.Errorf("%s is not what .ci/run runs", command)
			}
			continue
		}
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir, cmd.Env = dir, env
		// As in a terminal: results and errors in one stream.
		out, err := cmd.CombinedOutput()
		if err != nil && !strings.Contains(want, "Error: ") {
			t.Fatalf("%s: %s: %v\n%s", document, command, err, out)
		}
		if want == "" {
			continue
		}
		if diff := cmp.Diff(untimed(want), untimed(string(out))); diff != "" {
			t.Errorf("%s (-) and what %s prints (+) differ:\n%s", document, command, diff)
		}
	}
}

// untimed takes out what differs from run to run: times, the width of columns,
// and what was built for the first time.
func untimed(text string) []string {
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.HasPrefix(line, "building SQLite ") || strings.HasPrefix(line, "go: downloading ") {
			continue
		}
		line = regexp.MustCompile(`[0-9.]+ m?s\b`).ReplaceAllString(line, "TIME")
		lines = append(lines, regexp.MustCompile(` {2,}`).ReplaceAllString(line, "  "))
	}
	return lines
}

// published returns the environment in which this module can be had as one that
// is published, at a version of its own.
func published(t *testing.T) []string {
	t.Helper()
	const path = "github.com/sqlxmage/sqlxmage"
	version := module.Version{Path: path, Version: fmt.Sprintf("v0.0.%d", time.Now().UnixNano())}
	proxy, cache := t.TempDir(), filepath.Join(t.TempDir(), "cache")
	files := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(files, 0o777); err != nil {
		t.Fatal(err)
	}
	archive, err := os.Create(filepath.Join(files, version.Version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if err := zip.CreateFromDir(archive, version, ".."); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(files, "list"), version.Version+"\n")
	write(t, filepath.Join(files, version.Version+".mod"), read(t, "../go.mod"))
	write(t, filepath.Join(files, version.Version+".info"), fmt.Sprintf(`{"Version": %q, "Time": "2024-01-01T00:00:00Z"}`, version.Version))
	others, err := exec.Command("go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(others))
	// What has been downloaded already is had from there.
	return []string{
		"GOPROXY=file://" + proxy + ",file://" + lines[1] + "/cache/download," + lines[0],
		"GOMODCACHE=" + cache, "GOFLAGS=-modcacherw -trimpath", "GONOSUMDB=" + path, "GONOSUMCHECK=" + path,
	}
}

// blocks returns the fenced blocks of a document in a language.
func blocks(t *testing.T, document, language string) []string {
	t.Helper()
	var found []string
	for _, match := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(read(t, filepath.Join("..", document)), -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 {
		t.Fatalf("%s has no block in %s", document, language)
	}
	return found
}
