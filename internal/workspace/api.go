package workspace

import (
	"errors"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

var errNotYet = errors.New("not implemented yet")

type state struct{}
type node struct{}
type resolution struct{}
type configFile struct{}

// Load reads the workspace that holds dir: the nearest Cargo.toml from dir
// upwards and the workspace that it belongs to. What is wrong with single
// files is in Problems; the error says why there is no workspace at all.
func Load(dir string) (*Workspace, error) { return nil, errNotYet }

// ParseArgs reads arguments as after `cargo check`. An argument that is not
// understood is an error that names it; arguments without influence on what
// is compiled (--locked, -j, --quiet, …) are read and dropped.
func ParseArgs(args []string) (Args, error) { return Args{}, errNotYet }

// Plan returns what `cargo check` with these arguments, run in dir, compiles.
func (w *Workspace) Plan(args Args, dir string, host cfg.Platform) (*Plan, error) {
	return nil, errNotYet
}

// Sqlx returns what the compilation has of sqlx; nil when its package does
// not depend on it directly.
func (p *Plan) Sqlx(c *Compilation) *Sqlx { return nil }

// Package returns an extern's package, read from its sources on this machine
// if need be; nil when they are not there.
func (p *Plan) Package(e *Extern) *Package { return nil }

// Features returns the features of an extern that the plan enables, ordered,
// and whether all manifests that have a say in them could be read.
func (p *Plan) Features(e *Extern) (features []string, known bool) { return nil, false }

// ProcMacros returns the procedural-macro crates in a package's graph by
// Cargo.lock, those of disabled dependencies too, ordered by name and version.
func (p *Plan) ProcMacros(pkg *Package) []*Extern { return nil }

// Units finds the units below root, ordered by folder: each folder with a
// `.sqlx`, and each package without that depends directly on sqlx with
// macros and has no `.sqlx` at its workspace's root.
func Units(root string) ([]Unit, []Problem, error) { return nil, nil, errNotYet }
