package suite

import (
	"context"

	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

func (r *run) checkSite(ctx context.Context, u *unit, db *database, site *sites.Site, d sqlxdata.Description) []report.Failure {
	return nil
}
