package bundled

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
)

// FuzzAnswers lets a helper say anything: what a method returns fits what was
// asked, or the helper is gone.
func FuzzAnswers(f *testing.F) {
	for _, a := range []answer{
		{SourceID: "2024-05-23", Version: "3.46.0"},
		{DB: 1}, {Done: 1, Error: &Failure{Code: 1, Message: "no such table: a", Offset: 3}},
		{Described: []Described{{Statements: []Statement{{Columns: []Column{{Name: "a"}}, Program: []Opcode{{Name: "Init", P4: "x"}}}}}, {Error: &Failure{}}}},
		{Rows: [][]string{{"a"}}}, {Step: &Step{Code: Row, Types: []int32{1, 5}}}, {InTransaction: true},
	} {
		line, err := json.Marshal(a)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(line) + "\n")
	}
	f.Add(`{"done":7,"error":{}}`)
	f.Add("hello, world\n")
	f.Fuzz(func(t *testing.T, said string) {
		ctx := context.Background()
		for _, ask := range []func(*DB) error{
			func(db *DB) error {
				described, err := db.Describe(ctx, []string{"SELECT 1", "SELECT 2"})
				if err == nil && len(described) != 2 {
					t.Errorf("%d of 2 queries are described", len(described))
				}
				return err
			},
			func(db *DB) error {
				done, err := db.ExecAll(ctx, []string{"SELECT 1", "SELECT 2"})
				if done < 0 || done > 2 || (err == nil) != (done == 2) {
					t.Errorf("%d of 2 texts are done, %v", done, err)
				}
				return err
			},
			func(db *DB) error { _, err := db.Step(ctx, "SELECT 1", 0, 1); return err },
			func(db *DB) error { _, err := db.Rows(ctx, "SELECT 1"); return err },
			func(db *DB) error { _, err := db.InTransaction(ctx); return err },
			func(db *DB) error { _, err := db.engine.Open(ctx, "a.db", true); return err },
		} {
			db := &DB{engine: saying(said), number: 1}
			err := ask(db)
			var refused *database.Error
			if err != nil && !errors.As(err, &refused) && !db.engine.Gone() {
				t.Errorf("it goes on after %v", err)
			}
		}
	})
}

// saying is the engine of a helper that says this, whatever it is asked.
func saying(text string) *Engine {
	e := &Engine{
		version: "3.46.0", in: deaf{}, out: json.NewDecoder(strings.NewReader(text)),
		kill: func() error { return nil }, done: func() error { return nil }, turn: make(chan struct{}, 1),
	}
	e.turn <- struct{}{}
	return e
}

// deaf takes everything and does nothing.
type deaf struct{}

func (deaf) Write(p []byte) (int, error) { return len(p), nil }
func (deaf) Close() error                { return nil }
