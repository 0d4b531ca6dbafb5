//! What the shop sells.

use serde_json::Value;
use sqlx::PgPool;

#[derive(Debug)]
pub struct Product {
    pub id: i64,
    pub sku: String,
    pub name: String,
    pub price_cents: i32,
    pub labels: Vec<String>,
    pub details: Option<Value>,
}

#[derive(Debug)]
pub struct Priced {
    pub sku: String,
    pub price_cents: i32,
}

#[derive(Debug)]
pub struct Label {
    pub label: Option<String>,
}

pub async fn add(
    pool: &PgPool,
    sku: &str,
    name: &str,
    price_cents: i32,
    labels: &[String],
    details: Option<Value>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO products (sku, name, price_cents, labels, details)
         VALUES ($1, $2, $3, $4, $5)
         RETURNING id",
        sku,
        name,
        price_cents,
        labels,
        details,
    )
    .fetch_one(pool)
    .await
}

pub async fn labelled(pool: &PgPool, labels: &[String]) -> sqlx::Result<Vec<Product>> {
    sqlx::query_as!(
        Product,
        "SELECT id, sku, name, price_cents, labels, details
         FROM products
         WHERE labels @> $1
         ORDER BY sku",
        labels
    )
    .fetch_all(pool)
    .await
}

/// The products that no order contains.
pub async fn unsold(pool: &PgPool) -> sqlx::Result<Vec<Priced>> {
    sqlx::query_as_unchecked!(
        Priced,
        "SELECT sku, price_cents FROM products p
         WHERE NOT EXISTS (SELECT FROM order_lines l WHERE l.product_id = p.id)
         ORDER BY sku"
    )
    .fetch_all(pool)
    .await
}

pub async fn labels(pool: &PgPool) -> sqlx::Result<Vec<Label>> {
    sqlx::query_file_as_unchecked!(Label, "queries/labels.sql")
        .fetch_all(pool)
        .await
}

/// The value of one key of a product's details.
pub async fn detail(pool: &PgPool, sku: &str, key: &str) -> sqlx::Result<Option<Value>> {
    let row = sqlx::query!(
        r#"SELECT details -> $2 AS "value?: Value" FROM products WHERE sku = $1"#,
        sku,
        key
    )
    .fetch_one(pool)
    .await?;
    Ok(row.value)
}

pub async fn dearest(pool: &PgPool) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar_unchecked!("SELECT max(price_cents) FROM products")
        .fetch_one(pool)
        .await
}

pub async fn units_sold(pool: &PgPool, product: i64) -> sqlx::Result<Option<i64>> {
    sqlx::query_file_scalar_unchecked!("queries/units_sold.sql", product)
        .fetch_one(pool)
        .await
}
