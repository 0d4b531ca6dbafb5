package kept

import (
	"encoding/binary"
	"iter"
	"math"
	"sync"
)

// Pack is an entry of many small values, each under the SHA-256 of what it
// depends on: one file is read in less time than hundreds. It holds what its
// last user needed, and as much again of what users before that one did, so
// that who goes back to an earlier state finds it. Get and Put may be called at
// the same time. A nil Pack finds nothing and keeps nothing.
type Pack struct {
	store *Store
	key   Key
	known map[[32]byte]string
	order [][32]byte // of known: the latest used first

	mu    sync.Mutex
	used  map[[32]byte]bool
	fresh map[[32]byte][]byte
}

// minOlder is how many bytes of older values a pack has room for at least.
const minOlder = 1 << 20

// Pack reads the pack under a key; where there is none, it is empty. Where
// nothing is kept, it is nil.
func (s *Store) Pack(key Key) *Pack {
	if s == nil || key == (Key{}) {
		return nil
	}
	p := &Pack{store: s, key: key, used: make(map[[32]byte]bool), fresh: make(map[[32]byte][]byte)}
	if data, ok := s.Get(key); ok {
		p.known, p.order, _ = unpack(string(data)) // a damaged one is empty
	}
	return p
}

// Get returns the value that the pack held under a key when it was read, and
// whether there was one.
func (p *Pack) Get(key [32]byte) (string, bool) {
	if p == nil {
		return "", false
	}
	value, ok := p.known[key]
	if ok {
		p.mu.Lock()
		p.used[key] = true
		p.mu.Unlock()
	}
	return value, ok
}

// Empty tells whether the pack held nothing when it was read.
func (p *Pack) Empty() bool { return p == nil || len(p.known) == 0 }

// All returns what the pack held when it was read, the latest used first.
func (p *Pack) All() iter.Seq2[[32]byte, string] {
	return func(yield func([32]byte, string) bool) {
		if p == nil {
			return
		}
		for _, key := range p.order {
			if !yield(key, p.known[key]) {
				return
			}
		}
	}
}

// Put adds a value, which must not be changed any more.
func (p *Pack) Put(key [32]byte, value []byte) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.fresh[key] = value
	p.mu.Unlock()
}

// Save keeps the pack, if there is anything new in it.
func (p *Pack) Save() {
	if p == nil || len(p.fresh) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var data []byte
	for key, value := range p.fresh {
		data = appendValue(data, key, string(value))
	}
	add := func(used bool, room int) {
		for _, key := range p.order {
			value := p.known[key]
			if _, again := p.fresh[key]; !again && p.used[key] == used && len(data)+len(value) <= room {
				data = appendValue(data, key, value)
			}
		}
	}
	add(true, math.MaxInt)
	add(false, len(data)+max(len(data), minOlder))
	p.store.Put(p.key, data)
}

func appendValue(data []byte, key [32]byte, value string) []byte {
	data = append(data, key[:]...)
	data = binary.AppendUvarint(data, uint64(len(value)))
	return append(data, value...)
}

// unpack reads a pack's values, as parts of its text, and their order; false
// where the text is no pack.
func unpack(text string) (values map[[32]byte]string, order [][32]byte, ok bool) {
	values = make(map[[32]byte]string)
	for text != "" {
		var key [32]byte
		if copy(key[:], text) < len(key) {
			return nil, nil, false
		}
		text = text[len(key):]
		// The length is at most ten bytes long.
		size, n := binary.Uvarint([]byte(text[:min(len(text), binary.MaxVarintLen64)]))
		if n <= 0 || size > uint64(len(text)-n) {
			return nil, nil, false
		}
		if _, twice := values[key]; !twice {
			order = append(order, key)
		}
		values[key] = text[n : n+int(size)]
		text = text[n+int(size):]
	}
	return values, order, true
}
