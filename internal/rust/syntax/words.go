package syntax

import (
	"github.com/sqlxmage/sqlxmage/internal/rust/kw"
	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// The words that begin paths, expressions and types, and those that are names
// in some edition, which no macro of that edition can tell.
var (
	pathWords    = kw.SetOf(kw.Super, kw.SelfValue, kw.SelfType, kw.Crate, kw.DollarCrate)
	editionWords = kw.SetOf(kw.Async, kw.Await, kw.Dyn, kw.Try, kw.Gen)
	exprWords    = kw.SetOf(kw.Async, kw.Do, kw.Box, kw.Break, kw.Const, kw.Continue, kw.False, kw.For, kw.Gen, kw.If, kw.Let, kw.Loop, kw.Match, kw.Move,
		kw.Return, kw.True, kw.Try, kw.Unsafe, kw.While, kw.Yield, kw.Safe, kw.Static, kw.Become, kw.Builtin, kw.Await, kw.Dyn)
	typeWords = kw.SetOf(kw.Underscore, kw.For, kw.Impl, kw.Fn, kw.Unsafe, kw.Extern, kw.Typeof, kw.Dyn, kw.Async, kw.Await, kw.Try, kw.Gen)
)

// isName reports whether the token is an identifier that is no keyword, or one
// that begins paths.
func (t *Token) isName() bool {
	return t.Kind == lex.RawIdent || t.Kind == lex.Ident && (!t.Word.IsReserved() || (pathWords|editionWords).Has(t.Word))
}
