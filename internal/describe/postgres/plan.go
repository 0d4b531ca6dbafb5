package postgres

import (
	"encoding/json"
	"slices"
)

// plan is what sqlx reads of a node of EXPLAIN's JSON.
type plan struct {
	Join   *string   `json:"Join Type"`
	Parent *string   `json:"Parent Relationship"`
	Output *[]string `json:"Output"`
	Plans  []plan    `json:"Plans"`
}

// nullableOutputs returns which of a statement's columns its plan makes
// nullable: the outputs of a full join, and of the inner side of a left or right
// one. It follows nullables_from_explain and visit_plan of sqlx-postgres 0.8.6
// and 0.9.0, connection/describe.rs, false positives included: outputs are
// compared as text, and the first equal one counts.
func nullableOutputs(explain []byte) []bool {
	var entries []json.RawMessage
	if json.Unmarshal(explain, &entries) != nil || len(entries) == 0 {
		return nil
	}
	var root struct{ Plan *plan }
	// A utility statement's entry is no object.
	if json.Unmarshal(entries[0], &root) != nil || root.Plan == nil || root.Plan.Output == nil {
		return nil
	}
	outputs := *root.Plan.Output
	nullable := make([]bool, len(outputs))
	root.Plan.visit(outputs, nullable)
	return nullable
}

func (p *plan) visit(outputs []string, nullable []bool) {
	join, parent := text(p.Join), text(p.Parent)
	if p.Output != nil && (join == "Full" || parent == "Inner") {
		for _, output := range *p.Output {
			if i := slices.Index(outputs, output); i >= 0 {
				nullable[i] = true
			}
		}
	}
	if join == "Left" || join == "Right" {
		for i := range p.Plans {
			p.Plans[i].visit(outputs, nullable)
		}
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
