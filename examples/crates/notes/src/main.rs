//! `notes`: lists the newest notes; `notes TITLE`: adds one.

use notes::note;
use sqlx::SqlitePool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> sqlx::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:notes.db?mode=rwc".into());
    let pool = SqlitePool::connect(&url).await?;
    notes::migrate(&pool).await?;

    if let Some(title) = std::env::args().nth(1) {
        note::add(&pool, &title, "", None).await?;
    }
    for note in note::recent(&pool, 20).await? {
        println!("{:>4}  {}", note.id, note.title);
    }
    let version = sqlx::query_scalar!(r#"SELECT sqlite_version() AS "version!: String""#)
        .fetch_one(&pool)
        .await?;
    eprintln!("SQLite {version}");
    Ok(())
}
