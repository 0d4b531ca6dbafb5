//! Describes queries for SQLite as sqlx's macros do. Each line of stdin is a
//! database, made in memory, and queries on it; each line of stdout answers one.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions};
use sqlx::{ConnectOptions, Describe, Executor};

mod text;

#[derive(Deserialize)]
struct Request {
    schema: Vec<String>,
    queries: Vec<String>,
}

#[derive(Serialize)]
struct Answer {
    /// Why each statement of the schema was refused; null where it was not.
    schema: Vec<Option<String>>,
    queries: Vec<Described>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Described {
    Describe(Describe<Sqlite>),
    Error(String),
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for line in std::io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = answer(request).await;
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &answer).unwrap();
        writeln!(out).unwrap();
        out.flush().unwrap();
    }
}

async fn answer(request: Request) -> Answer {
    let mut conn = SqliteConnectOptions::new().in_memory(true).connect().await.unwrap();
    let mut answer = Answer { schema: Vec::new(), queries: Vec::new() };
    for sql in &request.schema {
        let done = (&mut conn).execute(sqlx::raw_sql(text::text(sql))).await;
        answer.schema.push(done.err().map(|e| e.to_string()));
    }
    for sql in &request.queries {
        answer.queries.push(match (&mut conn).describe(text::text(sql)).await {
            Ok(describe) => Described::Describe(describe),
            Err(err) => Described::Error(err.to_string()),
        });
    }
    answer
}
