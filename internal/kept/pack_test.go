package kept

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPack(t *testing.T) {
	s := newStore(t)
	p := s.Pack(key("pack"))
	p.Put([32]byte{1}, []byte("one"))
	p.Put([32]byte{2}, nil)
	p.Save()
	p = s.Pack(key("pack"))
	for k, want := range map[byte]string{1: "one", 2: ""} {
		if got, ok := p.Get([32]byte{k}); !ok || got != want {
			t.Errorf("%d: %q, %v", k, got, ok)
		}
	}
	if _, ok := p.Get([32]byte{3}); ok {
		t.Error("found what was not put")
	}
	p.Put([32]byte{1}, []byte("another"))
	p.Save()
	if got, _ := s.Pack(key("pack")).Get([32]byte{1}); got != "another" {
		t.Errorf("%q", got)
	}
}

// TestPackBackAndForth: who goes from one state to another and back finds all
// of both.
func TestPackBackAndForth(t *testing.T) {
	s := newStore(t)
	visit := func(branch byte) (missed int) {
		p := s.Pack(key("pack"))
		for file := range byte(10) {
			at := [32]byte{branch, file}
			if file < 7 {
				at[0] = 0 // the same in both
			}
			if _, ok := p.Get(at); !ok {
				missed++
				p.Put(at, make([]byte, 10_000))
			}
		}
		p.Save()
		return missed
	}
	var missed []int
	for _, branch := range []byte{1, 2, 1, 2, 1} {
		missed = append(missed, visit(branch))
	}
	if diff := cmp.Diff([]int{10, 3, 0, 0, 0}, missed); diff != "" {
		t.Error(diff)
	}
}

// TestPackBounded: a pack that is used for ever stays about twice as large as
// what a run needs; what was used last stays longest.
func TestPackBounded(t *testing.T) {
	s := newStore(t)
	const size = minOlder
	for i := range byte(20) {
		p := s.Pack(key("pack"))
		if i > 0 {
			if _, ok := p.Get([32]byte{i - 1}); !ok {
				t.Fatalf("%d: what the run before put is lost", i)
			}
		}
		p.Put([32]byte{i}, make([]byte, size))
		p.Save()
		data, ok := s.Get(key("pack"))
		if !ok || len(data) > 4*size+1000 {
			t.Fatalf("%d: %d bytes", i, len(data))
		}
	}
}

// TestPackDamaged: a pack that is none is empty.
func TestPackDamaged(t *testing.T) {
	s := newStore(t)
	s.Put(key("pack"), []byte("no pack"))
	p := s.Pack(key("pack"))
	p.Put([32]byte{1}, []byte("one"))
	p.Save()
	if got, ok := s.Pack(key("pack")).Get([32]byte{1}); !ok || got != "one" {
		t.Errorf("%q, %v", got, ok)
	}
}

// FuzzPack: any text is read without fault, and what is read is written and
// read again.
func FuzzPack(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(appendValue(appendValue(nil, [32]byte{1}, "one"), [32]byte{2}, ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		values, order, ok := unpack(string(data))
		if !ok {
			return
		}
		var again []byte
		for _, k := range order {
			again = appendValue(again, k, values[k])
		}
		second, _, ok := unpack(string(again))
		if diff := cmp.Diff(values, second); !ok || diff != "" {
			t.Fatal(diff)
		}
	})
}

// BenchmarkPack reads a pack as large as that of 4 MB of sources.
func BenchmarkPack(b *testing.B) {
	s := newStore(b)
	p := s.Pack(key("pack"))
	for i := range 400 {
		k := [32]byte{byte(i), byte(i >> 8)}
		p.Put(k, bytes.Repeat([]byte(fmt.Sprint(i)), 1000))
	}
	p.Save()
	for b.Loop() {
		if p := s.Pack(key("pack")); len(p.known) != 400 {
			b.Fatal(len(p.known))
		}
	}
}
