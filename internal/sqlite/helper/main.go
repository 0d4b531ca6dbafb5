//go:build ignore

// Command helper is SQLite of one version, for the package sqlite: it reads
// requests and writes answers as lines of JSON. It tells what SQLite says and
// decides nothing.
//
// It is built in a module of its own, whose requirements are in the .mod file of
// SQLite's version beside it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

type request struct {
	Op       string   `json:"op"`
	DB       int      `json:"db"`
	Path     string   `json:"path"`
	ReadOnly bool     `json:"readOnly"`
	Keep     *keep    `json:"keep"` // what the connection may know; nil: all
	SQL      string   `json:"sql"`
	Queries  []string `json:"queries"`
	Index    int      `json:"index"`   // of a statement in SQL
	LimitMS  int      `json:"limitMS"` // for its step
}

// keep lists what of SQLite's own a connection keeps: the rest is taken away.
type keep struct {
	Functions []string `json:"functions"` // "substr 2": name and number of arguments
	Modules   []string `json:"modules"`
}

type answer struct {
	Error         *failure    `json:"error,omitempty"`
	SourceID      string      `json:"sourceID,omitempty"`
	Version       string      `json:"version,omitempty"`
	DB            int         `json:"db,omitempty"`
	InTransaction bool        `json:"inTransaction,omitempty"`
	Described     []described `json:"described,omitempty"`
	Rows          [][]string  `json:"rows,omitempty"`
	Step          *step       `json:"step,omitempty"`
}

// failure is what SQLite says against a text.
type failure struct {
	Code    int    `json:"code"` // extended
	Message string `json:"message"`
	Offset  int    `json:"offset"` // in bytes of the text, -1 for none
}

type described struct {
	Error      *failure    `json:"error,omitempty"`
	Statements []statement `json:"statements"`
}

type statement struct {
	Parameters   int      `json:"parameters"`
	Columns      []column `json:"columns,omitempty"`
	Program      []opcode `json:"program,omitempty"`
	ProgramError bool     `json:"programError,omitempty"`
	ReadOnly     bool     `json:"readOnly,omitempty"`
}

type column struct {
	Name     string    `json:"name"`
	Declared *string   `json:"declared,omitempty"`
	Database *string   `json:"database,omitempty"`
	Table    *string   `json:"table,omitempty"`
	Origin   *string   `json:"origin,omitempty"`
	Metadata *metadata `json:"metadata,omitempty"`
}

type metadata struct {
	Error      *failure `json:"error,omitempty"`
	Declared   string   `json:"declared"`
	NotNull    bool     `json:"notNull"`
	PrimaryKey bool     `json:"primaryKey"`
}

type opcode struct {
	Name string `json:"o"`
	P1   int64  `json:"1,omitempty"`
	P2   int64  `json:"2,omitempty"`
	P3   int64  `json:"3,omitempty"`
	P4   string `json:"4,omitempty"`
	P5   int64  `json:"5,omitempty"`
}

// step is the outcome of one step of a read-only statement.
type step struct {
	Code    int     `json:"code"` // 100 for a row, 101 for none, else of the error
	Message string  `json:"message,omitempty"`
	Types   []int32 `json:"types"` // of SQLite, one a column
}

// conn is one open database.
type conn struct {
	tls *libc.TLS
	db  uintptr
	out uintptr // room for what SQLite hands back
	at  int     // where the statement at hand begins in its text
}

func main() {
	tls := libc.NewTLS()
	limitMemory(tls)
	conns := map[int]*conn{}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for r := range requests() {
		if err := encoder.Encode(serve(tls, conns, r)); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
	}
}

// requests are what comes in. When the other side is gone, this process ends
// whatever it is doing: nobody else stops a query that runs away.
func requests() <-chan *request {
	all := make(chan *request)
	go func() {
		decoder := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<16))
		for {
			var r request
			if err := decoder.Decode(&r); err != nil {
				os.Exit(0)
			}
			all <- &r
		}
	}()
	return all
}

func serve(tls *libc.TLS, conns map[int]*conn, r *request) answer {
	if r.Op == "hello" {
		return answer{SourceID: libc.GoString(lib.Xsqlite3_sourceid(tls)), Version: libc.GoString(lib.Xsqlite3_libversion(tls))}
	}
	if r.Op == "open" {
		c, failed := open(tls, r.Path, r.ReadOnly, r.Keep)
		if failed != nil {
			return answer{Error: failed}
		}
		n := len(conns) + 1
		conns[n] = c
		return answer{DB: n}
	}
	c := conns[r.DB]
	if c == nil {
		return answer{Error: &failure{Message: fmt.Sprintf("no database %d is open", r.DB), Offset: -1}}
	}
	switch r.Op {
	case "close":
		c.close()
		conns[r.DB] = nil
		return answer{}
	case "exec":
		return answer{Error: c.exec(r.SQL)}
	case "save":
		return answer{Error: c.save(r.Path)}
	case "rows":
		rows, failed := c.rows(r.SQL)
		return answer{Rows: rows, Error: failed}
	case "step":
		return c.step(r.SQL, r.Index, r.LimitMS)
	case "inTransaction":
		return answer{InTransaction: lib.Xsqlite3_get_autocommit(c.tls, c.db) == 0}
	case "describe":
		a := answer{}
		for _, query := range r.Queries {
			a.Described = append(a.Described, c.describe(query))
		}
		return a
	}
	return answer{Error: &failure{Message: "unknown request " + r.Op, Offset: -1}}
}
