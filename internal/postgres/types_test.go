package postgres

import (
	"strings"
	"testing"
)

// The catalogue of the tests: types as typeQuery returns them.
var catalogue = map[uint32]string{
	1: `[1, "mood", "e", "E", 0, 0, 0, ["sad", "o\"k", "😀"], []]`,
	2: `[2, "mood[]", "b", "A", 1, 0, 0, [], []]`,
	3: `[3, "positive", "d", "N", 0, 23, 0, [], []]`,
	4: `[4, "strict", "d", "N", 0, 3, 0, [], []]`,
	5: `[5, "pair", "c", "C", 0, 0, 0, [], [["a", 23], ["B c", 1]]]`,
	6: `[6, "nested", "c", "C", 0, 0, 0, [], [["p", 5], ["ps", 7], ["d", 4]]]`,
	7: `[7, "pair[]", "b", "A", 5, 0, 0, [], []]`,
	8: `[8, "span", "r", "R", 0, 0, 701, [], []]`,
	9: `[9, "spans", "m", "R", 0, 0, 0, [], []]`,

	10:    `[10, "anyelement", "p", "P", 0, 0, 0, [], []]`,
	11:    `[11, "citext", "b", "S", 0, 0, 0, [], []]`,
	12:    `[12, "\"Odd\".\"na me\"", "b", "U", 0, 0, 0, [], []]`,
	13:    `[13, "tree", "c", "C", 0, 0, 0, [], [["id", 23], ["children", 14]]]`,
	14:    `[14, "tree[]", "b", "A", 13, 0, 0, [], []]`,
	15:    `[15, "pg_node_tree", "b", "Z", 0, 0, 0, [], []]`,
	16384: `[16384, "int2vector", "b", "A", 21, 0, 0, [], []]`,

	16385: `[16385, "flags", "e", "S", 0, 0, 0, ["x"], []]`,
	16386: `[16386, "row", "c", "U", 0, 0, 0, [], []]`,
	16387: `[16387, "empty", "e", "E", 0, 0, 0, [], []]`,
	16388: `[16388, "hole", "b", "A", 0, 0, 0, [], []]`,
	16389: `[16389, "odd pseudo", "p", "U", 0, 0, 0, [], []]`,
	16390: `[16390, "odd range", "r", "U", 0, 0, 23, [], []]`,
}

func sessionWith(t testing.TB, mode Mode) *Session {
	t.Helper()
	s := &Session{mode: mode, types: map[uint32]*typeRow{}}
	for want, text := range catalogue {
		oid, row, err := decodeType([]byte(text))
		if err != nil || oid != want {
			t.Fatalf("%s: OID %d, %v", text, oid, err)
		}
		s.types[oid] = row
	}
	return s
}

func TestTypeInfo(t *testing.T) {
	const mood = `{"Custom":{"name":"mood","kind":{"Enum":["sad","o\"k","😀"]}}}`
	const pair = `{"Custom":{"name":"pair","kind":{"Composite":[["a","Int4"],["B c",` + mood + `]]}}}`
	const strict = `{"Custom":{"name":"strict","kind":{"Domain":{"Custom":{"name":"positive","kind":{"Domain":"Int4"}}}}}}`
	const same = "as in 0.8"
	for _, test := range []struct {
		name           string
		oid            uint32
		want08, want09 string // a type, or a part of the error
	}{
		{"built in", 23, `"Int4"`, same},
		{"built-in array", 1007, `"Int4Array"`, same},
		{"void", 2278, `"Void"`, same},
		{"enum", 1, mood, same},
		{"enum without labels", 16387, `{"Custom":{"name":"empty","kind":{"Enum":[]}}}`, same},
		{"array", 2, `{"Custom":{"name":"mood[]","kind":{"Array":` + mood + `}}}`, same},
		{"domain", 3, `{"Custom":{"name":"positive","kind":{"Domain":"Int4"}}}`, same},
		{"domain of a domain", 4, strict, same},
		{"composite", 5, pair, same},
		{"nested composite", 6, `{"Custom":{"name":"nested","kind":{"Composite":[["p",` + pair + `],["ps",{"Custom":{"name":"pair[]","kind":{"Array":` + pair + `}}}],["d",` + strict + `]]}}}`, same},
		{"composite without attributes", 16386, `{"Custom":{"name":"row","kind":"Simple"}}`, `{"Custom":{"name":"row","kind":{"Composite":[]}}}`},
		{"range", 8, `{"Custom":{"name":"span","kind":{"Range":"Float8"}}}`, same},
		{"multirange", 9, `{"Custom":{"name":"spans","kind":"Simple"}}`, `does not know types of the kind "m", like spans`},
		{"pseudo", 10, `{"Custom":{"name":"anyelement","kind":"Pseudo"}}`, same},
		{"extension", 11, `{"Custom":{"name":"citext","kind":"Simple"}}`, same},
		{"quoted name", 12, `{"Custom":{"name":"\"Odd\".\"na me\"","kind":"Simple"}}`, same},
		{"contains itself", 13, "the type tree contains itself", same},
		{"array of what contains itself", 14, "contains itself", same},
		{"internal category", 15, `{"Custom":{"name":"pg_node_tree","kind":"Simple"}}`, `does not know types of the category "Z"`},
		{"vector", 16384, `{"Custom":{"name":"int2vector","kind":{"Array":"Int2"}}}`, same},
		{"array of nothing", 16388, "no type of the OID 0", same},
		{"enum of another category", 16385, `{"Custom":{"name":"flags","kind":"Simple"}}`, `{"Custom":{"name":"flags","kind":{"Enum":["x"]}}}`},
		{"pseudo of another category", 16389, `{"Custom":{"name":"odd pseudo","kind":"Simple"}}`, `{"Custom":{"name":"odd pseudo","kind":"Pseudo"}}`},
		{"range of another category", 16390, `{"Custom":{"name":"odd range","kind":"Simple"}}`, `{"Custom":{"name":"odd range","kind":{"Range":"Int4"}}}`},
		{"unknown OID", 99999, "no type of the OID 99999", same},
	} {
		for mode, want := range map[Mode]string{Mode08: test.want08, Mode09: test.want09} {
			t.Run(test.name+" "+string(mode), func(t *testing.T) {
				if want == same {
					want = test.want08
				}
				info, err := sessionWith(t, mode).typeInfo(test.oid)
				got := string(info)
				if err != nil {
					got = err.Error()
				}
				if isType := strings.HasPrefix(want, "{") || strings.HasPrefix(want, `"`); isType && got != want || !strings.Contains(got, want) {
					t.Errorf("\ngot  %s\nwant %s", got, want)
				}
			})
		}
	}
}

