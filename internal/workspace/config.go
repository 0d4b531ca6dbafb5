package workspace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// Config is the part of cargo's configuration that matters here:
// `.cargo/config.toml` of the directory and of each one above it, cargo's
// home, and the environment, the nearer before the farther.
type Config struct {
	Home      string            // absolute: cargo's home, CARGO_HOME or `.cargo` in the user's; "" where there is none
	Files     []string          // where one was looked for, there or not, the nearest first
	TargetDir string            // absolute: CARGO_TARGET_DIR, build.target-dir, or `target` below the workspace's root
	BuildDir  string            // absolute: build.build-dir; TargetDir when not given
	Target    []string          // build.target, CARGO_BUILD_TARGET; empty: the host
	Env       map[string]EnvVar // [env]

	dir    string        // that it is seen from
	tables []*configFile // the nearest first
}

// EnvVar is an entry of [env].
type EnvVar struct {
	Value string // absolute where `relative = true`
	Force bool   // wins over the process's environment
}

type configFile struct {
	path  string
	sum   [32]byte       // SHA-256 of the file
	base  string         // relative paths in it start here
	all   map[string]any // the whole of it
	Build struct {
		TargetDir string `toml:"target-dir"`
		BuildDir  string `toml:"build-dir"`
		Target    any
		Rustflags any
	}
	Target  map[string]map[string]any
	Env     map[string]any
	Profile map[string]profileTable
	Source  map[string]struct {
		Directory string
	}
	Paths   []string
	Patch   map[string]any
	Include any
}

// readConfig reads the configuration that cargo uses in dir.
func readConfig(dir, root string, problem func(*diag.Diagnostic)) Config {
	var c Config
	home := cargoHome()
	c.dir, c.Home = dir, home
	seen := map[string]bool{}
	read := func(folder string) {
		for _, name := range []string{"config", "config.toml"} {
			path := filepath.Join(folder, name)
			if folder == "" || seen[path] {
				continue
			}
			seen[path] = true
			c.Files = append(c.Files, path)
			if !isFile(path) {
				continue
			}
			if file := readConfigFile(path, filepath.Dir(folder), problem); file != nil {
				c.tables = append(c.tables, file)
			}
			return // `config` hides `config.toml`
		}
	}
	for d := dir; ; d = filepath.Dir(d) {
		read(filepath.Join(d, ".cargo"))
		if d == filepath.Dir(d) {
			break
		}
	}
	read(home)
	c.derive(dir, root, problem)
	return c
}

func readConfigFile(path, base string, problem func(*diag.Diagnostic)) *configFile {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		var file *configFile
		if file, err = parseConfig(path, string(data), base); err == nil {
			if file.Include != nil {
				problem(problemIn(path, "include is not followed"))
			}
			if file.Paths != nil || file.Patch != nil {
				problem(problemIn(path, "paths and [patch] are not understood here"))
			}
			return file
		}
	}
	if p := (*diag.Diagnostic)(nil); errors.As(err, &p) {
		problem(p)
	} else {
		problem(problemIn(path, err.Error()))
	}
	return nil
}

func parseConfig(path, text, base string) (*configFile, error) {
	file := &configFile{path: path, sum: sha256.Sum256([]byte(text)), base: base}
	text = strings.TrimPrefix(text, diag.ByteOrderMark)
	if _, err := toml.Decode(text, file); err != nil {
		return nil, tomltext.Problem(diag.Manifest, path, text, err)
	}
	if _, err := toml.Decode(text, &file.all); err != nil {
		return nil, tomltext.Problem(diag.Manifest, path, text, err)
	}
	return file, nil
}

func (c *Config) derive(dir, root string, problem func(*diag.Diagnostic)) {
	c.TargetDir = filepath.Join(root, "target")
	targetDir, buildDir := firstEnv("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"), os.Getenv("CARGO_BUILD_BUILD_DIR")
	if targetDir != "" {
		c.TargetDir = join(dir, targetDir)
	}
	if buildDir != "" {
		c.BuildDir = join(dir, buildDir)
	}
	c.Env = map[string]EnvVar{}
	for _, file := range c.tables {
		if targetDir == "" && file.Build.TargetDir != "" {
			targetDir = file.Build.TargetDir
			c.TargetDir = join(file.base, targetDir)
		}
		if buildDir == "" && file.Build.BuildDir != "" {
			buildDir = file.Build.BuildDir
			c.BuildDir = join(file.base, strings.ReplaceAll(strings.ReplaceAll(buildDir,
				"{workspace-root}", root), "{cargo-cache-home}", cargoHome()))
		}
		if c.Target == nil {
			c.Target = texts(file.Build.Target)
		}
		for name, value := range file.Env {
			if _, nearer := c.Env[name]; !nearer {
				if v, ok := envVar(value, file.base); ok {
					c.Env[name] = v
				} else {
					problem(problemIn(file.base, fmt.Sprintf("[env] %s: not understood", name)))
				}
			}
		}
	}
	if c.BuildDir == "" {
		c.BuildDir = c.TargetDir
	}
	if target := os.Getenv("CARGO_BUILD_TARGET"); target != "" {
		c.Target = []string{target}
	}
}

func envVar(value any, base string) (EnvVar, bool) {
	switch value := value.(type) {
	case string:
		return EnvVar{Value: value}, true
	case map[string]any:
		text, ok := value["value"].(string)
		force, _ := value["force"].(bool)
		if relative, _ := value["relative"].(bool); relative {
			text = join(base, text)
		}
		return EnvVar{Value: text, Force: force}, ok
	}
	return EnvVar{}, false
}

// RustFlags returns the flags that cargo gives to rustc for the platform: of
// the environment, else of [target], else of [build] (cargo,
// core/compiler/build_context/target_info.rs, extra_args).
func (c *Config) RustFlags(p cfg.Platform) []string {
	if flags, ok := os.LookupEnv("CARGO_ENCODED_RUSTFLAGS"); ok {
		if flags == "" {
			return nil
		}
		return strings.Split(flags, "\x1f")
	}
	if flags, ok := os.LookupEnv("RUSTFLAGS"); ok {
		return strings.Fields(flags)
	}
	var ofTarget []string
	for _, file := range c.tables {
		for _, target := range sortedKeys(file.Target) {
			if v, err := p.Matches(target); err == nil && v != cfg.False {
				ofTarget = append(ofTarget, texts(file.Target[target]["rustflags"])...)
			}
		}
	}
	envKey := "CARGO_TARGET_" + strings.ToUpper(strings.ReplaceAll(p.Triple, "-", "_")) + "_RUSTFLAGS"
	ofTarget = append(ofTarget, strings.Fields(os.Getenv(envKey))...)
	if len(ofTarget) > 0 {
		return ofTarget
	}
	flags := strings.Fields(os.Getenv("CARGO_BUILD_RUSTFLAGS"))
	for _, file := range c.tables {
		flags = append(flags, texts(file.Build.Rustflags)...)
	}
	return flags
}

// vendored returns the directories of [source] tables that hold sources.
func (c *Config) vendored() []string {
	var dirs []string
	for _, file := range c.tables {
		for _, name := range sortedKeys(file.Source) {
			if dir := file.Source[name].Directory; dir != "" {
				dirs = append(dirs, join(file.base, dir))
			}
		}
	}
	return dirs
}

// texts returns the words of a value that is a text or a list of texts.
func texts(value any) []string {
	if text, ok := value.(string); ok {
		return strings.Fields(text)
	}
	list, _ := stringList(value)
	return list
}

func firstEnv(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}
