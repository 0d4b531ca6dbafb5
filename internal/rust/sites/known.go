package sites

import "strings"

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		m[word] = true
	}
	return m
}

// builtinNames are the first names of paths that lead to no dependency.
var builtinNames = set("crate self super std core alloc")

// stdCrates are the names of the standard library.
var stdCrates = set("std core alloc")

// queryKinds are the macros of sqlx 0.8 and 0.9 (sqlx, macros/mod.rs).
var queryKinds = set(`query query_unchecked query_file query_file_unchecked
	query_as query_as_unchecked query_file_as query_file_as_unchecked
	query_scalar query_scalar_unchecked query_file_scalar query_file_scalar_unchecked`)

// inertAttributes are the compiler's attributes that neither remove nor
// rewrite what they stand on (the Rust reference, "Attributes"), but for those
// that the scan looks at itself.
var inertAttributes = set(`
	allow warn deny forbid expect deprecated must_use doc derive
	inline cold no_mangle export_name link link_name link_section link_ordinal no_link repr
	crate_name crate_type no_std no_core no_main no_builtins no_implicit_prelude
	type_length_limit windows_subsystem feature
	global_allocator panic_handler target_feature instruction_set track_caller
	automatically_derived non_exhaustive used debugger_visualizer coverage optimize
	ignore should_panic proc_macro proc_macro_derive proc_macro_attribute
	default serde naked ffi_const ffi_pure rustc_on_unimplemented fundamental may_dangle
	unstable stable rustc_const_unstable rustc_const_stable`)

// passAttributes are attribute macros that hand on the tokens of what they
// stand on, by their last name.
var passAttributes = set(`
	main async_trait instrument async_recursion
	test bench rstest case fixture test_case test_context traced_test serial parallel file_serial file_parallel
	debug_handler debug_middleware handler
	get post put delete patch head options trace connect route routes catch launch path
	Object Subscription ComplexObject OpenApi oai graphql_object graphql_subscription
	wasm_bindgen pymethods pyfunction napi command tool tool_router tool_handler
	automock cached once io_cached memoize builder bon ctor dtor no_panic make`)

// passMacros are function-like macros whose arguments are code that stays code.
// They are taken for those of the standard library and of the crates that
// everyone uses when the name leads to no macro of the project's own.
var passMacros = set(`
	assert assert_eq assert_ne debug_assert debug_assert_eq debug_assert_ne assert_matches debug_assert_matches
	print println eprint eprintln write writeln format format_args panic todo unimplemented unreachable
	vec matches dbg try addr_of addr_of_mut thread_local pin ready
	select select_biased join try_join pin_mut
	stream try_stream
	lazy_static cfg_if if_chain defer
	anyhow ensure bail eyre format_err
	trace debug info warn error log event span trace_span debug_span info_span warn_span error_span
	json
	smallvec arrayvec tinyvec hashmap btreemap hashset btreeset indexmap indexset
	assert_ok assert_err assert_some assert_none assert_pending assert_ready let_assert
	proptest prop_assert prop_assert_eq prop_assert_ne prop_assume
	assert_snapshot assert_debug_snapshot assert_json_snapshot assert_yaml_snapshot`)

// neverMacros are macros of the standard library whose arguments never become
// code where they stand.
var neverMacros = set(`
	stringify concat concat_idents env option_env include_str include_bytes line column file module_path cfg
	asm global_asm naked_asm compile_error`)

// quoteMacros are those of published crates.
var quoteMacros = set("quote quote_spanned parse_quote parse_quote_spanned format_ident")
