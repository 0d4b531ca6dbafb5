package syntax

import (
	"strings"
	"testing"

	"github.com/sqlxmage/sqlxmage/internal/rust/lex"
)

// ordinary is code as projects have it.
const ordinary = `
/// A record, with all of its fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub id: i64,
    #[serde(default)]
    pub name: Option<String>,
    pub values: HashMap<String, Vec<u8>>,
}

impl Record {
    /// Finds a record.
    pub async fn find(pool: &sqlx::SqlitePool, id: i64) -> Result<Self, Other> {
        let row = sqlx::query!(r#"SELECT id, name AS "name?", value FROM t WHERE id = ?"#, id)
            .fetch_one(pool)
            .await?;
        if row.id != id {
            return Err(Other::new(format!("expected {id}, found {}", row.id)));
        }
        match row.value.as_str() {
            "a" | "b" => Ok(Self::default()),
            other if other.len() > 3 => Ok(Self { id, name: Some(other.to_string()), values: HashMap::new() }),
            _ => Err(Other::new("no value".into())),
        }
    }

    fn weigh(&self, factor: f64) -> f64 {
        let mut sum = 0.0;
        for (key, value) in self.values.iter().filter(|(k, _)| !k.is_empty()) {
            sum += key.len() as f64 * factor + value.iter().map(|b| *b as f64).sum::<f64>() / 2.5e3;
        }
        sum.max(1.0)
    }
}
`

func BenchmarkFile(b *testing.B) {
	text := strings.Repeat(ordinary, 1000)
	tokens, err := lex.Lex(text, nil)
	if err != nil {
		b.Fatal(err)
	}
	var p Parser
	var tree Tree
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		tree.Reset()
		p.File(&Source{text, tokens}, &tree)
	}
	b.ReportMetric(float64(len(tokens)*b.N)/b.Elapsed().Seconds()/1e6, "Mtokens/s")
}
