package oracle

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Describer is sqlx's describe of queries for SQLite: a program that links one
// version of sqlx, and SQLite in the version which that bundles. It is built and
// started when it is asked first.
type Describer struct {
	t    testing.TB
	sqlx string
	path string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// Described is what sqlx's describe says.
type Described struct {
	// Describe is the description as a query file holds it, without white
	// space; nil where there is none.
	Describe json.RawMessage `json:"describe,omitempty"`
	Error    string          `json:"error,omitempty"`
	// Crashed is set where sqlx ended the program, as it ends the compiler
	// in a macro.
	Crashed bool `json:"crashed,omitempty"`
}

// NewDescriber returns that of a version of sqlx. It ends with the test.
func NewDescriber(t testing.TB, sqlx string) *Describer {
	return &Describer{t: t, sqlx: sqlx}
}

// Recorded answers as Describe does, out of a record. About says what the
// queries are about.
func (d *Describer) Recorded(a *Answers, about string, schema, queries []string) (described []Described, refused []string) {
	d.t.Helper()
	type answers struct {
		Schema  []string    `json:"schema"`
		Queries []Described `json:"queries"`
	}
	answer := Ask(d.t, a, about, []any{d.sqlx, string(source(d.t, d.sqlx, "../describe.rs")), schema, queries}, func() answers {
		described, refused := d.Describe(schema, queries)
		return answers{refused, described}
	})
	return answer.Queries, answer.Schema
}

func (d *Describer) open() {
	d.t.Helper()
	p := openPackage(d.t, d.sqlx)
	defer p.close()
	p.write("calls.rs", []byte("fn main() {}\n"))
	build := p.cargo(nil, "build", "--locked", "--bin=describe", "--features="+features(AllFeatures))
	if out, err := build.CombinedOutput(); err != nil {
		d.t.Fatalf("build the program that describes: %v\n%s", err, out)
	}
	name := "describe"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	d.path = filepath.Join(p.dir, "target", "debug", name)
	d.start()
	d.t.Cleanup(func() {
		if err := d.end(); err != nil {
			d.t.Errorf("end the program that describes: %v", err)
		}
	})
}

func (d *Describer) start() {
	d.t.Helper()
	d.cmd = exec.Command(d.path)
	in, err := d.cmd.StdinPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	d.in, d.out = in, bufio.NewReader(out)
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(fmt.Errorf("start the program that describes: %w", err))
	}
}

func (d *Describer) end() error {
	d.in.Close()
	return d.cmd.Wait()
}

// Describe makes a database in memory of a schema and describes queries on it.
// Of each statement of the schema that SQLite refuses, refused holds the error;
// it is as long as the schema.
func (d *Describer) Describe(schema, queries []string) (described []Described, refused []string) {
	d.t.Helper()
	if d.cmd == nil {
		d.open()
	}
	described, refused, err := d.ask(schema, queries)
	if err == nil {
		return described, refused
	}
	if len(queries) == 0 {
		d.t.Fatal(fmt.Errorf("the program that describes cannot make the schema: %w", err))
	}
	described = nil
	for _, query := range queries {
		var one []Described
		if one, refused, err = d.ask(schema, []string{query}); err != nil {
			one = []Described{{Error: "sqlx crashed: " + err.Error(), Crashed: true}}
		}
		described = append(described, one...)
	}
	if refused == nil {
		_, refused = d.Describe(schema, nil)
	}
	return described, refused
}

// ask fails where the program ended, which is started anew then.
func (d *Describer) ask(schema, queries []string) ([]Described, []string, error) {
	d.t.Helper()
	request := struct {
		Schema  []string `json:"schema"`
		Queries []string `json:"queries"`
	}{append([]string{}, schema...), append([]string{}, queries...)}
	line, err := json.Marshal(request)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.in.Write(append(line, '\n')); err != nil {
		d.t.Fatal(fmt.Errorf("ask the program that describes: %w", err))
	}
	reply, err := d.out.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		err = d.end()
		d.start()
		return nil, nil, fmt.Errorf("it ended: %w", err)
	}
	if err != nil {
		d.t.Fatal(fmt.Errorf("ask the program that describes: %w", err))
	}
	var answer struct {
		Schema  []string
		Queries []Described
	}
	if err := json.Unmarshal(reply, &answer); err != nil {
		d.t.Fatal(fmt.Errorf("read what sqlx describes: %w", err))
	}
	return answer.Queries, answer.Schema, nil
}
