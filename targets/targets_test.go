package targets

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/magefile/mage/mg"
	"github.com/sqlxmage/sqlxmage/internal/config"
	"github.com/sqlxmage/sqlxmage/internal/report"
	"github.com/sqlxmage/sqlxmage/internal/suite"
)

// TestFlags holds the targets' parameters against the table of settings, by
// which flags are read and documented.
func TestFlags(t *testing.T) {
	var decls []ast.Decl
	for _, name := range []string{"targets.go", "bench.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	got := map[string][]string{}
	for _, decl := range decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok || !function.Name.IsExported() {
			continue
		}
		target := strings.ToLower(function.Name.Name[:1]) + function.Name.Name[1:]
		for _, field := range function.Type.Params.List[1:] {
			for _, name := range field.Names {
				got[target] = append(got[target], name.Name)
			}
		}
		sort.Strings(got[target])
	}
	want := map[string][]string{}
	for _, setting := range config.Settings() {
		for _, target := range setting.Targets {
			want[target] = append(want[target], setting.Flag)
		}
	}
	for _, flags := range want {
		sort.Strings(flags)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-) and parameters (+) differ:\n%s", diff)
	}
}

func TestRunReportsUsage(t *testing.T) {
	work := func(context.Context, suite.Request) (*report.Result, error) {
		t.Error("the work began")
		return nil, nil
	}
	err := run(context.Background(), "prepare", flags{"engine": "fast"}, work)
	if mg.ExitStatus(err) != 2 || !strings.Contains(err.Error(), "it may be auto, native, cargo") {
		t.Errorf("error %v", err)
	}
}
