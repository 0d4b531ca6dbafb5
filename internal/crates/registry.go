package crates

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// registry is what a registry's config.json says of itself.
type registry struct {
	Download     string `json:"dl"`
	AuthRequired bool   `json:"auth-required"`
}

// maxArchive is the largest archive that is fetched, in bytes; crates.io takes
// none over 10 MB.
const maxArchive = 64 << 20

// maxConfig is the largest config.json, in bytes.
const maxConfig = 1 << 20

// stored finds an archive among those that were fetched before.
func (s *Sources) stored(p *workspace.LockedPackage) *Source {
	sum, err := hex.DecodeString(p.Checksum)
	if len(sum) != sha256.Size || err != nil {
		return nil
	}
	if data, ok := s.options.Store.Get(kept.Pinned(storeKind, [sha256.Size]byte(sum))); ok {
		return &Source{data: data, prefix: prefixOf(p)}
	}
	return nil
}

// download fetches a package's archive, and keeps it once it is verified.
func (s *Sources) download(ctx context.Context, p *workspace.LockedPackage, loc location) (*Source, error) {
	if p.Checksum == "" {
		return nil, &ChecksumError{Name: p.Name + "-" + p.Version + ".crate"}
	}
	token, err := s.token(loc)
	if err != nil {
		return nil, err
	}
	registry, err := s.registry(ctx, loc, token)
	if err != nil {
		return nil, fmt.Errorf("ask the registry %s: %w", shown(loc.at), err)
	}
	address := registry.url(p)
	if !registry.AuthRequired || strings.HasPrefix(loc.at, "https:") && !strings.HasPrefix(address, "https:") {
		token = "" // which is not wanted, or came over https and would be seen
	}
	data, err := s.client.bytes(ctx, address, token, maxArchive)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != p.Checksum {
		return nil, &ChecksumError{Name: shown(address), Got: got, Want: p.Checksum}
	}
	s.options.Store.Put(kept.Pinned(storeKind, sum), data)
	return &Source{data: data, prefix: prefixOf(p)}, nil
}

// registry asks a registry where its archives are, once.
func (s *Sources) registry(ctx context.Context, loc location, token string) (*registry, error) {
	s.mu.Lock()
	ask := s.registries[loc.at]
	if ask == nil {
		ask = sync.OnceValues(func() (*registry, error) { return s.askRegistry(ctx, loc, token) })
		s.registries[loc.at] = ask
	}
	s.mu.Unlock()
	return ask()
}

func (s *Sources) askRegistry(ctx context.Context, loc location, token string) (*registry, error) {
	var text []byte
	var err error
	if loc.kind == gitIndex {
		text, err = s.gitFile(ctx, loc.at, "config.json")
	} else {
		text, err = s.sparseFile(ctx, loc.at+"config.json", token)
	}
	if err != nil {
		return nil, err
	}
	var r registry
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	if r.Download == "" {
		return nil, errors.New("config.json says nothing of where archives are (dl)")
	}
	return &r, nil
}

// sparseFile fetches a small file of a sparse index; a token goes along only
// after the registry asked for it, as for cargo.
func (s *Sources) sparseFile(ctx context.Context, address, token string) ([]byte, error) {
	text, err := s.client.bytes(ctx, address, "", maxConfig)
	var status *StatusError
	if token != "" && errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden) {
		text, err = s.client.bytes(ctx, address, token, maxConfig)
	}
	return text, err
}

// url is where the archive of a package is (cargo,
// sources/registry/download.rs).
func (r *registry) url(p *workspace.LockedPackage) string {
	filled := strings.NewReplacer(
		"{crate}", p.Name,
		"{version}", p.Version,
		"{prefix}", prefix(p.Name),
		"{lowerprefix}", strings.ToLower(prefix(p.Name)),
		"{sha256-checksum}", p.Checksum,
	).Replace(r.Download)
	if filled == r.Download {
		return r.Download + "/" + p.Name + "/" + p.Version + "/download"
	}
	return filled
}

// prefix is the folder of a package in an index (cargo-util-registry,
// make_dep_prefix).
func prefix(name string) string {
	switch len(name) {
	case 1, 2:
		return fmt.Sprint(len(name))
	case 3:
		return "3/" + name[:1]
	}
	return name[:2] + "/" + name[2:4]
}
