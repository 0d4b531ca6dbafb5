package trust

import (
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/crates"
	"github.com/sqlxmage/sqlxmage/internal/kept"
	"github.com/sqlxmage/sqlxmage/internal/need"
	"github.com/sqlxmage/sqlxmage/internal/workspace"
)

// published is a published crate.
type published struct{ name, version, checksum string }

// families are crates that write query macros' calls, and crates that wrap sqlx
// without that, each with the crates of its procedural macros, whose whole text
// counts, and its libraries, whose macro_rules! count.
var families = []struct {
	name         string
	writes       bool
	whole, rules []published
}{
	{name: "es-entity", writes: true, whole: []published{
		{"es-entity-macros", "0.20.3", "2dab8f0e5bd4d60e3d5525d4ca76654fb5c68e9ca0a0e3e89b279b8ac2d80090"},
	}, rules: []published{
		{"es-entity", "0.20.3", "5de1c62c1849639ec330b14938dbd2c06169db1458d75be47b6e1eb92ec45a4a"},
	}},
	{name: "obix", writes: true, whole: []published{
		{"obix-macros", "0.16.0", "a8cf845b88e4b01a9ec31ac721e93eace9843ff9bdd45c054537e3dcfd7b94c4"},
	}, rules: []published{
		{"obix", "0.16.0", "8b0859b093069827068a3f2eeffbf70a50dc913be9c6593766b06b55192a20e7"},
	}},
	{name: "sqlx-query-as-builder", writes: true, whole: []published{
		{"sqlx-query-as-builder-macros", "0.1.2", "4f67c46eb6e73ffb7d7113a71f3ca0361725003b1f12d2c0fd17f38ca53a1ef1"},
	}, rules: []published{
		{"sqlx-query-as-builder", "0.1.2", "0da919f19b81e6bd1d3269c79b0f43807afb450238d3ea438f2c9b438b3320cb"},
	}},
	{name: "ormx", writes: true, whole: []published{
		{"ormx-macros", "0.11.0", "d13f1abcf8a904b978ca48b1addd96a7d3f8893c245ae79ce773b31f514d4e1b"},
	}, rules: []published{
		{"ormx", "0.11.0", "90e4e699f4e96bc405fbb84049b29a2a8d7a77ad400524033cc19c15f27f4a89"},
	}},
	{name: "sqlx-models-derive", writes: true, whole: []published{
		{"sqlx-models-derive", "0.8.7", "423ddbe4abe0fc62637230b921a25006d73b524339c06b861a387a53da1162a1"},
	}},
	{name: "sqlx-conditional-queries", writes: true, whole: []published{
		{"sqlx-conditional-queries-macros", "0.4.0", "ef250faac59b22ff5573d369490a70cf996bea884395cad594dc3454f2ffd259"},
		{"sqlx-conditional-queries-core", "0.4.0", "dd06e5a9078239b16ef5dbe26d5db92b2a97523acdccbab21162d1248f88424d"},
	}, rules: []published{
		{"sqlx-conditional-queries", "0.4.0", "b2ce8f8298d2e7f37fab903287c9d8d9aeaa12fdc8ca1013761efeb05133eded"},
	}},
	{name: "sqlx", writes: true, whole: []published{
		{"sqlx-macros", "0.9.0", "bd2b84f2bc39a5705ef27ec785a11c934a41bbd4a24941e257927cddc26b60bf"},
		{"sqlx-macros-core", "0.9.0", "fb8d96de5fdc85a5c4ec813432b523ec637e80ba98f046555f75f7908ddac7c3"},
	}},
	// It looks for calls of query macros, in a build script.
	{name: "sqlx_query", whole: []published{
		{"sqlx_query", "0.3.0", "b33914851c4c54e4e07ed0874489b0084713f9b909d6f5d73e99d5f4d427665d"},
	}},
	{name: "atmosphere", whole: []published{
		{"atmosphere-macros", "0.4.1", "4f1cda05a2e829a6ab569a0ab12fe765a0c07fdfc5fc24b769fa36d909692edc"},
	}, rules: []published{
		{"atmosphere", "0.4.1", "f4606d04cd15739c79b587a26a868ecb4917b2eceacb2c5b80775357d06f3cb4"},
		{"atmosphere-core", "0.4.1", "5f6bd266188a273968de5d7f05674be1b12373ae7c4affb4491dac2ece855973"},
	}},
	{name: "ormlite", whole: []published{
		{"ormlite-macro", "0.25.0", "535b1530f80b4c5fb2df0afa0ed6463b3d83cde888a0b76abdf0209db84a6274"},
		{"ormlite-attr", "0.25.0", "b1fd2b4964b51ecdb34ac5a6d3a3b8a5196a88213ceca7bde054f0a6b6f8ced8"},
		{"ormlite-core", "0.25.0", "9537a53d47a253dd94086d042d960973e28cfbaf061956e63fbf725eed73be58"},
	}, rules: []published{
		{"ormlite", "0.25.0", "369bbda81a0a2ce9a1473118ff186c4aefea2e9bb77033f41835959d2ee021b7"},
	}},
	{name: "welds", whole: []published{
		{"welds-macros", "0.5.2", "c44e8881ad4cd197444b76ebc229bdfe30a43c1031053c083025e3d56deb5ecf"},
	}, rules: []published{
		{"welds", "0.5.2", "886f18ee38868dbde600f6e41d260d30b788a127f29a104f6ba6f23d551bb39a"},
		{"welds-connections", "0.5.2", "95a7ffe78efc737883daae6de414d80f3c68cfc8047226a7d1f8fbc61a84b7f0"},
	}},
	{name: "sqlxmq", whole: []published{
		{"sqlxmq_macros", "0.6.0", "c791553cc438a36c90c9eeb0c288e44b79ac9f79702b7b3e9f0116450adb6681"},
	}, rules: []published{
		{"sqlxmq", "0.6.0", "b2bd99fe20294f548a6298d60b6490871d78d53d739919a13834d77ffd656869"},
	}},
	{name: "crudly", whole: []published{
		{"crudly-macros", "0.6.0", "2908cfb329b5f3435ab94c0d27b6df228f29b9f6d9b85778e8bb9a66690986a8"},
	}, rules: []published{
		{"crudly", "0.6.0", "77e6f7805d80649c7338fc732bdbe09a85e42c6b90167603245740b25a6fdf3f"},
	}},
	{name: "co-orm", whole: []published{
		{"co-orm-macros", "0.3.15", "4bb1b05e382aaeb50bfbd7f6c055b050487efb8bb15aaf0ec5a3ca3d338b62db"},
	}, rules: []published{
		{"co-orm", "0.3.15", "f9ab96839db2c7b8384df5c8a415bd2530c6abfeaf9fe369cb99848790b0c90c"},
	}},
	{name: "sqlx-template", whole: []published{
		{"sqlx-template", "0.2.1", "cd6e5442de561e3a06d5ea5a1f7721c448d9c5def2b9507d14123c1c14be39fc"},
	}},
	{name: "sqlx-crud", whole: []published{
		{"sqlx-crud-macros", "0.4.0", "8f8aaa082d86752ecd74230711220872649c2b3ef43186d1beb06a14fdf566fe"},
	}, rules: []published{
		{"sqlx-crud", "0.4.0", "a00cbbfdea4be98477e9b5b7190b9e2b1e567e2c0b6c2649b6b6622cfffec50e"},
	}},
	{name: "sea-query", whole: []published{
		{"sea-query-derive", "1.0.0", "a0b0f466921cdd3cf4b89d5c3ac2173dba89a873ab395b123a645de181ec7537"},
	}, rules: []published{
		{"sea-query", "1.0.2", "546040c653a705e60ec65ecd3191a809603734bebbc225775916dea9ae409b31"},
		{"sea-query-sqlx", "0.9.1", "4eaa419cdb9157da1361186b1959983eb2ea0dcb9a3c69dc45c449ecb2af8fef"},
	}},
	{name: "sqlx-adapter", rules: []published{
		{"sqlx-adapter", "1.8.0", "2a88e13f5aaf770420184c9e2955345f157953fb7ed9f26df59a4a0664478daf"},
	}},
	{name: "sqlx-ledger", rules: []published{
		{"sqlx-ledger", "0.11.14", "487239d0478466d91b85d2d2dd42b3dd58cbd0e571d1437df1c04040aa5acbef"},
	}},
	{name: "pgvector", rules: []published{
		{"pgvector", "0.4.2", "3673cba5b9a124916096a423b806a9f29620972c6c97b08db5f2053e9428b481"},
	}},
	{name: "axum-login", rules: []published{
		{"axum-login", "0.18.0", "964ea6eb764a227baa8c3368e45c94d23b6863cc7b880c6c9e341c143c5a5ff7"},
	}},
	{name: "tower-sessions", rules: []published{
		{"tower-sessions-sqlx-store", "0.15.0", "e054622079f57fc1a7d6a6089c9334f963d62028fe21dc9eddd58af9a78480b3"},
	}},
}

