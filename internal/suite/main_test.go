package suite

import (
	"fmt"
	"os"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

func TestMain(m *testing.M) {
	if os.Getenv(standInCargo) != "" && len(os.Args) > 1 {
		if err := runStandInCargo(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(101)
		}
		os.Exit(0)
	}
	os.Exit(need.Main(m))
}
