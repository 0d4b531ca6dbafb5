package workspace

import (
	"cmp"
	"slices"
)

// Sqlx is what a compilation has of sqlx.
type Sqlx struct {
	Extern        string   // its name in code: "sqlx" unless renamed
	Version       string   // from Cargo.lock; "" when that is missing, or when two versions are in use
	Features      []string // of sqlx itself, enabled in the plan, ordered
	MacroFeatures []string // of sqlx-macros-core: what the macros are compiled with, ordered
	// Unknown are the packages, "name version", that may enable more features,
	// since their manifests are neither recorded nor on this machine; ordered.
	Unknown   []string
	Macros    bool     // query macros are compiled in
	SqlxTOML  bool     // sqlx.toml is read (from sqlx 0.9 on); where it is not, its presence is an error
	SQLiteSys []string // versions of libsqlite3-sys in Cargo.lock, ascending
	// SQLiteSysFeatures are the features of libsqlite3-sys that are asked for,
	// for the macros or the code, ordered; SQLiteSysUnknown is as Unknown.
	SQLiteSysFeatures, SQLiteSysUnknown []string
}

// Sqlx returns what the compilation has of sqlx; nil when its package depends
// neither on it directly nor, by the name of `sqlx`, on a crate that does: what
// the macros expand to names a crate `sqlx`.
func (p *Plan) Sqlx(c *Compilation) *Sqlx {
	var s *Sqlx
	for _, name := range sortedKeys(c.Externs) {
		if e := c.Externs[name].sqlx(); e != nil {
			s = s.Merge(p.sqlx(e))
		}
	}
	return s
}

// sqlx returns the crate itself, or where it stands for sqlx under that name the
// sqlx that it depends on; nil for others.
func (e *Extern) sqlx() *Extern {
	switch {
	case e.Crate == "sqlx":
		return e
	case e.Name == "sqlx":
		if n := e.key.n.sqlxBelow(); n != nil {
			return newExtern(key{n, e.key.host}, nil)
		}
	}
	return nil
}

// sqlxBelow returns the nearest sqlx that a package reaches by Cargo.lock, nil
// for none.
func (n *node) sqlxBelow() *node {
	list := n.below()
	if i := slices.IndexFunc(list, func(n *node) bool { return n.name == "sqlx" }); i >= 0 {
		return list[i]
	}
	return nil
}

// Merge returns what two compilations have of sqlx, taken together; either may
// be nil.
func (s *Sqlx) Merge(other *Sqlx) *Sqlx {
	if s == nil || other == nil {
		return cmp.Or(s, other)
	}
	both := *s
	if both.Version != other.Version {
		both.Version = ""
	}
	both.Features = union(s.Features, other.Features)
	both.MacroFeatures = union(s.MacroFeatures, other.MacroFeatures)
	both.Unknown = union(s.Unknown, other.Unknown)
	both.Macros = s.Macros || other.Macros
	both.SqlxTOML = s.SqlxTOML || other.SqlxTOML
	both.SQLiteSysFeatures = union(s.SQLiteSysFeatures, other.SQLiteSysFeatures)
	both.SQLiteSysUnknown = union(s.SQLiteSysUnknown, other.SQLiteSysUnknown)
	return &both
}

// sqlx returns what there is of one version of sqlx.
func (p *Plan) sqlx(e *Extern) *Sqlx {
	s := &Sqlx{Extern: e.Name, Version: e.Version, SQLiteSys: p.Workspace.Lock.Versions("libsqlite3-sys")}
	s.Features, s.Unknown = p.features(e.key)
	if e.key.n.declared() != nil {
		features, unknown := p.macroFeatures(e.key.n)
		s.MacroFeatures, s.Unknown = features, union(s.Unknown, unknown)
		p.addSQLiteSys(s, e.key.n)
	} else {
		s.Features = impliedBySqlx(s.Features)
		s.MacroFeatures = s.Features
	}
	has := func(features []string, names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(features, name) })
	}
	s.Macros = has(s.Features, "macros")
	s.SqlxTOML = has(s.Features, "sqlx-toml")
	return s
}

// macroFeatures returns the features of the crate that holds the macros'
// code, and what Sqlx.Unknown is of them. It runs on the host, so they may
// differ from sqlx's own.
func (p *Plan) macroFeatures(sqlx *node) (features, unknown []string) {
	for _, n := range sqlx.below() {
		if n.name == "sqlx-macros-core" && n.version == sqlx.version {
			return p.features(p.resolveFor(n).of(n, true))
		}
	}
	return nil, nil
}

// addSQLiteSys adds what is asked of the crate that builds SQLite. What its
// own manifest adds to that is not needed.
func (p *Plan) addSQLiteSys(s *Sqlx, sqlx *node) {
	for _, n := range sqlx.below() {
		if n.name != "libsqlite3-sys" {
			continue
		}
		for _, host := range []bool{false, true} {
			features, unknown := p.features(key{n, host})
			s.SQLiteSysFeatures = union(s.SQLiteSysFeatures, features)
			s.SQLiteSysUnknown = union(s.SQLiteSysUnknown, unknown)
		}
		s.SQLiteSysUnknown = slices.DeleteFunc(s.SQLiteSysUnknown, func(name string) bool { return name == n.name+" "+n.version })
	}
}

// impliedBySqlx adds what features of sqlx imply, for when its manifest is not
// here (sqlx 0.8.6 and 0.9.0, Cargo.toml).
func impliedBySqlx(features []string) []string {
	for _, f := range features {
		switch f {
		case "default":
			features = union(features, []string{"any", "json", "macros", "migrate"})
		case "all-databases":
			features = union(features, []string{"mysql", "postgres", "sqlite"})
		}
	}
	return features
}

// union returns the ordered union of two lists.
func union(a, b []string) []string {
	list := slices.Concat(a, b)
	slices.Sort(list)
	return slices.Compact(list)
}
