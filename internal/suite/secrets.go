package suite

import (
	"os"
	"path/filepath"

	"github.com/sqlxmage/sqlxmage/internal/config"
)

// tellSecrets makes known to the run's redactor what the files of folders, and
// of those above, say of databases: not only this program reads them, but cargo
// and sqlx's macros, whose messages may repeat them. variables name a database,
// besides those that are known by their own names.
func (r Request) tellSecrets(folders []string, variables ...string) {
	for _, name := range variables {
		r.Secrets.Add(os.Getenv(name))
	}
	told := map[string]bool{}
	for _, folder := range folders {
		for !told[folder] {
			told[folder] = true
			r.tellFile(filepath.Join(folder, config.FileName), "url")
			for _, name := range []string{".env", "sqlx.toml", ".cargo/config.toml", ".cargo/config"} {
				r.tellFile(filepath.Join(folder, filepath.FromSlash(name)), variables...)
			}
			folder = filepath.Dir(folder)
		}
	}
}

// tellFile makes known what a file sets, if it is there.
func (r Request) tellFile(path string, variables ...string) {
	if data, err := os.ReadFile(path); err == nil {
		r.Secrets.AddText(string(data), variables...)
	}
}

// tellUnits makes known what concerns the packages of the units.
func (r *run) tellUnits() {
	var folders, variables []string
	for _, u := range r.units {
		for _, path := range u.workspace.Config.Files {
			r.tellFile(path)
		}
		for _, p := range u.workspace.Members {
			folders = append(folders, p.Dir)
			if p.SqlxTOML != nil {
				variables = append(variables, p.SqlxTOML.DatabaseURLVar)
			}
		}
	}
	r.tellSecrets(folders, variables...)
}
