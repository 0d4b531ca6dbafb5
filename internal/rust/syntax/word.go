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

var wordTexts = [...]string{
	kwUnderscore: "_", kwAs: "as", kwBecome: "become", kwBox: "box", kwBreak: "break", kwConst: "const",
	kwContinue: "continue", kwCrate: "crate", kwDo: "do", kwDollarCrate: "$crate", kwElse: "else",
	kwEnum: "enum", kwExtern: "extern", kwFalse: "false", kwFn: "fn", kwFor: "for", kwIf: "if", kwImpl: "impl",
	kwIn: "in", kwLet: "let", kwLoop: "loop", kwMacro: "macro", kwMatch: "match", kwMod: "mod", kwMove: "move",
	kwMut: "mut", kwPub: "pub", kwRef: "ref", kwReturn: "return", kwSelfType: "Self", kwSelfValue: "self",
	kwStatic: "static", kwStruct: "struct", kwSuper: "super", kwTrait: "trait", kwTrue: "true", kwType: "type",
	kwTypeof: "typeof", kwUnsafe: "unsafe", kwUse: "use", kwWhere: "where", kwWhile: "while", kwYield: "yield",
	kwAsync: "async", kwAwait: "await", kwDyn: "dyn", kwGen: "gen", kwTry: "try", kwAuto: "auto",
	kwBuiltin: "builtin", kwDefault: "default", kwMacroRules: "macro_rules", kwRaw: "raw", kwSafe: "safe",
	kwUnion: "union", kwYeet: "yeet",
}

type wordEntry struct {
	text string
	word Word
}

// wordTable has the words by hash, which is another one for each.
var wordTable = func() (table [256]wordEntry) {
	for word, text := range wordTexts {
		if text != "" {
			table[wordHash(text)] = wordEntry{text, Word(word)}
		}
	}
	for _, text := range []string{"abstract", "final", "override", "priv", "unsized", "virtual"} {
		table[wordHash(text)] = wordEntry{text, kwReserved}
	}
	return table
}()

func wordHash(text string) byte {
	n := len(text)
	return text[0] + 22*text[n/2] + text[n-1] + byte(n)
}

// WordOf returns the word that the text of an Ident is.
func WordOf(text string) Word {
	const longest = len("macro_rules")
	if text == "" || len(text) > longest {
		return 0
	}
	if entry := &wordTable[wordHash(text)]; entry.text == text {
		return entry.word
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
