//go:build ignore

package main

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// memoryLimit is what all databases together may take of memory, in bytes: a
// query that takes more fails with SQLITE_NOMEM, and not the machine.
const memoryLimit = 256 << 20

// configure must come before any other call of SQLite. The limit needs the
// accounts that this build, unlike the bundled one, does not keep by itself.
func configure(tls *libc.TLS) {
	// One thread at a time calls SQLite here (interrupt takes no mutex), so it
	// need not lock: that is a third of the time of migrations.
	lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_SINGLETHREAD, 0)
	on := libc.NewVaList(int32(1))
	lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_MEMSTATUS, on)
	libc.Xfree(tls, on)
	lib.Xsqlite3_hard_heap_limit64(tls, memoryLimit)
}

// open opens a database as sqlx does (sqlx-sqlite, connection/establish.rs). Its
// bundled build is compiled with SQLITE_USE_URI, which is SQLITE_OPEN_URI for
// every file.
func open(tls *libc.TLS, path string, readOnly bool, keep *keep) (*conn, *Failure) {
	flags := int32(lib.SQLITE_OPEN_NOMUTEX | lib.SQLITE_OPEN_PRIVATECACHE | lib.SQLITE_OPEN_URI)
	if readOnly {
		flags |= lib.SQLITE_OPEN_READONLY
	} else {
		flags |= lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_CREATE
	}
	name, err := libc.CString(path)
	if err != nil {
		return nil, &Failure{Message: err.Error(), Offset: -1}
	}
	defer libc.Xfree(tls, name)
	c := &conn{tls: tls, out: libc.Xmalloc(tls, 64)}
	code := lib.Xsqlite3_open_v2(tls, name, c.out, flags, 0)
	c.db = c.pointer(0)
	if code != lib.SQLITE_OK {
		failed := c.failure(0)
		c.close()
		return nil, failed
	}
	lib.Xsqlite3_extended_result_codes(tls, c.db, 1)
	lib.Xsqlite3_busy_timeout(tls, c.db, 5000)
	failed := c.trim(keep)
	if failed == nil {
		failed = c.exec("PRAGMA foreign_keys = ON")
	}
	if failed != nil {
		c.close()
		return nil, failed
	}
	return c, nil
}

// trim takes away the functions and modules that are not to be kept.
func (c *conn) trim(keep *keep) *Failure {
	if keep == nil {
		return nil
	}
	functions, failed := c.rows("SELECT DISTINCT name, narg FROM pragma_function_list")
	if failed != nil {
		return failed
	}
	for _, function := range functions {
		if slices.Contains(keep.Functions, strings.Join(function, " ")) {
			continue
		}
		arguments, err := strconv.Atoi(function[1])
		name, nameErr := libc.CString(function[0])
		if err != nil || nameErr != nil {
			return &Failure{Message: "list the functions", Offset: -1}
		}
		// One that does nothing takes the place of SQLite's own.
		code := lib.Xsqlite3_create_function_v2(c.tls, c.db, name, int32(arguments), lib.SQLITE_UTF8, 0, 0, 0, 0, 0)
		libc.Xfree(c.tls, name)
		if code != lib.SQLITE_OK {
			return c.failure(0)
		}
	}
	return c.trimModules(keep.Modules)
}

func (c *conn) trimModules(keep []string) *Failure {
	list := make([]uintptr, len(keep)+1) // ends with 0
	var pinned runtime.Pinner
	defer pinned.Unpin()
	pinned.Pin(&list[0])
	for i, name := range keep {
		text, err := libc.CString(name)
		if err != nil {
			return &Failure{Message: err.Error(), Offset: -1}
		}
		defer libc.Xfree(c.tls, text)
		list[i] = text
	}
	if code := lib.Xsqlite3_drop_modules(c.tls, c.db, uintptr(unsafe.Pointer(&list[0]))); code != lib.SQLITE_OK {
		return c.failure(0)
	}
	return nil
}

// save writes the database to a file as it is, page by page.
func (c *conn) save(path string) *Failure {
	main, err := libc.CString("main")
	if err != nil {
		return &Failure{Message: err.Error(), Offset: -1}
	}
	defer libc.Xfree(c.tls, main)
	image := lib.Xsqlite3_serialize(c.tls, c.db, main, c.out, 0)
	if image == 0 {
		return &Failure{Message: "the database cannot be serialized", Offset: -1}
	}
	defer lib.Xsqlite3_free(c.tls, image)
	size := *(*int64)(unsafe.Pointer(c.out))
	if err := os.WriteFile(path, unsafe.Slice((*byte)(unsafe.Pointer(image)), size), 0o600); err != nil {
		return &Failure{Message: err.Error(), Offset: -1}
	}
	return nil
}

