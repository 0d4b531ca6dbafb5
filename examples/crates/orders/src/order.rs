//! Orders and their lines.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "order_status", rename_all = "lowercase")]
pub enum Status {
    Draft,
    Placed,
    Shipped,
    Cancelled,
}

#[derive(Debug)]
pub struct OpenOrder {
    pub id: Uuid,
    pub status: Status,
    pub customer: String,
    pub total_cents: Option<i64>,
    pub placed_at: DateTime<Utc>,
    pub deliver_on: Option<NaiveDate>,
}

/// Counts the rows of a table: `count!("orders")`.
macro_rules! count {
    ($table:literal) => {
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM "# + $table)
    };
}

pub async fn create(pool: &PgPool, customer: Uuid) -> sqlx::Result<Uuid> {
    sqlx::query_scalar!(
        "INSERT INTO orders (customer_id) VALUES ($1) RETURNING id",
        customer
    )
    .fetch_one(pool)
    .await
}

/// Adds several products at once, each with its quantity.
pub async fn add_lines(
    pool: &PgPool,
    order: Uuid,
    products: &[i64],
    quantities: &[i16],
) -> sqlx::Result<u64> {
    let added = sqlx::query!(
        "INSERT INTO order_lines (order_id, product_id, quantity)
         SELECT $1, * FROM unnest($2::bigint[], $3::smallint[])
         ON CONFLICT (order_id, product_id)
         DO UPDATE SET quantity = order_lines.quantity + excluded.quantity",
        order,
        products,
        quantities,
    )
    .execute(pool)
    .await?;
    Ok(added.rows_affected())
}

pub async fn place(
    pool: &PgPool,
    order: Uuid,
    deliver_on: Option<NaiveDate>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "UPDATE orders SET status = $2, placed_at = now(), deliver_on = $3
         WHERE id = $1
         RETURNING placed_at",
        order,
        Status::Placed as Status,
        deliver_on,
    )
    .fetch_one(pool)
    .await
}

pub async fn open(pool: &PgPool) -> sqlx::Result<Vec<OpenOrder>> {
    sqlx::query_file_as!(OpenOrder, "queries/open_orders.sql")
        .fetch_all(pool)
        .await
}

/// What was sold from one moment until another.
pub async fn revenue(
    pool: &PgPool,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_file_scalar!("queries/revenue.sql", from, until)
        .fetch_one(pool)
        .await
}

/// Cancels a customer's drafts and returns which.
pub async fn cancel_drafts(pool: &PgPool, customer: Uuid) -> sqlx::Result<Vec<Uuid>> {
    let cancelled = sqlx::query_file!("queries/cancel_stale.sql", customer)
        .fetch_all(pool)
        .await?;
    Ok(cancelled.into_iter().map(|row| row.id).collect())
}

pub async fn status(pool: &PgPool, order: Uuid) -> sqlx::Result<Option<Status>> {
    sqlx::query_scalar!(
        r#"SELECT status AS "status: Status" FROM orders WHERE id = $1"#,
        order
    )
    .fetch_optional(pool)
    .await
}

/// The number of customers, products and orders.
pub async fn counts(pool: &PgPool) -> sqlx::Result<[i64; 3]> {
    Ok([
        count!("customers").fetch_one(pool).await?,
        count!("products").fetch_one(pool).await?,
        count!("orders").fetch_one(pool).await?,
    ])
}
