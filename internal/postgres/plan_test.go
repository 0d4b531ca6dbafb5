package postgres

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// Plans are written short: name(outputs){children}, with what matters in
// front of the name: a join type, then the relationship to the parent.
func TestNullableOutputs(t *testing.T) {
	node := func(join, parent string, outputs []string, children ...string) string {
		fields := []string{`"Node Type": "x"`, `"Plan Rows": 1`}
		if join != "" {
			fields = append(fields, `"Join Type": "`+join+`"`)
		}
		if parent != "" {
			fields = append(fields, `"Parent Relationship": "`+parent+`"`)
		}
		if outputs != nil {
			data, _ := json.Marshal(outputs)
			fields = append(fields, `"Output": `+string(data))
		}
		if children != nil {
			fields = append(fields, `"Plans": [`+strings.Join(children, ", ")+`]`)
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	of := func(names ...string) []string { return names }
	for _, test := range []struct {
		name string
		root string // a node, or the whole answer when it begins with [
		want string // a 1 for each nullable output
	}{
		{"no join", node("", "", of("a.x", "a.y")), "00"},
		{"left join", node("Left", "", of("a.x", "b.y"), node("", "Outer", of("a.x")), node("", "Inner", of("b.y"))), "01"},
		{"right join", node("Right", "", of("a.x", "b.y"), node("", "Outer", of("a.x")), node("", "Inner", of("b.y"))), "01"},
		{"inner join", node("Inner", "", of("a.x", "b.y"), node("", "Outer", of("a.x")), node("", "Inner", of("b.y"))), "00"},
		{"full join", node("Full", "", of("a.x", "b.y"), node("", "Outer", of("a.x")), node("", "Inner", of("b.y"))), "11"},
		{"full join below a left join", node("Left", "", of("a.x", "b.y", "c.z"), node("Full", "Outer", of("a.x", "b.y")), node("", "Inner", of("c.z"))), "111"},
		{"full join below an inner join", node("Inner", "", of("a.x"), node("Full", "Outer", of("a.x"))), "0"},
		{"left join below a sort", node("", "", of("a.x", "b.y"), node("Left", "Outer", of("a.x", "b.y"), node("", "Inner", of("b.y")))), "00"},
		{"inner join inside a left join", node("Left", "", of("a.x", "b.y", "c.z"), node("Inner", "Inner", of("b.y", "c.z"), node("", "Inner", of("a.x")))), "011"},
		{"nested left joins", node("Left", "", of("a.x", "b.y", "c.z"), node("Left", "Outer", of("a.x", "b.y"), node("", "Inner", of("b.y"))), node("", "Inner", of("c.z"))), "011"},
		{"semi and anti joins", node("Anti", "", of("a.x"), node("", "Inner", of("a.x"))), "0"},
		{"first of equal outputs", node("Left", "", of("b.y", "b.y"), node("", "Inner", of("b.y", "b.y"))), "10"},
		{"an expression is another text", node("Left", "", of("(b.y + 1)"), node("", "Inner", of("b.y"))), "0"},
		{"the same constant on both sides", node("Left", "", of("1", "b.y"), node("", "Inner", of("1"))), "10"},
		{"init plan", node("Left", "", of("a.x"), node("", "InitPlan", of("a.x"))), "0"},
		{"no outputs below", node("Left", "", of("a.x"), node("", "Inner", nil)), "0"},
		{"no outputs", node("Left", "", nil, node("", "Inner", of("a.x"))), ""},
		{"no children", node("Left", "", of("a.x")), "0"},
		{"utility statement", `["Utility Statement"]`, ""},
		{"nothing", `[]`, ""},
		{"only the first plan counts", `[{"Plan": ` + node("", "", of("a")) + `}, {"Plan": ` + node("Full", "", of("a")) + `}]`, "0"},
		{"fields beside the plan", `[{"Plan": ` + node("Full", "", of("a")) + `, "Query Identifier": 1147616880456321454}]`, "1"},
		{"a plan of another shape", `[{"Plan": {"Output": "a"}}]`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			explain := test.root
			if !strings.HasPrefix(explain, "[") {
				explain = `[{"Plan": ` + explain + `}]`
			}
			nullable, err := nullableOutputs([]byte(explain))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, yes := range nullable {
				got += map[bool]string{false: "0", true: "1"}[yes]
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDeepPlan(t *testing.T) {
	nested := func(levels int) []byte {
		return []byte(`[{"Plan": ` + strings.Repeat(`{"Plans": [`, levels) + strings.Repeat(`]}`, levels) + `}]`)
	}
	if _, err := nullableOutputs(nested(62)); err != nil {
		t.Errorf("126 levels: %v", err)
	}
	if _, err := nullableOutputs(nested(63)); !errors.Is(err, errDeep) {
		t.Errorf("128 levels: %v", err)
	}
	if n := depth([]byte(`["[[[", {"a\"[": "\\"}]`)); n != 2 {
		t.Errorf("brackets inside strings: depth %d, want 2", n)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add([]byte(`[{"Plan": {"Join Type": "Left", "Output": ["a", "b"], "Plans": [{"Parent Relationship": "Inner", "Output": ["b"]}]}}]`))
	f.Add([]byte(`["Utility Statement"]`))
	f.Add([]byte(`[{"Plan": {"Output": ["\"\\["], "Plans": null}}]`))
	f.Fuzz(func(t *testing.T, explain []byte) {
		nullable, err := nullableOutputs(explain)
		if err != nil {
			return
		}
		if nullable == nil {
			return
		}
		var roots []struct{ Plan plan }
		if err := json.Unmarshal(explain, &roots); err == nil && len(nullable) != len(*roots[0].Plan.Output) {
			t.Errorf("%d answers for %d outputs", len(nullable), len(*roots[0].Plan.Output))
		}
		// Without a join at the root only the root itself can count.
		if err := json.Unmarshal(explain, &roots); err == nil && roots[0].Plan.Join == nil && roots[0].Plan.Parent == nil && slices.Contains(nullable, true) {
			t.Error("nullable without a join")
		}
	})
}
