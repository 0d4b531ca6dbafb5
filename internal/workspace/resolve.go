package workspace

import (
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
)

// resolution is which features and optional dependencies are enabled, and
// where. It follows cargo's feature resolver (cargo, core/resolver/features.rs)
// for all three versions of it; the first is the second with nothing decoupled.
//
// It can be kept to the packages above some targets: features only flow
// downwards, so what the others ask for is of no consequence to them, and
// their manifests need not be read.
type resolution struct {
	platform  cfg.Platform
	within    map[*node]bool // nil: everything
	requested map[*node]bool // the members whose dev-dependencies count at all

	decoupleHost   bool // build scripts and procedural macros have features of their own
	decoupleDev    bool // dev-dependencies count only where they are built
	ignoreInactive bool // dependencies for other platforms do not count

	features  map[key]map[string]bool
	activated map[key]map[string]bool // optional dependencies, by name in the manifest
	processed map[key]bool
	deferred  map[key]map[string][]string // `dep?/feature` of dependencies not (yet) activated
	missing   map[*node]bool              // whose manifests are not on this machine
	unclear   map[string]bool             // targets of dependencies that are neither true nor false
}

// key is a package in one of its two roles.
type key struct {
	n    *node
	host bool // for a build script or a procedural macro
}

// request is what a member is built with by the command line.
type request struct {
	n        *node
	features []string // feature values: "f" or "dep/f"
	all      bool
	defaults bool
}

func resolve(resolver int, devUnits bool, platform cfg.Platform, requests []request, within map[*node]bool) *resolution {
	r := &resolution{
		platform:       platform,
		within:         within,
		requested:      map[*node]bool{},
		decoupleHost:   resolver >= 2,
		decoupleDev:    resolver >= 2 && !devUnits,
		ignoreInactive: resolver >= 2,
		features:       map[key]map[string]bool{},
		activated:      map[key]map[string]bool{},
		processed:      map[key]bool{},
		deferred:       map[key]map[string][]string{},
		missing:        map[*node]bool{},
		unclear:        map[string]bool{},
	}
	for _, q := range requests {
		r.requested[q.n] = true
	}
	for _, q := range requests {
		if !r.concerns(q.n) {
			continue
		}
		values := q.features
		p := q.n.declared()
		if _, ok := p.Features["default"]; q.defaults && ok {
			values = append(slices.Clip(values), "default")
		}
		if q.all {
			values = append(slices.Clip(values), sortedKeys(p.Features)...)
		}
		r.activate(key{q.n, false}, values)
		if r.decoupleHost && q.n.facts().procMacro {
			r.activate(key{q.n, true}, values)
		}
	}
	return r
}

// activate builds a package with features, and so its dependencies.
func (r *resolution) activate(k key, values []string) {
	if !r.concerns(k.n) {
		return
	}
	if r.features[k] == nil {
		r.features[k] = map[string]bool{}
	}
	for _, v := range values {
		r.enable(k, v)
	}
	if r.processed[k] {
		return
	}
	r.processed[k] = true
	r.each(k, func(e edge, to key) {
		if !e.dep.Optional {
			r.activate(to, r.asked(e))
		}
	})
}

// asked returns the feature values that a dependency asks for.
func (r *resolution) asked(e edge) []string {
	if !e.dep.DefaultFeatures || !r.concerns(e.to) {
		return e.dep.Features
	}
	if p := e.to.declared(); p != nil {
		if _, ok := p.Features["default"]; !ok {
			return e.dep.Features
		}
	}
	return append(slices.Clip(e.dep.Features), "default")
}

// enable turns on a feature value: "f", "dep:d", "d/f" or "d?/f".
func (r *resolution) enable(k key, value string) {
	if !r.concerns(k.n) {
		return
	}
	if dep, ok := strings.CutPrefix(value, "dep:"); ok {
		r.enableDependency(k, dep)
		return
	}
	if dep, feature, ok := strings.Cut(value, "/"); ok {
		name, weak := strings.CutSuffix(dep, "?")
		r.enableInDependency(k, name, feature, weak)
		return
	}
	if r.features[k] == nil {
		r.features[k] = map[string]bool{}
	}
	if r.features[k][value] {
		return
	}
	r.features[k][value] = true
	if p := k.n.declared(); p != nil {
		for _, v := range p.Features[value] {
			r.enable(k, v)
		}
	}
}

func (r *resolution) enableDependency(k key, name string) {
	if r.activated[k] == nil {
		r.activated[k] = map[string]bool{}
	}
	r.activated[k][name] = true
	waiting := r.deferred[k][name]
	delete(r.deferred[k], name)
	r.each(k, func(e edge, to key) {
		if e.dep.Name != name {
			return
		}
		for _, feature := range waiting {
			r.enable(to, feature)
		}
		r.activate(to, r.asked(e))
	})
}

func (r *resolution) enableInDependency(k key, name, feature string, weak bool) {
	r.each(k, func(e edge, to key) {
		if e.dep.Name != name {
			return
		}
		if e.dep.Optional {
			if weak && !r.activated[k][name] {
				if r.deferred[k] == nil {
					r.deferred[k] = map[string][]string{}
				}
				r.deferred[k][name] = append(r.deferred[k][name], feature)
				return
			}
			r.enableDependency(k, name)
			if _, ok := k.n.declared().Features[name]; !weak && ok {
				r.enable(k, name)
			}
		}
		r.enable(to, feature)
	})
}

// each calls f for the dependencies of a package that can count at all.
func (r *resolution) each(k key, f func(edge, key)) {
	edges, known := k.n.edges()
	if !known {
		r.missing[k.n] = true
		return
	}
	for _, e := range edges {
		if r.ignoreInactive && !r.active(e.dep.Target) ||
			e.dep.Kind == Dev && (r.decoupleDev || !r.requested[k.n]) {
			continue
		}
		host := k.host || r.decoupleHost && (e.dep.Kind == Build || r.concerns(e.to) && e.to.facts().procMacro)
		f(e, key{e.to, host})
	}
}

// concerns reports whether the features of a package are asked for, or have a
// say in those that are.
func (r *resolution) concerns(n *node) bool { return r.within == nil || r.within[n] }

// active reports whether a dependency's target is the platform. What is not
// known counts as active, and is noted.
func (r *resolution) active(target string) bool {
	if target == "" {
		return true
	}
	v, err := r.platform.Matches(target)
	if v == cfg.Unknown || err != nil {
		r.unclear[target] = true
	}
	return v != cfg.False
}

// of returns the role in which a package's features are kept.
func (r *resolution) of(n *node, host bool) key { return key{n, host && r.decoupleHost} }
