package crates

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// credentials are the tokens in cargo's home, by registry.
type credentials struct {
	Registry   struct{ Token string }
	Registries map[string]struct{ Token string }
}

// token returns the user's token for a registry, "" when there is none. A
// token belongs to a registry that the user's own configuration names: where a
// repository's configuration says that one of that name is elsewhere, the token
// stays here.
//
// Credential providers other than cargo's own files and variables are not
// asked.
func (s *Sources) token(loc location) (string, error) {
	if !loc.users || loc.name == "" {
		return "", nil
	}
	keys := [][]string{{"registries", loc.name, "token"}}
	if loc.name == cratesIOName {
		keys = append(keys, []string{"registry", "token"})
	}
	var inFile workspace.Setting
	for _, key := range keys {
		set := s.config.Setting(key...)
		if set.Text() != "" && set.File == "" {
			return set.Text(), nil
		}
		if set.User && inFile.Text() == "" {
			inFile = set
		}
	}
	kept, err := readCredentials(s.config.Home)
	if err != nil {
		return "", err
	}
	if token := kept.Registries[loc.name].Token; token != "" {
		return token, nil
	}
	if loc.name == cratesIOName && kept.Registry.Token != "" {
		return kept.Registry.Token, nil
	}
	return inFile.Text(), nil
}

func readCredentials(home string) (credentials, error) {
	var kept credentials
	if home == "" {
		return kept, nil
	}
	for _, name := range []string{"credentials", "credentials.toml"} { // the first hides the second, as for cargo
		path := filepath.Join(home, name)
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return kept, fmt.Errorf("read cargo's credentials: %w", err)
		}
		if _, err := toml.Decode(string(data), &kept); err != nil {
			// The decoder's own words may quote the line.
			return kept, fmt.Errorf("read cargo's credentials: %s is no TOML", path)
		}
		return kept, nil
	}
	return kept, nil
}