func (c *conn) close() {
	lib.Xsqlite3_close_v2(c.tls, c.db)
	libc.Xfree(c.tls, c.out)
}

// pointer and number read what SQLite put into the i-th word of out.
func (c *conn) pointer(i uintptr) uintptr {
	return *(*uintptr)(unsafe.Pointer(c.out + 8*i)) //nolint:govet
}

func (c *conn) number(i uintptr) int32 {
	return *(*int32)(unsafe.Pointer(c.out + 8*i))
}

// failure is the last error of the connection; from is where in the whole text
// the statement begins.
func (c *conn) failure(from int) *Failure {
	f := &Failure{
		Code: int(lib.Xsqlite3_extended_errcode(c.tls, c.db)), Message: libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db)), Offset: -1,
	}
	if offset := lib.Xsqlite3_error_offset(c.tls, c.db); offset >= 0 {
		f.Offset = from + int(offset)
	}
	return f
}

// each prepares the statements of a text one by one, each after the work on
// the one before is done.
func (c *conn) each(sql string, work func(stmt uintptr, from int) *Failure) *Failure {
	text, err := libc.CString(sql)
	if err != nil {
		return &Failure{Message: err.Error(), Offset: -1}
	}
	defer libc.Xfree(c.tls, text)
	for from := 0; from < len(sql); {
		c.at = from
		code := lib.Xsqlite3_prepare_v3(c.tls, c.db, text+uintptr(from), int32(len(sql)-from), 0, c.out, c.out+8)
		if code != lib.SQLITE_OK {
			return c.failure(from)
		}
		stmt, next := c.pointer(0), int(c.pointer(1)-text)
		if stmt != 0 {
			failed := work(stmt, from)
			lib.Xsqlite3_finalize(c.tls, stmt)
			if failed != nil {
				return failed
			}
		}
		if next <= from {
			break
		}
		from = next
	}
	return nil
}

// exec runs all statements of a text and drops their rows. What fails is at
// least placed at its statement.
func (c *conn) exec(sql string) *Failure {
	failed := c.each(sql, func(stmt uintptr, from int) *Failure {
		for {
			switch code := lib.Xsqlite3_step(c.tls, stmt); code {
			case lib.SQLITE_ROW:
			case lib.SQLITE_DONE:
				return nil
			default:
				return c.failure(from)
			}
		}
	})
	if failed != nil && failed.Offset < 0 {
		failed.Offset = len(sql) - len(strings.TrimLeft(sql[c.at:], " \t\r\n"))
	}
	return failed
}

// rows returns the rows of a text, every value as text, NULL as "".
func (c *conn) rows(sql string) ([][]string, *Failure) {
	var rows [][]string
	failed := c.each(sql, func(stmt uintptr, from int) *Failure {
		n := lib.Xsqlite3_column_count(c.tls, stmt)
		for {
			switch code := lib.Xsqlite3_step(c.tls, stmt); code {
			case lib.SQLITE_ROW:
				row := make([]string, n)
				for i := range row {
					row[i] = libc.GoString(lib.Xsqlite3_column_text(c.tls, stmt, int32(i)))
				}
				rows = append(rows, row)
			case lib.SQLITE_DONE:
				return nil
			default:
				return c.failure(from)
			}
		}
	})
	return rows, failed
}

func (c *conn) describe(query string) Described {
	d := Described{Statements: []Statement{}}
	d.Error = c.each(query, func(stmt uintptr, from int) *Failure {
		d.Statements = append(d.Statements, c.statement(stmt))
		return nil
	})
	return d
}

func (c *conn) statement(stmt uintptr) Statement {
	s := Statement{Parameters: int(lib.Xsqlite3_bind_parameter_count(c.tls, stmt))}
	n := int(lib.Xsqlite3_column_count(c.tls, stmt))
	if n == 0 {
		return s
	}
	text := libc.GoString(lib.Xsqlite3_sql(c.tls, stmt))
	var failed *Failure
	s.Program, failed = c.program(text)
	s.ProgramError = failed != nil
	for i := range n {
		s.Columns = append(s.Columns, c.column(stmt, int32(i)))
	}
	s.ReadOnly = lib.Xsqlite3_stmt_readonly(c.tls, stmt) != 0
	return s
}

