package expand

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
	"github.com/sqlxmage/sqlxmage/internal/rust/syntax"
)

// PasteCall returns what `paste! { args }` stands for: each `[<a b:modifier>]`
// in it becomes one identifier, lifetime or number (paste 1.0.15). A made token
// has the span of its first part.
//
// Not done: strings joined in attributes (`#[doc = "a" $b]`) stay as they are,
// since an attribute's value names nothing. Errors of kind Unsupported are
// env!("NAME") and modifiers of words outside of ASCII, whose cases Go and Rust
// see differently.
func PasteCall(args []Token) ([]Token, error) {
	p := paster{out: make([]Token, 0, len(args))}
	if err := p.tokens(args); err != nil {
		return nil, err
	}
	return p.out, nil
}

type paster struct {
	out  []Token
	open []int
}

func (p *paster) tokens(tokens []Token) error {
	for i := 0; i < len(tokens); i++ {
		token := tokens[i]
		switch {
		case token.Kind == '[':
			if inside := operation(tokens[i+1 : i+int(token.Partner)]); inside != nil {
				if err := p.paste(inside, token); err != nil {
					return err
				}
				i += int(token.Partner)
				continue
			}
			p.open = append(p.open, len(p.out))
		case token.Kind.IsOpen() || token.Kind == syntax.FragmentOpen:
			p.open = append(p.open, len(p.out))
		case (token.Kind.IsClose() || token.Kind == syntax.FragmentClose) && len(p.open) > 0:
			partner := p.open[len(p.open)-1]
			p.open = p.open[:len(p.open)-1]
			token.Partner = int32(partner - len(p.out))
			p.out[partner].Partner = -token.Partner
		}
		p.out = append(p.out, token)
	}
	return nil
}

// operation returns what stands between `[<` and `>]`, or nil if inside is
// something else.
func operation(inside []Token) []Token {
	n := len(inside)
	if n < 3 || inside[0].Kind != '<' || inside[n-1].Kind != '>' {
		return nil
	}
	for _, t := range inside[1 : n-1] {
		if strings.HasPrefix(t.Text, ">") || strings.HasSuffix(t.Text, ">") {
			return nil
		}
	}
	return inside[1 : n-1]
}

// paste writes the token that the parts make.
func (p *paster) paste(parts []Token, at Token) error {
	parts = Flatten(parts)
	var words []string
	lifetime := false
	for i := 0; i < len(parts); i++ {
		part := parts[i]
		switch {
		case part.Kind == ':' && i+1 < len(parts) && len(words) > 0:
			i++
			if !isASCII(words[len(words)-1]) {
				return newError(Unsupported, part, "paste!: modifiers are supported for ASCII only")
			}
			changed, ok := modify(words[len(words)-1], parts[i].Text)
			if !ok {
				return newError(BadPaste, parts[i], "paste!: unknown modifier %s", parts[i].Text)
			}
			words[len(words)-1] = changed
		case part.Is("env") && i+1 < len(parts) && parts[i+1].Kind == '!':
			return newError(Unsupported, part, "paste!: env! is not supported")
		case part.Kind.IsName():
			words = append(words, lex.Name(part.Text))
		case part.Kind == lex.Lifetime && !lifetime:
			lifetime = true
			words = append(words, part.Text[1:])
		case part.Kind.IsLiteral():
			word, ok := literalWord(part)
			if !ok {
				return newError(BadPaste, part, "paste!: cannot paste %s", part.Text)
			}
			words = append(words, word)
		default:
			return newError(BadPaste, part, "paste!: unexpected %s", part.Text)
		}
	}
	return p.emit(strings.Join(words, ""), lifetime, parts, at)
}

func (p *paster) emit(text string, lifetime bool, parts []Token, at Token) error {
	token := at
	if len(parts) > 0 {
		token = parts[0]
	}
	token.Partner, token.Mark = 0, at.Mark
	token.Kind, token.Text = lex.Ident, text
	if lifetime {
		token.Kind, token.Text = lex.Lifetime, "'"+text
	} else if text != "" && text[0] >= '0' && text[0] <= '9' {
		token.Kind = lex.Int
	}
	lexed, err := lex.Lex(token.Text, nil)
	if err != nil || len(lexed) != 1 || lexed[0].Kind != token.Kind && !lexed[0].Kind.IsLiteral() {
		return newError(BadPaste, at, "paste!: %q is no identifier", text)
	}
	token.Kind = lexed[0].Kind
	p.out = append(p.out, token)
	return nil
}

// literalWord returns what a literal adds to an identifier.
func literalWord(t Token) (string, bool) {
	text := t.Text
	switch t.Kind {
	case lex.Int:
	case lex.Str, lex.Char:
		text = text[1 : len(text)-1]
	case lex.RawStr:
		text = strings.TrimPrefix(text, "r")
		text = text[1 : len(text)-1]
	default:
		return "", false
	}
	if strings.ContainsAny(text, `#\.+"'`) {
		return "", false
	}
	return strings.ReplaceAll(text, "-", "_"), true
}

func isASCII(word string) bool {
	for _, r := range word {
		if r >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// modify applies a modifier (paste 1.0.15, segment::paste).
func modify(word, modifier string) (string, bool) {
	switch modifier {
	case "lower":
		return strings.ToLower(word), true
	case "upper":
		return strings.ToUpper(word), true
	case "snake":
		return snake(word), true
	case "camel":
		return camel(word), true
	}
	return "", false
}

func snake(word string) string {
	var b strings.Builder
	previous := '_'
	for _, r := range word {
		if unicode.IsUpper(r) && previous != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
		previous = r
	}
	return strings.ToLower(b.String())
}

func camel(word string) string {
	var b strings.Builder
	previous := '_'
	for _, r := range word {
		switch {
		case r == '_':
		case previous == '_':
			b.WriteString(strings.ToUpper(string(r)))
		case unicode.IsUpper(previous):
			b.WriteString(strings.ToLower(string(r)))
		default:
			b.WriteRune(r)
		}
		previous = r
	}
	return b.String()
}
