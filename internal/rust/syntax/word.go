package syntax

import "github.com/sqlxmage/sqlxmage/internal/rust/lex"

// A Word says of an identifier which keyword it is; 0 is a name.
type Word uint8

// The reserved words, the last of them only in some editions, and the words that
// are keywords in certain places alone.
const (
	kwUnderscore Word = iota + 1
	kwAs
	kwBecome
	kwBox
	kwBreak
	kwConst
	kwContinue
	kwCrate
	kwDo
	kwDollarCrate
	kwElse
	kwEnum
	kwExtern
	kwFalse
	kwFn
	kwFor
	kwIf
	kwImpl
	kwIn
	kwLet
	kwLoop
	kwMacro
	kwMatch
	kwMod
	kwMove
	kwMut
	kwPub
	kwRef
	kwReturn
	kwSelfType
	kwSelfValue
	kwStatic
	kwStruct
	kwSuper
	kwTrait
	kwTrue
	kwType
	kwTypeof
	kwUnsafe
	kwUse
	kwWhere
	kwWhile
	kwYield
	kwReserved // abstract, final, override, priv, unsized, virtual

	kwAsync
	kwAwait
	kwDyn
	kwGen
	kwTry

	kwAuto
	kwBuiltin
	kwDefault
	kwMacroRules
	kwRaw
	kwSafe
	kwUnion
	kwYeet
)

// WordOf returns the word that the text of an Ident is.
func WordOf(text string) Word {
	switch text {
	case "_":
		return kwUnderscore
	case "as":
		return kwAs
	case "become":
		return kwBecome
	case "box":
		return kwBox
	case "break":
		return kwBreak
	case "const":
		return kwConst
	case "continue":
		return kwContinue
	case "crate":
		return kwCrate
	case "do":
		return kwDo
	case "$crate":
		return kwDollarCrate
	case "else":
		return kwElse
	case "enum":
		return kwEnum
	case "extern":
		return kwExtern
	case "false":
		return kwFalse
	case "fn":
		return kwFn
	case "for":
		return kwFor
	case "if":
		return kwIf
	case "impl":
		return kwImpl
	case "in":
		return kwIn
	case "let":
		return kwLet
	case "loop":
		return kwLoop
	case "macro":
		return kwMacro
	case "match":
		return kwMatch
	case "mod":
		return kwMod
	case "move":
		return kwMove
	case "mut":
		return kwMut
	case "pub":
		return kwPub
	case "ref":
		return kwRef
	case "return":
		return kwReturn
	case "Self":
		return kwSelfType
	case "self":
		return kwSelfValue
	case "static":
		return kwStatic
	case "struct":
		return kwStruct
	case "super":
		return kwSuper
	case "trait":
		return kwTrait
	case "true":
		return kwTrue
	case "type":
		return kwType
	case "typeof":
		return kwTypeof
	case "unsafe":
		return kwUnsafe
	case "use":
		return kwUse
	case "where":
		return kwWhere
	case "while":
		return kwWhile
	case "yield":
		return kwYield
	case "abstract", "final", "override", "priv", "unsized", "virtual":
		return kwReserved
	case "async":
		return kwAsync
	case "await":
		return kwAwait
	case "dyn":
		return kwDyn
	case "gen":
		return kwGen
	case "try":
		return kwTry
	case "auto":
		return kwAuto
	case "builtin":
		return kwBuiltin
	case "default":
		return kwDefault
	case "macro_rules":
		return kwMacroRules
	case "raw":
		return kwRaw
	case "safe":
		return kwSafe
	case "union":
		return kwUnion
	case "yeet":
		return kwYeet
	}
	return 0
}

// A wordSet is a set of words.
type wordSet uint64

func setOf(words ...Word) (set wordSet) {
	for _, w := range words {
		set |= 1 << w
	}
	return set
}

func (s wordSet) has(w Word) bool { return s>>w&1 != 0 }

// Words that are no names (rustc_span::symbol, Symbol::is_reserved, newest
// edition), those of them that begin paths, expressions and types, and those
// that are names in some edition, which no macro of that edition can tell.
var (
	reserved     = wordSet(1)<<(kwTry+1) - 1 - 1
	pathWords    = setOf(kwSuper, kwSelfValue, kwSelfType, kwCrate, kwDollarCrate)
	editionWords = setOf(kwAsync, kwAwait, kwDyn, kwTry, kwGen)
	exprWords    = setOf(kwAsync, kwDo, kwBox, kwBreak, kwConst, kwContinue, kwFalse, kwFor, kwGen, kwIf, kwLet, kwLoop, kwMatch, kwMove,
		kwReturn, kwTrue, kwTry, kwUnsafe, kwWhile, kwYield, kwSafe, kwStatic, kwBecome, kwBuiltin, kwAwait, kwDyn)
	typeWords = setOf(kwUnderscore, kwFor, kwImpl, kwFn, kwUnsafe, kwExtern, kwTypeof, kwDyn, kwAsync, kwAwait, kwTry, kwGen)
)

// isName reports whether the token is an identifier that is no keyword, or one
// that begins paths.
func (t *Token) isName() bool {
	return t.Kind == lex.RawIdent || t.Kind == lex.Ident && (!reserved.has(t.Word) || (pathWords|editionWords).has(t.Word))
}
