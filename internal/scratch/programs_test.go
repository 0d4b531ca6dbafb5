package scratch

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestPrograms wants another identity whenever another server may answer.
func TestPrograms(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs of the test are no executables there")
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	put := func(name, content string) string {
		path := filepath.Join(bin, name)
		if err := os.WriteFile(path, []byte(content), 0o777); err != nil {
			t.Fatal(err)
		}
		return path
	}
	seen := map[string]string{}
	note := func(what, identity string) {
		if before, ok := seen[identity]; ok {
			t.Errorf("%s: the same as %s", what, before)
		}
		seen[identity] = what
	}
	note("no programs on PATH", Programs("", true))
	note("another version is asked for", Programs("17", true))
	note("no download", Programs("", false))
	put("initdb", "")
	server := put("postgres", "one")
	note("programs on PATH", Programs("", true))
	if got := Programs("", true); seen[got] != "programs on PATH" {
		t.Error("unchanged, and yet another")
	}
	put("postgres", "other")
	note("another program", Programs("", true))
	if err := os.Chtimes(server, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	note("a newer program of the same size", Programs("", true))
}
