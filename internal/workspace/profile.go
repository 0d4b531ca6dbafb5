package workspace

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

// with returns the configuration with `--config` arguments before the rest:
// `key = value`, or the path of a file.
func (c *Config) with(args []string, dir string) (*Config, error) {
	if len(args) == 0 {
		return c, nil
	}
	merged := *c
	for _, arg := range args {
		text, name := arg, "--config"
		if !strings.Contains(arg, "=") {
			name = join(dir, arg)
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("--config: %w", err)
			}
			text = string(data)
		}
		file, err := parseConfig(name, text, dir)
		if err != nil {
			return nil, err
		}
		merged.tables = append([]*configFile{file}, merged.tables...)
		if targets := texts(file.Build.Target); targets != nil {
			merged.Target = targets
		}
	}
	return &merged, nil
}

// withRustFlags applies the flags that decide cfgs. What `--cfg` sets is
// known; which features of the processor a `-C target-…` stands for is not.
func withRustFlags(p cfg.Platform, flags []string) (cfg.Platform, error) {
	for i := 0; i < len(flags); i++ {
		flag := flags[i]
		if (flag == "--cfg" || flag == "-C" || flag == "-Z" || flag == "--codegen") && i+1 < len(flags) {
			i++
			flag += " " + flags[i]
		}
		switch {
		case strings.HasPrefix(flag, "--cfg"):
			text := strings.Trim(strings.TrimLeft(strings.TrimPrefix(flag, "--cfg"), "= "), "'")
			option, err := cfg.ParseOption(text)
			if err != nil {
				return p, fmt.Errorf("rustflags %s: %w", flag, err)
			}
			p.Cfg = p.Cfg.With(option)
		case strings.Contains(flag, "target-feature"), strings.Contains(flag, "target-cpu"):
			p.Cfg = p.Cfg.Without("target_feature").WithUnknown("target_feature")
		case strings.Contains(flag, "debug-assertions"):
			p.Cfg = p.Cfg.WithUnknown("debug_assertions").Without("debug_assertions")
		case strings.Contains(flag, "panic"):
			p.Cfg = p.Cfg.Without("panic").WithUnknown("panic")
		}
	}
	return p, nil
}

// configure gives each compilation its cfg.
func (p *Plan) configure(args Args, config *Config) error {
	profile := args.Profile
	if profile == "" {
		profile = "dev"
	}
	profiles := profiles{p.Workspace.root.Profile, config.tables}
	if !profiles.defined(profile) {
		return fmt.Errorf("profile %s is not defined", profile)
	}
	unknown := map[*Package]func(cfg.Set) cfg.Set{}
	for _, list := range [][]*Compilation{p.Compilations, p.Others} {
		for _, c := range list {
			set := p.platform.Cfg
			if set.Value(cfg.Name("debug_assertions")) != cfg.Unknown {
				set = set.Without("debug_assertions")
				if profiles.debugAssertions(profile, c) {
					set = set.With(cfg.Name("debug_assertions"))
				}
			}
			if profiles.setsPanic(profile, 0) {
				set = set.Without("panic").WithUnknown("panic")
			}
			var options []cfg.Option
			for _, f := range c.Features {
				options = append(options, cfg.KeyValue("feature", f))
			}
			if c.Test {
				options = append(options, cfg.Name("test"))
			}
			if c.Target.ProcMacro {
				options = append(options, cfg.Name("proc_macro"))
			}
			set = set.With(options...)
			if c.Target.Kind != BuildScript {
				if unknown[c.Package] == nil {
					unknown[c.Package] = buildScriptCfg(c.Package)
				}
				set = unknown[c.Package](set)
			}
			c.Cfg = set
		}
	}
	return nil
}

var rustcCfg = regexp.MustCompile(`rustc-cfg(?:=([A-Za-z_][A-Za-z0-9_]*)([^A-Za-z0-9_]|$))?`)

