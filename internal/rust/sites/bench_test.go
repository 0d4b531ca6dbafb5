package sites

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// synthetic writes a package of about size bytes of Rust in files of some
// 10 KB: types, functions, macro calls, a query every 80 lines, as
// in code that does little but queries.
func synthetic(tb testing.TB, size int) string {
	tb.Helper()
	common, err := txtar.ParseFile(filepath.Join("testdata", "common.txtar"))
	if err != nil {
		tb.Fatal(err)
	}
	dir := unpack(tb, common)
	var lib strings.Builder
	for n, written := 0, 0; written < size; n++ {
		text := syntheticFile(n)
		written += len(text)
		fmt.Fprintf(&lib, "pub mod m%d;\n", n)
		if err := os.WriteFile(filepath.Join(dir, "src", fmt.Sprintf("m%d.rs", n)), []byte(text), 0o666); err != nil {
			tb.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "lib.rs"), []byte(lib.String()), 0o666); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func syntheticFile(n int) string {
	var b strings.Builder
	b.WriteString("//! A module.\nuse std::collections::HashMap;\nuse serde::{Deserialize, Serialize};\nuse crate::m0::Error as Other;\n\n")
	for i := 0; b.Len() < 10_000; i++ {
		fmt.Fprintf(&b, `
/// The record number %[1]d of this module, with all of its fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record%[1]d {
    pub id: i64,
    #[serde(default)]
    pub name: Option<String>,
    pub values: HashMap<String, Vec<u8>>,
}

impl Record%[1]d {
    /// Finds a record.
    %[3]s
    pub async fn find(pool: &sqlx::SqlitePool, id: i64) -> Result<Self, Other> {
        let row = sqlx::query!(
            r#"SELECT id, name AS "name?", value FROM table_%[2]d_%[1]d
               WHERE id = ? AND name IS NOT NULL"#,
            id
        )
        .fetch_one(pool)
        .await?;
        tracing::debug!(id, "found {}", row.name.as_deref().unwrap_or("none"));
        if row.id != id {
            return Err(Other::new(format!("expected {id}, found {}", row.id)));
        }
        match row.value.as_str() {
            "a" | "b" => Ok(Self::default()),
            other if other.len() > 3 => Ok(Self { id, name: Some(other.to_string()), values: HashMap::new() }),
            _ => Err(Other::new("no value".into())),
        }
    }

    // What it weighs: a loop with arithmetic, as code has it.
    fn weigh(&self, factor: f64) -> f64 {
        let mut sum = 0.0;
        for (key, value) in self.values.iter().filter(|(k, _)| !k.is_empty()) {
            sum += key.len() as f64 * factor + value.iter().map(|b| *b as f64).sum::<f64>() / 2.5e3;
        }
        sum.max(1.0)
    }
}
`, i, n, map[bool]string{true: `#[cfg(feature = "off")]`}[i%2 == 1])
	}
	return b.String()
}

func BenchmarkScan(b *testing.B) {
	for _, size := range []int{4_000_000, 6_000_000} {
		dir := synthetic(b, size)
		plan := planOf(b, dir, nil)
		run := func(b *testing.B, opts Options) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Scan(context.Background(), plan, opts); err != nil {
					b.Fatal(err)
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapSys)/1e6, "heap-MB")
		}
		b.Run(fmt.Sprintf("MB=%d/cold", size/1_000_000), func(b *testing.B) { run(b, Options{}) })
		b.Run(fmt.Sprintf("MB=%d/kept", size/1_000_000), func(b *testing.B) { run(b, Options{Kept: newStore(b)}) })
	}
}
