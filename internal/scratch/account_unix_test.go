//go:build unix

package scratch

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRunDirWithinReach: the folder does not lie where the server's account
// could not get to it.
func TestRunDirWithinReach(t *testing.T) {
	private := t.TempDir()
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", private)
	someone := &account{name: "someone"}
	if someone.passes(private) {
		t.Errorf("%s is thought to be open", private)
	}
	for _, who := range []*account{nil, someone} {
		run, err := newRunDir(false, who)
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Dir(run.path); (got == private) != (who == nil) {
			t.Errorf("the folder of %v lies in %s", who, got)
		}
		if err := run.remove(); err != nil {
			t.Error(err)
		}
	}
}
