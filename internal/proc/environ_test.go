package proc_test

import (
	"slices"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

func TestWithoutDatabases(t *testing.T) {
	got := proc.WithoutDatabases([]string{
		"PATH=/bin", "DATABASE_URL=x", "SQLXMAGE_DATABASE_URL=x", "PGPASSWORD=x", "MYSQL_PWD=x",
		"APP_DB=Postgres://u:p@h/db", "CACHE=sqlite:a.db?key=x", "=C:=C:\\", "POSTGRES=postgresql",
	})
	if want := []string{"PATH=/bin", "=C:=C:\\", "POSTGRES=postgresql"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
