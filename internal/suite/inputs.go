package suite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// inputs lists the files beside the sources, and the folders, on whose content
// a run depends.
func (u *unit) inputs(databases ...*unitDatabase) (files, folders []string) {
	ws := u.workspace
	files = append(files, ws.ManifestPath, filepath.Join(ws.Root, "Cargo.lock"), filepath.Join(u.run.file.Root, config.FileName))
	files = append(files, ws.Config.Files...)
	for _, packages := range [][]*workspace.Package{ws.Members, ws.Outside} {
		for _, p := range packages {
			files = append(files, p.ManifestPath, filepath.Join(p.Dir, "sqlx.toml"))
			folders = append(folders, targetFolders(p.Dir)...)
			// Members may be given by patterns.
			for dir := p.Dir; dir != ws.Root && len(dir) > len(ws.Root); {
				dir = filepath.Dir(dir)
				folders = append(folders, dir)
			}
		}
	}
	for dir := u.dir; ; dir = filepath.Dir(dir) {
		for _, name := range []string{".cargo/config.toml", ".cargo/config", "rust-toolchain", "rust-toolchain.toml"} {
			files = append(files, filepath.Join(dir, filepath.FromSlash(name)))
		}
		if filepath.Dir(dir) == dir {
			break
		}
	}
	for _, d := range databases {
		migrations, migrationFolder := d.inputs()
		files = append(files, migrations...)
		if migrationFolder != "" {
			folders = append(folders, migrationFolder)
		}
	}
	return files, folders
}

// targetFolders are the folders of a package in which cargo finds targets by
// the names of files.
func targetFolders(dir string) []string {
	folders := []string{dir, filepath.Join(dir, "src")}
	for _, name := range []string{"src/bin", "tests", "examples", "benches"} {
		folder := filepath.Join(dir, filepath.FromSlash(name))
		folders = append(folders, folder)
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			if entry.IsDir() {
				folders = append(folders, filepath.Join(folder, entry.Name()))
			}
		}
	}
	return folders
}

// question is what a run is asked, apart from files and from our own program:
// the arguments, the configuration's effect, and the environment that cargo,
// rustc and the engines heed.
func (u *unit) question() []string {
	parts := []string{runtime.GOOS, runtime.GOARCH, u.dir, u.engine()}
	parts = append(parts, fmt.Sprintf("%q", u.arguments))
	parts = append(parts, program(exec.LookPath("rustc")))
	for _, driver := range u.run.drivers() {
		parts = append(parts, string(driver.Kind()), driver.Server(database.Client{}).Identity)
	}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{"CARGO_", "RUST", "SQLITE", "LIBSQLITE3_", "SQLX_", "PG"} {
			if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, "RUST_") {
				parts = append(parts, entry)
			}
		}
	}
	return parts
}

// program identifies an executable by path, size and time.
func program(path string, err error) string {
	if err != nil {
		return "none"
	}
	info, err := os.Stat(path)
	if err != nil {
		return "none"
	}
	return fmt.Sprint(path, info.Size(), info.ModTime().UnixNano())
}
