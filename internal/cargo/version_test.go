package cargo

import "testing"

func FuzzParseVersion(f *testing.F) {
	f.Add("cargo 1.95.0 (f2d3ce0bd 2026-03-21)")
	f.Add("cargo 1.96.0-nightly")
	f.Add("cargo 1.-2.3")
	f.Fuzz(func(t *testing.T, line string) {
		v, err := parseVersion(line)
		if err != nil {
			return
		}
		if again, err := parseVersion("cargo " + v.String()); err != nil || again != v {
			t.Errorf("%q: %v, then %v, %v", line, v, again, err)
		}
	})
}

func TestVersionLess(t *testing.T) {
	ordered := []Version{{1, 56, 1}, {1, 57, 0}, {1, 57, 2}, {1, 100, 0}, {2, 0, 0}}
	for i, v := range ordered {
		for j, w := range ordered {
			if v.Less(w) != (i < j) {
				t.Errorf("%v.Less(%v) is %v", v, w, v.Less(w))
			}
		}
	}
}
