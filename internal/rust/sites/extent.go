package sites

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// skipAngles returns the index behind the `>` that closes the `<` at i.
func (s *stream) skipAngles(i, end int) int {
	depth := 0
	for i < end {
		switch s.kind(i) {
		case '<', lex.LeftArrow:
			depth++
		case lex.Shl:
			depth += 2
		case '>', lex.GreaterEq:
			depth--
		case lex.Shr, lex.ShrEq:
			depth -= 2
		case '(', '[', '{':
			i = s.match(i)
		case ';':
			return i
		}
		i++
		if depth <= 0 {
			return i
		}
	}
	return end
}

// skipType returns the index behind the type at i, which a cast or an arrow
// introduces: without bounds joined by `+`.
func (s *stream) skipType(i, end int) int {
	for i < end {
		switch kind := s.kind(i); {
		case kind == '&', kind == lex.AndAnd, kind == '*', kind == lex.Lifetime:
			i++
		case kind == '!':
			return i + 1
		case kind == '(' || kind == '[':
			return s.match(i) + 1
		case kind == '<' || kind == lex.Shl || kind == lex.PathSep:
			return s.skipTypePath(i, end)
		case !kind.IsName():
			return i
		default:
			switch s.text(i) {
			case "mut", "const", "dyn", "impl", "unsafe", "fn":
				i++
				if s.is(i, end, '(') { // of fn
					return s.skipReturn(s.match(i)+1, end)
				}
			case "extern":
				i++
				if i < end && s.kind(i).IsString() {
					i++
				}
			case "for":
				i = s.skipAngles(i+1, end)
			default:
				return s.skipTypePath(i, end)
			}
		}
	}
	return end
}

func (s *stream) skipReturn(i, end int) int {
	if s.is(i, end, lex.Arrow) {
		return s.skipType(i+1, end)
	}
	return i
}

func (s *stream) skipTypePath(i, end int) int {
	for i < end {
		switch kind := s.kind(i); {
		case kind == lex.PathSep:
			i++
		case kind == '<' || kind == lex.Shl:
			i = s.skipAngles(i, end)
			if !s.is(i, end, lex.PathSep) {
				return i
			}
		case kind == '(': // Fn(A) -> B
			return s.skipReturn(s.match(i)+1, end)
		case kind == '!' && i+1 < end && s.kind(i+1).IsOpen():
			return s.match(i+1) + 1
		case kind.IsName():
			i++
			if i < end && s.kind(i) != lex.PathSep && s.kind(i) != '<' && s.kind(i) != lex.Shl && s.kind(i) != '(' && s.kind(i) != '!' {
				return i
			}
		default:
			return i
		}
	}
	return end
}

// expression is what a scan over an expression's outermost level finds.
type expression struct {
	end  int  // its end: the `,` or `;` behind it, or the limit
	cast int  // index of the last `as`, -1 without one
	ty   int  // index behind that cast's type
	low  bool // something binds less tightly than a cast
}

// scanExpr finds the end of the expression at i. Commas inside generic
// arguments and between a closure's parameters do not end it.
func (s *stream) scanExpr(i, end int) expression {
	e := expression{end: end, cast: -1}
	operand := true // an operand is due, no operator
	for i < end {
		switch kind := s.kind(i); {
		case kind == ',' || kind == ';' || kind == lex.FatArrow:
			e.end = i
			return e
		case kind.IsOpen():
			i = s.match(i) + 1
			operand = false
		case kind == '|' && operand:
			e.low = true
			i = s.closureParams(i+1, end)
		case kind == lex.OrOr && operand:
			e.low = true
			i++
		case kind == lex.Arrow:
			i = s.skipType(i+1, end)
		case kind == lex.PathSep && i+1 < end && (s.kind(i+1) == '<' || s.kind(i+1) == lex.Shl):
			i = s.skipAngles(i+1, end)
			operand = false
		case (kind == '<' || kind == lex.Shl) && operand:
			i = s.skipAngles(i, end)
			operand = false
		case kind.IsName():
			i = s.exprWord(i, end, &e, &operand)
		case kind.IsLiteral() || kind == lex.Lifetime:
			operand = false
			i++
		case kind == '.' || kind == '?' || kind == lex.PathSep || kind == '#':
			i++
		case kind == '!' && !operand: // of a macro call
			i++
		default:
			unary := kind == '&' || kind == lex.AndAnd || kind == '*' || kind == '-' || kind == '!'
			if !operand || !unary {
				e.low = true
			}
			operand = true
			i++
		}
	}
	return e
}

