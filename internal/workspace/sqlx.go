package workspace

import "slices"

// Sqlx is what a compilation has of sqlx.
type Sqlx struct {
	Extern        string   // its name in code: "sqlx" unless renamed
	Version       string   // from Cargo.lock; "" when that is missing, or when two versions are in use
	Features      []string // of sqlx itself, enabled in the plan, ordered
	MacroFeatures []string // of sqlx-macros-core: what the macros are compiled with, ordered
	FeaturesKnown bool     // false: not all manifests are on this machine, the features are those that are asked for
	Macros        bool     // query macros are compiled in
	Postgres      bool     // the drivers that the macros are compiled with
	MySQL         bool
	SQLite        bool
	SqlxTOML      bool     // sqlx.toml is read (from sqlx 0.9 on); where it is not, its presence is an error
	SQLiteSys     []string // versions of libsqlite3-sys in Cargo.lock, ascending
	// SQLiteSysFeatures are the features of libsqlite3-sys, for the macros or
	// the code, ordered.
	SQLiteSysFeatures []string
}

// Sqlx returns what the compilation has of sqlx; nil when its package does
// not depend on it directly.
func (p *Plan) Sqlx(c *Compilation) *Sqlx {
	var s *Sqlx
	for _, name := range sortedKeys(c.Externs) {
		e := c.Externs[name]
		if e.Crate != "sqlx" {
			continue
		}
		if s == nil {
			s = &Sqlx{
				Extern: name, Version: e.Version, FeaturesKnown: true,
				SQLiteSys: p.Workspace.Lock.Versions("libsqlite3-sys"),
			}
		} else if s.Version != e.Version {
			s.Version = ""
		}
		p.addSqlx(s, e)
	}
	return s
}

func (p *Plan) addSqlx(s *Sqlx, e *Extern) {
	features, known := p.Features(e)
	macros := features
	if known {
		macros = p.macroFeatures(e.key.n)
		s.SQLiteSysFeatures = union(s.SQLiteSysFeatures, p.sqliteSysFeatures(e.key.n))
	} else {
		features = impliedBySqlx(features)
		macros = features
	}
	s.FeaturesKnown = s.FeaturesKnown && known
	s.Features = union(s.Features, features)
	s.MacroFeatures = union(s.MacroFeatures, macros)
	s.Macros = slices.Contains(s.Features, "macros")
	s.SqlxTOML = slices.Contains(s.Features, "sqlx-toml")
	s.Postgres = slices.Contains(s.MacroFeatures, "postgres")
	s.MySQL = slices.Contains(s.MacroFeatures, "mysql")
	s.SQLite = slices.Contains(s.MacroFeatures, "sqlite") || slices.Contains(s.MacroFeatures, "sqlite-unbundled")
}

// macroFeatures returns the features of the crate that holds the macros'
// code. It runs on the host, so they may differ from sqlx's own.
func (p *Plan) macroFeatures(sqlx *node) []string {
	for _, n := range sqlx.below() {
		if n.name == "sqlx-macros-core" && n.version == sqlx.version {
			r := p.resolveFor(n)
			return sortedKeys(r.features[r.of(n, true)])
		}
	}
	return nil
}

// sqliteSysFeatures returns the features of the crate that builds SQLite.
func (p *Plan) sqliteSysFeatures(sqlx *node) (features []string) {
	for _, n := range sqlx.below() {
		if n.name == "libsqlite3-sys" {
			r := p.resolveFor(n)
			for _, host := range []bool{false, true} {
				features = union(features, sortedKeys(r.features[r.of(n, host)]))
			}
		}
	}
	return features
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
