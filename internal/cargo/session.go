package cargo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// session is one call of Record or OfflineCheck: the runs of cargo that it
// takes.
type session struct {
	tool   Tool
	req    Request
	result Result
	dirs   []string        // temporary ones, to remove
	owned  map[string]bool // what owns found, by manifest path
	shown  map[string]bool // diagnostics that were printed
}

func newSession(t Tool, req Request) *session {
	if req.Output == nil {
		req.Output = io.Discard
	}
	if req.Secrets == nil {
		req.Secrets = &database.Redactor{}
	}
	req.Secrets.Add(req.DatabaseURL)
	req.Output = &shared{to: req.Output}
	s := &session{
		tool: t, req: req,
		owned: map[string]bool{}, shown: map[string]bool{},
	}
	for _, p := range req.Packages {
		s.result.Unchecked = append(s.result.Unchecked, p.Name)
	}
	return s
}

// expand runs cargo until each unit of the packages was compiled in one of its
// runs, and returns the directories that these runs wrote to. environment is
// called before each run.
func (s *session) expand(
	ctx context.Context, args []string, environment func() (environment, error),
) ([]string, error) {
	known, before := s.keptUnits(args), outputs{}
	if err := before.expire(known.read()); err != nil {
		return nil, err
	}
	var runs history
	for range maxRuns {
		env, err := environment()
		if err != nil {
			return nil, err
		}
		r, err := s.check(ctx, args, env)
		if err != nil {
			return nil, err
		}
		r.writes = env.writes
		runs = append(runs, r)
		pending := runs.pending()
		if len(pending) == 0 {
			s.result.Fresh += r.fresh
			known.write(r.units)
			s.checked(r.units)
			return runs.directories(), before.restore(r.products)
		}
		if err := before.expire(pending); err != nil {
			return nil, err
		}
	}
	return nil, runs.unproven()
}

// checked takes the packages that have a unit off the result's list.
func (s *session) checked(units []unit) {
	s.result.Unchecked = slices.DeleteFunc(s.result.Unchecked, func(name string) bool {
		return slices.ContainsFunc(units, func(u unit) bool { return u.Package == name })
	})
}

// run is what one run of cargo did.
type run struct {
	writes    string // the directory for query files
	units     []unit // of the packages whose queries are wanted
	products  []product
	fresh     int      // crates that needed no compiling
	strangers []string // other packages that may have written queries

	diagnostics []Diagnostic
	overridden  *OverriddenError
	failure     error // of our own
}

// check runs `cargo check` once.
func (s *session) check(ctx context.Context, args []string, env environment) (*run, error) {
	command, err := s.arguments(args, env)
	if err != nil {
		return nil, err
	}
	cmd := proc.Command(ctx, s.tool.Path, command...)
	cmd.Dir = s.req.Dir
	cmd.Env = append(env.environ(), s.terminal()...)
	cmd.Stop = syscall.SIGTERM
	r := &run{}
	var last tail
	stdout, stderr := s.receive(r, env), s.stream(&last)
	cmd.Stdout = stdout
	cmd.Stderr = late{stderr}
	s.result.Runs++
	err = cmd.Run()
	if flushErr := stderr.Flush(); err == nil && flushErr != nil {
		err = flushErr
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() == nil && r.overridden != nil: // and what failed asked another database
		return nil, r.overridden
	case ctx.Err() == nil && errors.As(err, &exit):
		return nil, &CompileError{
			Diagnostics: r.diagnostics, Output: last.String(), Err: exit,
		}
	case err == nil:
		err = r.failure
	}
	if err != nil {
		return nil, fmt.Errorf("cargo check in %s: %w", s.req.Dir, err)
	}
	return r, nil
}

func (s *session) arguments(args []string, env environment) ([]string, error) {
	if option(args, "--message-format") != "" {
		return nil, errors.New("cargo arguments: --message-format cannot be chosen")
	}
	format := "json"
	if s.req.Color {
		format = "json-diagnostic-rendered-ansi"
	}
	command := []string{"check", "--message-format", format}
	command = append(command, s.req.profileArgs(args)...)
	if s.req.TargetDir != "" {
		command = append(command, "--target-dir", s.req.TargetDir)
	}
	for _, config := range s.req.Config {
		command = append(command, "--config", config)
	}
	forced, err := env.unforce(s.req.Dir)
	if err != nil {
		return nil, err
	}
	command = append(command, forced...)
	if !s.tool.Version.Less(keepGoing) && !slices.Contains(args, "--keep-going") {
		command = append(command, "--keep-going")
	}
	return append(command, args...), nil
}

// terminal returns the variables that make cargo draw for the terminal behind
// Output, which it cannot see itself.
func (s *session) terminal() []string {
	var env []string
	if s.req.Width > 0 && os.Getenv("CARGO_TERM_PROGRESS_WHEN") == "" {
		env = append(env, "CARGO_TERM_PROGRESS_WHEN=always", fmt.Sprintf("CARGO_TERM_PROGRESS_WIDTH=%d", s.req.Width))
	}
	if s.req.Color {
		env = append(env, "CARGO_TERM_COLOR=always")
	}
	return env
}

