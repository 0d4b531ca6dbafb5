package sites

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sqlxmage/sqlxmage/internal/rust/cfg"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestScan runs the projects of testdata/*.txtar. An archive's comment may hold
// a line `args: …` with the arguments of cargo check; its file `want` is what
// the scan must find. Files that an archive does not have itself come from
// testdata/common.txtar.
func TestScan(t *testing.T) {
	t.Setenv("CARGO_HOME", t.TempDir()) // the archives say which published crates are there
	common, err := txtar.ParseFile(filepath.Join("testdata", "common.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		if name == "common" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := unpack(t, common, archive)
			got := render(dir, scanDir(t, dir, argsOf(string(archive.Comment)), Options{}))
			at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			if at < 0 {
				archive.Files = append(archive.Files, txtar.File{Name: "want"})
				at = len(archive.Files) - 1
			}
			if *update {
				archive.Files[at].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[at].Data), got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// argsOf returns the arguments in a comment's line `args: …`.
func argsOf(comment string) []string {
	for line := range strings.Lines(comment) {
		if rest, ok := strings.CutPrefix(line, "args:"); ok {
			return strings.Fields(rest)
		}
	}
	return nil
}

// unpack writes archives to a directory, the later over the earlier. A file's
// line ends become CRLF where its name ends in `(crlf)`.
func unpack(t testing.TB, archives ...*txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for _, archive := range archives {
		for _, file := range archive.Files {
			if file.Name == "want" {
				continue
			}
			name, crlf := strings.CutSuffix(file.Name, " (crlf)")
			if crlf {
				file.Data = []byte(strings.ReplaceAll(string(file.Data), "\n", "\r\n"))
			}
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, file.Data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// planOf returns what cargo check with the arguments compiles in dir, as on
// Linux whatever the machine.
func planOf(t testing.TB, dir string, args []string) *workspace.Plan {
	t.Helper()
	ws, err := workspace.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := workspace.ParseArgs(args)
	if err != nil {
		t.Fatal(err)
	}
	platform, err := cfg.Builtin("linux", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := ws.Plan(parsed, dir, platform)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func scanDir(t testing.TB, dir string, args []string, opts Options) *Result {
	t.Helper()
	return scanPlan(t, planOf(t, dir, args), opts)
}

func scanPlan(t testing.TB, plan *workspace.Plan, opts Options) *Result {
	t.Helper()
	result, err := Scan(context.Background(), plan, opts)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// render writes a result as text, with paths relative to dir.
func render(dir string, r *Result) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		text = strings.ReplaceAll(text, dir+string(filepath.Separator), "")
		if runtime.GOOS == "windows" {
			text = strings.ReplaceAll(text, `\`, "/")
		}
		b.WriteString(strings.ReplaceAll(text, dir, ".") + "\n")
	}
	for _, s := range r.Sites {
		line("%s %s %q", s.Place, s.Kind, s.SQL)
		if s.Macro != string(s.Kind) {
			line("    out of %s!", s.Macro)
		}
		if s.Record != "" {
			line("    record %s", s.Record)
		}
		for _, a := range s.Args {
			line("    argument at %d:%d %s", a.Line, a.Column, a.Type)
		}
		var in []string
		for _, c := range s.In {
			name := fmt.Sprintf("%s %s", c.Target.Kind, c.Target.CrateName)
			if c.Test {
				name += " (test)"
			}
			in = append(in, name)
		}
		line("    in %s", strings.Join(in, ", "))
	}
	for _, m := range r.Migrations {
		line("migrate %s %q %s", m.Place, m.Path, m.Dir)
	}
	for _, x := range r.Blind {
		line("blind %s", x)
	}
	for _, p := range r.Problems {
		line("problem %s", p.Error())
	}
	for _, p := range r.Notes {
		line("note %s", p.Error())
	}
	return b.String()
}

// query is one SQL text with all the sites that have it.
type query struct {
	Hash  string // SHA-256 of the text, in hexadecimal: the query file's name
	SQL   string
	Sites []*Site // in the order of Result.Sites
}

// queries returns the distinct SQL texts, ordered by hash.
func queries(r *Result) []query {
	index := make(map[string]int)
	var list []query
	for i := range r.Sites {
		site := &r.Sites[i]
		at, ok := index[site.Hash]
		if !ok {
			at = len(list)
			index[site.Hash] = at
			list = append(list, query{Hash: site.Hash, SQL: site.SQL})
		}
		list[at].Sites = append(list[at].Sites, site)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Hash < list[j].Hash })
	return list
}
