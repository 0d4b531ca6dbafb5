package cargo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
)

// keptUnits remembers, from one call to the next, which units a request
// compiled, so that the first run of cargo can already compile them. It is a
// hint: where it is wrong or gone, one more run of cargo finds out.
type keptUnits struct{ path string }

const (
	keptFormat = 1  // of the file; another one is another file
	mostKept   = 64 // requests are remembered
)

func (s *session) keptUnits(args []string) keptUnits {
	dir := s.req.TargetDir
	if dir == "" {
		dir = s.req.Workspace.TargetDirectory
	}
	key, _ := json.Marshal([]any{keptFormat, s.req.Dir, s.req.Profile, args, s.tool.Version})
	sum := sha256.Sum256(key)
	return keptUnits{filepath.Join(dir, "sqlxmage", "cargo-units", hex.EncodeToString(sum[:8])+".json")}
}

// read returns the units; none where nothing is known.
func (k keptUnits) read() []unit {
	data, err := os.ReadFile(k.path)
	if err != nil {
		return nil
	}
	var units []unit
	if json.Unmarshal(data, &units) != nil {
		return nil
	}
	for _, u := range units {
		in, name := filepath.Split(u.Fingerprint)
		if name != "fingerprint" && filepath.Base(in) != ".fingerprint" {
			return nil
		}
	}
	return units
}

// write keeps the units; where it cannot, the next run takes a little longer.
func (k keptUnits) write(units []unit) {
	data, err := json.Marshal(units)
	if err != nil || os.MkdirAll(filepath.Dir(k.path), 0o777) != nil {
		return
	}
	if entries, err := os.ReadDir(filepath.Dir(k.path)); err == nil && len(entries) > mostKept {
		_ = os.RemoveAll(filepath.Dir(k.path))
		_ = os.MkdirAll(filepath.Dir(k.path), 0o777)
	}
	_ = os.WriteFile(k.path, data, 0o666)
}
