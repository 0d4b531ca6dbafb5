package oracle

import (
	"bytes"
	"encoding/json"
)

// lineWidth is how long a value on one line may be.
const lineWidth = 140

// layOut writes compact, valid JSON in lines: what is short on one, else each
// element on its own, so that a change of one answer is a change of few lines.
func layOut(out *bytes.Buffer, data []byte, indent string) {
	isObject := data[0] == '{'
	if len(indent)+len(data) <= lineWidth || !isObject && data[0] != '[' {
		out.Write(data)
		return
	}
	inner := indent + " "
	decoder := json.NewDecoder(bytes.NewReader(data))
	_, _ = decoder.Token()
	out.WriteByte(data[0])
	for first := true; decoder.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		out.WriteString("\n" + inner)
		if isObject {
			name, _ := decoder.Token()
			quoted, _ := marshal(name)
			out.Write(quoted)
			out.WriteString(": ")
		}
		var element json.RawMessage
		_ = decoder.Decode(&element)
		layOut(out, element, inner)
	}
	out.WriteString("\n" + indent)
	out.WriteByte(data[len(data)-1])
}
