package workspace

// Config is the part of cargo's configuration that matters here:
// `.cargo/config.toml` of the directory and each one above it, cargo's home,
// and the environment, the nearer before the farther.
type Config struct {
	Files     []string          // those that were read, the nearest first
	TargetDir string            // absolute: CARGO_TARGET_DIR, build.target-dir, or `target` below the workspace's root
	BuildDir  string            // absolute: build.build-dir; TargetDir when not given
	Target    string            // build.target, CARGO_BUILD_TARGET: "" is the host
	RustFlags []string          // from RUSTFLAGS, target.….rustflags, or build.rustflags
	Env       map[string]EnvVar // [env]

	tables []configFile
}

// EnvVar is an entry of [env].
type EnvVar struct {
	Value string // absolute where `relative = true`
	Force bool   // wins over the process's environment
}
