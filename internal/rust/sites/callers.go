package sites

import (
	"maps"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// callers finds out of which crates the project may call macros, where it
// cannot be seen which macros those crates have. It goes by names alone,
// whatever their scope, and takes too many rather than too few.
type callers struct {
	passing map[string]bool // names of the project's macros that call what an argument names
	called  map[string]bool // names of macros
	inside  map[string]bool // names of crates and modules in the paths to them
	imports []importAt
	found   map[string]nodeAt // first names of those paths, each with where it stands
}

// importAt is an import with where it stands.
type importAt struct {
	use
	at nodeAt
}

// nodeAt is a node of a source.
type nodeAt struct {
	source *source
	node   *node
}

// callable returns by which names of crates the project's sources may call
// macros, with a place where.
func (s *scanner) callable() map[string]diag.Place {
	c := callers{
		passing: make(map[string]bool), called: make(map[string]bool), inside: make(map[string]bool), found: make(map[string]nodeAt),
	}
	var sources []*source
	for _, path := range slices.Sorted(maps.Keys(s.files.sources)) {
		if _, foreign := s.foreign.owner(path); !foreign {
			sources = append(sources, s.files.sources[path])
		}
	}
	for _, src := range sources {
		c.define(src.outline.kids)
	}
	for _, src := range sources {
		c.read(src, src.outline.kids)
	}
	for c.follow() {
	}
	places := make(map[string]diag.Place)
	for name, at := range c.found {
		places[name] = placeIn(&at.source.origin, int(at.node.start), int(at.node.stop))
	}
	return places
}

// define notes the project's macros that call what an argument names.
func (c *callers) define(kids []*node) {
	for _, n := range kids {
		if n.kind == rulesNode && slices.Contains(n.words, anyMacro) {
			c.passing[n.name] = true
		}
		c.define(n.kids)
	}
}

// read notes calls and imports.
func (c *callers) read(src *source, kids []*node) {
	for _, n := range kids {
		at := nodeAt{src, n}
		switch n.kind {
		case callNode:
			c.path(n.path, at)
			if c.passing[n.path[len(n.path)-1]] {
				c.arguments(at)
			}
		case rulesNode:
			for _, word := range n.words {
				if name, ok := strings.CutSuffix(word, pathMark); ok {
					c.name(name, at)
				} else {
					c.called[word] = true
				}
			}
		case useNode:
			for _, u := range n.uses {
				c.imports = append(c.imports, importAt{u, at})
			}
		case crateNode:
			u := use{path: []string{n.name}, alias: n.alias, glob: hasAttr(n.attrs, "macro_use")}
			c.imports = append(c.imports, importAt{u, at})
		}
		for _, a := range n.attrs {
			c.read(src, a.kids)
		}
		c.read(src, n.kids)
	}
}

// path notes the path of a macro.
func (c *callers) path(path []string, at nodeAt) {
	c.called[path[len(path)-1]] = true
	if len(path) > 1 {
		c.name(firstName(path), at)
	}
	for _, name := range path[:len(path)-1] {
		c.inside[name] = true
	}
}

// name notes a name that may be a crate's.
func (c *callers) name(name string, at nodeAt) {
	c.inside[name] = true
	if _, known := c.found[name]; !known {
		c.found[name] = at
	}
}

// arguments notes all names among a call's arguments, each of which may be a
// macro's, or of a path to one.
func (c *callers) arguments(at nodeAt) {
	s := (&code{src: at.source}).tokens(at.node.open, at.node.stop)
	for i := range s.len() {
		if name := s.name(i); name != "" {
			c.called[name] = true
			c.name(name, at)
		}
	}
}

// follow takes the imports that may lead to a called macro for paths of such,
// until there are no more.
func (c *callers) follow() (more bool) {
	c.imports = slices.DeleteFunc(c.imports, func(i importAt) bool {
		if !i.glob && !c.called[i.alias] && !c.inside[i.alias] {
			return false
		}
		more = true
		c.name(firstName(i.path), i.at)
		for _, name := range i.path {
			c.inside[name] = true
		}
		return true
	})
	return more
}
