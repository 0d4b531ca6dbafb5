package cargo

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sqlxmage/sqlxmage/internal/diag"
)

// Diagnostic is one error of the compiler.
type Diagnostic struct {
	diag.Diagnostic        // its first line; the file absolute, empty where the compiler names no place
	Rendered        string // as rustc prints it, with colours when they were asked for
	Package         string // the name of the package
	InMacro         bool   // it arose in a query macro of sqlx
}

// artifact is cargo's message that a unit is done, compiled or fresh.
type artifact struct {
	PackageID    string `json:"package_id"`
	ManifestPath string `json:"manifest_path"`
	Target       struct {
		Kind []string `json:"kind"`
		Name string   `json:"name"`
	} `json:"target"`
	Profile struct {
		Test bool `json:"test"`
	} `json:"profile"`
	Filenames []string `json:"filenames"`
	Fresh     bool     `json:"fresh"`
}

// isCheck says whether the unit is compiled by `cargo check` alone: it leaves
// metadata and nothing that could be linked or run.
func (a artifact) isCheck() bool {
	for _, name := range a.Filenames {
		if filepath.Ext(name) != ".rmeta" {
			return false
		}
	}
	return len(a.Filenames) > 0
}

func (a artifact) isBuildScript() bool { return slices.Contains(a.Target.Kind, "custom-build") }

// isSqlx says whether the package is sqlx, a part or a fork of it, by its name.
func (a artifact) isSqlx() bool { return strings.HasPrefix(packageName(a.PackageID), "sqlx") }

// isPath says whether the package is a folder on this machine, as a member of
// a workspace is.
func (a artifact) isPath() bool { return strings.Contains(a.PackageID, "path+file:") }

// isLibrary says whether other units may depend on it.
func (a artifact) isLibrary() bool {
	return !a.Profile.Test && !slices.ContainsFunc(a.Target.Kind, func(kind string) bool {
		return slices.Contains([]string{"bin", "example", "test", "bench", "custom-build"}, kind)
	})
}

// buildScript is cargo's message that a build script has run, now or before.
type buildScript struct {
	PackageID string      `json:"package_id"`
	Env       [][2]string `json:"env"`
	OutDir    string      `json:"out_dir"`
}

// output returns the file whose time says when the script last ran.
func (b buildScript) output() string { return filepath.Join(filepath.Dir(b.OutDir), "output") }

type compilerMessage struct {
	PackageID    string      `json:"package_id"`
	ManifestPath string      `json:"manifest_path"`
	Message      rustMessage `json:"message"`
}

type rustMessage struct {
	Level    string     `json:"level"`
	Message  string     `json:"message"`
	Rendered string     `json:"rendered"`
	Spans    []rustSpan `json:"spans"`
}

type rustSpan struct {
	File      string `json:"file_name"`
	Line      int    `json:"line_start"`
	Column    int    `json:"column_start"`
	Primary   bool   `json:"is_primary"`
	Expansion *struct {
		Span  rustSpan `json:"span"`
		Macro string   `json:"macro_decl_name"`
	} `json:"expansion"`
}

// messages takes the stream of --message-format=json, in any pieces, and hands
// each message to its receiver. Kinds of messages that it does not know are
// passed over.
type messages struct {
	artifact    func(artifact)
	buildScript func(buildScript)
	compiler    func(compilerMessage)
	other       func(line []byte) // what is no message: a macro's own output

	partial []byte
}

func (to *messages) Write(p []byte) (int, error) {
	to.partial = append(to.partial, p...)
	for {
		end := bytes.IndexByte(to.partial, '\n')
		if end < 0 {
			return len(p), nil
		}
		to.dispatch(to.partial[:end+1])
		to.partial = to.partial[end+1:]
	}
}

func (to *messages) dispatch(line []byte) {
	var kind struct {
		Reason string `json:"reason"`
	}
	if json.Unmarshal(line, &kind) != nil || kind.Reason == "" {
		to.other(line)
		return
	}
	var err error
	switch kind.Reason {
	case "compiler-artifact":
		err = deliver(line, to.artifact)
	case "build-script-executed":
		err = deliver(line, to.buildScript)
	case "compiler-message":
		err = deliver(line, to.compiler)
	}
	if err != nil {
		to.other(line)
	}
}

func deliver[T any](line []byte, to func(T)) error {
	var message T
	if err := json.Unmarshal(line, &message); err != nil {
		return err
	}
	to(message)
	return nil
}

// diagnostic places an error in the user's sources. The primary span of an
// error in a query lies in sqlx's own macros; the chain of expansions leads
// outwards to the call, and where a macro of the user's makes the call, to the
// call of that one. Paths are relative to root, the workspace's, for members.
func (m compilerMessage) diagnostic(root string) Diagnostic {
	d := Diagnostic{
		Diagnostic: diag.Diagnostic{Code: diag.Compile, Message: diag.Clean(m.Message.Message)},
		Rendered:   m.Message.Rendered,
		Package:    packageName(m.PackageID),
	}
	span := m.Message.primary()
	for span != nil {
		if d.File == "" || !filepath.IsAbs(span.File) || within(filepath.Dir(m.ManifestPath), span.File) {
			d.File, d.Line, d.Column = span.File, span.Line, span.Column
		}
		if span.Expansion == nil {
			break
		}
		d.InMacro = d.InMacro || strings.HasSuffix(span.Expansion.Macro, "sqlx_macros::expand_query!")
		span = &span.Expansion.Span
	}
	if d.File != "" && !filepath.IsAbs(d.File) {
		d.File = filepath.Join(root, d.File)
	}
	return d
}

func (m rustMessage) primary() *rustSpan {
	for i := range m.Spans {
		if m.Spans[i].Primary {
			return &m.Spans[i]
		}
	}
	return nil
}

func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// packageName reads the name from a package id: "registry+…#sqlx@0.8.6",
// "path+file:///…/notes#0.1.0" where the folder bears the name, and before
// cargo 1.77 "sqlx 0.8.6 (registry+…)".
func packageName(id string) string {
	if name, _, ok := strings.Cut(id, " "); ok {
		return name
	}
	source, fragment, ok := strings.Cut(id, "#")
	if !ok {
		return id
	}
	if name, _, ok := strings.Cut(fragment, "@"); ok {
		return name
	}
	source, _, _ = strings.Cut(source, "?")
	return source[strings.LastIndexByte(source, '/')+1:]
}
