//! Orders of a small shop, kept in Postgres.

pub mod customer;
pub mod order;
pub mod product;

use sqlx::PgPool;

/// Brings the database to the newest version of the schema.
pub async fn migrate(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::migrate!().run(pool).await?;
    Ok(())
}
