package suite

import (
	"context"
	"errors"
	"fmt"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/rust/sites/trust"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// library returns what reads the crates from outside a workspace, one for all of
// its units. The workspace takes manifests out of it from then on.
func (r *run) library(ctx context.Context, ws *workspace.Workspace) *trust.Library {
	if known := r.libraries[ws]; known != nil {
		return known
	}
	fetches := fetching{run: r}
	library := trust.NewLibrary(crates.New(&ws.Config, crates.Options{
		Store: r.kept, Network: r.file.Fetches(r.Options), Progress: fetches.tell,
	}), r.kept)
	ws.Manifests = library.Manifest
	library.Read(ctx, ws.Asked())
	if r.libraries == nil {
		r.libraries = make(map[*workspace.Workspace]*trust.Library)
	}
	r.libraries[ws] = library
	return library
}

// missingCrates says of how many crates no sources are to be had, why, and what
// to do; "" when there are none.
func (r *run) missingCrates(ctx context.Context, ws *workspace.Workspace) string {
	count, why := r.library(ctx, ws).Missing()
	switch {
	case count == 0:
		return ""
	case errors.Is(why, crates.ErrOffline):
		return fmt.Sprintf("%d crates cannot be read: their sources are not on this machine, and nothing may be fetched; `cargo fetch` brings them, or a run with the network", count)
	}
	return fmt.Sprintf("%d crates cannot be read: %v", count, why)
}

// fetching tells of crates that are fetched.
type fetching struct {
	run  *run
	said bool
}

func (f *fetching) tell(p crates.Progress) {
	if !f.said {
		f.said = true
		f.run.Listener.Say("fetching the sources of crates, to see whether their macros write queries; it happens once")
	}
	text := fmt.Sprintf("fetching crates: %d of %d, %.1f MB", p.Done, p.Total, float64(p.Bytes)/1e6)
	if p.Waiting != "" {
		text = "waiting for " + p.Waiting
	}
	f.run.Listener.Progress(text)
}
