package workspace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Load reads the workspace that holds dir: the nearest Cargo.toml from dir
// upwards and the workspace that it belongs to. What is wrong with single
// files is in Problems; the error says why there is no workspace at all.
func Load(dir string) (*Workspace, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find a workspace: %w", err)
	}
	path := findUp(dir, "Cargo.toml")
	if path == "" {
		return nil, fmt.Errorf("no Cargo.toml in %s or above", dir)
	}
	l := &loader{manifests: map[string]*manifestResult{}, packages: map[string]*Package{}}
	own, err := l.manifest(path)
	if err != nil {
		return nil, err
	}
	root, err := l.findRoot(own)
	if err != nil {
		return nil, err
	}
	alone := root == nil
	if alone {
		root = own
	}
	w := &Workspace{Root: root.dir, ManifestPath: root.path, root: root}
	l.ws = w
	lock := readLockAsync(filepath.Join(w.Root, "Cargo.lock"))
	if alone {
		l.addMember(own.path, false)
	} else {
		l.members()
	}
	if own.Package != nil && !slices.ContainsFunc(w.Members, func(p *Package) bool { return p.ManifestPath == own.path }) {
		return nil, problemIn(own.path, fmt.Sprintf(
			"this package is below the workspace %s, but neither in its members nor in its exclude", root.path))
	}
	l.finish()
	var lockErr error
	if w.Lock, lockErr = lock(); lockErr != nil {
		l.unreadable(filepath.Join(w.Root, "Cargo.lock"), "lock file", lockErr)
	}
	w.Config = readConfig(dir, w.Root, l.problem)
	w.Sum = l.sum()
	return w, nil
}

// sum hashes what was read, with paths relative to the root.
func (l *loader) sum() [32]byte {
	h := sha256.New()
	add := func(path string, sum [32]byte) {
		if rel, err := filepath.Rel(l.ws.Root, path); err == nil {
			path = rel
		}
		fmt.Fprintf(h, "%s\x00%x\n", filepath.ToSlash(path), sum)
	}
	for _, path := range sortedKeys(l.manifests) {
		if m := l.manifests[path].m; m != nil {
			add(path, m.sum)
		}
	}
	if l.ws.Lock != nil {
		add(l.ws.Lock.Path, l.ws.Lock.Sum)
	}
	for _, file := range l.ws.Config.tables {
		add(file.path, file.sum)
	}
	return [32]byte(h.Sum(nil))
}

