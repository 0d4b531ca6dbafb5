package sites

import "encoding/binary"

// encoder writes an outline: nodes in their order, each with its kids behind
// it, numbers as varints, texts with their length.
type encoder struct {
	out       []byte
	nodeCount int
	textCount int // in lists
}

func (e *encoder) number(n int)  { e.out = binary.AppendUvarint(e.out, uint64(n)) }
func (e *encoder) at(n int32)    { e.number(int(n)) }
func (e *encoder) text(s string) { e.number(len(s)); e.out = append(e.out, s...) }
func (e *encoder) texts(l []string) {
	e.textCount += len(l)
	e.number(len(l))
	for _, s := range l {
		e.text(s)
	}
}

// encodeOutline begins with how many nodes and texts there are, so that reading
// makes room for them once.
func encodeOutline(o *outline) []byte {
	var e encoder
	e.attrs(o.inner)
	e.nodes(o.kids)
	var head encoder
	head.number(e.nodeCount)
	head.number(e.textCount)
	return append(head.out, e.out...)
}

func (e *encoder) nodes(nodes []*node) {
	e.nodeCount += len(nodes)
	e.number(len(nodes))
	for _, n := range nodes {
		flags := int(n.kind)<<4 | int(n.vis)<<2
		if n.body {
			flags |= 1
		}
		if n.item {
			flags |= 2
		}
		e.number(flags)
		if n.kind.named() {
			e.at(n.start)
			e.at(n.open)
			e.at(n.stop)
		}
		switch n.kind {
		case callNode:
			e.texts(n.path)
		case modNode:
			e.text(n.name)
		case crateNode:
			e.text(n.name)
			e.text(n.alias)
		case rulesNode, macroNode:
			e.text(n.name)
			e.texts(n.words)
		case useNode:
			e.number(len(n.uses))
			for _, u := range n.uses {
				e.texts(u.path)
				e.text(u.alias)
				e.number(bit(u.glob))
			}
		}
		e.attrs(n.attrs)
		e.nodes(n.kids)
	}
}

// named tells of a node's kind whether it stands for a piece of source of its
// own.
func (k nodeKind) named() bool { return k != scopeNode && k != guardNode }

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e *encoder) attrs(attrs []attr) {
	e.number(len(attrs))
	for _, a := range attrs {
		e.text(a.path)
		e.text(a.pred)
		e.text(a.value)
		e.at(a.start)
		e.at(a.stop)
		e.attrs(a.inner)
		e.nodes(a.kids)
	}
}

// decoder reads what encoder wrote. Its texts are parts of the input.
type decoder struct {
	in    string
	bad   bool
	block []node   // room for nodes
	list  []*node  // for lists of them
	words []string // and for lists of texts
}

// decodeOutline reads an outline; false when the text is damaged.
func decodeOutline(text string) (*outline, bool) {
	d := decoder{in: text}
	nodes, texts := d.count(), d.count()
	d.block, d.list, d.words = make([]node, nodes), make([]*node, nodes), make([]string, texts)
	o := &outline{inner: d.attrs(0)}
	o.kids = d.nodes(0)
	return o, !d.bad && d.in == ""
}

// take returns the first count places of a room, which loses them.
func take[T any](d *decoder, room *[]T, count int) []T {
	if count > len(*room) {
		d.bad = true
		return nil
	}
	taken := (*room)[:count:count]
	*room = (*room)[count:]
	return taken
}

// uvarint is binary.Uvarint of a string.
func uvarint(s string) (uint64, int) {
	var v uint64
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		v |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}

func (d *decoder) number() int {
	if d.in != "" && d.in[0] < 0x80 {
		n := int(d.in[0])
		d.in = d.in[1:]
		return n
	}
	v, n := uvarint(d.in)
	if n == 0 || v > 1<<31-1 {
		d.bad = true
		d.in = ""
		return 0
	}
	d.in = d.in[n:]
	return int(v)
}

// count reads how many things follow, each of which takes a byte at least.
func (d *decoder) count() int {
	n := d.number()
	if n > len(d.in) {
		d.bad = true
		d.in = ""
		return 0
	}
	return n
}

func (d *decoder) at() int32 { return int32(d.number()) }

func (d *decoder) text() string {
	n := d.count()
	s := d.in[:n]
	d.in = d.in[n:]
	return s
}

func (d *decoder) texts() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	l := take(d, &d.words, n)
	for i := range l {
		l[i] = d.text()
	}
	return l
}

// maxNodes is how deep nodes may nest in what is read back.
const maxNodes = 10_000

func (d *decoder) nodes(depth int) []*node {
	count := d.count()
	if count == 0 || depth > maxNodes {
		d.bad = d.bad || count > 0
		return nil
	}
	block, list := take(d, &d.block, count), take(d, &d.list, count)
	for i := range list {
		list[i] = &block[i]
		d.node(list[i], depth)
		if d.bad {
			return nil
		}
	}
	return list
}

func (d *decoder) node(n *node, depth int) {
	flags := d.number()
	n.kind, n.vis = nodeKind(flags>>4), visibility(flags>>2&3)
	n.body, n.item = flags&1 != 0, flags&2 != 0
	if n.kind.named() {
		n.start, n.open, n.stop = d.at(), d.at(), d.at()
	}
	switch n.kind {
	case scopeNode, guardNode:
	case callNode:
		n.path = d.texts()
		d.bad = d.bad || len(n.path) == 0
	case modNode:
		n.name = d.text()
	case crateNode:
		n.name, n.alias = d.text(), d.text()
	case rulesNode, macroNode:
		n.name, n.words = d.text(), d.texts()
	case useNode:
		if uses := d.count(); uses > 0 {
			n.uses = make([]use, uses)
			for i := range n.uses {
				n.uses[i] = use{path: d.texts(), alias: d.text(), glob: d.number() == 1}
			}
		}
	default:
		d.bad = true
	}
	n.attrs = d.attrs(depth)
	n.kids = d.nodes(depth + 1)
}

func (d *decoder) attrs(depth int) []attr {
	count := d.count()
	if count == 0 || depth > maxNodes {
		return nil
	}
	list := make([]attr, count)
	for i := range list {
		list[i] = attr{path: d.text(), pred: d.text(), value: d.text(), start: d.at(), stop: d.at()}
		list[i].inner = d.attrs(depth + 1)
		list[i].kids = d.nodes(depth + 1)
	}
	return list
}
