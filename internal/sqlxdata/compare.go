package sqlxdata

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// DifferenceKind says how a query file on disk differs from what it should be.
type DifferenceKind string

// The kinds of Difference.
const (
	Missing     DifferenceKind = "missing"     // a query has no file
	Stale       DifferenceKind = "stale"       // the file describes another result
	Unused      DifferenceKind = "unused"      // no query has this text
	Corrupt     DifferenceKind = "corrupt"     // no JSON, or a hash that does not match
	Reformatted DifferenceKind = "reformatted" // equal as JSON, other bytes
)

// Difference is one query file that is not as it should be.
type Difference struct {
	Kind    DifferenceKind `json:"kind"`
	Hash    string         `json:"hash"`
	Query   string         `json:"query,omitempty"`
	Details []string       `json:"details,omitempty"` // what differs, a line each
	// Nullability is set where the nullability of a column differs.
	Nullability bool `json:"-"`
}

// Compare holds what is there against what should be, in order of hash.
// Decoded JSON decides; a difference in bytes alone is Reformatted.
func Compare(have, want Set) []Difference {
	union := Set{}
	union.Merge(have)
	union.Merge(want)
	var differences []Difference
	for _, hash := range union.Hashes() {
		if d := compareFile(hash, have[hash], want[hash]); d != nil {
			differences = append(differences, *d)
		}
	}
	return differences
}

func compareFile(hash string, have, want []byte) *Difference {
	switch {
	case have == nil:
		return &Difference{Kind: Missing, Hash: hash, Query: textOf(want)}
	case bytes.Equal(have, want):
		return nil
	}
	was, err := DecodeNamed(hash, have)
	if err != nil {
		return &Difference{Kind: Corrupt, Hash: hash, Query: textOf(want), Details: []string{err.Error()}}
	}
	if want == nil {
		return &Difference{Kind: Unused, Hash: hash, Query: was.Query}
	}
	if sameJSON(have, want) {
		return &Difference{Kind: Reformatted, Hash: hash, Query: was.Query}
	}
	d := &Difference{Kind: Stale, Hash: hash, Query: was.Query}
	if is, err := Decode(want); err == nil {
		d.Details = DescribeChange(was, is)
		d.Nullability = !reflect.DeepEqual(was.Describe.Nullable, is.Describe.Nullable)
	}
	if len(d.Details) == 0 {
		d.Details = []string{"keys that sqlx does not write differ"}
	}
	return d
}

// DescribeChange says in words what differs between two descriptions of the
// same query, a line each.
func DescribeChange(was, is *File) []string {
	var lines []string
	changed := func(what, old, new string) {
		if old != new {
			lines = append(lines, fmt.Sprintf("%s was %s, is %s", what, old, new))
		}
	}
	changed("database", was.DBName, is.DBName)
	oldTypes, newTypes := parameterWords(was.Describe.Parameters), parameterWords(is.Describe.Parameters)
	changed("number of parameters", fmt.Sprint(len(oldTypes)), fmt.Sprint(len(newTypes)))
	for i := 0; i < min(len(oldTypes), len(newTypes)); i++ {
		changed(fmt.Sprintf("parameter %d", i+1), oldTypes[i], newTypes[i])
	}
	old, new := was.Describe, is.Describe
	changed("number of columns", fmt.Sprint(len(old.Columns)), fmt.Sprint(len(new.Columns)))
	for i := 0; i < min(len(old.Columns), len(new.Columns)); i++ {
		what := fmt.Sprintf("column %d (%s)", i+1, new.Columns[i].Name)
		changed("name of column "+fmt.Sprint(i+1), old.Columns[i].Name, new.Columns[i].Name)
		changed("type of "+what, typeWords(old.Columns[i].Type), typeWords(new.Columns[i].Type))
		changed("nullability of "+what, nullableWords(old.Nullable, i), nullableWords(new.Nullable, i))
		changed("origin of "+what, old.Columns[i].Origin.String(), new.Columns[i].Origin.String())
	}
	return lines
}

// String says where a column comes from, in words.
func (o *Origin) String() string {
	switch {
	case o == nil:
		return "not recorded"
	case o.Kind == OriginTable:
		return o.Table + "." + o.Name
	case o.Kind == OriginExpression:
		return "an expression"
	}
	return "unknown"
}

func parameterWords(p *Parameters) []string {
	if p == nil {
		return nil
	}
	if p.Types == nil {
		words := make([]string, p.Count)
		for i := range words {
			words[i] = "untyped"
		}
		return words
	}
	words := make([]string, len(p.Types))
	for i, t := range p.Types {
		words[i] = typeWords(t)
	}
	return words
}

func typeWords(t TypeInfo) string {
	var name string
	if json.Unmarshal(t, &name) == nil {
		return "`" + name + "`"
	}
	return "`" + string(t) + "`"
}

func nullableWords(nullable []*bool, i int) string {
	switch {
	case i >= len(nullable) || nullable[i] == nil:
		return "unknown"
	case *nullable[i]:
		return "nullable"
	}
	return "not null"
}

func textOf(data []byte) string {
	if f, err := Decode(data); err == nil {
		return f.Query
	}
	return ""
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