// TestCertain shows when the outcome of sqlx 0.9's resolver hangs on what it
// resolved before. Types are given by what they need.
func TestCertain(t *testing.T) {
	chain := map[uint32][]uint32{}
	wide := map[uint32][]uint32{1: nil}
	for i := uint32(1); i < 70; i++ {
		chain[i] = []uint32{i + 1}
		wide[1] = append(wide[1], i+1)
		wide[i+1] = nil
	}
	chain[70] = nil
	for _, test := range []struct {
		name  string
		types map[uint32][]uint32
		ask   []uint32
		want  bool
	}{
		{"enum", map[uint32][]uint32{1: nil}, []uint32{1}, true},
		{"the same twice", map[uint32][]uint32{1: nil}, []uint32{1, 1}, true},
		{"array and its element", map[uint32][]uint32{1: nil, 2: {1}}, []uint32{2, 1}, true},
		{"two arrays of one element", map[uint32][]uint32{1: nil, 2: {1}, 3: {1}}, []uint32{2, 3}, true},
		{"composite", map[uint32][]uint32{1: nil, 2: nil, 3: {1, 2}}, []uint32{3}, true},
		{"two composites of other types", map[uint32][]uint32{1: nil, 2: nil, 3: {1}, 4: {2}}, []uint32{3, 4}, true},
		// Both wait for 1; then 4 waits for 2, and 3 is forgotten.
		{"two composites of two types", map[uint32][]uint32{1: nil, 2: nil, 3: {1, 2}, 4: {1, 2}}, []uint32{3, 4}, false},
		// The last one to wait is the first to go on.
		{"the one with more comes last", map[uint32][]uint32{1: nil, 2: nil, 3: {1}, 4: {1, 2}}, []uint32{3, 4}, false},
		{"the one with more comes first", map[uint32][]uint32{1: nil, 2: nil, 3: {1, 2}, 4: {1}}, []uint32{3, 4}, true},
		{"one inside the other", map[uint32][]uint32{1: nil, 2: nil, 3: {1, 2}, 4: {3, 1}}, []uint32{4}, true},
		// Fine at first, but not once 2 is known.
		{"after another query", map[uint32][]uint32{1: nil, 2: nil, 3: nil, 4: {1, 3}, 5: {2, 1, 3}}, []uint32{4, 5}, false},
		{"64 rounds", chain, []uint32{7}, false},
		{"fewer rounds", chain, []uint32{20}, true},
		{"wide", wide, []uint32{1}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &Session{types: map[uint32]*typeRow{}}
			for oid, needs := range test.types {
				row := &typeRow{}
				for _, need := range needs {
					row.attributes = append(row.attributes, attribute{oid: 100000 + need})
				}
				s.types[100000+oid] = row
			}
			var ask []uint32
			for _, oid := range test.ask {
				ask = append(ask, 100000+oid)
			}
			if got := s.certain(ask); got != test.want {
				t.Errorf("certain: %v, want %v", got, test.want)
			}
		})
	}
}

func TestByteOffset(t *testing.T) {
	for _, test := range []struct {
		text     string
		position int
		want     int
	}{
		{"select", 0, -1}, {"select", 1, 0}, {"select", 6, 5}, {"é😀x", 3, 6}, {"é", 2, 2}, {"é", 9, 2},
	} {
		if got := byteOffset(test.text, test.position); got != test.want {
			t.Errorf("%q, position %d: %d, want %d", test.text, test.position, got, test.want)
		}
	}
}
