package sites

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/sqlxmage/sqlxmage/internal/diag"
	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// queryCall is a call of one of sqlx's query macros, to be read once the walk is
// over.
type queryCall struct {
	n    *node
	at   where
	c    *crate
	kind Kind
	site Site
	err  error
}

// query notes a call of one of sqlx's query macros, and goes on with the calls
// among its arguments.
func (w *walker) query(n *node, at where, kind string) {
	w.s.calls = append(w.s.calls, &queryCall{n: n, at: at, c: w.c, kind: Kind(kind)})
	w.walk(n.kids, at)
}

// readCalls reads the query macros' arguments, with all processors, and records
// the sites.
func (s *scanner) readCalls() {
	var group errgroup.Group
	const share = 64
	for calls := range slices.Chunk(s.calls, share) {
		group.Go(func() error {
			for _, call := range calls {
				args := call.at.code.tokens(call.n.open, call.n.stop)
				call.site, call.err = s.parseQuery(call.c, args, call.kind)
			}
			return nil
		})
	}
	_ = group.Wait() // none fails
	for _, call := range s.calls {
		place := call.at.code.place(call.n)
		if call.err != nil {
			s.blindAt(call.c, call.at, Blind{Kind: Source, Place: place, Why: fmt.Sprintf("%s!: %v", call.kind, call.err)})
			continue
		}
		site := call.site
		site.Place, site.Macro = place, call.n.path[len(call.n.path)-1]
		if outer := call.at.outer; outer != nil && !outer.place.Holds(place) {
			site.Place, site.Macro = outer.place, outer.macro
		}
		s.site(call.c, call.at, site)
	}
	s.calls = nil
}

// parseQuery reads the arguments of a query macro, brackets included, as
// sqlx's macro_rules! shells and QueryMacroInput do (sqlx, macros/mod.rs;
// sqlx-macros-core, query/input.rs).
func (scan *scanner) parseQuery(c *crate, s stream, kind Kind) (Site, error) {
	site := Site{Kind: kind}
	var grammar syntax.Parser
	i, end := 1, s.len()-1
	if kind.As() {
		comma, ok := grammar.Type(&s, i, end)
		if !ok || !s.is(comma, end, ',') {
			return site, errors.New("no record type before the query")
		}
		site.Record = s.written(i, comma)
		i = comma + 1
	}
	comma, _, ok := s.argument(&grammar, i, end)
	if comma == i {
		return site, errors.New("no query")
	}
	var err error
	if !ok { // none of the two takes what is no expression
		comma = s.comma(i, end)
	}
	if kind.FromFile() {
		err = scan.sqlFile(c, &site, s, i, comma)
	} else {
		err = sqlLiterals(&site, s, i, comma)
	}
	if err != nil {
		return site, err
	}
	site.Hash = sqlxdata.Hash(site.SQL)
	for i = comma + 1; i < end; i = comma + 1 {
		var cast int
		comma, cast, ok = s.argument(&grammar, i, end)
		switch {
		case comma == i:
			return site, errors.New("an argument is missing between commas")
		case !ok:
			return site, errors.New("an argument is no expression: " + s.written(i, s.comma(i, end)))
		}
		site.Args = append(site.Args, s.bound(i, comma, cast))
	}
	return site, nil
}

// argument returns the end of the expression at i, up to a comma or the end,
// and the index of the `as` where it is a cast, else -1. Where there is none end
// is the token that does not fit.
func (s *stream) argument(grammar *syntax.Parser, i, limit int) (end, cast int, ok bool) {
	end, cast, ok = grammar.Expr(s, i, limit)
	return end, cast, ok && (end == limit || s.is(end, limit, ','))
}

// sqlLiterals reads string literals joined by `+`.
func sqlLiterals(site *Site, s stream, i, end int) error {
	first := i
	for ; i < end; i++ {
		if (i-first)%2 == 1 {
			if s.kind(i) != '+' {
				return fmt.Errorf("not only string literals: %s", s.written(first, end))
			}
			continue
		}
		if !s.kind(i).IsString() {
			return fmt.Errorf("not only string literals: %s", s.written(first, end))
		}
		literal := s.text(i)
		value, err := lex.Unquote(literal)
		if err != nil {
			return err
		}
		part := Part{Place: s.place(i, i+1), From: len(site.SQL), To: len(site.SQL) + len(value.Text)}
		part.marks = marks(s.origin(i), part, literal, value)
		site.SQL += value.Text
		site.Parts = append(site.Parts, part)
	}
	if (i-first)%2 == 0 {
		return errors.New("nothing behind the last +")
	}
	return nil
}

// marks ties the bytes of a literal's value to the source.
func marks(src *expand.Source, part Part, literal string, value lex.Value) []mark {
	at := func(i int) mark {
		offset := part.Start + value.Offset(i)
		pos := src.Pos(offset)
		return mark{sql: part.From + i, src: offset, line: pos.Line, column: pos.Column}
	}
	list := []mark{at(0)}
	if strings.Contains(literal, value.Text) && len(value.Text) > 0 {
		return list
	}
	for i := 1; i < len(value.Text); i++ {
		if value.Offset(i) != value.Offset(i-1)+1 || literal[value.Offset(i-1)] == '\\' {
			list = append(list, at(i))
		}
	}
	return list
}