// findUp returns the path of the nearest file of that name from dir upwards,
// "" when there is none.
func findUp(dir, name string) string {
	for {
		path := filepath.Join(dir, name)
		if isFile(path) {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

type loader struct {
	ws        *Workspace
	mu        sync.Mutex // guards manifests while they are prefetched
	manifests map[string]*manifestResult
	packages  map[string]*Package // by manifest path; nil: unreadable
	outside   []*Package
}

type manifestResult struct {
	once sync.Once
	m    *manifest
	err  error
}

func (l *loader) problem(p *diag.Diagnostic) { l.ws.Problems = append(l.ws.Problems, p) }

// manifest reads a manifest once.
func (l *loader) manifest(path string) (*manifest, error) {
	l.mu.Lock()
	r := l.manifests[path]
	if r == nil {
		r = &manifestResult{}
		l.manifests[path] = r
	}
	l.mu.Unlock()
	r.once.Do(func() { r.m, r.err = readManifest(path, filepath.Dir(path)) })
	return r.m, r.err
}

// findRoot returns the root manifest of the workspace that m belongs to, nil
// when it belongs to none (cargo, core/workspace.rs, find_workspace_root).
func (l *loader) findRoot(m *manifest) (*manifest, error) {
	if m.Workspace != nil {
		return m, nil
	}
	if m.Package.Workspace != "" {
		return l.pointedRoot(m)
	}
	home := cargoHome()
	for last, dir := "", filepath.Dir(m.dir); ; last, dir = dir, filepath.Dir(dir) {
		if last == dir || m.dir == dir || last != "" && last == home ||
			strings.HasSuffix(filepath.ToSlash(dir), "/target/package") {
			return nil, nil
		}
		path := filepath.Join(dir, "Cargo.toml")
		if !isFile(path) {
			continue
		}
		candidate, err := l.manifest(path)
		switch {
		case err != nil:
			return nil, fmt.Errorf("look for the workspace of %s: %w", m.path, err)
		case candidate.Workspace != nil && !excluded(candidate, m.path):
			return candidate, nil
		case candidate.Workspace == nil && candidate.Package.Workspace != "":
			return l.pointedRoot(candidate)
		}
	}
}

// pointedRoot follows `package.workspace`.
func (l *loader) pointedRoot(m *manifest) (*manifest, error) {
	root, err := l.manifest(filepath.Join(join(m.dir, m.Package.Workspace), "Cargo.toml"))
	if err == nil && root.Workspace == nil {
		err = problemIn(root.path, "is no workspace")
	}
	if err != nil {
		return nil, problemIn(m.path, "package.workspace: "+err.Error())
	}
	return root, nil
}

// excluded reports whether a workspace leaves out a manifest. Entries of
// `members` and `exclude` count as plain paths here, as in cargo
// (core/workspace.rs, WorkspaceRootConfig::is_excluded).
func excluded(root *manifest, path string) bool {
	below := func(list []string) bool {
		return slices.ContainsFunc(list, func(entry string) bool {
			dir := join(root.dir, entry)
			return path == dir || strings.HasPrefix(path, dir+string(filepath.Separator))
		})
	}
	return below(root.Workspace.Exclude) && !below(root.Workspace.Members)
}

// members finds the members of a workspace with a [workspace] section.
func (l *loader) members() {
	root := l.ws.root
	listed := l.expand(root.Workspace.Members)
	l.prefetch(listed)
	for _, dir := range listed {
		l.addMember(filepath.Join(dir, "Cargo.toml"), false)
	}
	l.addMember(root.path, false)
}

// prefetch reads manifests on all processors.
func (l *loader) prefetch(dirs []string) {
	var wg sync.WaitGroup
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, dir := range dirs {
		limit <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-limit; wg.Done() }()
			l.manifest(filepath.Join(dir, "Cargo.toml"))
		}()
	}
	wg.Wait()
}

// expand returns the directories that a list of paths and patterns means. A
// pattern that matches nothing stands for itself.
func (l *loader) expand(patterns []string) []string {
	var dirs []string
	for _, pattern := range patterns {
		found := globDirs(l.ws.Root, pattern)
		if found == nil {
			found = []string{join(l.ws.Root, pattern)}
		}
		dirs = append(dirs, found...)
	}
	return dirs
}

// addMember adds a package and, below the workspace's root, the packages that
// its path dependencies lead to (cargo, core/workspace.rs, find_path_deps).
func (l *loader) addMember(path string, isDependency bool) {
	if _, seen := l.packages[path]; seen {
		return
	}
	ws := l.ws
	if isDependency && !l.belongs(path) || ws.root.Workspace != nil && excluded(ws.root, path) {
		return
	}
	m, err := l.manifest(path)
	if err != nil {
		l.packages[path] = nil
		l.unreadable(path, "member", err)
		return
	}
	if m.Package == nil {
		return
	}
	if m != ws.root && m.Workspace != nil {
		l.problem(problemIn(path, "a member of "+ws.ManifestPath+" has a [workspace] of its own"))
	}
	p := newPackage(m, inherit{ws.root.Workspace, ws.Root}, l.problem)
	p.Local, p.Member = true, true
	l.packages[path] = p
	for _, other := range ws.Members {
		if other.Name == p.Name {
			l.problem(problemIn(path, fmt.Sprintf("package %s is in the workspace twice, also as %s", p.Name, other.ManifestPath)))
		}
	}
	ws.Members = append(ws.Members, p)
	if ws.root.Workspace == nil {
		return // a package alone has no other members
	}
	for _, d := range p.Dependencies {
		if d.Path != "" {
			l.addMember(filepath.Join(d.Path, "Cargo.toml"), true)
		}
	}
}

// belongs reports whether a path dependency is a member without being listed:
// below the root, or elsewhere and pointing to this workspace.
func (l *loader) belongs(path string) bool {
	if strings.HasPrefix(path, l.ws.Root+string(filepath.Separator)) {
		return true
	}
	m, err := l.manifest(path)
	if err != nil {
		return false // addOutside says so
	}
	root, err := l.findRoot(m)
	return err == nil && root != nil && root.path == l.ws.ManifestPath
}

func (l *loader) unreadable(path, what string, err error) {
	var problem *diag.Diagnostic
	switch {
	case errors.As(err, &problem):
		l.problem(problem)
	case errors.Is(err, fs.ErrNotExist):
		l.problem(problemIn(path, what+" is absent"))
	default:
		l.problem(problemIn(path, fmt.Sprintf("%s cannot be read: %v", what, err)))
	}
}

// finish completes the workspace once its members are known.
func (l *loader) finish() {
	ws := l.ws
	slices.SortFunc(ws.Members, func(a, b *Package) int { return strings.Compare(a.Dir, b.Dir) })
	ws.RootPackage = l.packages[ws.ManifestPath]
	for i := 0; i < len(ws.Members); i++ {
		l.addOutside(ws.Members[i])
	}
	l.patches()
	slices.SortFunc(l.outside, func(a, b *Package) int { return strings.Compare(a.Dir, b.Dir) })
	ws.Outside = l.outside
	ws.Resolver = l.resolver()
	ws.DefaultMembers = l.defaultMembers()
	for _, p := range slices.Concat(ws.Members, ws.Outside) {
		p.SqlxTOML = readSqlxTOML(p.Dir, l.problem)
	}
}

// addOutside loads the path dependencies of p that are no members.
func (l *loader) addOutside(p *Package) {
	for _, d := range p.Dependencies {
		if d.Path != "" && (p.Member || d.Kind != Dev) {
			l.load(filepath.Join(d.Path, "Cargo.toml"), "dependency "+d.Name)
		}
	}
}

// patches loads the packages of [patch] with a path.
func (l *loader) patches() {
	root := l.ws.root
	for _, source := range sortedKeys(root.Patch) {
		for _, name := range sortedKeys(root.Patch[source]) {
			if path := root.Patch[source][name].Path; path != "" {
				l.load(filepath.Join(join(root.dir, path), "Cargo.toml"), "patch "+name)
			}
		}
	}
	if len(root.Replace) > 0 {
		l.problem(problemIn(root.path, "[replace] is not understood"))
	}
}

// load reads a package outside the workspace, with what it inherits from a
// workspace of its own.
func (l *loader) load(path, what string) {
	if _, seen := l.packages[path]; seen {
		return
	}
	l.packages[path] = nil
	m, err := l.manifest(path)
	if err != nil {
		l.unreadable(path, what, err)
		return
	}
	if m.Package == nil {
		l.problem(problemIn(path, what+": has no [package]"))
		return
	}
	var ws inherit
	root, err := l.findRoot(m)
	if err != nil {
		l.unreadable(path, what, err)
	}
	if root != nil {
		ws = inherit{root.Workspace, root.dir}
	}
	p := newPackage(m, ws, l.problem)
	p.Local = true
	l.packages[path] = p
	l.outside = append(l.outside, p)
	l.addOutside(p)
}

func (l *loader) resolver() int {
	root := l.ws.root
	text := ""
	if root.Package != nil {
		text = root.Package.Resolver
	}
	if root.Workspace != nil && root.Workspace.Resolver != "" {
		text = root.Workspace.Resolver
	}
	if text != "" {
		n, err := strconv.Atoi(text)
		if err == nil && n >= 1 && n <= 3 {
			return n
		}
		l.problem(problemIn(root.path, fmt.Sprintf("resolver %q is not known", text)))
	}
	if p := l.ws.RootPackage; p != nil {
		switch p.Edition {
		case "2015", "2018":
		case "2021":
			return 2
		default:
			return 3
		}
	}
	return 1
}

func (l *loader) defaultMembers() []*Package {
	ws := l.ws
	if ws.root.Workspace == nil || ws.root.Workspace.DefaultMembers == nil {
		if ws.RootPackage != nil {
			return []*Package{ws.RootPackage}
		}
		return ws.Members
	}
	var members []*Package
	for _, dir := range l.expand(ws.root.Workspace.DefaultMembers) {
		path := filepath.Join(dir, "Cargo.toml")
		p := l.packages[path]
		switch {
		case p != nil && p.Member:
			if !slices.Contains(members, p) {
				members = append(members, p)
			}
		case path == ws.ManifestPath || excluded(ws.root, path):
		default:
			l.problem(problemIn(ws.ManifestPath, "default-members: "+dir+" is no member"))
		}
	}
	return members
}

// cargoHome returns the directory of cargo's registry and global
// configuration; "" when there is none.
func cargoHome() string {
	if home := os.Getenv("CARGO_HOME"); home != "" {
		if abs, err := filepath.Abs(home); err == nil {
			return abs
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".cargo")
}
