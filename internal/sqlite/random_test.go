package sqlite_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/database"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/oracle"
)

var (
	randomSeed    = flag.Uint64("random.seed", 1, "what the random queries begin with")
	randomQueries = flag.Int("random.queries", 2600, "valid random queries for each version of sqlx")
	_             = flag.Bool("update", false, "write what sqlx answers into the record")
)

const (
	// queriesASchema is how many queries a random schema gets.
	queriesASchema = 25
	// recordedSeeds are the first seeds, for which sqlx's answers are recorded.
	recordedSeeds = 8
)

// TestRandom compares random queries on random schemas with sqlx's describe: a
// few with what is recorded, live very many. For more of them, or others:
//
//	SQLXMAGE_ORACLE=live go test ./internal/sqlite -run TestRandom -random.seed 7 -random.queries 100000
func TestRandom(t *testing.T) {
	for _, version := range oracle.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			r := &random{
				t: t, native: newNative(t, version), sqlx: oracle.NewDescriber(t, version),
				record: oracle.Recorded(t, "random-"+version), counts: map[verdict]int{},
			}
			for seed := range uint64(recordedSeeds) {
				r.run(seed+1, r.recorded(seed+1))
			}
			for seed := *randomSeed; need.Live() && r.counts[same] < *randomQueries && r.counts[different] < 5; seed++ {
				if seed > recordedSeeds {
					r.run(seed, r.sqlx.Describe)
				}
			}
			all := 0
			for _, n := range r.counts {
				all += n
			}
			t.Logf("%d queries: %d described alike, %d refused alike, %d that crash sqlx, %d unproven, %d different",
				all, r.counts[same], r.counts[refused], r.counts[crashed], r.counts[unproven], r.counts[different])
			if all < enoughQueries {
				return
			}
			if share := 100 * r.counts[unproven]; share > maxUnproven*all {
				t.Errorf("more than %d %% are unproven", maxUnproven)
			}
			if r.counts[refused]*5 > all {
				t.Error("the generator makes too many queries that are not valid")
			}
		})
	}
}

const (
	// maxUnproven is the share, in per cent, of queries that may be left to cargo.
	maxUnproven = 5
	// enoughQueries is how many of them tell shares.
	enoughQueries = 1000
)

type random struct {
	t      *testing.T
	native *native
	sqlx   *oracle.Describer
	record *oracle.Answers
	counts map[verdict]int
	files  int
}

// verdict is that of a comparison.
type verdict int

const (
	same verdict = iota
	refused
	crashed   // sqlx did, and the query is refused natively
	unproven  // native leaves it to cargo
	different // the rest
)

// describer is sqlx's describe, live or recorded.
type describer func(schema, queries []string) (described []oracle.Described, refused []string)

// recorded is what the record says of a seed's queries.
func (r *random) recorded(seed uint64) describer {
	return func(schema, queries []string) ([]oracle.Described, []string) {
		return r.sqlx.Recorded(r.record, fmt.Sprintf("seed %d", seed), schema, queries)
	}
}

// run compares one schema's queries. A seed makes the same ones always.
func (r *random) run(seed uint64, sqlx describer) {
	r.t.Helper()
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	schema := g.schema()
	var queries []string
	for range queriesASchema {
		queries = append(queries, g.query())
	}
	verdicts, details := r.compare(sqlx, schema, queries)
	for i, verdict := range verdicts {
		r.counts[verdict]++
		if verdict == different {
			smaller, now := schema, details[i:i+1]
			if need.Live() {
				smaller = r.shrink(schema, queries[i])
				_, now = r.compare(r.sqlx.Describe, smaller, queries[i:i+1])
			}
			r.t.Errorf("seed %d, query %d:\n%s;\n\n%s\n\n%s\n%s", seed, i, strings.Join(smaller, ";\n"), queries[i], details[i], now[0])
		}
	}
}

// compare tells how the answers compare, and what they are where they differ.
func (r *random) compare(sqlx describer, schema, queries []string) (verdicts []verdict, details []string) {
	r.t.Helper()
	want, refused := sqlx(schema, queries)
	r.files++
	path, refusedHere := r.native.create(fmt.Sprintf("random%d.db", r.files), schema)
	for i := range schema {
		if (refused[i] == "") != (refusedHere[i] == "") {
			r.t.Errorf("one takes a statement of the schema, one not:\n%s\nsqlx: %s\nnative: %s", schema[i], refused[i], refusedHere[i])
		}
	}
	for i, got := range r.native.describe(path, queries) {
		verdict, detail := r.judge(want[i], got)
		verdicts, details = append(verdicts, verdict), append(details, detail)
	}
	return verdicts, details
}

func (r *random) judge(want oracle.Described, got database.Result) (verdict, string) {
	switch {
	case got.Err != nil && got.Err.Unproven:
		return unproven, ""
	case want.Crashed && got.Err != nil:
		return crashed, ""
	case want.Describe == nil && got.Err != nil:
		return refused, ""
	case want.Describe == nil:
		return different, fmt.Sprintf("sqlx: %s\nnative: %s", want.Error, description(r.t, got.Description))
	case got.Err != nil:
		return different, fmt.Sprintf("sqlx: %s\nnative: %v", want.Describe, got.Err)
	}
	if text := description(r.t, got.Description); text != string(want.Describe) {
		return different, fmt.Sprintf("sqlx:   %s\nnative: %s", want.Describe, text)
	}
	return same, ""
}

// shrink leaves out of a schema what makes no difference to the difference.
func (r *random) shrink(schema []string, query string) []string {
	for i := len(schema) - 1; i >= 0; i-- {
		smaller := slices.Delete(slices.Clone(schema), i, i+1)
		if verdicts, _ := r.compare(r.sqlx.Describe, smaller, []string{query}); verdicts[0] == different {
			schema = smaller
		}
	}
	return schema
}