// buildScriptCfg returns how a package's build script may change a set. The
// names that it prints are read from its text; where they are computed there,
// or may come from elsewhere, any name may be set.
func buildScriptCfg(p *Package) func(cfg.Set) cfg.Set {
	script := p.BuildScript()
	if script == nil {
		return func(s cfg.Set) cfg.Set { return s }
	}
	data, err := os.ReadFile(script.Path)
	text := string(data)
	open := err != nil || strings.Contains(text, "include!") || modItem.MatchString(text)
	for _, d := range p.Dependencies {
		open = open || d.Kind == Build
	}
	var names []string
	for _, m := range rustcCfg.FindAllStringSubmatch(text, -1) {
		if m[1] == "" || m[2] == "{" {
			open = true
			names = append(names, "feature")
			continue
		}
		names = append(names, m[1])
	}
	return func(s cfg.Set) cfg.Set {
		if open {
			s = s.Opened()
		}
		return s.WithUnknown(names...)
	}
}

var modItem = regexp.MustCompile(`(?m)^\s*(?:pub\s+)?mod\s+\w+\s*;`)

// profiles are the profiles of the root manifest and of the configuration,
// which comes first.
type profiles struct {
	manifest map[string]profileTable
	configs  []*configFile
}

// tables returns the tables of a profile, the strongest first.
func (ps profiles) tables(name string) []profileTable {
	var tables []profileTable
	for _, file := range ps.configs {
		if t, ok := file.Profile[name]; ok {
			tables = append(tables, t)
		}
	}
	if t, ok := ps.manifest[name]; ok {
		tables = append(tables, t)
	}
	return tables
}

// ProfileNames returns the profiles that the workspace's manifest and the
// configuration speak of, sorted.
func (w *Workspace) ProfileNames() []string {
	names := map[string]bool{}
	for name := range w.root.Profile {
		names[name] = true
	}
	for _, file := range w.Config.tables {
		for name := range file.Profile {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (ps profiles) defined(name string) bool {
	switch name {
	case "dev", "release", "test", "bench":
		return true
	}
	return len(ps.tables(name)) > 0
}

// inherits returns the profile that another starts from; "" for the two that
// start from nothing.
func (ps profiles) inherits(name string) string {
	switch name {
	case "dev", "release":
		return ""
	case "test":
		return "dev"
	case "bench":
		return "release"
	}
	for _, t := range ps.tables(name) {
		if t.Inherits != "" {
			return t.Inherits
		}
	}
	return ""
}

// debugAssertions returns the profile's setting for a compilation. Overrides
// for the package win over the one for build scripts and procedural macros,
// that over the profile's own.
func (ps profiles) debugAssertions(profile string, c *Compilation) bool {
	overrides := []func(profileTable) *bool{
		func(t profileTable) *bool { return t.Package[c.Package.Name].DebugAssertions },
		func(t profileTable) *bool {
			if c.Package.Member {
				return nil
			}
			return t.Package["*"].DebugAssertions
		},
		func(t profileTable) *bool {
			if (c.Host || c.Target.Kind == BuildScript || c.Target.ProcMacro) && t.BuildOverride != nil {
				return t.BuildOverride.DebugAssertions
			}
			return nil
		},
		func(t profileTable) *bool { return t.DebugAssertions },
	}
	for i, get := range overrides {
		for name, depth := profile, 0; name != "" && depth < 10; name, depth = ps.inherits(name), depth+1 {
			env := os.Getenv("CARGO_PROFILE_" + strings.ToUpper(crateName(name)) + "_DEBUG_ASSERTIONS")
			if i == len(overrides)-1 && env != "" {
				return env == "true"
			}
			for _, t := range ps.tables(name) {
				if v := get(t); v != nil {
					return *v
				}
			}
			if i == len(overrides)-1 && (name == "dev" || name == "release") {
				return name == "dev"
			}
		}
	}
	return true
}

// setsPanic reports whether the profile chooses a panic strategy.
func (ps profiles) setsPanic(name string, depth int) bool {
	if name == "" || depth > 10 {
		return false
	}
	for _, t := range ps.tables(name) {
		if t.Panic != "" {
			return true
		}
	}
	return ps.setsPanic(ps.inherits(name), depth+1)
}