func TestPublished(t *testing.T) {
	store, err := kept.Open(need.Cache(t))
	if err != nil {
		t.Fatal(err)
	}
	sources := crates.New(&workspace.Config{Home: need.CargoHome(t)}, crates.Options{Store: store, Network: true})
	for _, family := range families {
		t.Run(family.name, func(t *testing.T) {
			whole, rules := readAll(t, sources, family.whole), readAll(t, sources, family.rules)
			suspect := false
			for i, r := range whole {
				if r.Whole != nil {
					suspect = true
					t.Log(family.whole[i].name, r.Whole)
				}
			}
			for i, r := range rules {
				if r.Rules != nil {
					suspect = true
					t.Log(family.rules[i].name, r.Rules)
				}
			}
			if suspect != family.writes {
				t.Errorf("suspect: %t, want %t", suspect, family.writes)
			}
		})
	}
}

func readAll(t *testing.T, sources *crates.Sources, list []published) []Reading {
	t.Helper()
	var packages []*workspace.LockedPackage
	for _, p := range list {
		packages = append(packages, &workspace.LockedPackage{
			Name: p.name, Version: p.version, Checksum: p.checksum, Source: "registry+https://github.com/rust-lang/crates.io-index",
		})
	}
	found, err := sources.Get(t.Context(), packages)
	if err != nil {
		need.Missing(t, "cargo", err.Error())
	}
	var readings []Reading
	for _, source := range found {
		r, err := Read(source.Files())
		if err != nil {
			t.Fatal(err)
		}
		readings = append(readings, r)
	}
	return readings
}