// exprWord scans an identifier or keyword of an expression.
func (s *stream) exprWord(i, end int, e *expression, operand *bool) int {
	if s.kind(i) == lex.RawIdent {
		*operand = false
		return i + 1
	}
	switch s.text(i) {
	case "as":
		e.cast = i
		*operand = false
		e.ty = s.skipType(i+1, end)
		return e.ty
	case "return", "break", "yield", "become":
		e.low = true
		*operand = true
	case "if", "while", "match", "in", "else", "let", "move", "async", "unsafe", "mut", "ref", "loop", "for", "static", "const":
		*operand = true
	default:
		*operand = false
	}
	return i + 1
}

// closureParams returns the index behind the `|` that ends a closure's
// parameters.
func (s *stream) closureParams(i, end int) int {
	for i < end {
		switch kind := s.kind(i); {
		case kind == '|':
			return i + 1
		case kind.IsOpen():
			i = s.match(i) + 1
		default:
			i++
		}
	}
	return end
}

// bodyBrace returns the index of the `{` of an item's or control expression's
// body, whose head begins at i; end where there is none.
func (s *stream) bodyBrace(i, end int) int {
	angles := 0   // `<` that are open
	greater := -1 // the last `>` that closes none
	for ; i < end; i++ {
		switch s.kind(i) {
		case '(', '[':
			i = s.match(i)
		case ';':
			return end
		case '<':
			angles++
		case lex.Shl:
			angles += 2
		case '>':
			if angles == 0 {
				greater = i
			}
			angles = max(angles-1, 0)
		case lex.Shr:
			angles = max(angles-2, 0)
		case lex.Ident:
			if s.text(i) == "let" { // a pattern may hold braces
				for i < end && s.kind(i) != '=' {
					if s.kind(i).IsOpen() {
						i = s.match(i)
					}
					i++
				}
			}
		case '{':
			if !s.insideHead(i, angles) && (greater < 0 || greater != i-1) {
				return i
			}
			i = s.match(i)
		}
	}
	return end
}

// insideHead reports whether the `{` at i belongs to a head, not after it: a
// block as an operand (`match unsafe { … } {`) or generic argument.
func (s *stream) insideHead(i, angles int) bool {
	if i == 0 {
		return false
	}
	switch s.kind(i - 1) {
	case '<', '=', '|', lex.OrOr, lex.AndAnd, lex.EqEq, lex.NotEq, lex.LessEq, lex.GreaterEq,
		'&', '^', '-', '*', '/', '%', lex.Shl, lex.DotDotEq:
		return true
	case ',':
		return angles > 0
	case lex.Ident:
		switch s.text(i - 1) {
		case "match", "unsafe", "async", "move", "loop", "const", "if", "while", "in":
			return true
		}
	case '!':
		return i > 1 && s.kind(i-2).IsName()
	}
	return false
}

// extent returns the end of the thing that an attribute at i's left applies
// to: item, statement, expression, field, arm.
func (s *stream) extent(i, end int, in setting) int {
	if j, ok := s.itemEnd(i, end); ok {
		return j
	}
	switch {
	case i >= end:
		return end
	case in == inMatch:
		return s.armEnd(i, end)
	case in == inList:
		return s.afterComma(i, end)
	case s.fieldStart(i, end):
		return s.afterComma(i, end)
	}
	return s.statementEnd(i, end)
}

// itemEnd returns the end of the item at i, if one begins there.
func (s *stream) itemEnd(i, end int) (int, bool) {
	for i < end && s.kind(i) == lex.Ident {
		switch s.text(i) {
		case "pub":
			i++
			if s.is(i, end, '(') {
				i = s.match(i) + 1
			}
			continue
		case "default", "async", "unsafe", "safe", "auto", "gen":
			if i+1 < end && s.kind(i+1) == lex.Ident {
				i++
				continue
			}
			return 0, false
		case "const":
			if i+1 < end && s.kind(i+1) == lex.Ident {
				switch s.text(i + 1) {
				case "fn", "unsafe", "async", "extern":
					i++
					continue
				case "move":
					return 0, false
				}
				return s.toSemicolon(i, end), true
			}
			return 0, false
		case "extern":
			if i+1 < end && s.kind(i+1).IsLiteral() {
				i++
			}
			if i+1 < end && s.kind(i+1) == '{' {
				return s.match(i+1) + 1, true
			}
			i++
			continue
		case "fn", "trait", "impl", "mod", "struct", "enum":
			return s.toBody(i+1, end), true
		case "union":
			if i+2 < end && s.kind(i+1).IsName() && (s.kind(i+2) == '{' || s.kind(i+2) == '<') {
				return s.toBody(i+1, end), true
			}
			return 0, false
		case "static", "type", "use", "crate":
			return s.toSemicolon(i, end), true
		case "macro_rules":
			if i+3 < end && s.kind(i+1) == '!' && s.kind(i+3).IsOpen() {
				j := s.match(i+3) + 1
				if s.is(j, end, ';') {
					j++
				}
				return j, true
			}
			return 0, false
		}
		return 0, false
	}
	return 0, false
}

