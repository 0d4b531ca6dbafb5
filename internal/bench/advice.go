package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"

	"github.com/BurntSushi/toml"
	"github.com/sqlxmage/sqlxmage/internal/tomltext"
)

// Advice is which cargo profile a project should use, by its own figures.
type Advice struct {
	Profile      string `json:"profile,omitempty"` // "": the figures do not tell
	CodegenUnits int    `json:"codegenUnits,omitempty"`
	// Why are sentences, the first about the profile, more about memory.
	Why []string `json:"why"`
}

// Advise compares the arms of the cargo engine where the user waits most
// often: after a changed query, else in the next scenario that was measured.
// Among those that do not differ in time it takes the one with less memory,
// then the first.
func (r *Report) Advise() Advice {
	for _, s := range []Scenario{Query, Touched, Warm, Noop, Cold} {
		if arms := r.profileArms(s); len(arms) > 0 {
			return r.advise(s, arms)
		}
	}
	return Advice{Why: []string{"no advice: it takes two cargo profiles that were measured without a failure"}}
}

// profileArms returns the arms that a profile can be chosen from, none where
// there is no choice.
func (r *Report) profileArms(s Scenario) []ArmInfo {
	var arms []ArmInfo
	for _, arm := range r.Arms {
		cell := r.Cell(arm.Name, s)
		if arm.Engine == "cargo" && arm.Profile != "" && cell != nil && len(cell.Good()) > 0 && cell.Failure() == "" {
			arms = append(arms, arm)
		}
	}
	if len(arms) < 2 {
		return nil
	}
	return arms
}

func (r *Report) advise(s Scenario, arms []ArmInfo) Advice {
	wall, memory := metric("wall"), metric("memory")
	good := func(a ArmInfo) []Sample { return r.Cell(a.Name, s).Good() }
	median := func(a ArmInfo, m Metric) float64 { return summarize(good(a), m).Median }
	fastest := slices.MinFunc(arms, func(a, b ArmInfo) int { return compareFloats(median(a, wall), median(b, wall)) })
	best := fastest
	even := []ArmInfo{} // with the fastest
	for _, arm := range arms {
		v := compare(good(fastest), good(arm), wall)
		if v.TooFew {
			return Advice{Why: []string{fmt.Sprintf("no advice: too few runs to tell profiles apart in %s; %d would", s, DefaultRuns)}}
		}
		if !v.Significant {
			even = append(even, arm)
		}
	}
	best = even[0]
	for _, arm := range even[1:] {
		if v := compare(good(best), good(arm), memory); v.Significant && v.Ratio < 0.95 {
			best = arm
		}
	}
	advice := Advice{Profile: best.Profile, CodegenUnits: best.CodegenUnits}
	for _, arm := range arms {
		if arm == best {
			continue
		}
		why := fmt.Sprintf("%s: %s took %s, %s %s", s, best.Name, wall.Text(median(best, wall)), arm.Name, wall.Text(median(arm, wall)))
		v := compare(good(best), good(arm), wall)
		if v.Significant {
			why += fmt.Sprintf(", %.3g times as long (p=%.3f)", v.Ratio, v.P)
		} else {
			why += fmt.Sprintf(": no difference (p=%.3f)", v.P)
		}
		advice.Why = append(advice.Why, why)
	}
	advice.Why = append(advice.Why, r.adviseMemory(s, arms, best)...)
	return advice
}

// adviseMemory speaks of codegen units, the audited remedy where memory is
// short: with what they were measured to do, or how to measure it.
func (r *Report) adviseMemory(s Scenario, arms []ArmInfo, best ArmInfo) []string {
	memory := metric("memory")
	peak := summarize(r.Cell(best.Name, s).Good(), memory).Median
	share := 0.0
	if r.Machine.Memory > 0 {
		share = peak / float64(r.Machine.Memory)
	}
	var why []string
	if share > 0.5 {
		why = append(why, fmt.Sprintf("memory is short: %s of the machine's %s", memory.Text(peak), memory.Text(float64(r.Machine.Memory))))
	}
	measured := false
	for _, arm := range arms {
		if arm.CodegenUnits == 0 || arm.Profile != best.Profile || arm == best {
			continue
		}
		measured = true
		v := compare(r.Cell(best.Name, s).Good(), r.Cell(arm.Name, s).Good(), memory)
		effect := "make no difference to memory"
		if v.Significant {
			effect = fmt.Sprintf("take %.3g times the memory", v.Ratio)
		}
		why = append(why, fmt.Sprintf("%s: %d codegen units %s (p=%.3f)", s, arm.CodegenUnits, effect, v.P))
	}
	if share > 0.5 && !measured {
		why = append(why, "whether fewer codegen units help: -codegenunits=16,64,256 measures it")
	}
	return why
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Apply returns the text of a sqlxmage.toml with the advised profile as the
// one to use; every other byte stays. Empty text is a file that is not there.
func (a Advice) Apply(text string) (string, error) {
	if a.Profile == "" {
		return "", errors.New("there is no advice to apply: " + a.Why[0])
	}
	var before map[string]any
	if _, err := toml.Decode(text, &before); err != nil {
		return "", err
	}
	table, isTable := before["profile"].(map[string]any)
	after := text
	var err error
	set := func(value string, path ...string) {
		if err == nil {
			after, err = tomltext.Set(after, value, path...)
		}
	}
	if isTable || a.CodegenUnits > 0 {
		if !isTable {
			after, err = tomltext.Delete(after, "profile")
		}
		set(tomltext.Quote(a.Profile), "profile", "default")
	} else {
		set(tomltext.Quote(a.Profile), "profile")
	}
	if a.CodegenUnits > 0 {
		set(strconv.Itoa(a.CodegenUnits), "profile", a.Profile, "codegen-units")
	}
	if err != nil {
		return "", err
	}
	return after, a.verify(before, table, after)
}

// ApplyTo writes the advised profile into a sqlxmage.toml, which is created
// where it is not there.
func (a Advice) ApplyTo(file string) error {
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("apply the advice: %w", err)
	}
	after, err := a.Apply(string(before))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return tomltext.ReplaceFile(file, before, []byte(after))
}

// verify makes sure that the edit means what was meant, and nothing else.
func (a Advice) verify(before, table map[string]any, after string) error {
	want := map[string]any{}
	for key, value := range table {
		want[key] = value
	}
	want["default"] = a.Profile
	if a.CodegenUnits > 0 {
		fields := map[string]any{}
		if old, ok := table[a.Profile].(map[string]any); ok {
			for key, value := range old {
				fields[key] = value
			}
		}
		fields["codegen-units"] = int64(a.CodegenUnits)
		want[a.Profile] = fields
	}
	var now map[string]any
	if _, err := toml.Decode(after, &now); err != nil {
		return fmt.Errorf("the profile cannot be written here, do it by hand: %w", err)
	}
	got := now["profile"]
	if name, ok := got.(string); ok {
		got = map[string]any{"default": name}
	}
	delete(now, "profile")
	rest := map[string]any{}
	for key, value := range before {
		if key != "profile" {
			rest[key] = value
		}
	}
	if !reflect.DeepEqual(got, any(want)) || !reflect.DeepEqual(now, rest) {
		return errors.New("the profile cannot be written here without changing anything else, do it by hand")
	}
	return nil
}
