package cargo

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/kept"
)

// keptUnits remembers, from one call to the next, which units a request
// compiled, so that the first run of cargo can already compile them. It is a
// hint: where it is wrong or gone, one more run of cargo finds out.
type keptUnits struct {
	store *kept.Store
	key   kept.Key
}

func (s *session) keptUnits(args []string) keptUnits {
	dir := s.req.TargetDir
	if dir == "" {
		dir = s.req.Workspace.TargetDirectory
	}
	key := kept.Conclusion("cargo", dir, s.req.Dir, s.req.Profile, fmt.Sprintf("%q", args), s.tool.Version.String())
	return keptUnits{s.req.Kept, key}
}

// read returns the units; none where nothing is known.
func (k keptUnits) read() []unit {
	data, ok := k.store.Get(k.key)
	if !ok {
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

// write keeps the units.
func (k keptUnits) write(units []unit) {
	if data, err := json.Marshal(units); err == nil {
		k.store.Put(k.key, data)
	}
}
