package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// maxDepth is how deep serde_json, with which sqlx reads the plan, follows
// arrays and objects (its recursion limit of 128, which counts down to 0).
const maxDepth = 127

var errDeep = errors.New("its plan is nested too deeply: sqlx's macros refuse it (recursion limit exceeded); join fewer relations in one statement")

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
// compared as text, and the first equal one counts. Its error is that of a plan
// that sqlx cannot read.
func nullableOutputs(explain []byte) ([]bool, error) {
	var entries []json.RawMessage
	if err := json.Unmarshal(explain, &entries); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	if depth(explain) > maxDepth {
		return nil, errDeep
	}
	if len(entries) == 0 {
		return nil, nil // a rule made nothing of the statement
	}
	var root struct{ Plan *plan }
	// A utility statement's entry is no object.
	if json.Unmarshal(entries[0], &root) != nil || root.Plan == nil || root.Plan.Output == nil {
		return nil, nil
	}
	outputs := *root.Plan.Output
	nullable := make([]bool, len(outputs))
	root.Plan.visit(outputs, nullable)
	return nullable, nil
}

// depth returns how deep the arrays and objects of valid JSON are nested.
func depth(data []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			now++
			deepest = max(deepest, now)
		case c == ']' || c == '}':
			now--
		}
	}
	return deepest
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
