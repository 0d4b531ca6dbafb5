package sites

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// source is a Rust file.
type source struct {
	origin  expand.Source // path and text
	sum     [32]byte
	outline *outline // empty where problem is set
	problem *diag.Diagnostic
	// noItems says why it is no file of a crate or module, though include! may
	// put it in an expression's place.
	noItems *diag.Diagnostic
	absent  bool
}

// files reads each file once.
type files struct {
	pack    *kept.Pack // of outlines
	mu      sync.Mutex
	sources map[string]*source
	others  map[string]File // SQL files, by path
}

func newFiles(pack *kept.Pack) *files {
	return &files{pack: pack, sources: make(map[string]*source), others: make(map[string]File)}
}

// get returns the source at path, read if need be.
func (f *files) get(path string) *source {
	f.mu.Lock()
	src := f.sources[path]
	f.mu.Unlock()
	if src == nil {
		src = readSource(path, f.pack)
		f.mu.Lock()
		defer f.mu.Unlock()
		if known := f.sources[path]; known != nil {
			return known
		}
		f.sources[path] = src
	}
	return src
}

// readSource reads and outlines one file. What is wrong with it is its problem.
func readSource(path string, pack *kept.Pack) *source {
	src := &source{origin: expand.Source{Name: path}, outline: &outline{}}
	data, err := readFile(path, lex.MaxSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		src.absent = true
		return src
	case err != nil:
		src.problem = unreadable(path, err)
		return src
	}
	src.origin.Text = unsafe.String(unsafe.SliceData(data), len(data)) // data is not written to any more
	src.sum = sha256.Sum256(data)
	if text, ok := pack.Get(src.sum); ok {
		if o, ok := decodeOutline(text); ok {
			src.outline = o
			return src
		}
	}
	src.parse()
	if src.problem == nil && src.noItems == nil && pack != nil {
		pack.Put(src.sum, encodeOutline(src.outline))
	}
	return src
}

// parse makes the outline of the text. Of one that rustc's parser refuses there
// is none, and a problem says where.
func (s *source) parse() {
	buf := tokenBuffers.Get().(*[]lex.Token)
	defer tokenBuffers.Put(buf)
	text := s.origin.Text
	tokens, err := lex.Lex(text, *buf)
	var at *lex.Error
	switch {
	case errors.As(err, &at):
		s.problem = s.refused(at.Offset, at.Msg)
		return
	case err != nil:
		s.problem = unreadable(s.origin.Name, err)
		return
	}
	*buf = tokens[:0]
	o, errs := parseSource(s, tokens)
	if len(errs) == 0 {
		s.outline = o
		return
	}
	s.noItems = s.refused((&syntax.Source{Text: text, Tokens: tokens}).Explain(errs[0]))
	if o, ok := parseExpression(s, tokens); ok {
		s.outline = o
	} else {
		s.problem = s.noItems
	}
}

// refused makes a problem of what is no Rust at an offset; a conflict marker of
// a merge is named before all else.
func (s *source) refused(offset int, msg string) *diag.Diagnostic {
	end, hint := offset, ""
	if conflict, found := syntax.Conflict(s.origin.Text); found {
		offset, end, msg = conflict, conflict+len("<<<<<<<"), "conflict marker of a merge"
		hint = "keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`"
	}
	return &diag.Diagnostic{Code: diag.Syntax, Message: msg, Hint: hint, Place: placeIn(&s.origin, offset, end)}
}

// tokenBuffers are for the tokens of one file, which its outline outlives.
var tokenBuffers = sync.Pool{New: func() any { return new([]lex.Token) }}

// readFile reads a regular file of at most max bytes.
func readFile(path string, max int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, plain(err)
	}
	if info.IsDir() {
		return nil, fs.ErrNotExist
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("no regular file")
	}
	if info.Size() > max {
		return nil, fmt.Errorf("file of %d bytes is longer than %d", info.Size(), max)
	}
	data := make([]byte, info.Size())
	n, err := io.ReadFull(file, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, plain(err)
	}
	return data[:n], nil
}

// plain drops the path from a file system's error, which the caller names, and
// the system's own words for a file that is not there.
func plain(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fs.ErrNotExist
	}
	var perr *fs.PathError
	if errors.As(err, &perr) {
		return perr.Err
	}
	return err
}

// folder is where the files of a module's child modules lie.
type folder struct {
	file string // the directory of the file that the code stands in
	dir  string // the directory of child modules' files
	body bool   // inside an inline module
}

