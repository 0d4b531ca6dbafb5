//! Customers and where they live.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

#[derive(Debug, Clone, sqlx::Type)]
#[sqlx(type_name = "address")]
pub struct Address {
    pub street: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
}

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "email", transparent)]
pub struct Email(pub String);

#[derive(Debug)]
pub struct Customer {
    pub id: Uuid,
    pub name: String,
    pub email: Email,
    pub address: Option<Address>,
    pub created_at: DateTime<Utc>,
}

pub async fn create(
    pool: &PgPool,
    name: &str,
    email: &Email,
    address: Option<&Address>,
) -> sqlx::Result<Uuid> {
    sqlx::query_scalar!(
        "INSERT INTO customers (name, email, address) VALUES ($1, $2, $3) RETURNING id",
        name,
        email as &Email,
        address as Option<&Address>,
    )
    .fetch_one(pool)
    .await
}

pub async fn get(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<Customer>> {
    sqlx::query_as!(
        Customer,
        r#"SELECT id, name, email AS "email: Email", address AS "address: Address", created_at
           FROM customers
           WHERE id = $1"#,
        id
    )
    .fetch_optional(pool)
    .await
}

/// The customers of a country, by the field of a composite.
pub async fn in_country(pool: &PgPool, country: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "SELECT name FROM customers WHERE (address).country = $1 ORDER BY name",
        country
    )
    .fetch_all(pool)
    .await
}

/// How many orders each of the given customers has made, those without any included.
pub async fn order_counts(pool: &PgPool, ids: &[Uuid]) -> sqlx::Result<Vec<(Uuid, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT c.id, count(o.id) AS "orders!"
           FROM customers c
           LEFT JOIN orders o ON o.customer_id = c.id
           WHERE c.id = ANY($1)
           GROUP BY c.id"#,
        ids
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.orders)).collect())
}

/// Forgets who a customer was, and keeps the orders.
pub async fn forget(pool: &PgPool, id: Uuid) -> sqlx::Result<()> {
    sqlx::query_file_unchecked!("queries/forget_customer.sql", id)
        .execute(pool)
        .await?;
    Ok(())
}
