package workspace

import "github.com/sqlxmage/sqlxmage/internal/diag"

// problemIn is something wrong in a file that does not stop the reading.
func problemIn(path, message string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: diag.Manifest, Message: message, Place: diag.Place{File: path}}
}
