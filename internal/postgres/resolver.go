package postgres

import (
	"maps"
	"slices"
)

// resolverRounds is after how many rounds sqlx 0.9's TypeResolver gives up.
const resolverRounds = 64

// manyTypes is how many types with dependencies the states of sqlx's cache are
// tried out for.
const manyTypes = 10

// certain tells whether sqlx 0.9 resolves all of a statement's types, whatever
// it has resolved before. Its TypeResolver (sqlx-postgres 0.9.0, connection/
// resolve.rs, fill_cache) asks for what a type lacks one dependency a round,
// gives up after 64 rounds, and forgets a type that waits beside one which turns
// out to lack something else; what it forgets it writes as a bare OID.
func (s *Session) certain(oids []uint32) bool {
	all := s.closure(oids)
	if len(all) < resolverRounds && !s.contended(all) {
		return true
	}
	if len(all) > manyTypes {
		return false
	}
	for state := range 1 << len(all) {
		cached := map[uint32]bool{}
		for i, oid := range all {
			if state&(1<<i) != 0 {
				cached[oid] = true
			}
		}
		if s.closed(cached) && !s.resolves(oids, cached) {
			return false
		}
	}
	return true
}

// closure returns the types beyond the built-in ones that the given ones are
// made of, themselves included, ordered.
func (s *Session) closure(oids []uint32) []uint32 {
	seen := map[uint32]bool{}
	var visit func(oid uint32)
	visit = func(oid uint32) {
		if builtin[oid] != "" || seen[oid] {
			return
		}
		seen[oid] = true
		for _, need := range s.dependencies(oid) {
			visit(need)
		}
	}
	for _, oid := range oids {
		visit(oid)
	}
	return slices.Sorted(maps.Keys(seen))
}

// dependencies returns the types that a type's kind names, in the order in
// which they are looked at, without the built-in ones.
func (s *Session) dependencies(oid uint32) []uint32 {
	row := s.types[oid]
	if row == nil {
		return nil
	}
	return slices.DeleteFunc(row.needs(), func(oid uint32) bool { return builtin[oid] != "" })
}

// contended tells whether two types need a third, and one of them more than
// that: the only case in which one can be forgotten.
func (s *Session) contended(oids []uint32) bool {
	needed, more := map[uint32]int{}, map[uint32]bool{}
	for _, oid := range oids {
		distinct := map[uint32]bool{}
		for _, need := range s.dependencies(oid) {
			distinct[need] = true
		}
		for need := range distinct {
			needed[need]++
			more[need] = more[need] || len(distinct) > 1
		}
	}
	for need, n := range needed {
		if n > 1 && more[need] {
			return true
		}
	}
	return false
}

// closed tells whether a set of types holds all that they are made of, as
// sqlx's cache does.
func (s *Session) closed(cached map[uint32]bool) bool {
	for oid := range cached {
		for _, need := range s.dependencies(oid) {
			if !cached[need] {
				return false
			}
		}
	}
	return true
}

// resolves does what fill_cache does and tells whether it resolves the types
// that are asked for.
func (s *Session) resolves(asked []uint32, cached map[uint32]bool) bool {
	waiting := map[uint32][]uint32{}
	ask := map[uint32]bool{}
	for _, oid := range asked {
		if builtin[oid] == "" && !cached[oid] {
			ask[oid] = true
		}
	}
	for range resolverRounds {
		rows := slices.Sorted(maps.Keys(ask))
		ask = map[uint32]bool{}
		for _, oid := range rows {
			s.resolveRow(oid, cached, waiting, ask)
		}
	}
	for _, oid := range asked {
		if builtin[oid] == "" && !cached[oid] {
			return false
		}
	}
	return len(waiting) == 0
}

// resolveRow takes up one row of the catalogue's answer, and then those that
// waited for it, the last one first.
func (s *Session) resolveRow(oid uint32, cached map[uint32]bool, waiting map[uint32][]uint32, ask map[uint32]bool) {
	var ready []uint32
	for {
		for _, need := range s.dependencies(oid) {
			if !cached[need] {
				waiting[need] = append(waiting[need], oid)
				ask[need] = true
				return // and what is ready besides is forgotten
			}
		}
		cached[oid] = true
		ready = append(ready, waiting[oid]...)
		delete(waiting, oid)
		if len(ready) == 0 {
			return
		}
		oid, ready = ready[len(ready)-1], ready[:len(ready)-1]
	}
}
