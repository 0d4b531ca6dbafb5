package bench

import (
	"slices"
	"testing"
)

// FuzzParse reads the values of bench's own flags.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "16, 64", "0", "cold,noop", "hot", "20%", "NaN", "1e999", "-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if units, err := ParseCodegenUnits(text); err == nil && slices.ContainsFunc(units, func(n int) bool { return n < 1 }) {
			t.Errorf("codegen units %q: %v", text, units)
		}
		if list, err := ParseScenarios(text); err == nil {
			for _, s := range list {
				if !slices.Contains(Scenarios(), s) {
					t.Errorf("scenarios %q: %q", text, list)
				}
			}
		}
		if part, err := ParsePercent(text); err == nil && !(part == -1 && text == "" || part >= 0 && part <= 1e6) {
			t.Errorf("percentage %q: %v", text, part)
		}
	})
}
