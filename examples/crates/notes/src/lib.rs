//! Notes in notebooks, kept in SQLite.

pub mod note;
pub mod notebook;
pub mod tag;

use sqlx::SqlitePool;

/// Brings the database to the newest version of the schema.
pub async fn migrate(pool: &SqlitePool) -> sqlx::Result<()> {
    sqlx::migrate!().run(pool).await?;
    Ok(())
}
