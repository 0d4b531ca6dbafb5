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

// conn is one open database.
type conn struct {
	tls *libc.TLS
	db  uintptr
	out uintptr // room for what SQLite hands back
	at  int     // where the statement at hand begins in its text
}

func main() {
	tls := libc.NewTLS()
	configure(tls)
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
		return answer{Error: &Failure{Message: fmt.Sprintf("no database %d is open", r.DB), Offset: -1}}
	}
	switch r.Op {
	case "close":
		c.close()
		conns[r.DB] = nil
		return answer{}
	case "exec":
		for i, text := range r.Queries {
			if failed := c.exec(text); failed != nil {
				return answer{Error: failed, Done: i}
			}
		}
		return answer{}
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
	return answer{Error: &Failure{Message: "unknown request " + r.Op, Offset: -1}}
}
