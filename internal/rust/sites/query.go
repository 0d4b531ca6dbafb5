package sites

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/rust/expand"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/sqlxdata"
)

// query records a call of one of sqlx's query macros, and goes on with the
// calls among its arguments.
func (w *walker) query(n *node, at where, kind string) {
	args := at.code.tokens(n.open, n.stop)
	site, err := w.parseQuery(args, Kind(kind))
	if err != nil {
		w.s.blindAt(w.c, at, Blind{Kind: Source, Place: at.code.place(n), Why: fmt.Sprintf("%s!: %v", kind, err)})
	} else {
		site.Place, site.Macro = at.code.place(n), n.path[len(n.path)-1]
		if at.outer != nil && !at.outer.place.holds(site.Place) {
			site.Place, site.Macro = at.outer.place, at.outer.macro
		}
		w.s.site(w.c, at, site)
	}
	w.walk(n.kids, at)
}

// parseQuery reads the arguments of a query macro, brackets included, as
// sqlx's macro_rules! shells and QueryMacroInput do (sqlx, macros/mod.rs;
// sqlx-macros-core, query/input.rs).
func (w *walker) parseQuery(s stream, kind Kind) (Site, error) {
	site := Site{Kind: kind}
	i, end := 1, s.len()-1
	if kind.As() {
		comma := s.skipType(i, end)
		if comma == i || !s.is(comma, end, ',') {
			return site, errors.New("no record type before the query")
		}
		site.Record = s.written(i, comma)
		i = comma + 1
	}
	source := s.scanExpr(i, end)
	if source.end == i {
		return site, errors.New("no query")
	}
	var err error
	if kind.FromFile() {
		err = w.sqlFile(&site, s, i, source.end)
	} else {
		err = sqlLiterals(&site, s, i, source.end)
	}
	if err != nil {
		return site, err
	}
	site.Hash = sqlxdata.Hash(site.SQL)
	for i = source.end + 1; i < end; {
		e := s.scanExpr(i, end)
		if e.end == i {
			return site, errors.New("an argument is missing between commas")
		}
		site.Args = append(site.Args, argument(s, i, e))
		i = e.end + 1
	}
	return site, nil
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
		pos := lex.Pos(src.Text, offset)
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
func (p *Part) locate(sql string, offset int) Place {
	offset = min(max(offset, p.From), p.To)
	m := p.marks[0]
	for _, next := range p.marks[1:] {
		if next.sql > offset {
			break
		}
		m = next
	}
	between := sql[m.sql:offset]
	at := Place{File: p.File, Start: m.src + len(between), Line: m.line, Column: m.column}
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
func (w *walker) sqlFile(site *Site, s stream, i, end int) error {
	if end-i != 1 || !s.kind(i).IsString() {
		return fmt.Errorf("no string literal: %s", s.written(i, end))
	}
	value, err := lex.Unquote(s.text(i))
	if err != nil {
		return err
	}
	site.Source = value.Text
	path, err := packagePath(w.c.pkg.Dir, value.Text)
	if err != nil {
		w.s.problem(problemAt(s.place(i, i+1), err.Error()))
		return err
	}
	data, err := w.s.files.other(path)
	if err != nil {
		w.s.problem(problemAt(s.place(i, i+1), fmt.Sprintf("%s: %v", path, err)))
		return fmt.Errorf("read %s: %w", path, err)
	}
	if !utf8.Valid(data) {
		w.s.problem(problemAt(s.place(i, i+1), path+": invalid UTF-8"))
		return fmt.Errorf("%s: invalid UTF-8", path)
	}
	site.SQL = string(data)
	if strings.Contains(site.SQL, "\r\n") {
		w.s.note(problemAt(Place{File: path, Line: 1, Column: 1}, "the file has CRLF line ends, which change the query's hash from one machine to the next: `*.sql text eol=lf` in .gitattributes keeps them equal"))
	}
	place := Place{File: path, End: len(data), Line: 1, Column: 1}
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

// argument reads a bind argument.
func argument(s stream, i int, e expression) Arg {
	arg := Arg{Place: s.place(i, e.end)}
	if e.cast < 0 || e.low || e.ty != e.end {
		return arg
	}
	arg.Type = s.written(e.cast+1, e.ty)
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
