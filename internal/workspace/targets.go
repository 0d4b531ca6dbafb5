package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// targets finds a package's targets as cargo does (cargo, util/toml/targets.rs):
// those of the manifest, and those that lie where cargo looks for them.
func (b *packageBuilder) targets(p *Package) []*Target {
	pkg := b.m.Package
	var targets []*Target
	lib := b.lib(p)
	if lib != nil {
		targets = append(targets, lib)
	}
	targets = append(targets, b.list(p, Bin, b.m.Bin, pkg.Autobins, b.inferBins(p))...)
	targets = append(targets, b.list(p, Example, b.m.Example, pkg.Autoexamples, inferIn(p.Dir, "examples"))...)
	targets = append(targets, b.list(p, Test, b.m.Test, pkg.Autotests, inferIn(p.Dir, "tests"))...)
	targets = append(targets, b.list(p, Bench, b.m.Bench, pkg.Autobenches, inferIn(p.Dir, "benches"))...)
	if script := b.buildScript(p); script != nil {
		targets = append(targets, script)
	}
	if len(targets) == 0 || len(targets) == 1 && targets[0].Kind == BuildScript {
		b.problem("no targets: neither src/lib.rs, src/main.rs, [lib] nor [[bin]]")
	}
	return targets
}

func (b *packageBuilder) lib(p *Package) *Target {
	inferred := filepath.Join(p.Dir, "src", "lib.rs")
	t := b.m.Lib
	if t == nil {
		if auto := b.m.Package.Autolib; auto != nil && !*auto || !isFile(inferred) {
			return nil
		}
		t = &targetTable{}
	}
	name := t.Name
	if name == "" {
		name = crateName(p.Name)
	}
	target := newTarget(p, Lib, name, t)
	switch legacy := filepath.Join(p.Dir, "src", name+".rs"); {
	case t.Path != "":
		target.Path = join(p.Dir, t.Path)
	case p.Edition == "2015" && !isFile(inferred) && isFile(legacy):
		target.Path = legacy
	default:
		target.Path = inferred
	}
	if !isFile(target.Path) {
		b.problem("library %s: no file %s", name, target.Path)
	}
	target.ProcMacro, target.Linkable = t.kind()
	return target
}

// kind tells of a library whether it is a procedural macro's, and whether other
// crates can use it.
func (t *targetTable) kind() (procMacro, linkable bool) {
	types := slices.Concat(t.CrateType, t.CrateType2)
	procMacro = slices.Contains(types, "proc-macro")
	for _, flag := range []*bool{t.ProcMacro, t.ProcMacro2} {
		procMacro = procMacro || flag != nil && *flag
	}
	linkable = len(types) == 0 || procMacro
	for _, kind := range types {
		linkable = linkable || kind == "lib" || kind == "rlib" || kind == "dylib"
	}
	return procMacro, linkable
}

// inferred is a target that lies where cargo looks.
type inferred struct{ name, path string }

func (b *packageBuilder) inferBins(p *Package) []inferred {
	var found []inferred
	if path := filepath.Join(p.Dir, "src", "main.rs"); isFile(path) {
		found = append(found, inferred{p.Name, path})
	}
	return append(found, inferIn(p.Dir, filepath.Join("src", "bin"))...)
}

// inferIn finds `dir/name.rs` and `dir/name/main.rs`.
func inferIn(root, sub string) []inferred {
	dir := filepath.Join(root, sub)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []inferred
	for _, e := range entries {
		name := e.Name()
		path := filepath.Join(dir, name)
		if strings.HasPrefix(name, ".") {
			continue
		}
		switch main := filepath.Join(path, "main.rs"); {
		case e.IsDir() && isFile(main):
			found = append(found, inferred{name, main})
		case !e.IsDir() && filepath.Ext(name) == ".rs":
			found = append(found, inferred{strings.TrimSuffix(name, ".rs"), path})
		}
	}
	return found
}

