package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes the result as one JSON object and a newline.
func JSON(w io.Writer, r *Result) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
