package sites

import (
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// foreign is what is known of crates from outside the project: whether their
// macros may come to a query in the code that calls them, though the crate
// itself has nothing to do with sqlx. It serves all rounds of a scan.
type foreign struct {
	named   map[string][]*workspace.Extern // the crates that the project sees, by their names
	exports map[string]exports             // by the crate's folder
	leading map[string]bool                // by the crate's folder: to be looked into
	absent  []*workspace.Extern            // handed on, and not on this machine
	folders map[string]bool                // of the crates that are looked into
}

func newForeign() *foreign {
	return &foreign{
		named: make(map[string][]*workspace.Extern), exports: make(map[string]exports),
		leading: make(map[string]bool), folders: make(map[string]bool),
	}
}

// holds tells of a file whether it is one of a crate from outside the project.
func (f *foreign) holds(file string) bool {
	for dir := range f.folders {
		if strings.HasPrefix(file, dir+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// exports is what a published crate has for others, as far as it matters.
type exports struct {
	leading bool     // a macro of its own may come to a query
	crates  []string // names of crates that it hands on, whole or in part, or whose macros its own call; ordered
}

// lookInto decides which crates from outside the project are looked into.
func (s *scanner) lookInto() {
	externs := s.externs()
	var unread []*workspace.Extern
	seen := make(map[string]bool)
	for _, ext := range externs {
		s.foreign.named[ext.Name] = append(s.foreign.named[ext.Name], ext)
		if s.unknown(ext) && !seen[ext.Dir] {
			seen[ext.Dir] = true
			unread = append(unread, ext)
		}
	}
	found := make([]exports, len(unread))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, ext := range unread {
		group.Go(func() error {
			found[i] = s.loadExports(ext)
			return nil
		})
	}
	_ = group.Wait() // none fails
	for i, ext := range unread {
		s.foreign.exports[ext.Dir] = found[i]
	}
	for _, ext := range externs {
		s.leads(ext)
	}
}

// unknown tells of a crate whether only its sources tell what its macros come
// to.
func (s *scanner) unknown(ext *workspace.Extern) bool {
	return !isSqlx(ext) && ext.Package == nil && !ext.ProcMacro && ext.Dir != "" && !harmless(ext)
}

// externs returns all crates that the project's own sources see.
func (s *scanner) externs() []*workspace.Extern {
	var list []*workspace.Extern
	for _, comps := range [][]*workspace.Compilation{s.plan.Compilations, s.plan.Others} {
		for _, comp := range comps {
			list = slices.AppendSeq(list, maps.Values(comp.Externs))
		}
	}
	return list
}

// leads reports whether a crate has macros that may come to a query, or hands
// on those of another such crate.
func (s *scanner) leads(ext *workspace.Extern) bool {
	if !s.unknown(ext) {
		return isSqlx(ext) || ext.Package != nil
	}
	if known, ok := s.foreign.leading[ext.Dir]; ok {
		return known
	}
	s.foreign.leading[ext.Dir] = false // while it is looked at
	leads := s.exportsOf(ext).leading
	for _, other := range s.handedOn(ext) {
		switch {
		case other.Dir == "" && other.Package == nil && !isSqlx(other):
			s.foreign.absent = append(s.foreign.absent, other)
		case s.leads(other):
			leads = true // and on, for the others are to be known too
		}
	}
	s.foreign.leading[ext.Dir] = leads
	return leads
}

// handedOn returns the crates that a crate from outside the project hands on,
// or whose macros its own call: a macro may name a crate of its caller.
func (s *scanner) handedOn(ext *workspace.Extern) []*workspace.Extern {
	names := s.exportsOf(ext).crates
	if len(names) == 0 {
		return nil // without a look at its manifest
	}
	externs := s.plan.Externs(ext)
	var list []*workspace.Extern
	for _, name := range names {
		if own := externs[name]; own != nil {
			list = append(list, own)
		} else {
			list = append(list, s.foreign.named[name]...)
		}
	}
	return list
}

// lookedThrough tells of a crate that is not looked into whether that is since
// none of its macros comes to a query.
func (s *scanner) lookedThrough(ext *workspace.Extern) bool {
	_, looked := s.foreign.leading[ext.Dir]
	return looked || harmless(ext)
}

// exportsOf returns what a published crate exports.
func (s *scanner) exportsOf(ext *workspace.Extern) exports {
	known, ok := s.foreign.exports[ext.Dir]
	if !ok {
		known = s.loadExports(ext)
		s.foreign.exports[ext.Dir] = known
	}
	return known
}

// loadExports takes what is kept of a crate, or reads its sources. Which names
// are those of its dependencies hangs on the lock file.
func (s *scanner) loadExports(ext *workspace.Extern) exports {
	var found exports
	version := published(ext)
	if p := s.graph.find(ext.Crate, ext.Version); p != nil {
		version += "\n" + strings.Join(p.Dependencies, "\n")
	}
	key := keyOf("exports", ext.Dir, version)
	if text, ok := s.files.pack.Get(key); ok && found.decode(text) {
		return found
	}
	externs := s.plan.Externs(ext)
	r, err := s.readExports(ext.Dir)
	if err != nil || r.failed {
		// Nobody knows what the rest exports.
		found = exports{leading: true, crates: slices.Sorted(maps.Keys(externs))}
	} else {
		found = exports{leading: r.leading, crates: r.crates(externs)}
	}
	if err == nil {
		s.files.pack.Put(key, found.encode())
	}
	return found
}

// readExports reads the sources below a folder.
func (s *scanner) readExports(dir string) (*exportsReader, error) {
	r := newExportsReader()
	err := s.eachSource(dir, true, func(_, text string) bool {
		r.source(text)
		return true
	})
	return r, err
}

// exportsReader finds out what the sources of a crate export.
type exportsReader struct {
	hot     map[string]heat // names that lead to queries by themselves
	leading bool
	failed  bool                // a source does not lex
	called  map[string]bool     // first names of paths to macros that its own call
	names   map[string]bool     // first names of what is handed on
	aliases map[string][]string // first names of what bears another name inside the crate
}

func newExportsReader() *exportsReader {
	r := &exportsReader{
		hot: firstHeat(), called: make(map[string]bool), names: make(map[string]bool), aliases: make(map[string][]string),
	}
	delete(r.hot, "cfg_if") // which makes nothing but what stands in it
	return r
}

func (r *exportsReader) source(text string) {
	tokens, err := lex.Lex(text, nil)
	if err != nil {
		r.failed = true
		return
	}
	src := &source{}
	src.origin.Text = text
	// What is no Rust of its own, a template for instance, counts as far as it
	// can be read.
	o, _ := parseSource(src, tokens)
	r.nodes(text, o.kids)
}

func (r *exportsReader) nodes(text string, kids []*node) {
	for _, n := range kids {
		switch n.kind {
		case rulesNode:
			if body := text[n.open:n.stop]; exported(n, body) {
				r.leading = r.leading || r.mayLead(n, body)
				for _, word := range n.words {
					if name, ok := strings.CutSuffix(word, pathMark); ok {
						r.called[name] = true
					}
				}
			}
		case useNode:
			for _, u := range n.uses {
				r.imported(firstName(u.path), u.alias, n.vis)
			}
		case crateNode:
			r.imported(n.name, n.alias, n.vis)
		}
		r.nodes(text, n.kids)
	}
}

func (r *exportsReader) imported(first, alias string, vis visibility) {
	if vis == public {
		r.names[first] = true
	}
	if alias != first && alias != "" && !slices.Contains(r.aliases[alias], first) {
		r.aliases[alias] = append(r.aliases[alias], first)
	}
}

// handedOn returns the first names of all that is handed on, also under another
// name.
func (r *exportsReader) handedOn() map[string]bool {
	names := maps.Clone(r.names)
	for list := slices.Collect(maps.Keys(names)); len(list) > 0; {
		name := list[0]
		list = list[1:]
		for _, first := range r.aliases[name] {
			if !names[first] {
				names[first] = true
				list = append(list, first)
			}
		}
	}
	return names
}

// crates returns the names of crates that are handed on, which are some of the
// crate's externs, and of those that its macros name, ordered.
func (r *exportsReader) crates(externs map[string]*workspace.Extern) []string {
	names := r.handedOn()
	maps.DeleteFunc(names, func(name string, _ bool) bool { return externs[name] == nil })
	maps.Copy(names, r.called)
	maps.DeleteFunc(names, func(name string, _ bool) bool { return builtinNames[name] })
	return slices.Sorted(maps.Keys(names))
}

// exported tells of a macro_rules! definition whether others may call it, or
// what it defines.
func exported(n *node, body string) bool {
	return hasAttr(n.attrs, "macro_export") || strings.Contains(body, "macro_export")
}

// mayLead tells of a macro_rules! definition whether it may come to a query: it
// names a macro that leads there by itself, or sqlx, or calls what its caller
// names.
func (r *exportsReader) mayLead(n *node, body string) bool {
	return strings.Contains(body, "sqlx") || slices.ContainsFunc(n.words, func(word string) bool {
		return word == anyMacro || r.hot[word] != 0
	})
}

func hasAttr(attrs []attr, path string) bool {
	return slices.ContainsFunc(attrs, func(a attr) bool { return a.path == path || hasAttr(a.inner, path) })
}

func (e *exports) encode() []byte {
	var out encoder
	out.number(bit(e.leading))
	out.texts(e.crates)
	return out.out
}

func (e *exports) decode(text string) bool {
	d := decoder{in: text}
	e.leading = d.number() == 1
	e.crates = make([]string, d.count())
	for i := range e.crates {
		e.crates[i] = d.text()
	}
	return !d.bad && d.in == ""
}

// firstName is the first name of a path, without a leading `::`.
func firstName(path []string) string {
	if len(path) > 0 && path[0] == "::" {
		path = path[1:]
	}
	if len(path) == 0 {
		return ""
	}
	return path[0]
}
