package workspace

// Args are the arguments of `cargo check` that have a say in what is compiled.
type Args struct {
	Workspace bool     // --workspace, --all
	Packages  []string // -p, --package: package specs and glob patterns
	Exclude   []string // --exclude

	Lib        bool
	Bins       bool
	Examples   bool
	Tests      bool
	Benches    bool
	AllTargets bool
	Bin        []string // names and glob patterns
	Example    []string
	Test       []string
	Bench      []string

	Features          []string
	AllFeatures       bool
	NoDefaultFeatures bool

	Profile      string // --profile; "release" for --release; "" is dev
	Target       []string
	TargetDir    string   // --target-dir
	ManifestPath string   // --manifest-path
	Config       []string // --config
}
