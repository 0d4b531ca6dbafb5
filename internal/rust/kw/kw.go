// Package kw has the words of Rust that are keywords: always, in some edition, or
// in certain places.
package kw

// A Word says of an identifier which keyword it is; 0 is a name.
type Word uint8

// The reserved words (rustc_span::symbol, Symbol::is_reserved, newest edition),
// the last of them only in some editions, and the words that are keywords in
// certain places alone.
const (
	Underscore Word = iota + 1
	As
	Become
	Box
	Break
	Const
	Continue
	Crate
	Do
	DollarCrate
	Else
	Enum
	Extern
	False
	Fn
	For
	If
	Impl
	In
	Let
	Loop
	Macro
	Match
	Mod
	Move
	Mut
	Pub
	Ref
	Return
	SelfType
	SelfValue
	Static
	Struct
	Super
	Trait
	True
	Type
	Typeof
	Unsafe
	Use
	Where
	While
	Yield
	Other // abstract, final, override, priv, unsized, virtual

	Async
	Await
	Dyn
	Gen
	Try

	Auto
	Builtin
	Default
	MacroRules
	Raw
	Safe
	Union
	Yeet
)

var wordTexts = [...]string{
	Underscore: "_", As: "as", Become: "become", Box: "box", Break: "break", Const: "const",
	Continue: "continue", Crate: "crate", Do: "do", DollarCrate: "$crate", Else: "else",
	Enum: "enum", Extern: "extern", False: "false", Fn: "fn", For: "for", If: "if", Impl: "impl",
	In: "in", Let: "let", Loop: "loop", Macro: "macro", Match: "match", Mod: "mod", Move: "move",
	Mut: "mut", Pub: "pub", Ref: "ref", Return: "return", SelfType: "Self", SelfValue: "self",
	Static: "static", Struct: "struct", Super: "super", Trait: "trait", True: "true", Type: "type",
	Typeof: "typeof", Unsafe: "unsafe", Use: "use", Where: "where", While: "while", Yield: "yield",
	Async: "async", Await: "await", Dyn: "dyn", Gen: "gen", Try: "try", Auto: "auto",
	Builtin: "builtin", Default: "default", MacroRules: "macro_rules", Raw: "raw", Safe: "safe",
	Union: "union", Yeet: "yeet",
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
		table[wordHash(text)] = wordEntry{text, Other}
	}
	return table
}()

func wordHash(text string) byte {
	n := len(text)
	return text[0] + 22*text[n/2] + text[n-1] + byte(n)
}

// lengths tells of the first byte of a text which lengths the words that begin
// so have, a bit for each: most names are told apart by that.
var lengths = func() (table [256]uint16) {
	for _, entry := range wordTable {
		if entry.text != "" {
			table[entry.text[0]] |= 1 << len(entry.text)
		}
	}
	return table
}()

// Of returns the word that the text of an identifier is.
func Of(text string) Word {
	if text == "" || lengths[text[0]]>>len(text)&1 == 0 {
		return 0
	}
	if entry := &wordTable[wordHash(text)]; entry.text == text {
		return entry.word
	}
	return 0
}

// IsReserved reports whether the word is no name, in the newest edition.
func (w Word) IsReserved() bool { return w != 0 && w <= Try }

// A Set is a set of words.
type Set uint64

// SetOf returns the set of the words.
func SetOf(words ...Word) (set Set) {
	for _, w := range words {
		set |= 1 << w
	}
	return set
}

// Has reports whether the word is in the set.
func (s Set) Has(w Word) bool { return s>>w&1 != 0 }