// locate returns the place of the byte at offset of the SQL text.
func (p *Part) locate(sql string, offset int) diag.Place {
	offset = min(max(offset, p.From), p.To)
	m := p.marks[0]
	for _, next := range p.marks[1:] {
		if next.sql > offset {
			break
		}
		m = next
	}
	between := sql[m.sql:offset]
	at := diag.Place{File: p.File, Start: m.src + len(between), Line: m.line, Column: m.column}
	if lines := strings.Count(between, "\n"); lines > 0 {
		at.Line += lines
		at.Column = 1
		between = between[strings.LastIndexByte(between, '\n')+1:]
	}
	at.Column += utf8.RuneCountInString(between)
	at.End = min(at.Start+1, p.End)
	return at
}

// sqlFile reads the file of query_file! (sqlx-macros-core, common.rs,
// resolve_path: relative to the package, and not a bare name).
func (scan *scanner) sqlFile(c *crate, site *Site, s stream, i, end int) error {
	if end-i != 1 || !s.kind(i).IsString() {
		return fmt.Errorf("no string literal: %s", s.written(i, end))
	}
	value, err := lex.Unquote(s.text(i))
	if err != nil {
		return err
	}
	site.Source = value.Text
	path, err := packagePath(c.pkg.Dir, value.Text)
	if err != nil {
		scan.problem(problemAt(s.place(i, i+1), err.Error()))
		return err
	}
	data, err := scan.files.other(path)
	if err != nil {
		scan.problem(problemAt(s.place(i, i+1), fmt.Sprintf("%s: %v", path, err)))
		return fmt.Errorf("read %s: %w", path, err)
	}
	if !utf8.Valid(data) {
		scan.problem(problemAt(s.place(i, i+1), path+": invalid UTF-8"))
		return fmt.Errorf("%s: invalid UTF-8", path)
	}
	site.SQL = string(data)
	if strings.Contains(site.SQL, "\r\n") {
		scan.note(problemAt(diag.Place{File: path, Line: 1, Column: 1}, "the file has CRLF line ends, which change the query's hash from one machine to the next: `*.sql text eol=lf` in .gitattributes keeps them equal"))
	}
	place := diag.Place{File: path, End: len(data), Line: 1, Column: 1}
	site.Parts = []Part{{Place: place, To: len(data), marks: []mark{{line: 1, column: 1}}}}
	return nil
}

// packagePath resolves a path in a macro's argument (sqlx-macros-core,
// common.rs, resolve_path).
func packagePath(dir, path string) (string, error) {
	native := filepath.FromSlash(path)
	if filepath.IsAbs(native) {
		return "", fmt.Errorf("absolute path %q only works on this machine", path)
	}
	if parent := filepath.Dir(native); parent == "." && !strings.ContainsAny(path, `/`+string(filepath.Separator)) {
		return "", fmt.Errorf("path %q is a bare file name, which sqlx refuses", path)
	}
	return filepath.Join(dir, native), nil
}

// other reads a file that is no Rust.
func (f *files) other(path string) ([]byte, error) {
	data, err := readFile(path, lex.MaxSize)
	file := File{Path: path, Absent: errors.Is(err, fs.ErrNotExist)}
	if err == nil {
		file.Sum = sha256.Sum256(data)
	}
	f.mu.Lock()
	f.others[path] = file
	f.mu.Unlock()
	return data, err
}

// bound reads the bind argument from i up to end, which is a cast where cast is
// the index of its `as`.
func (s *stream) bound(i, end, cast int) Arg {
	arg := Arg{Place: s.place(i, end)}
	if cast < 0 {
		return arg
	}
	arg.Type = s.written(cast+1, end)
	arg.Override = TypeOverride
	if arg.Type == "_" {
		arg.Override = AsIs
	}
	return arg
}

// migrate records a call of sqlx's migrate!.
func (w *walker) migrate(n *node, at where) {
	args := at.code.tokens(n.open, n.stop)
	m := MigratePath{Place: at.code.place(n), Package: w.c.pkg}
	if args.len() > 2 {
		if args.len() != 3 || !args.kind(1).IsString() {
			return // sqlx refuses it
		}
		value, err := lex.Unquote(args.text(1))
		if err != nil {
			return
		}
		m.Path = value.Text
	}
	path := m.Path
	if path == "" {
		path = "./migrations"
		if w.c.pkg.SqlxTOML != nil && w.c.pkg.SqlxTOML.Migrate.Dir != "" {
			path = "./" + w.c.pkg.SqlxTOML.Migrate.Dir
		}
	}
	dir, err := packagePath(w.c.pkg.Dir, path)
	if err != nil {
		w.s.problem(problemAt(m.Place, err.Error()))
		return
	}
	m.Dir = dir
	w.s.migration(w.c, m)
}
