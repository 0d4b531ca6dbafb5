package sqlite_test

import (
	"os"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/need"
)

func TestMain(m *testing.M) { os.Exit(need.Main(m)) }
