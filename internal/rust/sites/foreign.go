package sites

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// foreign is what is known of crates from outside the project: whether their
// macros may come to a query in the code that calls them, though the crate
// itself has nothing to do with sqlx. It serves all rounds of a scan.
type foreign struct {
	called  map[string]Place   // names of crates whose macros the project may call, with a place where
	exports map[string]exports // by the crate's folder
	leading map[string]bool    // by the crate's folder: to be looked into
}

func newForeign() *foreign {
	return &foreign{exports: make(map[string]exports), leading: make(map[string]bool)}
}

// exports is what a published crate has for others, as far as it matters.
type exports struct {
	leading bool     // a macro of its own may come to a query
	crates  []string // names of crates that it hands on, or members of them; ordered
}

// lookInto decides which crates from outside the project are looked into, with
// the project's own sources at hand.
func (s *scanner) lookInto() {
	s.foreign.called = s.callable()
	for _, list := range [][]*workspace.Compilation{s.plan.Compilations, s.plan.Others} {
		for _, comp := range list {
			for _, ext := range comp.Externs {
				if _, called := s.foreign.called[ext.Name]; called || s.graph.reaches(ext.Crate, ext.Version) {
					s.leads(ext)
				}
			}
		}
	}
}

// leads reports whether a crate has macros that may come to a query, or hands
// on those of another such crate.
func (s *scanner) leads(ext *workspace.Extern) bool {
	if isSqlx(ext) {
		return true
	}
	if ext.ProcMacro || ext.Package != nil || ext.Dir == "" || harmless(ext) {
		return false
	}
	if known, ok := s.foreign.leading[ext.Dir]; ok {
		return known
	}
	s.foreign.leading[ext.Dir] = false // while it is looked at
	found := s.exportsOf(ext)
	leads := found.leading
	externs := s.plan.Externs(ext)
	for _, name := range found.crates {
		if other := externs[name]; other != nil && s.leads(other) {
			leads = true // and on, for the others are to be known too
		}
	}
	s.foreign.leading[ext.Dir] = leads
	return leads
}

// exportsOf reads a published crate's sources, once.
func (s *scanner) exportsOf(ext *workspace.Extern) exports {
	if known, ok := s.foreign.exports[ext.Dir]; ok {
		return known
	}
	var found exports
	sum := sha256.Sum256([]byte("exports " + ext.Dir))
	text, ok := s.files.kept.get(sum)
	if !ok || !found.decode(text) {
		found = exports{}
		names := make(map[string]bool)
		err := s.eachSource(ext.Dir, true, func(_, text string) bool {
			found.add(text, names)
			return true
		})
		found.leading = found.leading || err != nil
		found.crates = slices.Sorted(maps.Keys(names))
		s.files.kept.put(sum, found.encode())
	}
	s.foreign.exports[ext.Dir] = found
	return found
}

// add adds what one source exports; names are those of the crates.
func (e *exports) add(text string, names map[string]bool) {
	tokens, err := lex.Lex(text, nil)
	if err != nil {
		e.leading = true // nobody knows
		return
	}
	src := &source{}
	src.origin.Text = text
	s := stream{tokens: tokens, file: src}
	for i := range tokens {
		if s.word(i, s.len(), "macro_export") || s.word(i, s.len(), "pub") && (s.word(i+1, s.len(), "use") || s.word(i+1, s.len(), "extern")) {
			e.nodes(text, parseSource(src, tokens).kids, names)
			return
		}
	}
}

func (e *exports) nodes(text string, kids []*node, names map[string]bool) {
	for _, n := range kids {
		switch {
		case n.kind == rulesNode:
			e.leading = e.leading || mayLead(n, text[n.open:n.stop])
		case n.kind == useNode && n.vis == public:
			for _, u := range n.uses {
				if name := firstName(u.path); name != "" {
					names[name] = true
				}
			}
		case n.kind == crateNode && n.vis == public:
			names[n.name] = true
		}
		e.nodes(text, n.kids, names)
	}
}

// mayLead tells of a macro_rules! definition whether others can call it and
// whether it may come to a query then: it names a query macro or sqlx, includes
// a file, or calls what its caller names.
func mayLead(n *node, body string) bool {
	if !hasAttr(n.attrs, "macro_export") && !strings.Contains(body, "macro_export") {
		return false
	}
	for _, word := range n.words {
		if queryKinds[word] || word == "include" || word == anyMacro {
			return true
		}
	}
	return strings.Contains(body, "sqlx")
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

// callable returns by which names of crates the sources read so far may call
// macros, with a place where. It goes by names alone, whatever their scope, and
// takes too many rather than too few.
func (s *scanner) callable() map[string]Place {
	c := callers{called: make(map[string]bool), explained: make(map[string]bool), inside: make(map[string]bool)}
	paths := slices.Sorted(maps.Keys(s.files.sources))
	for _, path := range paths {
		c.gather(s.files.sources[path].outline.kids)
	}
	for name := range c.called {
		if !c.explained[name] && !passMacros[name] && !neverMacros[name] && s.hot[name] == 0 {
			c.globs = true
		}
	}
	c.found = make(map[string]Place)
	for _, path := range paths {
		c.source = s.files.sources[path]
		c.find(c.source.outline.kids)
	}
	return c.found
}

// callers finds out what crates' names may lead to macros that are called.
type callers struct {
	called    map[string]bool // names of macros
	explained map[string]bool // of those, the ones that the project defines or imports by name
	inside    map[string]bool // names of crates and modules in paths
	globs     bool            // a macro may come from anywhere
	source    *source
	found     map[string]Place
}

// gather notes the names that calls and imports have.
func (c *callers) gather(kids []*node) {
	for _, n := range kids {
		switch n.kind {
		case callNode:
			last := len(n.path) - 1
			c.called[n.path[last]] = true
			for _, name := range n.path[:last] {
				c.inside[name] = true
				c.explained[n.path[last]] = true
			}
		case rulesNode:
			c.explained[n.name] = true
			for _, word := range n.words {
				if name, path := strings.CutSuffix(word, pathMark); path {
					c.inside[name] = true
				} else {
					c.called[word] = true
				}
			}
		case useNode:
			for _, u := range n.uses {
				c.explained[u.alias] = true
				within := u.path
				if !u.glob {
					within = within[:max(0, len(within)-1)]
				}
				for _, name := range within {
					c.inside[name] = true
				}
			}
		}
		for _, a := range n.attrs {
			c.gather(a.kids)
		}
		c.gather(n.kids)
	}
}

// find notes the first names of the paths that may lead to called macros.
func (c *callers) find(kids []*node) {
	for _, n := range kids {
		switch n.kind {
		case callNode:
			if len(n.path) > 1 {
				c.note(firstName(n.path), n)
			}
		case rulesNode:
			for _, word := range n.words {
				if name, path := strings.CutSuffix(word, pathMark); path {
					c.note(name, n)
				}
			}
		case useNode:
			for _, u := range n.uses {
				if u.glob && c.globs || !u.glob && (c.called[u.alias] || c.inside[u.alias]) {
					c.note(firstName(u.path), n)
				}
			}
		case crateNode:
			if hasAttr(n.attrs, "macro_use") && c.globs || c.inside[n.alias] {
				c.note(n.name, n)
			}
		}
		for _, a := range n.attrs {
			c.find(a.kids)
		}
		c.find(n.kids)
	}
}

func (c *callers) note(name string, n *node) {
	if _, known := c.found[name]; !known {
		c.found[name] = placeIn(&c.source.origin, int(n.start), int(n.stop))
	}
}
