package kept

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Key names an entry. The zero Key names none.
type Key struct {
	kind string
	sum  [sha256.Size]byte
}

// Conclusion is the key of something that this program worked out. The parts
// are all that it depends on, in a fixed order; the program itself is added, so
// that no build believes what another one concluded. Where it is not known
// which program this is, there is no key, and nothing is kept.
//
// A kind is the name of a folder in the store, in lower case letters.
func Conclusion(kind string, parts ...string) Key {
	return conclusion(program(), kind, parts)
}

func conclusion(program, kind string, parts []string) Key {
	if program == "" {
		return Key{}
	}
	hash := sha256.New()
	add := func(part string) {
		hash.Write(binary.AppendUvarint(nil, uint64(len(part))))
		hash.Write([]byte(part))
	}
	add(program)
	add(kind)
	for _, part := range parts {
		add(part)
	}
	key := Key{kind: kind}
	hash.Sum(key.sum[:0])
	return key
}

// Pinned is the key of something that a checksum alone decides, whichever
// program fetched it: a download of that SHA-256, what is unpacked of one, or
// what is built of sources with that checksum.
func Pinned(kind string, sum [sha256.Size]byte) Key {
	return Key{kind: kind, sum: sum}
}

// name is the entry's name in the folder of its kind.
func (k Key) name() string { return hex.EncodeToString(k.sum[:]) }
