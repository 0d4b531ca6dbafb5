package sites

import (
	"maps"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// exports is what a published crate has for others, as far as it matters.
type exports struct {
	leading bool     // a macro of its own may come to a query
	crates  []string // names of crates that it hands on, whole or in part, or whose macros its own call; ordered
	macros  []string // names that may be those of macros at its root, ordered; anyMacro for all
	globs   []string // names of crates that it hands on with `*`, ordered
	open    bool     // it hands on what may be a crate whose library bears another name than its package
}

// mayExport tells of a crate that is not looked into whether code that takes
// over all of its macros may get one of that name.
func (s *scanner) mayExport(ext *workspace.Extern, name string) bool {
	seen := make(map[*workspace.Extern]bool)
	var may func(ext *workspace.Extern) bool
	may = func(ext *workspace.Extern) bool {
		switch {
		case isSqlx(ext):
			return queryKinds[name] || name == "migrate"
		case !s.readable(ext):
			return true
		case seen[ext]:
			return false
		}
		seen[ext] = true
		e := s.exportsOf(ext)
		if slices.Contains(e.macros, name) || slices.Contains(e.macros, anyMacro) {
			return true
		}
		if len(e.globs) == 0 {
			return false // without a look at its manifest
		}
		externs := s.plan.Externs(ext)
		return slices.ContainsFunc(e.globs, func(glob string) bool { return externs[glob] != nil && may(externs[glob]) })
	}
	return may(ext)
}

// exportsOf returns what a crate exports.
func (s *scanner) exportsOf(ext *workspace.Extern) exports {
	known, ok := s.foreign.exported[id(ext)]
	if !ok {
		known = s.loadExports(ext)
		s.foreign.exported[id(ext)] = known
	}
	return known
}

// loadExports takes what is kept of a published crate, or reads the sources.
// Which names are those of its dependencies hangs on the lock file.
func (s *scanner) loadExports(ext *workspace.Extern) exports {
	var found exports
	version := published(ext)
	if p := s.graph.find(ext.Crate, ext.Version); p != nil {
		version += "\n" + strings.Join(p.Dependencies, "\n")
	}
	key := keyOf("exports", id(ext), version)
	outside := ext.Package == nil
	if text, ok := s.files.pack.Get(key); outside && ok && found.decode(text) {
		if found.open {
			s.namedExterns(ext)
		}
		return found
	}
	externs := s.plan.Externs(ext)
	r, err := s.readExports(ext)
	open := err == nil && r.open(externs)
	var unnamed []*workspace.Extern
	if open {
		if externs, unnamed = s.namedExterns(ext); len(unnamed) > 0 {
			for _, dep := range unnamed {
				r.names[dep.Name] = true // it may be any of them
			}
		}
	}
	if err != nil || r.failed {
		// Nobody knows what the rest exports.
		found = exports{leading: true, crates: slices.Sorted(maps.Keys(externs)), macros: []string{anyMacro}}
	} else {
		found = r.exports(externs)
	}
	found.open = open
	if err == nil && outside && len(unnamed) == 0 {
		s.files.pack.Put(key, found.encode())
	}
	return found
}

// namedExterns returns the crates that an extern's library sees, by the names
// that their libraries have, for which their manifests are read; and those of
// which no manifest is to be had.
func (s *scanner) namedExterns(ext *workspace.Extern) (externs map[string]*workspace.Extern, unnamed []*workspace.Extern) {
	absent := func() (list []*workspace.Extern) {
		for _, dep := range s.plan.Externs(ext) {
			if dep.Package == nil && !isSqlxs(dep.Crate) && !s.readable(dep) {
				list = append(list, dep)
			}
		}
		return list
	}
	s.library.Read(s.ctx, lockedOf(absent()))
	return s.plan.Externs(ext), absent()
}

// readExports reads the sources of a crate.
func (s *scanner) readExports(ext *workspace.Extern) (*exportsReader, error) {
	r := newExportsReader()
	for file, err := range s.sources(ext) {
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(file.Name, ".rs") && !trust.Beside(file.Name) {
			r.source(file.Text)
		}
	}
	return r, nil
}

// exportsReader finds out what the sources of a crate export.
type exportsReader struct {
	hot     map[string]heat // names that lead to queries by themselves
	leading bool
	failed  bool                // a source does not lex
	called  map[string]bool     // first names of paths to macros that its own call
	names   map[string]bool     // first names of what is handed on
	globs   map[string]bool     // those of what is handed on with `*`
	aliases map[string][]string // first names of what bears another name inside the crate
	macros  map[string]bool     // names that may be those of macros at the root
	mods    map[string]bool     // names of modules
}

func newExportsReader() *exportsReader {
	r := &exportsReader{
		hot: firstHeat(), called: make(map[string]bool), names: make(map[string]bool), globs: make(map[string]bool),
		aliases: make(map[string][]string), macros: make(map[string]bool), mods: make(map[string]bool),
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
	r.procMacros(text, tokens)
}

// procMacros notes the function-like macros of a procedural-macro crate.
func (r *exportsReader) procMacros(text string, tokens []lex.Token) {
	word := func(i int) string { return text[tokens[i].Start:tokens[i].End] }
	for i := 1; i+1 < len(tokens); i++ {
		if word(i) != "proc_macro" || word(i-1) != "[" || word(i+1) != "]" {
			continue
		}
		for i++; i+1 < len(tokens); i++ {
			if word(i) == "fn" {
				r.macro(word(i + 1))
				break
			}
		}
	}
}

// macro notes a macro of that name; one that a macro makes may bear any.
func (r *exportsReader) macro(name string) {
	if !lex.IsIdentifier(name) {
		name = anyMacro
	}
	r.macros[name] = true
}

func (r *exportsReader) nodes(text string, kids []*node) {
	for _, n := range kids {
		switch n.kind {
		case rulesNode:
			if body := text[n.open:n.stop]; exported(n, body) {
				r.rules(n, body)
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
				switch {
				case n.vis != public:
				case u.glob:
					r.globs[firstName(u.path)] = true
				default:
					r.macro(u.alias)
				}
			}
		case crateNode:
			r.imported(n.name, n.alias, n.vis)
		case modNode:
			r.mods[n.name] = true
		}
		r.nodes(text, n.kids)
	}
}

// rules notes what an exported macro_rules! definition is called, and what the
// macros that its body may define.
func (r *exportsReader) rules(n *node, body string) {
	if hasAttr(n.attrs, "macro_export") {
		r.macro(n.name)
	}
	for rest := body; ; {
		_, after, ok := strings.Cut(rest, "macro_rules")
		if !ok {
			return
		}
		rest = after
		after = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(after, " \t\n\r"), "!"), " \t\n\r")
		if end := strings.IndexAny(after, "{(["); end >= 0 {
			r.macro(strings.TrimSpace(after[:end]))
		}
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

// firstNames adds to names of what is handed on those that it bears elsewhere
// in the crate.
func (r *exportsReader) firstNames(names map[string]bool) map[string]bool {
	names = maps.Clone(names)
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

// open tells whether anything is handed on that is neither a module of the
// crate's own nor one of the crates that it is known to see. Types are told from
// crates by their first letter, unless a crate begins with such a one.
func (r *exportsReader) open(externs map[string]*workspace.Extern) bool {
	capital := func(name string) bool { return name != "" && 'A' <= name[0] && name[0] <= 'Z' }
	capitals := false
	for _, ext := range externs {
		capitals = capitals || capital(ext.Crate)
	}
	for name := range r.firstNames(r.names) {
		if externs[name] == nil && !r.mods[name] && !builtinNames[name] && (capitals || !capital(name)) {
			return true
		}
	}
	return false
}

// exports returns what was read of a crate that sees the given ones.
func (r *exportsReader) exports(externs map[string]*workspace.Extern) exports {
	outside := func(name string, _ bool) bool { return externs[name] == nil }
	names, globs := r.firstNames(r.names), r.firstNames(r.globs)
	maps.DeleteFunc(names, outside)
	maps.DeleteFunc(globs, outside)
	maps.Copy(names, r.called)
	maps.DeleteFunc(names, func(name string, _ bool) bool { return builtinNames[name] })
	return exports{
		leading: r.leading, crates: slices.Sorted(maps.Keys(names)),
		macros: slices.Sorted(maps.Keys(r.macros)), globs: slices.Sorted(maps.Keys(globs)),
	}
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
	out.number(bit(e.open))
	for _, list := range [][]string{e.crates, e.macros, e.globs} {
		out.texts(list)
	}
	return out.out
}

func (e *exports) decode(text string) bool {
	d := decoder{in: text}
	e.leading = d.number() == 1
	e.open = d.number() == 1
	for _, list := range []*[]string{&e.crates, &e.macros, &e.globs} {
		*list = make([]string, d.count())
		for i := range *list {
			(*list)[i] = d.text()
		}
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
