package kept

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

// A test process that finds these in its environment is another run: it does
// the work on the store, and ends.
const (
	workVariable  = "SQLXMAGE_KEPT_TEST_WORK"
	storeVariable = "SQLXMAGE_KEPT_TEST_STORE"
)

func TestMain(m *testing.M) {
	if work := os.Getenv(workVariable); work != "" {
		os.Exit(otherRun(work, os.Getenv(storeVariable)))
	}
	os.Exit(need.Main(m))
}

// otherRun is what another process does.
func otherRun(work, dir string) int {
	s, err := Open(dir)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	switch work {
	case "identity":
		fmt.Println(program())
	case "put for ever":
		for i := 0; ; i++ {
			s.Put(key("large"), large(byte(i)))
			if s.err != nil {
				fmt.Println(s.err)
				return 1
			}
		}
	case "share":
		err = share(s)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// large is data in which each byte tells whether it belongs to the rest.
func large(of byte) []byte { return bytes.Repeat([]byte{of}, 1<<20) }

// command is another run on a store.
func command(t *testing.T, work, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), workVariable+"="+work, storeVariable+"="+dir)
	return cmd
}

// TestKilled: a run that is killed as it writes leaves the entry that was there
// before, or the new one.
func TestKilled(t *testing.T) {
	s := newStore(t)
	s.Put(key("large"), large(0))
	tmp := filepath.Join(s.dir, "tmp")
	var left []os.DirEntry
	for try := 0; try < 20 || len(left) == 0; try++ {
		if try == 500 {
			t.Fatal("no run was killed in the middle")
		}
		cmd := command(t, "put for ever", s.dir)
		var out strings.Builder
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(10+rand.IntN(30)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || out.Len() > 0 {
			t.Fatalf("the run ended by itself: %s", out.String())
		}
		data, ok := s.Get(key("large"))
		if !ok || !bytes.Equal(data, large(data[0])) {
			t.Fatal("half an entry, or none")
		}
		var err error
		if left, err = os.ReadDir(tmp); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	for _, file := range left {
		then := time.Now().Add(-2 * leftAfter)
		if err := os.Chtimes(filepath.Join(tmp, file.Name()), then, then); err != nil {
			t.Fatal(err)
		}
	}
	s.trim()
	if left, _ = os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}

// share does all at once that runs do, with a store that is always too large.
func share(s *Store) error {
	s.limit = 3 << 20
	for i := range 60 {
		k := key(fmt.Sprint("large", i%5))
		if data, ok := s.Get(k); ok && !bytes.Equal(data, large(data[0])) {
			return fmt.Errorf("half an entry")
		}
		s.Put(k, large(byte(os.Getpid()+i)))
		p := s.Pack(key("pack"))
		if value, ok := p.Get([32]byte{1}); ok && value != strings.Repeat(value[:1], 1000) {
			return fmt.Errorf("half a value")
		}
		p.Put([32]byte{1}, bytes.Repeat([]byte{'a' + byte(i%20)}, 1000))
		p.Save()
		name := fmt.Sprint("folder", i%3)
		f, err := s.Folder(context.Background(), key(name), nil, fillWith(name))
		if err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(f.Path, "bin", "program"))
		if err != nil || string(data) != name {
			return fmt.Errorf("%s holds %q, %v", name, data, err)
		}
		s.trim()
		if data, err = os.ReadFile(filepath.Join(f.Path, "bin", "program")); err != nil || string(data) != name {
			return fmt.Errorf("%s, in use, holds %q, %v", name, data, err)
		}
		f.Release()
	}
	return s.Close()
}

// TestShared: several runs read, write and trim one store at the same time, and
// each sees whole entries alone.
func TestShared(t *testing.T) {
	s := newStore(t)
	var runs []*exec.Cmd
	var outs []*strings.Builder
	for range 4 {
		cmd, out := command(t, "share", s.dir), &strings.Builder{}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		runs, outs = append(runs, cmd), append(outs, out)
	}
	for i, cmd := range runs {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, outs[i])
		}
	}
	s.limit = 3 << 20
	s.trim()
	var total int64
	for _, e := range s.entries() {
		total += e.size
	}
	if total > s.limit {
		t.Errorf("%d bytes are kept", total)
	}
}
