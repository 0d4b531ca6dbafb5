//! One note.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{types::Json, SqlitePool};
use uuid::Uuid;

/// What has become of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
pub enum State {
    Open,
    Done,
    Archived,
}

/// How a note is shown.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    pub colour: Option<String>,
    pub collapsed: bool,
}

#[derive(Debug)]
pub struct Note {
    pub id: i64,
    pub notebook_id: Option<Uuid>,
    pub title: String,
    pub body: String,
    pub state: State,
    pub pinned: bool,
    pub due_on: Option<NaiveDate>,
    pub options: Json<Options>,
}

/// A line in the list of notes.
#[derive(Debug)]
pub struct Summary {
    pub id: i64,
    pub title: String,
    pub notebook: Option<String>,
    pub tags: i64,
    pub created_at: DateTime<Utc>,
}

/// Selects whole notes: `select_notes!("WHERE …", arguments…)`.
macro_rules! select_notes {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Note,
            r#"SELECT id AS "id!", notebook_id AS "notebook_id: Uuid", title, body,
                      state AS "state: State", pinned, due_on AS "due_on: NaiveDate",
                      options AS "options: Json<Options>"
               FROM notes "# + $rest
            $(, $argument)*
        )
    };
}

pub async fn add(
    pool: &SqlitePool,
    title: &str,
    body: &str,
    due_on: Option<NaiveDate>,
) -> sqlx::Result<i64> {
    let now = Utc::now();
    sqlx::query_scalar!(
        r#"INSERT INTO notes (title, body, due_on, created_at)
           VALUES (?, ?, ?, ?)
           RETURNING id AS "id!""#,
        title,
        body,
        due_on,
        now,
    )
    .fetch_one(pool)
    .await
}

pub async fn get(pool: &SqlitePool, id: i64) -> sqlx::Result<Option<Note>> {
    select_notes!("WHERE id = ?", id).fetch_optional(pool).await
}

pub async fn in_notebook(pool: &SqlitePool, notebook: Uuid) -> sqlx::Result<Vec<Note>> {
    select_notes!(
        "WHERE notebook_id = ? ORDER BY pinned DESC, created_at",
        notebook
    )
    .fetch_all(pool)
    .await
}

pub async fn recent(pool: &SqlitePool, limit: i64) -> sqlx::Result<Vec<Summary>> {
    sqlx::query_file_as!(Summary, "queries/recent.sql", limit)
        .fetch_all(pool)
        .await
}

pub async fn set_state(pool: &SqlitePool, id: i64, state: State) -> sqlx::Result<bool> {
    let done = sqlx::query!("UPDATE notes SET state = ? WHERE id = ?", state, id)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn set_options(pool: &SqlitePool, id: i64, options: &Options) -> sqlx::Result<()> {
    let options = Json(options);
    sqlx::query_unchecked!("UPDATE notes SET options = ? WHERE id = ?", options, id)
        .execute(pool)
        .await?;
    Ok(())
}

/// Archives what was done and is older than the given time.
pub async fn archive_done(pool: &SqlitePool, before: DateTime<Utc>) -> sqlx::Result<u64> {
    let archived = sqlx::query_file!("queries/archive_done.sql", before)
        .execute(pool)
        .await?;
    Ok(archived.rows_affected())
}

pub async fn count(pool: &SqlitePool, state: State) -> sqlx::Result<i64> {
    sqlx::query_scalar!("SELECT COUNT(*) FROM notes WHERE state = ?", state)
        .fetch_one(pool)
        .await
}

/// The length of the longest open note, if there is one.
pub async fn longest_open(pool: &SqlitePool) -> sqlx::Result<Option<i64>> {
    sqlx::query_file_scalar!("queries/longest_open.sql")
        .fetch_one(pool)
        .await
}