// rootFolder is the folder of a file that is a crate's root, a mod.rs, or
// named by #[path] or include!.
func rootFolder(path string) folder {
	dir := filepath.Dir(path)
	return folder{file: dir, dir: dir}
}

// inline returns the folder inside of `mod name { … }`; path is the value of
// its #[path], "" without (rustc_expand, module.rs, mod_dir_path).
func (f folder) inline(name, path string) folder {
	switch {
	case path == "":
		f.dir = filepath.Join(f.dir, name)
	case f.body:
		f.dir = join(f.dir, path)
	default:
		f.dir = join(f.file, path)
	}
	f.body = true
	return f
}

// outside returns the files in which `mod name;` may lie, the likelier first,
// each with its folder (rustc_expand, module.rs, mod_file_path).
func (f folder) outside(name, path string) [2]moduleFile {
	if path != "" {
		base := f.file
		if f.body {
			base = f.dir
		}
		path = join(base, path)
		return [2]moduleFile{{path, rootFolder(path)}}
	}
	flat := filepath.Join(f.dir, name+".rs")
	nested := filepath.Join(f.dir, name, "mod.rs")
	return [2]moduleFile{
		{flat, folder{file: f.dir, dir: filepath.Join(f.dir, name)}},
		{nested, rootFolder(nested)},
	}
}

type moduleFile struct {
	path   string
	folder folder
}

// join resolves a path against a directory. As the system sees it, not the
// text, `a/../b` needs an `a`, and leads elsewhere where that is a link; only
// where it makes no difference the path is cleaned.
func join(dir, path string) string {
	path = filepath.FromSlash(path)
	if !filepath.IsAbs(path) {
		path = dir + string(filepath.Separator) + path
	}
	clean := filepath.Clean(path)
	if !strings.Contains(path, "..") {
		return clean
	}
	was, err := os.Stat(path)
	if err != nil {
		return path
	}
	is, err := os.Stat(clean)
	if err != nil || !os.SameFile(was, is) {
		return path
	}
	return clean
}

// load reads, with all processors, every file that the roots reach through
// modules, whatever the configuration.
func (f *files) load(ctx context.Context, roots []string) error {
	group, ctx := errgroup.WithContext(ctx)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var seen sync.Map
	var visit func(files [2]moduleFile)
	visit = func(files [2]moduleFile) {
		if _, again := seen.LoadOrStore(files, true); again {
			return
		}
		group.Go(func() error {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			file := files[0]
			src := f.get(file.path)
			if src.absent && files[1].path != "" {
				file = files[1]
				src = f.get(file.path)
			}
			<-slots
			f.reach(src.outline.kids, file.folder, visit)
			return nil
		})
	}
	for _, root := range roots {
		visit([2]moduleFile{{root, rootFolder(root)}})
	}
	return group.Wait()
}

// maxModules is how deep modules may nest, so that a file that is its own
// module by #[path] ends.
const maxModules = 64

// reach calls visit for the file of each module below the nodes.
func (f *files) reach(kids []*node, at folder, visit func([2]moduleFile)) {
	for _, n := range kids {
		if n.kind != modNode {
			f.reach(n.kids, at, visit)
			continue
		}
		paths := pathsOf(n.attrs)
		if len(paths) == 0 {
			paths = []string{""}
		}
		for _, path := range paths {
			if n.body {
				f.reach(n.kids, at.inline(n.name, path), visit)
				continue
			}
			visit(at.outside(n.name, path))
		}
	}
}

// pathsOf returns the values that #[path] may have.
func pathsOf(attrs []attr) []string {
	var paths []string
	conditional := true
	for _, a := range attrs {
		switch a.path {
		case "path":
			paths = append(paths, a.value)
			conditional = false
		case "cfg_attr":
			paths = append(paths, pathsOf(a.inner)...)
		}
	}
	if conditional && len(paths) > 0 {
		paths = append(paths, "")
	}
	return paths
}

// list returns everything that was read, ordered by path.
func (f *files) list() []File {
	var list []File
	for path, src := range f.sources {
		list = append(list, File{Path: path, Sum: src.sum, Absent: src.absent})
	}
	for _, file := range f.others {
		list = append(list, file)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

// unreadable says why a source cannot be read.
func unreadable(path string, err error) *diag.Diagnostic {
	return &diag.Diagnostic{Code: diag.Unproven, Message: err.Error(), Place: diag.Place{File: path}}
}