// receive returns the receiver of cargo's messages, which fills r.
func (s *session) receive(r *run, env environment) *messages {
	macros := false // sqlx's were seen: what needs them comes later
	owned := map[string]bool{}
	out := s.stream()
	return &messages{
		artifact: func(a artifact) {
			if a.Fresh {
				r.fresh++
			} else {
				s.result.Compiled++
			}
			owned[a.PackageID] = s.owns(a)
			if owned[a.PackageID] {
				r.own(a)
			} else if macros && !a.Fresh && env.writes != "" {
				r.stranger(a)
			}
			r.made(a, owned[a.PackageID])
			macros = macros || a.isSqlx() && slices.Contains(a.Target.Kind, "proc-macro")
		},
		buildScript: func(b buildScript) {
			r.products = append(r.products, product{path: b.output()})
			for _, pair := range b.Env {
				value, ours := env.vars[pair[0]]
				if owned[b.PackageID] && ours && value != pair[1] {
					r.overridden = &OverriddenError{packageName(b.PackageID), pair[0]}
				}
			}
		},
		compiler: func(m compilerMessage) { s.diagnose(r, m, out) },
		other:    func(line []byte) { _, _ = out.Write(line) },
	}
}

// own notes a unit of the packages whose queries are wanted. What `cargo
// build` shares, a build script and a procedural macro, is left alone unless
// it can hold queries itself.
func (r *run) own(a artifact) {
	if !a.isCheck() {
		m, err := readManifest(a.ManifestPath)
		if err != nil {
			r.failure = err
		}
		if holds := m.mentions && !a.isBuildScript() || m.builds; !holds {
			return
		}
	}
	dir, err := a.fingerprint()
	if err != nil {
		r.failure = err
	}
	r.units = append(r.units, unit{
		Package: packageName(a.PackageID), Fingerprint: dir,
		Outputs: a.Filenames, Library: a.isLibrary(), compiled: !a.Fresh,
	})
}

// stranger notes a unit of another package that was compiled after sqlx's
// macros.
func (r *run) stranger(a artifact) {
	if a.isSqlx() && !a.isPath() {
		return
	}
	m, err := readManifest(a.ManifestPath)
	if err != nil {
		r.failure = err
	}
	if m.mentions {
		r.strangers = append(r.strangers, packageName(a.PackageID))
	}
}

// made notes what others may depend on.
func (r *run) made(a artifact, own bool) {
	if a.isLibrary() {
		for _, path := range a.Filenames {
			r.products = append(r.products, product{path, own && a.isCheck()})
		}
	}
}

// diagnose shows a message of the compiler, once, and keeps an error.
func (s *session) diagnose(r *run, m compilerMessage, out *database.Writer) {
	if !s.shown[m.Message.Rendered] {
		s.shown[m.Message.Rendered] = true
		if s.req.Width > 0 {
			_, _ = io.WriteString(out, "\r\x1b[K") // over the progress bar
		}
		_, _ = io.WriteString(out, m.Message.Rendered)
		_ = out.Flush()
	}
	if m.Message.Level != "error" && m.Message.Level != "error: internal compiler error" {
		return
	}
	d := m.diagnostic(s.req.Workspace.WorkspaceRoot)
	d.Message, d.Rendered = s.req.Secrets.Text(d.Message), s.req.Secrets.Text(d.Rendered)
	if !slices.ContainsFunc(r.diagnostics, func(o Diagnostic) bool { return o.Error() == d.Error() }) {
		r.diagnostics = append(r.diagnostics, d)
	}
}

// owns says whether the unit is of a package whose queries are wanted; such a
// package is on this machine, not in a registry.
func (s *session) owns(a artifact) bool {
	if !a.isPath() {
		return false
	}
	owned, known := s.owned[a.ManifestPath]
	if !known {
		owned = slices.ContainsFunc(s.req.Packages, func(p Package) bool {
			return samePath(p.ManifestPath, a.ManifestPath)
		})
		s.owned[a.ManifestPath] = owned
	}
	return owned
}

// samePath says whether two paths lead to one file, by whatever links.
func samePath(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// stream returns a stream without secrets to the output, and to others.
func (s *session) stream(others ...io.Writer) *database.Writer {
	return s.req.Secrets.Writer(io.MultiWriter(append(others, s.req.Output)...))
}

// shared is a stream that several write to.
type shared struct {
	lock sync.Mutex
	to   io.Writer
}

func (w *shared) Write(p []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.to.Write(p)
}

// late passes cargo's stderr on after a moment: of what cargo writes to both
// its streams, the diagnostics on stdout then come first, as cargo meant it.
type late struct{ io.Writer }

func (w late) Write(p []byte) (int, error) {
	time.Sleep(2 * time.Millisecond)
	return w.Writer.Write(p)
}

// tail keeps the end of what is written to it.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	const most = 8 << 10
	t.Buffer.Write(p)
	if extra := t.Len() - most; extra > 0 {
		t.Next(extra)
	}
	return len(p), nil
}
