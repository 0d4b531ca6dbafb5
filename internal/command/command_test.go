package command

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hashicorp/go-multierror"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/suite"
)

func TestExitCode(t *testing.T) {
	usage := config.Errorf("m")
	stale := &suite.StaleError{Units: []string{"a"}}
	unproven := &suite.UnprovenError{Unit: "a", Cargo: errors.New("no cargo")}
	plain := errors.New("m")
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"plain", plain, 1},
		{"usage", fmt.Errorf("read: %w", usage), 2},
		{"stale", stale, 3},
		{"unproven", unproven, 4},
		{"slower", &suite.SlowerError{Where: []string{"warm, native"}}, 5},
		{"stale and failed", multierror.Append(nil, stale, plain), 1},
		{"stale and unproven", multierror.Append(nil, stale, unproven), 4},
		{"failed and usage", multierror.Append(nil, plain, usage), 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := exitCode(test.err); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
		})
	}
}
