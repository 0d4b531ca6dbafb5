// Package workspace reads a Rust workspace as cargo sees it, without cargo:
// manifests, lock file, configuration, features, and from cargo's arguments
// the compilations that `cargo check` would run.
//
// Nothing here starts a program or reaches the network. What cannot be
// understood is an error or a [diag.Diagnostic] that names it, so that the caller can
// let cargo decide.
package workspace

import (
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

// Workspace is one cargo workspace: a root manifest and its members. A package
// without a workspace is the only member of its own.
type Workspace struct {
	Root           string             // absolute directory of the root manifest
	ManifestPath   string             // absolute path of the root manifest
	RootPackage    *Package           // the root manifest's package; nil in a virtual workspace
	Members        []*Package         // ordered by directory
	DefaultMembers []*Package         // those that a command without -p means at the root
	Outside        []*Package         // packages that path dependencies and patches lead to, no members
	Lock           *Lock              // nil when Cargo.lock is missing or cannot be read
	Resolver       int                // 1, 2 or 3
	Config         Config             // cargo's configuration as seen from the directory that was loaded
	Problems       []*diag.Diagnostic // what is wrong with manifests and lock file; the rest is read all the same
	Sum            [32]byte           // SHA-256 over manifests, lock file and cargo's configuration: for a cache's key

	// Manifests gives the manifest, as it was published, of a package whose
	// sources are not unpacked on this machine, and whether it is known, now or
	// later. It is to be set before the first plan is made; nil knows none.
	Manifests func(*LockedPackage) (text string, known bool)

	root      *manifest
	graphOnce sync.Once
	graph     *graph
}

// Package is a package with its manifest, workspace inheritance applied.
type Package struct {
	Name         string
	Version      string // "0.0.0" when the manifest has none
	Dir          string // absolute
	ManifestPath string // absolute
	Edition      string // "2015", "2018", "2021" or "2024"
	Links        string
	Targets      []*Target // library, binaries, examples, tests, benches, build script; each kind ordered by name
	Dependencies []*Dependency
	Features     map[string][]string // with the implicit ones of optional dependencies
	Member       bool                // of the workspace
	Local        bool                // a path package: member or path dependency, not from a registry or git
	SqlxTOML     *SqlxConfig         // its sqlx.toml; nil when there is none
}

// Lib returns the library target, nil when there is none.
func (p *Package) Lib() *Target { return p.target(Lib) }

// BuildScript returns the build script, nil when there is none.
func (p *Package) BuildScript() *Target { return p.target(BuildScript) }

func (p *Package) target(kind Kind) *Target {
	for _, t := range p.Targets {
		if t.Kind == kind {
			return t
		}
	}
	return nil
}

// Kind is the kind of a target.
type Kind uint8

// The kinds, in the order of Package.Targets.
const (
	Lib Kind = iota
	Bin
	Example
	Test
	Bench
	BuildScript
)

// String returns the kind as cargo writes it.
func (k Kind) String() string {
	return [...]string{"lib", "bin", "example", "test", "bench", "custom-build"}[k]
}

// Target is one crate root of a package.
type Target struct {
	Kind             Kind
	Name             string // as in the manifest
	CrateName        string // as in code: with `_` for `-`
	Path             string // absolute path of the root source file
	Edition          string
	ProcMacro        bool // a procedural-macro library
	Linkable         bool // a library that other crates can use
	Test             bool // `test`: built with cfg(test) by --tests and --all-targets
	Bench            bool // `bench`: built with cfg(test) by --benches and --all-targets
	Harness          bool // `harness`: with #[test] functions and libtest's main
	RequiredFeatures []string
}

// DependencyKind is where a dependency is declared.
type DependencyKind uint8

// The kinds of dependencies.
const (
	Normal DependencyKind = iota
	Dev
	Build
)

// Dependency is a declared dependency.
type Dependency struct {
	Name            string // in the manifest, before any `-` becomes `_`
	Package         string // the package's own name; differs from Name when renamed
	Kind            DependencyKind
	Target          string // "cfg(…)" or a target triple; "" for all
	Req             string // version requirement; "" for any
	Path            string // absolute directory of a path dependency
	Git             string // URL of a git dependency
	Optional        bool
	DefaultFeatures bool
	Features        []string
}

// Renamed reports whether the manifest gives the dependency a name of its own.
func (d *Dependency) Renamed() bool { return d.Name != d.Package }

// Plan is what `cargo check` with some arguments compiles.
type Plan struct {
	Workspace    *Workspace
	Selected     []*Package         // the packages that the arguments select
	Compilations []*Compilation     // of the selected packages, also those that are built as dependencies
	Others       []*Compilation     // of local packages outside the selection that are compiled too
	Problems     []*diag.Diagnostic // what keeps parts of the plan from being certain

	platform cfg.Platform
	requests []request
	devUnits bool
	mu       sync.Mutex
	resolved []*resolution // made so far, each for the packages above some others
}

// Compilation is one invocation of rustc. A library counts twice when it is
// built both with and without cfg(test), and again for the host when its
// features differ there.
type Compilation struct {
	Package  *Package
	Target   *Target
	Test     bool     // cfg(test); #[test] functions are kept where Target.Harness is set too
	Host     bool     // for the host: a build script, procedural macro, or a dependency of one
	Features []string // enabled, ordered
	Cfg      cfg.Set  // complete: platform, features, test, debug_assertions, unknowns
	Externs  map[string]*Extern
}

// Extern is a crate that a compilation sees by name (`--extern name=…`).
type Extern struct {
	Name       string // in code
	Crate      string // the package's name
	Version    string
	Source     string         // as in Cargo.lock; "" for a path package
	Dir        string         // the package's sources; "" when they are not on this machine
	ProcMacro  bool           // a procedural-macro crate
	Dependency *Dependency    // the declaration; nil for a target's own library
	Package    *Package       // of a path package; others: see Plan.Package
	Locked     *LockedPackage // in Cargo.lock; nil when it is not there

	key key
}
