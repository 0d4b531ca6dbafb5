//! Tags on notes.

use sqlx::SqlitePool;

#[derive(Debug)]
pub struct Tagged {
    pub id: i64,
    pub title: String,
    pub tag: String,
}

/// Puts a tag on a note, once.
pub async fn add(pool: &SqlitePool, note: i64, name: &str) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "INSERT INTO tags (name) VALUES (?) ON CONFLICT DO NOTHING",
        name
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "INSERT INTO note_tags (note_id, tag_id)
         SELECT ?, id FROM tags WHERE name = ?
         ON CONFLICT DO NOTHING",
        note,
        name,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

pub async fn names(pool: &SqlitePool, note: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "SELECT name FROM tags JOIN note_tags ON tag_id = id WHERE note_id = ? ORDER BY name",
        note
    )
    .fetch_all(pool)
    .await
}

/// The notes that carry a tag, or all that carry any.
pub async fn notes(pool: &SqlitePool, name: Option<&str>) -> sqlx::Result<Vec<Tagged>> {
    sqlx::query_file_as_unchecked!(Tagged, "queries/by_tag.sql", name)
        .fetch_all(pool)
        .await
}

/// Removes the tags that no note carries.
pub async fn sweep(pool: &SqlitePool) -> sqlx::Result<u64> {
    let swept = sqlx::query!("DELETE FROM tags WHERE id NOT IN (SELECT tag_id FROM note_tags)")
        .execute(pool)
        .await?;
    Ok(swept.rows_affected())
}
