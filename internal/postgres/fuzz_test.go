package postgres

import "testing"

// FuzzDecodeType reads a row of the catalogue of types: what is read can be
// looked through.
func FuzzDecodeType(f *testing.F) {
	f.Add([]byte(`[16385, "mood", "e", "E", 0, 0, 0, ["sad", "ok"], []]`))
	f.Add([]byte(`[16390, "pair", "c", "C", 0, 0, 0, [], [["a", 23], ["b", 16385]]]`))
	f.Add([]byte(`[1, null, "", "", -1, 0, 0, null, [[1], ["a", "b"]]]`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, row, err := decodeType(text)
		if err != nil {
			return
		}
		needs := row.needs()
		for _, a := range row.attributes {
			found := false
			for _, oid := range needs {
				found = found || oid == a.oid
			}
			if !found {
				t.Errorf("%s: attribute %s is not looked up", text, a.name)
			}
		}
	})
}
