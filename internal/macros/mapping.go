package macros

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// mapping is what was found of a type in SQL: nil reason, there is a Rust type.
type mapping struct{ why *missing }

// missing is why a type has no Rust type.
type missing struct {
	reason string // goes on from "has the type T, "
	remedy string // "" for none but an override
	// unproven: a package of Build.Unknown may enable the feature that it needs.
	unproven bool
}

// missing follows get_column_type, and get_param_type without an origin.
func (c *Checker) missing(t *sqlType, origin *sqlxdata.Origin) *missing {
	if origin != nil && origin.Kind == sqlxdata.OriginTable {
		if rust, ok := c.build.Config.TableOverrides[origin.Table][origin.Name]; ok {
			return badConfig(rust)
		}
	}
	known, ok := c.types[t.info]
	if !ok {
		known.why = c.find(t)
		c.types[t.info] = known
	}
	return known.why
}

func (c *Checker) find(t *sqlType) *missing {
	config := &c.build.Config
	if rust, ok := config.TypeOverrides[t.String()]; ok {
		return badConfig(rust)
	}
	var features []string // each would bring a Rust type
	for _, r := range c.build.Kind.Types {
		if !slices.ContainsFunc(r.SQL, func(want string) bool { return t.is(want, c.build.Version) }) {
			continue
		}
		if r.Feature == "" {
			return nil
		}
		if !slices.Contains(features, r.Feature) {
			features = append(features, r.Feature)
		}
	}
	if len(features) == 0 {
		return &missing{reason: "for which sqlx has no Rust type"}
	}
	if preferred := c.preferred(features); preferred != "" {
		features = []string{preferred}
		if !c.enabled(preferred) {
			return c.lacks("for which sqlx.toml prefers `%s`, a feature of sqlx that is not enabled", preferred,
				needs(features)+"; or change `macros.preferred-crates` in sqlx.toml")
		}
	}
	if slices.ContainsFunc(features, c.enabled) {
		return nil
	}
	return c.lacks("for which sqlx has a Rust type only with its feature %s", orList(features), needs(features))
}

// lacks is that a feature of sqlx is off, as far as that is known.
func (c *Checker) lacks(reason, features, remedy string) *missing {
	m := &missing{reason: fmt.Sprintf(reason, features), remedy: remedy}
	if len(c.build.Unknown) > 0 {
		m.unproven = true
		m.reason += fmt.Sprintf("; whether it is enabled is not known without the manifest of %s", strings.Join(c.build.Unknown, ", "))
	}
	return m
}

func (c *Checker) enabled(feature string) bool { return slices.Contains(c.build.Features, feature) }

// preferred is the crate of sqlx.toml that comes before those of the type. A
// preferred crate whose feature is off stops the search for all types behind it
// (sqlx-core 0.9.0, type_checking.rs).
func (c *Checker) preferred(features []string) string {
	config := &c.build.Config
	isDateTime := slices.Contains(features, "time") || slices.Contains(features, "chrono")
	isNumeric := slices.Contains(features, "bigdecimal") || slices.Contains(features, "rust_decimal")
	for _, crate := range []string{config.DateTime, config.Numeric} {
		switch crate {
		case "chrono", "time":
			if isDateTime || isNumeric && !c.enabled(crate) {
				return crate
			}
		case "bigdecimal", "rust_decimal":
			if isNumeric {
				return crate
			}
		}
	}
	return ""
}

// badConfig refuses a type of sqlx.toml that does not parse.
func badConfig(rust string) *missing {
	if syntax.IsType(rust) {
		return nil
	}
	return &missing{
		reason: fmt.Sprintf("for which sqlx.toml has %q, which is no Rust type", rust),
		remedy: "correct it in sqlx.toml",
	}
}

func needs(features []string) string {
	return fmt.Sprintf("enable sqlx's feature %s in Cargo.toml", orList(features))
}

func orList(features []string) string {
	return "`" + strings.Join(features, "` or `") + "`"
}
