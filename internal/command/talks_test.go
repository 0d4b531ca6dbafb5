package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/need"
)

// talks is the variable that makes this test's program a cargo, a sqlx-cli, or
// the program itself. It names the file to which their arguments are added.
const talks = "TALKING_CARGO"

func TestMain(m *testing.M) {
	if os.Getenv(talks) != "" && len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		os.Exit(talk(os.Args[1:]))
	}
	os.Exit(need.Main(m))
}

// talk is a cargo that tells everything that it was told.
func talk(args []string) int {
	if file, err := os.OpenFile(os.Getenv(talks), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
		fmt.Fprintln(file, strings.Join(args, " "))
		file.Close()
	}
	how := os.Getenv(talks + "_HOW")
	switch {
	case args[0] == "--version" && how == "no-version", args[0] == "metadata" && how == "no-metadata":
		tellAll("")
		return 101
	case args[0] == "--version":
		fmt.Println("cargo 1.95.0 (f2d3ce0bd 2026-03-21)")
		return 0
	case args[0] == "sqlx" && len(args) > 1 && args[1] == "--version":
		fmt.Println("sqlx-cli 0.8.6")
		return 0
	case args[0] == "metadata":
		metadata()
		return 0
	case args[0] == "prepare":
		flags := config.Flags{}
		for _, arg := range args[1:] {
			name, value, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
			flags[name] = value
		}
		code, message := start("prepare", flags, "")
		fmt.Fprintln(os.Stderr, "Error:", message)
		return code
	}
	tellAll(how)
	if how == "warns" {
		fmt.Println(`{"reason":"build-finished","success":true}`)
		return 0
	}
	return 101
}

// root returns the folder of the workspace.
func root() string {
	dir, _ := os.Getwd()
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if data, err := os.ReadFile(filepath.Join(dir, "Cargo.toml")); err == nil && strings.Contains(string(data), "[workspace]") {
			break
		}
	}
	return dir
}

func metadata() {
	type pkg struct {
		Name string `json:"name"`
		Path string `json:"manifest_path"`
	}
	top := root()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"workspace_root": top, "target_directory": os.Getenv("CARGO_TARGET_DIR"),
		"packages": []pkg{
			{"notes", filepath.Join(top, "crates/notes/Cargo.toml")}, {"orders", filepath.Join(top, "crates/orders/Cargo.toml")},
		},
	})
}

// tellAll prints environment and files, in all the forms in which cargo, rustc,
// and the macros print.
func tellAll(how string) {
	var told []string
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "PG") || strings.HasSuffix(name, "DATABASE_URL") || name == "NOTES_DB" || name == "MYSQL_PWD" {
			told = append(told, value)
		}
	}
	for _, name := range []string{".env", ".cargo/config.toml"} {
		for dir, _ := os.Getwd(); filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
			data, _ := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			for line := range strings.Lines(string(data)) {
				if strings.Contains(line, "NOTES_DB") || strings.Contains(line, "DATABASE_URL") {
					told = append(told, strings.TrimSpace(line))
				}
			}
		}
	}
	for _, text := range told {
		fmt.Fprintf(os.Stderr, "error: failed to connect to %s: no\n", text)
		fmt.Fprintf(os.Stderr, "thread 'main' panicked at %q\n", text)
		fmt.Printf("a macro prints %s\n", text)
		for _, piece := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("@:/?#&= ", c) }) {
			fmt.Fprintf(os.Stderr, "error: password authentication failed for user \"%s\"\n", piece)
		}
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
			"reason": "compiler-message", "package_id": "path+file://" + root() + "/crates/notes#0.1.0", "manifest_path": root() + "/crates/notes/Cargo.toml",
			"message": map[string]any{
				"level": "error", "message": "error with configuration: " + text, "rendered": "error: error with configuration: " + text + "\n  --> src/lib.rs:1:1\n",
				"spans": []any{map[string]any{"file_name": "crates/notes/src/lib.rs", "line_start": 1, "column_start": 1, "is_primary": true}},
			},
		})
	}
	if how == "panics" {
		fmt.Fprintf(os.Stderr, "%s", strings.Join(told, " ")) // no end of line
		panic(strings.Join(told, " "))
	}
}
