package crates

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sqlxmage/sqlxmage/internal/proc"
)

// repository is a bare git repository of our own, which is there for one fetch.
type repository struct {
	git, dir string
	at       string
	sources  *Sources
}

// openRepository makes an empty repository to fetch a URL into. What it would
// have git do beyond that is refused.
func (s *Sources) openRepository(ctx context.Context, at string) (*repository, error) {
	if strings.HasPrefix(at, "-") || strings.Contains(at, "::") {
		return nil, fmt.Errorf("%q is no URL of a repository", at)
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("there is no git on this machine")
	}
	dir, err := os.MkdirTemp("", "sqlxmage-git-*")
	if err != nil {
		return nil, err
	}
	r := &repository{git: git, dir: dir, at: at, sources: s}
	if _, err := r.output(ctx, "init", "--quiet", "--bare", "--template=", dir); err != nil {
		r.remove()
		return nil, err
	}
	return r, nil
}

func (r *repository) remove() { _ = os.RemoveAll(r.dir) } // a temporary folder

// maxRepository is how large a fetched commit may be, in bytes.
const maxRepository = 512 << 20

// archive fetches a commit and packs the Rust files and manifests in it.
func (r *repository) archive(ctx context.Context, git gitRevision) ([]byte, error) {
	// Not every server hands out a commit by itself; all hand out branches and
	// tags.
	err := r.fetch(ctx, "--depth=1", "--end-of-options", r.at, git.commit)
	if err != nil {
		var silent *SilentError
		if ctx.Err() != nil || errors.As(err, &silent) || errors.Is(err, errTooLarge) {
			return nil, err
		}
		if r.fetch(ctx, "--end-of-options", r.at, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*") != nil {
			return nil, err
		}
	}
	tree, err := r.output(ctx, "ls-tree", "-r", "-z", "--full-tree", git.commit)
	if err != nil {
		return nil, err
	}
	var names, objects []string
	for entry := range strings.SplitSeq(string(tree), "\x00") {
		head, name, ok := strings.Cut(entry, "\t")
		fields := strings.Fields(head)
		// Symbolic links lead to files that are in the list by their own names.
		if ok && len(fields) == 3 && strings.HasPrefix(fields[0], "100") && (path.Base(name) == "Cargo.toml" || wanted(name)) {
			names, objects = append(names, name), append(objects, fields[2])
		}
	}
	return r.pack(ctx, names, objects)
}

// pack makes an archive of objects. They are asked for one by one, since
// `git archive` leaves out what a repository's attributes tell it to.
func (r *repository) pack(ctx context.Context, names, objects []string) ([]byte, error) {
	cmd := r.command(ctx, "cat-file", "--batch")
	cmd.Stdin = strings.NewReader(strings.Join(objects, "\n") + "\n")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	err = copyObjects(archive, bufio.NewReader(pipe), names)
	err = errors.Join(err, archive.Close(), zipped.Close())
	_, _ = io.Copy(io.Discard, pipe) // so that git can end
	return packed.Bytes(), errors.Join(err, cmd.Wait())
}

// copyObjects reads what `cat-file --batch` writes, `<object> blob <size>`, the
// content and a line's end for each.
func copyObjects(to *tar.Writer, from *bufio.Reader, names []string) error {
	for _, name := range names {
		head, err := from.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		fields := strings.Fields(head)
		if len(fields) != 3 || fields[1] != "blob" {
			return fmt.Errorf("read %s: git answers %q", name, strings.TrimSpace(head))
		}
		size, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil || size > maxText {
			return fmt.Errorf("%s is larger than %d MB", name, maxText>>20)
		}
		err = to.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o644, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = io.CopyN(to, from, size)
		}
		if err == nil {
			_, err = from.Discard(1)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	return nil
}

var errTooLarge = fmt.Errorf("it is larger than %d MB", maxRepository>>20)

// fetch runs `git fetch`, and ends it when it is silent for too long or fetches
// too much.
func (r *repository) fetch(ctx context.Context, args ...string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := r.sources.client
	host := location{at: r.at}.host()
	alive := c.waitFor(host, cancel)
	defer alive.stop()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for size := int64(0); ; {
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Millisecond):
			}
			now := treeSize(r.dir)
			if now > maxRepository {
				cancel(errTooLarge)
			}
			if now > size {
				c.add(now - size)
				alive.again()
				size = now
			}
		}
	}()
	cmd := r.command(ctx, append([]string{"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return gitError(err, said.String())
}

func (r *repository) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := gitError(cmd.Run(), said.String())
	return out.Bytes(), err
}

// command prepares git as [Sources.openRepository] promises: no prompts, no
// hooks, no protocol that runs a program, nothing of the repository that this
// program was called in.
func (r *repository) command(ctx context.Context, args ...string) *proc.Cmd {
	settings := []string{
		"core.hooksPath=" + os.DevNull, "core.fsmonitor=false", "core.askPass=", "gc.auto=0",
		"transfer.fsckObjects=true", "http.followRedirects=initial", "protocol.version=2",
	}
	var all []string
	for _, setting := range settings {
		all = append(all, "-c", setting)
	}
	cmd := proc.Command(ctx, r.git, append(all, args...)...)
	cmd.Dir = r.dir
	cmd.Env = append(slices.DeleteFunc(proc.WithoutDatabases(os.Environ()), ofRepository),
		"GIT_DIR="+r.dir, "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "GCM_INTERACTIVE=never",
		"GIT_ALLOW_PROTOCOL=https:http:ssh:git:file", "LC_ALL=C")
	if os.Getenv("GIT_SSH_COMMAND") == "" {
		cmd.Env = append(cmd.Env, "GIT_SSH_COMMAND=ssh -o BatchMode=yes")
	}
	return cmd
}

// usersGit are git's variables that a user sets for all repositories.
var usersGit = []string{
	"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH",
}

// ofRepository tells of a variable of the environment whether it is git's and
// concerns one repository, or what git prints.
func ofRepository(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return strings.HasPrefix(name, "GIT_") && !slices.Contains(usersGit, name)
}

// gitError makes an error of the last line of what git said, without the URL,
// which may hold a password.
func gitError(err error, said string) error {
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if last == "" || strings.Contains(last, "@") {
		return fmt.Errorf("run git: %w", err)
	}
	return fmt.Errorf("run git: %w: %s", err, last)
}

func treeSize(dir string) (size int64) {
	// Files that go away meanwhile count for nothing.
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}
