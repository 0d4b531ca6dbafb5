package need

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPrograms lists what the machine lacks, what brings it, and the tests that
// skip for want of it.
func TestPrograms(t *testing.T) {
	uses := read(t, forTests)
	skipped := uses.skipped()
	for name, tests := range skipped {
		if !slices.ContainsFunc(programs, func(p program) bool { return p.name == name }) {
			t.Errorf("%s is not in the table of programs; %q need it", name, tests)
		}
	}
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			tests := skipped[p.name]
			if len(tests) == 0 && !uses.named(p.name) {
				t.Fatal("no test needs it")
			}
			path, err := p.path()
			if err == nil {
				t.Logf("found: %s", path)
				return
			}
			Missing(t, p.name, err.Error()+"\nto install it: "+p.install+"\ntests that skip, or parts of them:\n\t"+strings.Join(tests, "\n\t"))
		})
	}
}

// TestMains: each package whose tests start programs of the machine runs apart
// from what the user keeps.
func TestMains(t *testing.T) {
	uses := read(t, forTests)
	for _, pkg := range slices.Sorted(maps.Keys(uses.packages)) {
		starts := false
		for name := range uses.functions {
			starts = starts || strings.HasPrefix(name, pkg+".Test") && len(uses.needs(name)) > 0
		}
		if starts && pkg != here && !uses.reached(pkg + ".TestMain")[here+".Main"] {
			t.Errorf("%s has no TestMain that calls need.Main", pkg)
		}
	}
}

const (
	module = "github.com/sqlxmage/sqlxmage"
	here   = module + "/internal/need"
)

// uses are the functions that tests consist of: those of test files, of this
// package, and of the packages that only tests import. They are told apart by
// name alone, "PACKAGE.Name", methods too, so that a test may seem to need more
// than it does, but not less.
type uses struct {
	packages  map[string]bool
	functions map[string]*function
	scripts   map[string][]string // the scripts of testscript that need a program
}

type function struct {
	test  bool
	calls map[string]bool // the functions that are mentioned, of other modules too
	needs map[string]bool // the programs that are named
}

// read reads the Go files of the repository, by their paths in it, and the
// scripts.
func read(t *testing.T, which func(rel string) bool) *uses {
	t.Helper()
	u := &uses{packages: map[string]bool{}, functions: map[string]*function{}, scripts: map[string][]string{}}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case entry.IsDir() && (rel == "examples" || strings.HasPrefix(entry.Name(), ".") && rel != "."):
			return fs.SkipDir
		case strings.HasSuffix(rel, ".txtar") && path.Base(path.Dir(rel)) == "script":
			return u.readScript(file, rel)
		case strings.HasSuffix(rel, ".go") && which(rel):
			return u.readSource(t, file, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// forTests tells the files of tests, and of packages that only tests import.
func forTests(rel string) bool {
	dir := path.Dir(rel)
	return strings.HasSuffix(rel, "_test.go") || dir == "internal/need" || dir == "internal/oracle"
}

// readScript finds the conditions on which a script skips.
func (u *uses) readScript(file, rel string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, match := range regexp.MustCompile(`(?m)^\[!has:(.*?)\] skip`).FindAllSubmatch(text, -1) {
		dir, _, _ := strings.Cut(rel, "/testdata/")
		u.scripts[string(match[1])] = append(u.scripts[string(match[1])], dir+" TestScripts/"+strings.TrimSuffix(path.Base(rel), ".txtar"))
	}
	return nil
}

func (u *uses) readSource(t *testing.T, file, rel string) error {
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	pkg := path.Join(module, path.Dir(rel))
	u.packages[pkg] = true
	imports := map[string]string{}
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		imports[path.Base(imported)] = imported
	}
	for _, decl := range tree.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		name := pkg + "." + f.Name.Name
		if u.functions[name] == nil {
			u.functions[name] = &function{test: forTests(rel), calls: map[string]bool{}, needs: map[string]bool{}}
		}
		u.functions[name].read(t, rel, pkg, imports, f.Body)
	}
	return nil
}

func (f *function) read(t *testing.T, file, pkg string, imports map[string]string, body ast.Node) {
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Ident:
			f.calls[pkg+"."+node.Name] = true
		case *ast.SelectorExpr:
			from := pkg
			if x, ok := node.X.(*ast.Ident); ok && imports[x.Name] != "" {
				from = imports[x.Name]
			}
			f.calls[from+"."+node.Sel.Name] = true
		case *ast.CallExpr:
			if asksRecord(node, pkg, imports) {
				for _, arg := range node.Args[:len(node.Args)-1] {
					f.read(t, file, pkg, imports, arg)
				}
				return false
			}
			called := node.Fun
			if selector, ok := called.(*ast.SelectorExpr); ok && pkg != here {
				if x, ok := selector.X.(*ast.Ident); !ok || imports[x.Name] != here {
					return true
				}
				called = selector.Sel
			} else if pkg != here {
				return true
			}
			if name, ok := called.(*ast.Ident); !ok || name.Name != "Program" && name.Name != "Missing" {
				return true
			}
			literal, ok := node.Args[1].(*ast.BasicLit)
			if !ok {
				if pkg != here {
					t.Errorf("%s: the name of a program is no literal", file)
				}
				return true
			}
			name, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Error(err)
			}
			f.needs[name] = true
		}
		return true
	})
}

// asksRecord tells a call of oracle.Ask. What it calls live, its last argument,
// the everyday test does not need.
func asksRecord(call *ast.CallExpr, pkg string, imports map[string]string) bool {
	const oracle = module + "/internal/oracle"
	switch called := call.Fun.(type) {
	case *ast.Ident:
		return pkg == oracle && called.Name == "Ask"
	case *ast.SelectorExpr:
		from, ok := called.X.(*ast.Ident)
		return ok && imports[from.Name] == oracle && called.Sel.Name == "Ask"
	}
	return false
}

// needs returns the programs that a function names, or one that it calls.
func (u *uses) needs(name string) map[string]bool {
	all := map[string]bool{}
	for called := range u.reached(name) {
		maps.Copy(all, u.functions[called].needs)
	}
	return all
}

// named tells whether any function names a program, be it for live tests alone.
func (u *uses) named(program string) bool {
	for _, f := range u.functions {
		if f.needs[program] {
			return true
		}
	}
	return false
}

// reached returns a function and all that it calls, and they call.
func (u *uses) reached(name string) map[string]bool {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		f := u.functions[name]
		if f == nil || seen[name] {
			return
		}
		seen[name] = true
		for called := range f.calls {
			visit(called)
		}
	}
	visit(name)
	return seen
}

// skipped returns the tests that need each program.
func (u *uses) skipped() map[string][]string {
	tests := maps.Clone(u.scripts)
	for name := range u.functions {
		dot := strings.LastIndexByte(name, '.')
		if test := name[dot+1:]; strings.HasPrefix(test, "Test") || strings.HasPrefix(test, "Fuzz") {
			for program := range u.needs(name) {
				tests[program] = append(tests[program], strings.TrimPrefix(name[:dot], module+"/")+" "+test)
			}
		}
	}
	for _, list := range tests {
		slices.Sort(list)
	}
	return tests
}
