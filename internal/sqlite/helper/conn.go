//go:build ignore

package main

import (
	"time"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// open opens a database as sqlx does (sqlx-sqlite, connection/establish.rs).
func open(tls *libc.TLS, path string, readOnly bool) (*conn, *failure) {
	flags := int32(lib.SQLITE_OPEN_NOMUTEX | lib.SQLITE_OPEN_PRIVATECACHE)
	if readOnly {
		flags |= lib.SQLITE_OPEN_READONLY
	} else {
		flags |= lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_CREATE
	}
	name, err := libc.CString(path)
	if err != nil {
		return nil, &failure{Message: err.Error(), Offset: -1}
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
	if failed := c.exec("PRAGMA foreign_keys = ON"); failed != nil {
		c.close()
		return nil, failed
	}
	return c, nil
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
func (c *conn) failure(from int) *failure {
	f := &failure{
		Code: int(lib.Xsqlite3_extended_errcode(c.tls, c.db)), Message: libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db)), Offset: -1,
	}
	if offset := lib.Xsqlite3_error_offset(c.tls, c.db); offset >= 0 {
		f.Offset = from + int(offset)
	}
	return f
}

// each prepares the statements of a text one by one, each after the work on
// the one before is done.
func (c *conn) each(sql string, work func(stmt uintptr, from int) *failure) *failure {
	text, err := libc.CString(sql)
	if err != nil {
		return &failure{Message: err.Error(), Offset: -1}
	}
	defer libc.Xfree(c.tls, text)
	for from := 0; from < len(sql); {
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

// exec runs all statements of a text and drops their rows.
func (c *conn) exec(sql string) *failure {
	return c.each(sql, func(stmt uintptr, from int) *failure {
		for {
			switch code := lib.Xsqlite3_step(c.tls, stmt); code {
			case lib.SQLITE_ROW:
			case lib.SQLITE_DONE:
				return nil
			default:
				f := c.failure(from)
				if f.Offset < 0 {
					f.Offset = from
				}
				return f
			}
		}
	})
}

// rows returns the rows of a text, every value as text, NULL as "".
func (c *conn) rows(sql string) ([][]string, *failure) {
	var rows [][]string
	failed := c.each(sql, func(stmt uintptr, from int) *failure {
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

func (c *conn) describe(query string) described {
	d := described{Statements: []statement{}}
	d.Error = c.each(query, func(stmt uintptr, from int) *failure {
		d.Statements = append(d.Statements, c.statement(stmt))
		return nil
	})
	return d
}

func (c *conn) statement(stmt uintptr) statement {
	s := statement{Parameters: int(lib.Xsqlite3_bind_parameter_count(c.tls, stmt))}
	n := int(lib.Xsqlite3_column_count(c.tls, stmt))
	if n == 0 {
		return s
	}
	text := libc.GoString(lib.Xsqlite3_sql(c.tls, stmt))
	var failed *failure
	s.Program, failed = c.program(text)
	s.ProgramError = failed != nil
	for i := range n {
		s.Columns = append(s.Columns, c.column(stmt, int32(i)))
	}
	s.ReadOnly = lib.Xsqlite3_stmt_readonly(c.tls, stmt) != 0
	return s
}

func (c *conn) column(stmt uintptr, i int32) column {
	col := column{
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
	col.Metadata = &metadata{}
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
func (c *conn) program(sql string) ([]opcode, *failure) {
	var program []opcode
	failed := c.each("EXPLAIN "+sql, func(stmt uintptr, from int) *failure {
		for {
			switch code := lib.Xsqlite3_step(c.tls, stmt); code {
			case lib.SQLITE_ROW:
				program = append(program, opcode{
					Name: libc.GoString(lib.Xsqlite3_column_text(c.tls, stmt, 1)),
					P1:   lib.Xsqlite3_column_int64(c.tls, stmt, 2),
					P2:   lib.Xsqlite3_column_int64(c.tls, stmt, 3),
					P3:   lib.Xsqlite3_column_int64(c.tls, stmt, 4),
					P4:   libc.GoString(lib.Xsqlite3_column_text(c.tls, stmt, 5)),
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
	a.Error = c.each(sql, func(stmt uintptr, from int) *failure {
		if at == index && lib.Xsqlite3_stmt_readonly(c.tls, stmt) != 0 {
			a.Step = c.stepped(stmt, time.Duration(limitMS)*time.Millisecond)
		}
		at++
		return nil
	})
	return a
}

func (c *conn) stepped(stmt uintptr, limit time.Duration) *step {
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
	s := &step{Code: int(lib.Xsqlite3_step(c.tls, stmt))}
	close(done)
	<-stopped
	for i := range lib.Xsqlite3_column_count(c.tls, stmt) {
		s.Types = append(s.Types, lib.Xsqlite3_column_type(c.tls, stmt, i))
	}
	lib.Xsqlite3_reset(c.tls, stmt)
	return s
}
