package kept

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// A file of the store is
//
//	the format, 16 bytes; the key's sum, 32 bytes; the data; a CRC-32C of all
//	that, 4 bytes, big end first
//
// The checksum finds damage, not malice: nobody else can write here.

const (
	format   = "sqlxmage kept 1\n"
	headSize = len(format) + 32
	tailSize = crc32.Size
)

// castagnoli is the polynomial that processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encode(w io.Writer, key Key, data []byte) error {
	head := append([]byte(format), key.sum[:]...)
	sum := crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, data)
	for _, part := range [][]byte{head, data, binary.BigEndian.AppendUint32(nil, sum)} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// decode returns the data of a file, as a part of it; false where it is damaged
// or another key's.
func decode(key Key, file []byte) ([]byte, bool) {
	end := len(file) - tailSize
	if end < headSize || string(file[:len(format)]) != format || !bytes.Equal(file[len(format):headSize], key.sum[:]) {
		return nil, false
	}
	if crc32.Checksum(file[:end], castagnoli) != binary.BigEndian.Uint32(file[end:]) {
		return nil, false
	}
	return file[headSize:end:end], true
}
