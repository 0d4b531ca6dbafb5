package cargo

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// outputs remembers, by path, what libraries were before they were compiled
// again. One that comes out the same gets its old mtime back: a package that
// depends on it would else be compiled again for nothing, since cargo compares
// these times.
type outputs map[string]output

type output struct {
	sum   [sha256.Size]byte
	mtime time.Time
}

// add remembers the libraries among the units as they are. One that has not
// changed since it was last added keeps the time that it had then.
func (o outputs) add(units []unit) error {
	for _, u := range units {
		if !u.Library {
			continue
		}
		for _, path := range u.Outputs {
			now, err := readOutput(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			if before, ok := o[path]; !ok || before.sum != now.sum {
				o[path] = now
			}
		}
	}
	return nil
}

// product is something that cargo made and what depends on it is compared
// with, in the order in which it was made: dependencies first.
type product struct {
	path string
	own  bool // a library whose time may be put back
}

// restore puts back the times of libraries that are as they were, but to no
// time before that of a product which they may depend on: they would be stale.
func (o outputs) restore(products []product) error {
	var floor time.Time
	for _, p := range products {
		info, err := os.Stat(p.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at cargo's output: %w", err)
		}
		mtime := info.ModTime()
		if before, ok := o[p.path]; p.own && ok {
			now, err := readOutput(p.path)
			if err != nil {
				return err
			}
			if wanted := later(before.mtime, floor); now.sum == before.sum && wanted.Before(mtime) {
				if err := os.Chtimes(p.path, time.Time{}, wanted); err != nil {
					return fmt.Errorf("restore the time of cargo's output: %w", err)
				}
				mtime = wanted
			}
		}
		floor = later(floor, mtime)
	}
	return nil
}

func readOutput(path string) (output, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return output{}, fmt.Errorf("read cargo's output: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return output{}, fmt.Errorf("read cargo's output: %w", err)
	}
	return output{sha256.Sum256(data), info.ModTime()}, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
