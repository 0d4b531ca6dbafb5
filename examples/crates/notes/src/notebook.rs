//! Notebooks, which hold notes.

use chrono::{DateTime, Utc};
use sqlx::SqlitePool;
use uuid::Uuid;

#[derive(Debug)]
pub struct Notebook {
    pub id: Uuid,
    pub title: String,
    pub created_at: DateTime<Utc>,
}

pub async fn create(pool: &SqlitePool, title: &str) -> sqlx::Result<Notebook> {
    let notebook = Notebook {
        id: Uuid::new_v4(),
        title: title.to_owned(),
        created_at: Utc::now(),
    };
    sqlx::query!(
        "INSERT INTO notebooks (id, title, created_at) VALUES (?, ?, ?)",
        notebook.id,
        notebook.title,
        notebook.created_at,
    )
    .execute(pool)
    .await?;
    Ok(notebook)
}

pub async fn all(pool: &SqlitePool) -> sqlx::Result<Vec<Notebook>> {
    sqlx::query_as!(
        Notebook,
        r#"SELECT id AS "id: Uuid", title, created_at AS "created_at: DateTime<Utc>"
           FROM notebooks
           ORDER BY title"#
    )
    .fetch_all(pool)
    .await
}

/// Each notebook's title, with the number and the mean priority of its notes.
pub async fn overview(pool: &SqlitePool) -> sqlx::Result<Vec<(String, i64, Option<f64>)>> {
    let rows = sqlx::query!(
        r#"SELECT b.title, COUNT(n.id) AS notes, AVG(n.priority) AS "priority: f64"
           FROM notebooks b
           LEFT JOIN notes n ON n.notebook_id = b.id
           GROUP BY b.id
           ORDER BY b.title"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.title, row.notes, row.priority))
        .collect())
}

/// Moves a note into a notebook, or out of its own.
pub async fn put(pool: &SqlitePool, note: i64, notebook: Option<Uuid>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE notes SET notebook_id = ? WHERE id = ?",
        notebook,
        note
    )
    .execute(pool)
    .await?;
    Ok(())
}