// toBody returns the end of an item that a body or a `;` ends.
func (s *stream) toBody(i, end int) int {
	body := s.bodyBrace(i, end)
	if body < end {
		return s.match(body) + 1
	}
	return s.toSemicolon(i, end)
}

func (s *stream) toSemicolon(i, end int) int {
	for i < end {
		switch kind := s.kind(i); {
		case kind == ';':
			return i + 1
		case kind.IsOpen():
			i = s.match(i)
		}
		i++
	}
	return end
}

func (s *stream) afterComma(i, end int) int {
	e := s.scanExpr(i, end)
	if e.end < end {
		return e.end + 1
	}
	return end
}

// armEnd returns the end of the match arm at i.
func (s *stream) armEnd(i, end int) int {
	for i < end && s.kind(i) != lex.FatArrow {
		if s.kind(i).IsOpen() {
			i = s.match(i)
		}
		i++
	}
	i++
	if j, ok := s.blockEnd(i, end); ok && s.callBang(i, end) < 0 && !s.is(j, end, '.') && !s.is(j, end, '?') {
		if s.is(j, end, ',') {
			j++
		}
		return min(j, end)
	}
	return s.afterComma(i, end)
}

// fieldStart tells whether a field of a struct or enum begins at i.
func (s *stream) fieldStart(i, end int) bool {
	if s.word(i, end, "pub") {
		return true
	}
	if i >= end || !s.kind(i).IsName() && s.kind(i) != lex.Int {
		return false
	}
	return i+1 == end || s.kind(i+1) == ':' || s.kind(i+1) == ','
}

// statementEnd returns the end of the statement, or an enum's variant, at i.
func (s *stream) statementEnd(i, end int) int {
	if s.word(i, end, "let") {
		return s.toSemicolon(i, end)
	}
	if j, ok := s.blockEnd(i, end); ok && !s.is(j, end, '.') && !s.is(j, end, '?') {
		return j
	}
	for i < end {
		e := s.scanExpr(i, end)
		if e.end == end {
			return end
		}
		i = e.end + 1
		if s.kind(e.end) != lex.FatArrow {
			return i
		}
	}
	return end
}

// blockEnd returns the end of the block-like expression at i, if one begins
// there: it ends a statement without `;`.
func (s *stream) blockEnd(i, end int) (int, bool) {
	if s.is(i, end, lex.Lifetime) && s.is(i+1, end, ':') {
		i += 2
	}
	if s.is(i, end, '{') {
		return s.match(i) + 1, true
	}
	if i >= end || s.kind(i) != lex.Ident {
		return 0, false
	}
	switch s.text(i) {
	case "unsafe", "loop", "const":
		if s.is(i+1, end, '{') {
			return s.match(i+1) + 1, true
		}
	case "for":
		for i < end && !s.word(i, end, "in") {
			if s.kind(i).IsOpen() {
				i = s.match(i)
			}
			i++
		}
		if body := s.bodyBrace(i+1, end); body < end {
			return s.match(body) + 1, true
		}
	case "match", "while":
		if body := s.bodyBrace(i+1, end); body < end {
			return s.match(body) + 1, true
		}
	case "if":
		for {
			body := s.bodyBrace(i+1, end)
			if body == end {
				return end, true
			}
			i = s.match(body) + 1
			if !s.word(i, end, "else") {
				return i, true
			}
			if i++; s.is(i, end, '{') {
				return s.match(i) + 1, true
			}
		}
	default:
		if bang := s.callBang(i, end); bang >= 0 && s.kind(bang+1) == '{' {
			return s.match(bang+1) + 1, true
		}
	}
	return 0, false
}

// callBang returns the index of the `!` of the macro call whose path begins at
// i, -1 where none does.
func (s *stream) callBang(i, end int) int {
	if s.is(i, end, lex.PathSep) {
		i++
	}
	for i < end && s.kind(i).IsName() {
		if s.is(i+1, end, '!') {
			if i+2 < end && s.kind(i+2).IsOpen() {
				return i + 1
			}
			return -1
		}
		if !s.is(i+1, end, lex.PathSep) {
			return -1
		}
		i += 2
	}
	return -1
}
