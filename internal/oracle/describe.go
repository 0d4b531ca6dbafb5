package oracle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
)

// Describer is a running program that links one version of sqlx, and SQLite in
// the version which that bundles.
type Describer struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Described is what sqlx's describe says.
type Described struct {
	// Describe is the description as a query file holds it, without white
	// space; nil where there is none.
	Describe json.RawMessage `json:"describe"`
	Error    string          `json:"error"`
}

// NewDescriber starts the program, which it builds if need be. It ends with the
// test.
func NewDescriber(t testing.TB, sqlx string) *Describer {
	t.Helper()
	p := openPackage(t, sqlx)
	defer p.close()
	p.write("calls.rs", []byte("fn main() {}\n"))
	build := p.cargo(nil, "build", "--locked", "--bin=describe", "--features="+features(AllFeatures))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program that describes: %v\n%s", err, out)
	}
	d := &Describer{t: t, cmd: exec.Command(filepath.Join(p.dir, "target", "debug", "describe"))}
	var err error
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.out = bufio.NewReader(out)
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.in.Close()
		if err := d.cmd.Wait(); err != nil {
			t.Errorf("end the program that describes: %v", err)
		}
	})
	return d
}

// Describe makes a database in memory of a schema and describes queries on it.
// Of each statement of the schema that SQLite refuses, refused holds the error;
// it is as long as the schema.
func (d *Describer) Describe(schema, queries []string) (described []Described, refused []string) {
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
	return answer.Queries, answer.Schema
}