func (c *conn) column(stmt uintptr, i int32) Column {
	col := Column{
		Name:     libc.GoString(lib.Xsqlite3_column_name(c.tls, stmt, i)),
		Declared: c.optional(lib.Xsqlite3_column_decltype(c.tls, stmt, i)),
	}
	database := lib.Xsqlite3_column_database_name(c.tls, stmt, i)
	table := lib.Xsqlite3_column_table_name(c.tls, stmt, i)
	origin := lib.Xsqlite3_column_origin_name(c.tls, stmt, i)
	col.Database, col.Table, col.Origin = c.optional(database), c.optional(table), c.optional(origin)
	if database == 0 || table == 0 || origin == 0 {
		return col
	}
	col.Metadata = &Metadata{}
	code := lib.Xsqlite3_table_column_metadata(c.tls, c.db, database, table, origin, c.out, 0, c.out+8, c.out+16, 0)
	if code != lib.SQLITE_OK {
		col.Metadata.Error = c.failure(0)
		return col
	}
	col.Metadata.Declared = libc.GoString(c.pointer(0))
	col.Metadata.NotNull = c.number(1) != 0
	col.Metadata.PrimaryKey = c.number(2) != 0
	return col
}

func (c *conn) optional(text uintptr) *string {
	if text == 0 {
		return nil
	}
	s := libc.GoString(text)
	return &s
}

// program is the bytecode of one statement.
func (c *conn) program(sql string) ([]Opcode, *Failure) {
	var program []Opcode
	failed := c.each("EXPLAIN "+sql, func(stmt uintptr, from int) *Failure {
		for {
			switch code := lib.Xsqlite3_step(c.tls, stmt); code {
			case lib.SQLITE_ROW:
				program = append(program, Opcode{
					Name: libc.GoString(lib.Xsqlite3_column_text(c.tls, stmt, 1)),
					P1:   lib.Xsqlite3_column_int64(c.tls, stmt, 2),
					P2:   lib.Xsqlite3_column_int64(c.tls, stmt, 3),
					P3:   lib.Xsqlite3_column_int64(c.tls, stmt, 4),
					P4:   libc.GoString(lib.Xsqlite3_column_text(c.tls, stmt, 5)),
					P5:   lib.Xsqlite3_column_int64(c.tls, stmt, 6),
				})
			case lib.SQLITE_DONE:
				return nil
			default:
				return c.failure(from)
			}
		}
	})
	return program, failed
}

// step runs the statement of that index in the text to its first row, if it is
// read-only. Its time is bounded from outside: interrupt is the one function of
// SQLite that another thread may call.
func (c *conn) step(sql string, index, limitMS int) answer {
	a := answer{}
	at := 0
	enough := &Failure{} // what follows is not even prepared
	failed := c.each(sql, func(stmt uintptr, from int) *Failure {
		if at == index {
			if lib.Xsqlite3_stmt_readonly(c.tls, stmt) != 0 {
				a.Step = c.stepped(stmt, time.Duration(limitMS)*time.Millisecond)
			}
			return enough
		}
		at++
		return nil
	})
	if failed != enough {
		a.Error = failed
	}
	return a
}

// longestStepped is the longest text or blob, in bytes, that a step may make.
const longestStepped = 16 << 20

func (c *conn) stepped(stmt uintptr, limit time.Duration) *Step {
	done, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		select {
		case <-done:
		case <-time.After(limit):
			tls := libc.NewTLS()
			lib.Xsqlite3_interrupt(tls, c.db)
			tls.Close()
		}
	}()
	length := lib.Xsqlite3_limit(c.tls, c.db, lib.SQLITE_LIMIT_LENGTH, longestStepped)
	defer lib.Xsqlite3_limit(c.tls, c.db, lib.SQLITE_LIMIT_LENGTH, length)
	s := &Step{Code: int(lib.Xsqlite3_step(c.tls, stmt))}
	close(done)
	<-stopped
	if s.Code != lib.SQLITE_ROW && s.Code != lib.SQLITE_DONE {
		s.Message = libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db))
	}
	for i := range lib.Xsqlite3_column_count(c.tls, stmt) {
		s.Types = append(s.Types, lib.Xsqlite3_column_type(c.tls, stmt, i))
	}
	lib.Xsqlite3_reset(c.tls, stmt)
	return s
}