// list joins the targets of the manifest with the inferred ones, ordered by
// name. In edition 2015 an explicit target turns discovery off.
func (b *packageBuilder) list(p *Package, kind Kind, explicit []targetTable, auto *bool, found []inferred) []*Target {
	var targets []*Target
	names, paths := map[string]bool{}, map[string]bool{}
	for i := range explicit {
		t := &explicit[i]
		if t.Name == "" {
			b.problem("[[%s]] without a name", kind)
			continue
		}
		target := newTarget(p, kind, t.Name, t)
		target.Path = b.explicitPath(p, target, t.Path, found)
		if target.Path == "" {
			b.problem("%s %s: no file for it; give its path", kind, t.Name)
			continue
		}
		if names[t.Name] {
			b.problem("two [[%s]] named %s", kind, t.Name)
			continue
		}
		if !isFile(target.Path) {
			b.problem("%s %s: no file %s", kind, t.Name, target.Path)
		}
		names[t.Name], paths[target.Path] = true, true
		targets = append(targets, target)
	}
	if auto == nil {
		discover := p.Edition != "2015" || explicit == nil
		auto = &discover
	}
	for _, f := range found {
		if *auto && !names[f.name] && !paths[f.path] {
			target := newTarget(p, kind, f.name, &targetTable{})
			target.Path = f.path
			targets = append(targets, target)
		}
	}
	slices.SortStableFunc(targets, func(a, b *Target) int { return strings.Compare(a.Name, b.Name) })
	return targets
}

// explicitPath returns the path of a target of the manifest; "" when there is
// none.
func (b *packageBuilder) explicitPath(p *Package, target *Target, path string, found []inferred) string {
	if path != "" {
		return join(p.Dir, path)
	}
	var matching []string
	for _, f := range found {
		if f.name == target.Name {
			matching = append(matching, f.path)
		}
	}
	if len(matching) == 1 {
		return matching[0]
	}
	if p.Edition != "2015" {
		return ""
	}
	var legacy []string
	switch target.Kind {
	case Bin:
		if p.Lib() == nil && b.m.Lib == nil && !isFile(filepath.Join(p.Dir, "src", "lib.rs")) {
			legacy = append(legacy, filepath.Join("src", target.Name+".rs"))
		}
		legacy = append(legacy, filepath.Join("src", "main.rs"), filepath.Join("src", "bin", "main.rs"))
	case Bench:
		if target.Name == "bench" {
			legacy = append(legacy, filepath.Join("src", "bench.rs"))
		}
	}
	for _, rel := range legacy {
		if path := filepath.Join(p.Dir, rel); isFile(path) {
			return path
		}
	}
	return ""
}

func (b *packageBuilder) buildScript(p *Package) *Target {
	path := "build.rs"
	switch build := b.m.Package.Build.(type) {
	case nil:
		if !isFile(filepath.Join(p.Dir, path)) {
			return nil
		}
	case bool:
		if !build {
			return nil
		}
	case string:
		path = build
	default:
		b.problem("package.build: not understood: %v", build)
		return nil
	}
	name := "build-script-" + strings.TrimSuffix(filepath.Base(filepath.FromSlash(path)), filepath.Ext(path))
	target := newTarget(p, BuildScript, name, &targetTable{})
	target.Path = join(p.Dir, path)
	if !isFile(target.Path) {
		b.problem("build script: no file %s", target.Path)
	}
	return target
}

// newTarget returns a target with cargo's defaults (cargo, core/manifest.rs,
// Target::new and its kind's constructor) and the manifest's values.
func newTarget(p *Package, kind Kind, name string, t *targetTable) *Target {
	target := &Target{
		Kind:             kind,
		Name:             name,
		CrateName:        crateName(name),
		Edition:          p.Edition,
		Test:             kind == Lib || kind == Bin || kind == Test,
		Bench:            kind == Lib || kind == Bin || kind == Bench,
		Harness:          true,
		RequiredFeatures: t.RequiredFeatures,
	}
	if kind == Lib {
		target.RequiredFeatures = nil // cargo ignores them
	}
	if t.Edition != "" {
		target.Edition = t.Edition
	}
	for _, o := range []struct{ to, from *bool }{{&target.Test, t.Test}, {&target.Bench, t.Bench}, {&target.Harness, t.Harness}} {
		if o.from != nil {
			*o.to = *o.from
		}
	}
	return target
}

func crateName(name string) string { return strings.ReplaceAll(name, "-", "_") }

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
