package sites

import (
	"context"
	"errors"

	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

func scan(ctx context.Context, plan *workspace.Plan, opts Options) (*Result, error) {
	return nil, errors.New("not implemented yet")
}

func (p *Part) locate(offset int) Place { return p.Place }
