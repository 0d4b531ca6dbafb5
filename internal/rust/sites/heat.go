package sites

import "slices"

// heat is what a macro of some name may lead to. It is kept by name alone, so
// that the expansion of all others is saved; which macro a name means is the
// resolver's to say.
type heat uint8

const (
	makesItems heat = 1 << iota // modules, imports, macros
	makesQuery                  // a query site, or a migrate! path
)

// firstHeat returns the names that lead to query macros by themselves.
func firstHeat() map[string]heat {
	hot := map[string]heat{
		"migrate": makesQuery, "expand_query": makesQuery,
		"include": makesItems, "cfg_if": makesItems, "paste": makesItems,
	}
	for name := range queryKinds {
		hot[name] = makesQuery
	}
	return hot
}

// heat adds the names that lead to query macros: those that imports give
// them, and those of macros that call one of them.
func (s *scanner) heat() {
	for more := true; more; {
		more = false
		for _, src := range s.files.sources {
			if s.warmNodes(src.outline.kids) {
				more = true
			}
		}
	}
	for _, src := range s.files.sources {
		s.mark(src.outline.kids)
		s.heated[src] = true
	}
}

// heatLate does the same for what only the walk brings to light: an expansion,
// or a file that one of those names.
func (s *scanner) heatLate(kids []*node) {
	for s.warmNodes(kids) {
		s.hotter = true
	}
	s.mark(kids)
}

// warmNodes adds what follows from the names known so far; false when nothing
// did.
func (s *scanner) warmNodes(kids []*node) bool {
	more := false
	add := func(name string, h heat) {
		if s.hot[name]|h != s.hot[name] {
			s.hot[name] |= h
			more = true
		}
	}
	for _, n := range kids {
		switch n.kind {
		case rulesNode, macroNode:
			add(n.name, s.heatOf(n))
		case useNode:
			for _, u := range n.uses {
				if !u.glob && len(u.path) > 0 {
					add(u.alias, s.hot[u.path[len(u.path)-1]])
				}
			}
		}
		if s.warmNodes(n.kids) {
			more = true
		}
	}
	return more
}

// heatOf returns what the arms of a macro_rules! definition may make.
func (s *scanner) heatOf(n *node) heat {
	var h heat
	for _, word := range n.words {
		switch word {
		case anyMacro:
			h |= makesQuery | makesItems
		case anyItems:
			h |= makesItems
		default:
			h |= s.hot[word]
		}
	}
	return h
}

// mark notes in each node what the calls in it may make.
func (s *scanner) mark(kids []*node) heat {
	var all heat
	for _, n := range kids {
		n.heat = s.mark(n.kids)
		for _, a := range n.attrs {
			n.heat |= s.mark(a.kids)
		}
		h := n.heat
		switch n.kind {
		case callNode:
			h |= s.hot[n.path[len(n.path)-1]]
		case modNode, rulesNode:
			h |= makesItems
		case useNode:
			if slices.ContainsFunc(n.uses, func(u use) bool { return !u.glob && s.hot[u.alias] != 0 }) {
				h |= makesItems
			}
		}
		all |= h
	}
	return all
}

// matters reports whether a call may lead to anything that the scan is after.
func (s *scanner) matters(n *node) bool {
	return n.heat != 0 || s.hot[n.path[len(n.path)-1]] != 0
}

// holdsQuery reports whether among a call's arguments something may be a query.
func (s *scanner) holdsQuery(n *node) bool { return n.heat&makesQuery != 0 }
