package sites

import "github.com/sqlxmage/sqlxmage/internal/workspace"

type depKey struct{ dir string }

func (s *scanner) dependency(c *crate, ext *workspace.Extern) *crate { return nil }

func (s *scanner) rulesOf(c *crate, n *node, code *code) *rules {
	return &rules{name: n.name, node: n, code: code, crate: c}
}

func (s *scanner) use(src *source) {}
